# SPDX-License-Identifier: Apache-2.0
"""A scene with exact pictures: a painted ball with a bowl cut out of it, traced by formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from uner3d_core.camera import Camera
from uner3d_core.views import View

CENTRE = np.array([30.0, -20.0, 5.0])
BOWL = np.array([0.0, 0.0, 1.15])
BOWL_RADIUS = 0.7

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """Views of the ball, and its true signed distance in world coordinates."""

    views: list[View]

    def distance(self, points: npt.ArrayLike) -> FloatArray:
        """Signed distance (N,), exact near the surface."""
        local = np.asarray(points, dtype=np.float64) - CENTRE
        ball = np.linalg.norm(local, axis=1) - 1.0
        bowl = BOWL_RADIUS - np.linalg.norm(local - BOWL, axis=1)
        return np.maximum(ball, bowl)


def paint(points: FloatArray) -> FloatArray:
    """Colours, 0 to 1, of points (..., 3): waves of several lengths, different in each channel."""
    x, y, z = np.moveaxis(points, -1, 0)
    channels = [
        np.sin(9 * x + 3 * y) * np.cos(7 * z) + 0.5 * np.sin(23 * y + 11 * z),
        np.sin(8 * y - 5 * z) * np.cos(10 * x) + 0.5 * np.sin(21 * z - 13 * x),
        np.cos(11 * z + 4 * x) * np.sin(6 * y) + 0.5 * np.cos(25 * x + 9 * y),
    ]
    return np.clip(0.5 + 0.3 * np.stack(channels, axis=-1), 0, 1)


def look_at(position: FloatArray) -> FloatArray:
    """Camera-to-world matrix, OpenGL axes, of a camera that looks at the origin."""
    back = position / np.linalg.norm(position)
    right = np.cross([0.3, 0.2, 1.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    pose[:3, 3] = position
    return pose


def picture(pose: FloatArray, size: int, focal: float) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Trace image and mask of the ball at the origin."""
    x, y = np.meshgrid(np.arange(size) + 0.5 - size / 2, np.arange(size) + 0.5 - size / 2)
    rays = np.stack([x / focal, -y / focal, -np.ones_like(x)], axis=-1) @ pose[:3, :3].T
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    travelled = np.full(x.shape, np.linalg.norm(pose[:3, 3]) - 1.05)
    for _ in range(80):
        points = pose[:3, 3] + rays * travelled[..., None]
        ball = np.linalg.norm(points, axis=-1) - 1.0
        distance = np.maximum(ball, BOWL_RADIUS - np.linalg.norm(points - BOWL, axis=-1))
        travelled += np.where(distance > 1e-5, np.maximum(distance, 1e-4), 0.0)
    hit = distance < 2e-3
    image = np.where(hit[..., None], paint(points), 0.0)
    return (image * 255 + 0.5).astype(np.uint8), np.where(hit, 255, 0).astype(np.uint8)


@pytest.fixture(scope="session")
def ball() -> Scene:
    """Sixteen views, 112 pixels a side, spread over the sphere."""
    count, size, focal = 16, 112, 170.0
    views = []
    for index in range(count):
        height = 1 - (2 * index + 1) / count
        angle = index * np.pi * (3 - np.sqrt(5))
        flat = np.sqrt(1 - height**2)
        pose = look_at(3.4 * np.array([flat * np.cos(angle), flat * np.sin(angle), height]))
        image, mask = picture(pose, size, focal)
        pose[:3, 3] += CENTRE
        camera = Camera.from_opengl(
            pose, width=size, height=size, fx=focal, fy=focal, cx=size / 2, cy=size / 2
        )
        views.append(View(f"{index:02}.png", image, camera, mask))
    return Scene(views)
