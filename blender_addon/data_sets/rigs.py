# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras around an object: where they stand and how far away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.evaluation.visible_surface import fibonacci_sphere

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]


def look_at(position: FloatArray, target: FloatArray) -> FloatArray:
    """OpenGL camera-to-world matrix, (4, 4), of a camera that looks at ``target`` with z up."""
    backward = (position - target) / np.linalg.norm(position - target)
    up = np.array([0.0, 0.0, 1.0]) if abs(backward[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(up, backward)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :4] = np.stack([right, np.cross(backward, right), backward, position], axis=1)
    return pose


def between(directions: FloatArray, count: int) -> FloatArray:
    """Choose unit vectors, (count, 3), as far as can be from ``directions`` (N, 3) and each other."""
    candidates = fibonacci_sphere(2000)
    nearest = (candidates @ directions.T).max(axis=1)
    chosen = []
    for _ in range(count):
        chosen.append(candidates[nearest.argmin()])
        nearest = np.maximum(nearest, candidates @ chosen[-1])
    return np.array(chosen)


def ring(count: int, elevation: float) -> FloatArray:
    """Spread unit vectors, (count, 3), evenly around the z axis, at an elevation in radians."""
    angles = 2.0 * np.pi * np.arange(count) / count
    across = np.cos(elevation)
    heights = np.full(count, np.sin(elevation))
    return np.stack([across * np.cos(angles), across * np.sin(angles), heights], axis=1)


def framing_distance(points: FloatArray, directions: FloatArray, field_of_view: float, share: float) -> float:
    """Distance from the origin at which cameras hold all of an object in their pictures.

    Parameters
    ----------
    points : array (N, 3)
        Vertices of the object.
    directions : array (M, 3)
        Unit vectors from the origin to the cameras, which look at the origin.
    field_of_view : float
        Angle of the square picture, in radians.
    share : float
        Share of the picture's width that the object may fill, 0 to 1.
    """
    slope = share * math.tan(field_of_view / 2.0)
    distances = []
    for direction in directions:
        local = points @ look_at(direction, np.zeros(3))[:3, :3]
        distances.append((np.abs(local[:, :2]).max(axis=1) / slope + local[:, 2]).max())
    return float(max(distances))


def looking_inwards(
    directions: FloatArray, distance: float, target: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> list[FloatArray]:
    """Place cameras at ``distance`` from ``target`` along ``directions`` (N, 3): look-at matrices (4, 4)."""
    centre = np.array(target)
    return [look_at(centre + distance * direction, centre) for direction in directions]
