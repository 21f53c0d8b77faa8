# SPDX-License-Identifier: Apache-2.0
"""Rays against a shape: sphere tracing that takes long steps by a grid and short ones by the shape itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from uner3d_core.shapes.shape import Shape

_STEPS = 80
_BAND = 1.6  # coarse cells around the surface where distances are measured on the fine grid
_NEAR = 0.45  # cells: closer to the surface than this, the grid is too coarse to be believed
_EAGER = 1.6  # times the distance to the surface that a ray near it steps
_SHORTEST = 0.4  # cells that a ray steps at least
_CROWD = 0.8  # share of the rays that are still on their way, below which the others are put aside
_SAFE = 0.3  # cells by which interpolated distances may be too large


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
    """Measure a shape's distances on a grid: near the surface at each point, elsewhere at every second.

    Parameters
    ----------
    shape : Shape
        What to measure.
    low, high : Tensor (3,)
        Box around the whole surface, on the device that is to compute.
    resolution : int
        Number of cells along the longest side, even.
    """
    cell = float((high - low).max()) / resolution
    halves = [int(count) for count in ((high - low) / (2.0 * cell)).ceil().long()]
    high = low + 2.0 * cell * low.new_tensor(halves)
    axes = [
        torch.arange(half + 1, device=low.device) * 2.0 * cell + low[axis] for axis, half in enumerate(halves)
    ]
    z, y, x = torch.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    coarse = shape.distance(torch.stack([x, y, z], dim=-1).view(-1, 3)).view(z.shape)
    counts = [2 * half + 1 for half in reversed(halves)]
    values = torch.nn.functional.interpolate(
        coarse[None, None], size=counts, mode="trilinear", align_corners=True
    )[0, 0]
    band = torch.nonzero(values.abs() < 2.0 * _BAND * cell)
    values[band.unbind(dim=1)] = shape.distance(low + band.flip(1) * cell)
    return DistanceGrid(shape, values, low, high, cell)


def trace(grid: DistanceGrid, origins: Tensor, directions: Tensor, nearest: Tensor) -> Tensor:
    """Find where rays first meet the surface.

    Far from it a ray steps as far as the grid says, near it a little farther than the shape itself says;
    once a step has ended inside, the crossing is interpolated.

    Parameters
    ----------
    grid : DistanceGrid
        The shape.
    origins, directions : Tensor (N, 3)
        Starts and unit directions.
    nearest : Tensor (N,)
        Distance before which each ray is known to meet nothing.

    Returns
    -------
    Tensor (N,)
        Distance along each ray; infinite where it meets nothing.
    """
    inverse = 1.0 / torch.where(directions.abs() < 1e-9, 1e-9, directions)
    first, last = (grid.low - origins) * inverse, (grid.high - origins) * inverse
    enter = torch.minimum(first, last).amax(dim=1).maximum(nearest)
    leave = torch.maximum(first, last).amin(dim=1)
    found = torch.full_like(enter, torch.inf)
    index = torch.nonzero(leave > enter).view(-1)
    start, heading, t, end = origins[index], directions[index], enter[index], leave[index]
    before, step = torch.full_like(t, grid.cell), torch.zeros_like(t)
    for _ in range(_STEPS):
        if len(index) == 0:
            break
        points = start + t[:, None] * heading
        distance = grid.sample(points) - _SAFE * grid.cell
        ahead = distance.clamp_min(_SHORTEST * grid.cell)
        close = torch.nonzero((distance < (_NEAR - _SAFE) * grid.cell) & (t < end)).view(-1)
        exact = grid.shape.distance(points[close])
        distance[close] = exact
        ahead[close] = (_EAGER * exact).clamp_min(_SHORTEST * grid.cell)
        met = close[exact <= 0.0]
        inside = distance[met]
        found[index[met]] = t[met] + step[met] * inside / (before[met] - inside)
        before, step = distance.clamp_min(1e-6), ahead
        t = t + step
        end[met] = -torch.inf
        alive = torch.nonzero(t < end).view(-1)
        if len(alive) < _CROWD * len(index):
            index, start, heading, t, end, before, step = (
                value[alive] for value in (index, start, heading, t, end, before, step)
            )
    return found


def crosses(grid: DistanceGrid, origins: Tensor, directions: Tensor) -> Tensor:
    """Tell, by the grid alone, which rays from origins along unit directions (N, 3) cross the surface."""
    crossed = torch.zeros(len(origins), dtype=torch.bool, device=origins.device)
    index = torch.arange(len(origins), device=origins.device)
    points = origins
    while len(index):
        distance = grid.sample(points)
        crossed[index[distance < 0.0]] = True
        points = points + distance.clamp_min(0.5 * grid.cell)[:, None] * directions[index]
        alive = (distance >= 0.0) & ((points >= grid.low) & (points <= grid.high)).all(dim=1)
        index, points = index[alive], points[alive]
    return crossed


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
    for _ in range(14):
        places = points + t[:, None] * direction
        distance = grid.sample(places)
        apart = (places - places.clamp(grid.low, grid.high)).norm(dim=1)
        lit = torch.where(apart > 0.0, lit, torch.minimum(lit, softness * distance / t))
        t = t + torch.maximum(distance.clamp(0.8 * grid.cell, 0.25), apart)
    return lit.clamp(0.0, 1.0)
