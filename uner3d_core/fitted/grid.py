# SPDX-License-Identifier: Apache-2.0
"""A scalar on a regular grid of points, trilinear between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage  # type: ignore[import-untyped]
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Grid:
    """Values on a regular grid.

    Parameters
    ----------
    origin : tensor (3,)
        Position of the grid point (0, 0, 0).
    voxel : float
        Distance between neighbouring grid points.
    values : tensor (X, Y, Z)
        The value at each grid point.
    """

    origin: Tensor
    voxel: float
    values: Tensor

    def with_values(self, values: Tensor) -> Grid:
        """Put other values on the same grid."""
        return Grid(self.origin, self.voxel, values)

    def points(self, start: int, stop: int) -> Tensor:
        """Positions, ((stop - start) * Y * Z, 3), of the grid points of the slabs from start to stop."""
        device = self.values.device
        axes = [torch.arange(size, device=device, dtype=torch.float32) for size in self.values.shape]
        axes[0] = axes[0][start:stop]
        x, y, z = torch.meshgrid(*axes, indexing="ij")
        return torch.stack([x, y, z], dim=-1).reshape(-1, 3) * self.voxel + self.origin

    def sample(self, points: Tensor) -> Tensor:
        """Trilinear values (...,) at points (..., 3); beyond the border the border's value."""
        size = torch.tensor(self.values.shape, device=points.device, dtype=torch.float32)
        unit = (points - self.origin) / self.voxel / (size - 1) * 2 - 1
        grid = unit.flip(-1).reshape(1, 1, 1, -1, 3)
        values = functional.grid_sample(
            self.values[None, None], grid, mode="bilinear", padding_mode="border", align_corners=True
        )
        return values.reshape(points.shape[:-1])

    def gradient(self, points: Tensor) -> Tensor:
        """Gradient (..., 3) by central differences one grid spacing wide on either side."""
        parts = []
        for axis in range(3):
            step = torch.zeros(3, device=points.device)
            step[axis] = self.voxel
            parts.append(self.sample(points + step) - self.sample(points - step))
        return torch.stack(parts, dim=-1) / (2 * self.voxel)


def blur(values: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of a volume (X, Y, Z), sigma in grid spacings."""
    radius = max(1, round(3 * sigma))
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, device=values.device) / sigma) ** 2)
    taps = taps / taps.sum()
    for axis in range(3):
        index = torch.arange(values.shape[axis], device=values.device)
        blurred = torch.zeros_like(values)
        for shift, tap in zip(range(-radius, radius + 1), taps, strict=True):
            moved = (index + shift).clamp(0, values.shape[axis] - 1)
            blurred += tap * values.index_select(axis, moved)
        values = blurred
    return values


def distance_outwards(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Distance of each grid point (X, Y, Z) to those on the other side, in spacings; negative inside."""
    return np.asarray(ndimage.distance_transform_edt(~inside) - ndimage.distance_transform_edt(inside))
