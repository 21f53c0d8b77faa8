# SPDX-License-Identifier: Apache-2.0
"""Views become squares of one size, and points stay on their pixels."""

import numpy as np
import pytest
import torch

from uner3d_core.camera import Camera
from uner3d_core.network.projection import project
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.views import View

CPU = torch.device("cpu")
CENTRE, RADIUS = np.array([30.0, -20.0, 5.0]), 4.0


def view(number: int = 0, width: int = 160, height: int = 90, distance: float = 14.0) -> View:
    """A picture of a spot at the world point ``SPOT``, from somewhere around the object."""
    turn = 0.7 * number
    back = np.array([np.cos(turn), np.sin(turn), 0.4]) / np.hypot(1, 0.4)
    right = np.cross([0, 0, 1], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    pose[:3, 3] = CENTRE + distance * back
    camera = Camera.from_opengl(pose, width=width, height=height, fx=110, fy=120, cx=75, cy=50)
    x, y = camera.project(SPOT[None])[0][0]
    columns, rows = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18)
    image = np.repeat((255 * spot)[..., None], 3, axis=2).astype(np.uint8)
    return View(f"{number}", image, camera, (255 * (spot > 0.5)).astype(np.uint8))


SPOT = CENTRE + np.array([0.5, -1.0, 1.2])


@pytest.mark.parametrize(("size", "distance"), [(32, 14.0), (64, 8.0), (128, 40.0)])
def test_points_stay_on_their_pixels(size: int, distance: float) -> None:
    views = [view(number, distance=distance) for number in range(3)]
    batch = ViewBatch.from_views([views], size, CPU, [CENTRE], [RADIUS])
    point = torch.from_numpy((SPOT - CENTRE) / RADIUS).float()[None, None]
    pixels = project(point, batch).pixels[0, :, 0]
    for number in range(3):
        bright = batch.images[0, number, 0].double().clamp_min(0.2) - 0.2
        places = torch.arange(size) + 0.5
        x = (bright.sum(0) * places).sum() / bright.sum()
        y = (bright.sum(1) * places).sum() / bright.sum()
        assert abs(x - pixels[number, 0]) < 0.3
        assert abs(y - pixels[number, 1]) < 0.3


def test_the_frame_is_the_spheres() -> None:
    batch = ViewBatch.from_views([[view()], [view(1)]], 64, CPU, [CENTRE, CENTRE + 1], [RADIUS, 2.0])
    assert batch.images.shape == (2, 1, 3, 64, 64)
    assert batch.camera_centres[0, 0].norm() == pytest.approx(14 / RADIUS, rel=1e-5)
    edge = project(batch.rotation[0, :, :1].transpose(0, 1), batch).pixels[0, 0, 0]
    middle = project(torch.zeros(2, 1, 3), batch).pixels[0, 0, 0]
    assert middle.tolist() == pytest.approx([32, 32], abs=1)
    assert (edge - middle).norm() == pytest.approx(32 / 1.1, abs=2)


def test_beyond_its_border_a_picture_goes_on() -> None:
    whole = np.full((40, 40, 3), 200, np.uint8)
    camera = Camera(40, 40, 100, 100, 20, 20, np.eye(4))
    batch = ViewBatch.from_views([[View("near", whole, camera)]], 32, CPU, [[0, 0, 3]], [1.0])
    assert torch.allclose(batch.images, torch.full_like(batch.images, 200 / 255), atol=1e-3)
    assert torch.allclose(batch.masks, torch.ones_like(batch.masks), atol=1e-6)


@pytest.mark.parametrize("centre", [[0, 0, 0.5], [0, 0, -5], [0.0, 0.0, 1.0001]])
def test_a_camera_in_the_object_gives_all_of_its_picture(centre: list[float]) -> None:
    picture = View("inside", np.zeros((20, 30, 3), np.uint8), Camera(30, 20, 25, 25, 15, 10, np.eye(4)))
    batch = ViewBatch.from_views([[picture]], 16, CPU, [centre], [1.0])
    assert batch.intrinsics.isfinite().all()
    assert batch.images.shape == (1, 1, 3, 16, 16)


def test_shapes_that_disagree_are_refused() -> None:
    good = ViewBatch.from_views([[view()]], 16, CPU, [CENTRE], [RADIUS])
    with pytest.raises(ValueError, match="masks"):
        ViewBatch(good.images, good.masks[..., :8], good.intrinsics, good.world_to_camera)
