# SPDX-License-Identifier: Apache-2.0
"""Pictures with depth of shapes that rays are cast at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from uner3d_core.camera import Camera
from uner3d_core.depth_view import DepthView
from uner3d_core.views import View

Ray = npt.NDArray[np.float64]
Distances = Callable[[Ray, Ray], Ray]
"""Of rays from an origin (3,) along directions (N, 3): the smallest multiple that hits, or infinite."""


def hit_sphere(origin: Ray, directions: Ray) -> Ray:
    """Hit the unit sphere."""
    a, b = np.einsum("nc,nc->n", directions, directions), directions @ origin
    discriminant = b**2 - a * (origin @ origin - 1.0)
    return np.where(discriminant > 0, (-b - np.sqrt(np.maximum(discriminant, 0))) / a, np.inf)


def hit_wall(origin: Ray, directions: Ray) -> Ray:
    """Hit a square of edge 2 in the plane y = 0, from either side."""
    with np.errstate(divide="ignore"):
        t = -origin[1] / directions[:, 1]
    place = origin + t[:, None] * directions
    return np.where((t > 0) & (np.abs(place[:, [0, 2]]) < 1.0).all(axis=1), t, np.inf)


def hit_roof(origin: Ray, directions: Ray) -> Ray:
    """Hit a roof over the square of edge 2 in x and y: two planes z = -0.4 |x|, whose ridge is sharp."""
    nearest = np.full(len(directions), np.inf)
    for side in (-1.0, 1.0):
        normal = np.array([0.4 * side, 0.0, 1.0])
        with np.errstate(divide="ignore"):
            t = -(origin @ normal) / (directions @ normal)
        place = origin + t[:, None] * directions
        on = (t > 0) & (np.abs(place[:, :2]) < 1.0).all(axis=1) & (place[:, 0] * side >= 0)
        nearest = np.minimum(nearest, np.where(on, t, np.inf))
    return nearest


def picture(hit: Distances, place: Sequence[float], size: int = 96) -> DepthView:
    """Picture what a function hits, from a place towards the origin; the colours tell the place."""
    backward = np.array(place) / np.linalg.norm(place)
    right = np.cross([0.0, 0.0, 1.0], backward)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3] = np.stack([right, np.cross(backward, right), backward, place], axis=1)
    camera = Camera.from_opengl(
        pose, width=size, height=size, fx=1.5 * size, fy=1.5 * size, cx=size / 2, cy=size / 2
    )
    row, column = np.mgrid[:size, :size]
    pixels = np.stack([column.ravel() + 0.5, row.ravel() + 0.5], axis=1)
    directions = camera.unproject(pixels, np.ones(len(pixels))) - camera.centre  # of depth 1
    depth = hit(camera.centre, directions)
    points = camera.centre + np.where(np.isfinite(depth), depth, 0.0)[:, None] * directions
    colours = np.rint(np.clip(127.5 + 127.5 * points, 0, 255)).astype(np.uint8).reshape(size, size, 3)
    mask = np.where(np.isfinite(depth), 255, 0).astype(np.uint8).reshape(size, size)
    view = View(f"{place}.png", colours, camera, mask)
    return DepthView(view, depth.reshape(size, size).astype(np.float32))
