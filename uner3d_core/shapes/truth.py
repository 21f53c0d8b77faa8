# SPDX-License-Identifier: Apache-2.0
"""The true surface of a generated object, for evaluation only: training never sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from uner3d_core.evaluation.visible_surface import seen_from_outside
from uner3d_core.shapes.rendering import RESOLUTION
from uner3d_core.shapes.shape import gradient
from uner3d_core.shapes.tracing import bake, crosses

if TYPE_CHECKING:
    from collections.abc import Callable

    from uner3d_core.shapes.generation import GeneratedObject
    from uner3d_core.shapes.tracing import DistanceGrid

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_STEP = 0.004  # radii: over which slopes are measured
_BAND = 0.02  # radii: points are drawn this far around the surface, then moved onto it
_SPARE = 4  # points drawn for each that is wanted: some lie too far off, or can't be seen
_MOST = 100_000


@torch.no_grad()
def surface_points(subject: GeneratedObject, count: int, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Draw points of an object's surface that can be seen from outside, nearly uniform by area.

    Points are drawn in a thin layer around the surface and moved onto it along the distance's slope; those
    that none of many directions reaches are left out.

    Parameters
    ----------
    subject : GeneratedObject
        From :func:`~uner3d_core.shapes.generation.random_object`.
    count : int
        Number of points.
    seed : int
        The same seed gives the same points.

    Returns
    -------
    points, normals : arrays (count, 3)
        In the world of the object's cameras; normals point outwards.
    """
    random = np.random.default_rng(seed)
    grid = bake(subject.shape, subject.low, subject.high, RESOLUTION)
    kept: list[tuple[FloatArray, FloatArray]] = []
    missing = count
    while missing > 0:
        points = _layer(subject, grid, random, min(_SPARE * missing + 1000, _MOST))
        for _ in range(3):
            points = points - _offset(subject, points)
        on_surface = _offset(subject, points).norm(dim=1) < 1e-3 * subject.radius
        points = points[on_surface]
        normals = gradient(subject.shape, points, _STEP * subject.radius)
        places, directions = points.double().numpy(), normals.double().numpy()
        seen = seen_from_outside(places, directions, 0.8 * grid.cell, _blocked_by(grid))
        world = (places[seen] - subject.middle.double().numpy()) / subject.radius
        kept.append((world[:missing], directions[seen][:missing]))
        missing -= len(kept[-1][0])
    return np.concatenate([points for points, _ in kept]), np.concatenate([normals for _, normals in kept])


def _layer(subject: GeneratedObject, grid: DistanceGrid, random: np.random.Generator, count: int) -> Tensor:
    """Draw ``count`` points around the surface, uniform by volume; keep those, (N, 3), within ``_BAND``."""
    width = _BAND * subject.radius
    near = torch.nonzero(grid.values.abs() < width + grid.cell).flip(1)
    chosen = near[torch.from_numpy(random.integers(len(near), size=count))]
    jitter = torch.from_numpy(random.uniform(-0.5, 0.5, (count, 3)).astype(np.float32))
    points = grid.low + (chosen + jitter) * grid.cell
    return points[_offset(subject, points).norm(dim=1) < width]


def _offset(subject: GeneratedObject, points: Tensor) -> Tensor:
    """Vectors, (N, 3), from the nearest surface to points, where distances grow evenly."""
    step = _STEP * subject.radius
    normals = gradient(subject.shape, points, step)
    ahead, behind = (subject.shape.distance(points + sign * step * normals) for sign in (1.0, -1.0))
    slope = ((ahead - behind) / (2.0 * step)).clamp_min(0.2)
    return (subject.shape.distance(points) / slope)[:, None] * normals


def _blocked_by(grid: DistanceGrid) -> Callable[[FloatArray, FloatArray], BoolArray]:
    def blocked(origins: FloatArray, directions: FloatArray) -> BoolArray:
        starts, headings = (torch.from_numpy(value.astype(np.float32)) for value in (origins, directions))
        hit: BoolArray = crosses(grid, starts, headings).numpy()
        return hit

    return blocked
