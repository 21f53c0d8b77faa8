# SPDX-License-Identifier: Apache-2.0
"""Rays against a shape: sphere tracing that takes long steps by a grid and short ones by the shape itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from uner3d_core.shapes.shape import Shape

_STEPS = 96
_NEAR = 1.2  # cells: closer to the surface than this, the grid is too coarse to be believed
_SAFE = 0.6  # cells by which interpolated distances may be too large


@dataclass(frozen=True)
class DistanceGrid:
    """A shape with its distances on a regular grid around it.

    Parameters
    ----------
    shape : Shape
        The shape itself.
    values : Tensor (Z, Y, X)
        Signed distances at the grid's points.
    low, high : Tensor (3,)
        The first and the last point of the grid; the whole surface lies between them.
    cell : float
        Distance of neighbouring points.
    """

    shape: Shape
    values: Tensor
    low: Tensor
    high: Tensor
    cell: float

    def sample(self, points: Tensor) -> Tensor:
        """Interpolated distances, (N,), at points (N, 3); those outside get that of the nearest border."""
        grid = ((points - self.low) * (2.0 / (self.high - self.low)) - 1.0).view(1, -1, 1, 1, 3)
        sampled = torch.nn.functional.grid_sample(
            self.values[None, None], grid, padding_mode="border", align_corners=True
        )
        return sampled.view(-1)


def bake(shape: Shape, low: Tensor, high: Tensor, resolution: int) -> DistanceGrid:
    """Measure a shape's distances on a grid.

    Parameters
    ----------
    shape : Shape
        What to measure.
    low, high : Tensor (3,)
        Box around the whole surface, on the device that is to compute.
    resolution : int
        Number of cells along the longest side.
    """
    cell = float((high - low).max()) / resolution
    counts = ((high - low) / cell).ceil().long() + 1
    high = low + (counts - 1) * cell
    axes = [
        torch.arange(int(count), device=low.device) * cell + low[axis] for axis, count in enumerate(counts)
    ]
    z, y, x = torch.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    values = shape.distance(torch.stack([x, y, z], dim=-1).view(-1, 3))
    return DistanceGrid(shape, values.view(z.shape), low, high, cell)


def trace(grid: DistanceGrid, origins: Tensor, directions: Tensor, tolerance: float) -> Tensor:
    """Find where rays first meet the surface.

    Parameters
    ----------
    grid : DistanceGrid
        The shape.
    origins, directions : Tensor (N, 3)
        Starts and unit directions.
    tolerance : float
        A ray this close to the surface has met it.

    Returns
    -------
    Tensor (N,)
        Distance along each ray; infinite where it meets nothing.
    """
    inverse = 1.0 / torch.where(directions.abs() < 1e-9, 1e-9, directions)
    first, last = (grid.low - origins) * inverse, (grid.high - origins) * inverse
    enter = torch.minimum(first, last).amax(dim=1).clamp_min(0.0)
    leave = torch.maximum(first, last).amin(dim=1)
    found = torch.full_like(enter, torch.inf)
    index = torch.nonzero(leave > enter).view(-1)
    start, heading, t, end = origins[index], directions[index], enter[index], leave[index]
    near = _NEAR * grid.cell
    for _ in range(_STEPS):
        if len(index) == 0:
            break
        points = start + t[:, None] * heading
        step = grid.sample(points) - _SAFE * grid.cell
        close = torch.nonzero(step < near - _SAFE * grid.cell).view(-1)
        exact = grid.shape.distance(points[close])
        step[close] = exact
        met = close[exact < tolerance]
        found[index[met]] = t[met]
        t = t + step
        alive = t < end
        alive[met] = False
        index, start, heading, t, end = (value[alive] for value in (index, start, heading, t, end))
    return found


def openness(grid: DistanceGrid, points: Tensor, normals: Tensor) -> Tensor:
    """How freely surface points stand, (N,), 0 to 1, told by distances along their normals (Evans, 2006)."""
    covered = torch.zeros(len(points), device=points.device)
    for reach, weight in ((0.06, 2.6), (0.14, 1.4), (0.3, 0.6)):
        covered += weight * (reach - grid.sample(points + reach * normals)).clamp_min(0.0)
    return (1.0 - covered).clamp(0.25, 1.0)


def shadow(grid: DistanceGrid, points: Tensor, direction: Tensor, softness: float = 14.0) -> Tensor:
    """How much of a far lamp points see, (N,), 0 to 1: less where its ray passes near the surface.

    Parameters
    ----------
    grid : DistanceGrid
        What stands in the light.
    points : Tensor (N, 3)
        Where the light falls.
    direction : Tensor (3,)
        Unit vector to the lamp.
    softness : float
        The smaller, the wider the edge of a shadow.
    """
    lit = torch.ones(len(points), device=points.device)
    t = torch.full_like(lit, 2.5 * grid.cell)
    for _ in range(16):
        places = points + t[:, None] * direction
        distance = grid.sample(places)
        apart = (places - places.clamp(grid.low, grid.high)).norm(dim=1)
        lit = torch.where(apart > 0.0, lit, torch.minimum(lit, softness * distance / t))
        t = t + torch.maximum(distance.clamp(0.8 * grid.cell, 0.25), apart)
    return lit.clamp(0.0, 1.0)
