# SPDX-License-Identifier: Apache-2.0
"""Objects, cameras and pictures from a seed."""

import numpy as np
import pytest

from uner3d_core.shapes import (
    HELD_OUT,
    random_cameras,
    random_object,
    random_views,
    render,
    surface_points,
)
from uner3d_core.shapes.generation import KINDS


def test_same_seed_same_pictures() -> None:
    first, again, other = (random_views(seed, 2, 24) for seed in (5, 5, 6))
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(one.image, two.image)
        assert np.array_equal(one.mask, two.mask)
        assert np.array_equal(one.camera.world_to_camera, two.camera.world_to_camera)
    assert not np.array_equal(first[0].mask, other[0].mask)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_in_the_unit_ball(kind: str) -> None:
    subject = random_object(3, kind)
    views = render(subject, random_cameras(3, 2, 24))
    for view in views:
        assert view.mask is not None
        assert view.mask.max() == 255
        assert 0.005 < (view.mask > 127).mean() < 0.95


def test_surface_lies_in_the_silhouettes() -> None:
    subject = random_object(HELD_OUT + 2)
    points, normals = surface_points(subject, 2000)
    assert np.allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-3)
    assert 0.75 < np.linalg.norm(points, axis=1).max() < 1.05
    for view in render(subject, random_cameras(1, 4, 96)):
        assert view.mask is not None
        pixels, depth = view.camera.project(points)
        column, row = np.floor(pixels).astype(int).T
        inside = (depth > 0) & (column >= 0) & (column < 96) & (row >= 0) & (row < 96)
        assert (view.mask[row[inside], column[inside]] > 0).mean() > 0.97


def test_silhouettes_are_filled_by_the_surface() -> None:
    subject = random_object(HELD_OUT + 2)
    points, _ = surface_points(subject, 20_000)
    view = render(subject, random_cameras(1, 1, 48))[0]
    assert view.mask is not None
    pixels, _ = view.camera.project(points)
    column, row = np.floor(pixels).astype(int).T
    inside = (column >= 0) & (column < 48) & (row >= 0) & (row < 48)
    reached = np.zeros((48, 48), dtype=bool)
    reached[row[inside], column[inside]] = True
    assert reached[view.mask == 255].mean() > 0.97


def test_most_cameras_look_from_above_and_see_all_sides() -> None:
    cameras = random_cameras(0, 200, 16)
    heights = np.array([camera.centre[2] / np.linalg.norm(camera.centre) for camera in cameras])
    assert 0.6 < (heights > 0.0).mean() < 0.95
    azimuths = np.degrees([np.arctan2(camera.centre[1], camera.centre[0]) for camera in cameras])
    assert np.histogram(azimuths, bins=8, range=(-180.0, 180.0))[0].min() > 10


def test_cut_out_object_keeps_its_colour_at_the_edge() -> None:
    seed = next(seed for seed in range(50) if random_object(seed, "bottle").surroundings.colours is None)
    view = render(random_object(seed, "bottle"), random_cameras(seed, 1, 48))[0]
    assert view.mask is not None
    assert (view.image[view.mask == 0] == 0).all()
    partly = (view.mask > 0) & (view.mask < 255)
    assert partly.any()
    whole = view.image[view.mask == 255].mean()
    assert view.image[partly].mean() > 0.6 * whole
