# SPDX-License-Identifier: Apache-2.0
"""Views as the method sees them: windows around the object, and what lies beyond a picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from uner3d_core.camera import Camera
from uner3d_core.fitted.hull import find_frame, hull_distance
from uner3d_core.fitted.pictures import (
    Frame,
    Picture,
    border_distance,
    load_pictures,
    silhouette_distance,
)
from uner3d_core.views import View

SIDE = 200
FOCAL = 250.0


def view(mask: npt.NDArray[np.uint8] | None) -> View:
    """Look from (0, -5, 0) along +y, z up."""
    pose = np.array([[1.0, 0, 0, 0], [0, 0, -1, -5], [0, 1, 0, 0], [0, 0, 0, 1]])
    camera = Camera.from_opengl(pose, width=SIDE, height=SIDE, fx=FOCAL, fy=FOCAL, cx=SIDE / 2, cy=SIDE / 2)
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    return View("view", picture, camera, mask)


def mask_of(rows: slice, columns: slice) -> npt.NDArray[np.uint8]:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[rows, columns] = 255
    return mask


def picture_of(mask: npt.NDArray[np.uint8] | None, longest_side: int = 1000) -> Picture:
    frame = Frame(np.zeros(3), 1.0)
    return load_pictures([view(mask)], frame, torch.device("cpu"), longest_side)[0]


def outside_at(picture: Picture, x: float, z: float) -> float:
    """Signed distance to the silhouette's cone in the plane of the origin, in pixels."""
    return float(hull_distance([picture], torch.tensor([[x, 0.0, z]]))[0]) * FOCAL / 5


def test_a_picture_is_cut_to_the_object_and_projects_as_before() -> None:
    mask = mask_of(slice(60, 100), slice(120, 150))
    picture = picture_of(mask)
    assert max(picture.width, picture.height) < 60
    assert int((picture.coverage > 0.5).sum()) == 40 * 30
    pixels, depth = picture.project(torch.tensor([[0.7, 0.0, 0.4]]))  # column 135, row 80 of the whole
    assert torch.allclose(depth, torch.tensor([5.0]))
    column, row = (int(value) for value in pixels[0])
    shown = torch.from_numpy(view(mask).image[80, 135]).float() / 255
    assert torch.allclose(picture.colours[:, row, column], shown)


def test_the_longest_side_is_that_of_the_window() -> None:
    mask = mask_of(slice(60, 100), slice(120, 150))
    whole = picture_of(mask)
    half = picture_of(mask, max(whole.width, whole.height) // 2)
    assert max(half.width, half.height) == max(whole.width, whole.height) // 2
    assert half.fx / whole.fx == half.width / whole.width


def test_distances_to_the_silhouette_go_on_beyond_the_window() -> None:
    picture = picture_of(mask_of(slice(90, 110), slice(90, 110)))
    assert abs(outside_at(picture, 1.6, 0.0) - 70) < 3  # 80 pixels from the middle, 10 of them inside
    assert outside_at(picture, 5.0, 0.0) > 70


def test_an_object_that_the_border_cuts_goes_on_beyond_it() -> None:
    cut = picture_of(mask_of(slice(100, SIDE), slice(60, 140)))
    assert outside_at(cut, 0.0, -2.2) < 0  # 10 pixels below the picture
    assert outside_at(cut, 0.0, -4.5) > 0
    assert outside_at(cut, 1.5, -2.2) > 0


def test_without_a_mask_nothing_lies_beyond_the_picture() -> None:
    picture = picture_of(None)
    assert (picture.width, picture.height) == (SIDE, SIDE)
    assert outside_at(picture, 1.9, 0.0) < 0
    assert outside_at(picture, 2.1, 0.0) > 0


def test_the_object_is_found_without_masks() -> None:
    frame = find_frame([view(None)])
    assert abs(frame.centre[0]) < 0.1
    assert abs(frame.centre[2]) < 0.1
    assert 0.1 < frame.scale < 10


def test_border_distance_is_that_to_a_silhouette_which_the_frame_cuts() -> None:
    expected = silhouette_distance(np.pad(np.ones((7, 10), np.float32), 1))[1:-1, 1:-1]
    np.testing.assert_array_equal(border_distance(7, 10), expected)
