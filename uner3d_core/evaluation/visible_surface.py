# SPDX-License-Identifier: Apache-2.0
"""Points of a mesh's surface that can be seen from outside: what a cloud from pictures can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

DIRECTIONS = 128
"""Pairs of opposite directions along which a point may be seen."""


def fibonacci_sphere(count: int) -> FloatArray:
    """Spread unit vectors, (count, 3), evenly over the sphere on a golden-angle spiral."""
    index = np.arange(count) + 0.5
    z = 1.0 - 2.0 * index / count
    angle = index * np.pi * (3.0 - np.sqrt(5.0))
    radius = np.sqrt(1.0 - z**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)


def sample_triangles(
    vertices: FloatArray, triangles: npt.NDArray[np.int64], count: int, random: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Random points on a mesh, uniform by area.

    Parameters
    ----------
    vertices : array (V, 3)
        Positions.
    triangles : int array (T, 3)
        Indices of vertices, counter-clockwise seen from the front.
    count : int
        Number of points.
    random : numpy Generator
        Source of randomness.

    Returns
    -------
    points, normals : arrays (count, 3)
        Positions, and the unit normals of their triangles.
    """
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    doubled_area = np.linalg.norm(normals, axis=1)
    chosen = np.searchsorted(np.cumsum(doubled_area), random.random(count) * doubled_area.sum(), side="right")
    chosen = np.minimum(chosen, len(triangles) - 1)
    # Folding the unit square onto a triangle keeps the distribution uniform.
    u, v = random.random((2, count))
    outside = u + v > 1.0
    u, v = np.where(outside, 1.0 - u, u)[:, None], np.where(outside, 1.0 - v, v)[:, None]
    a, b, c = corners[chosen, 0], corners[chosen, 1], corners[chosen, 2]
    return a + u * (b - a) + v * (c - a), normals[chosen] / doubled_area[chosen, None]


def seen_from_outside(
    points: FloatArray,
    normals: FloatArray,
    offset: float,
    blocked: Callable[[FloatArray, FloatArray], BoolArray],
) -> BoolArray:
    """Tell which points of a surface can be seen from far away, from either side of it.

    Parameters
    ----------
    points, normals : arrays (N, 3)
        The surface points and their unit normals.
    offset : float
        How far from its surface a ray starts, so that it does not hit the surface it leaves.
    blocked : function of origins (M, 3) and unit directions (M, 3)
        Whether a ray hits anything, (M,).

    Returns
    -------
    bool array (N,)
        True where one of ``DIRECTIONS`` pairs of directions is free.
    """
    directions = fibonacci_sphere(2 * DIRECTIONS)[:DIRECTIONS]
    directions = directions[np.random.default_rng(0).permutation(DIRECTIONS)]
    seen = np.zeros(len(points), dtype=bool)
    for side in (1.0, -1.0):
        for direction in directions:
            left = np.flatnonzero(~seen)
            normal = normals[left] * side
            facing = np.where(normal @ direction < 0.0, -1.0, 1.0)[:, None] * direction
            seen[left] = ~blocked(points[left] + offset * normal, facing)
    return seen


def sample_visible(
    vertices: FloatArray,
    triangles: npt.NDArray[np.int64],
    count: int,
    blocked: Callable[[FloatArray, FloatArray], BoolArray],
    seed: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """Random points, uniform by area, on the part of a mesh that can be seen from outside.

    Parameters
    ----------
    vertices, triangles
        As for :func:`sample_triangles`.
    count : int
        Number of points.
    blocked
        As for :func:`seen_from_outside`.
    seed : int
        The same mesh and seed give the same points.

    Returns
    -------
    points, normals : arrays (count, 3)

    Raises
    ------
    ValueError
        If the mesh has no area that can be seen.
    """
    random = np.random.default_rng(seed)
    offset = 1e-4 * float(np.linalg.norm(np.ptp(vertices, axis=0)))
    kept: list[tuple[FloatArray, FloatArray]] = []
    missing = count
    while missing > 0:
        points, normals = sample_triangles(vertices, triangles, max(missing, 10_000), random)
        seen = seen_from_outside(points, normals, offset, blocked)
        if not seen.any():
            raise ValueError("The mesh has no surface that can be seen from outside.")
        kept.append((points[seen][:missing], normals[seen][:missing]))
        missing -= len(kept[-1][0])
    return np.concatenate([points for points, _ in kept]), np.concatenate([normals for _, normals in kept])
