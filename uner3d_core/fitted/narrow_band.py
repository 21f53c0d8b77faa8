# SPDX-License-Identifier: Apache-2.0
"""The part of a grid that lies near the surface, as one compact table that can be optimised."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from uner3d_core.fitted.grid import Grid


@dataclass(frozen=True)
class NarrowBand:
    """Rows of a table for the grid points near a surface; two more rows stand for all the others.

    Parameters
    ----------
    grid : Grid
        The signed distances that the band was cut from.
    voxels : tensor (N, 3)
        Indices of the grid points in the band.
    rows : tensor (X, Y, Z)
        Row of each grid point in the table: N for those far outside, N + 1 for those far inside.
    neighbours : tensor (N, 6)
        Rows of the grid points before and after along each axis.
    """

    grid: Grid
    voxels: Tensor
    rows: Tensor
    neighbours: Tensor

    @classmethod
    def around(cls, grid: Grid, width: float) -> NarrowBand:
        """Cut out the band of the grid points within ``width`` grid spacings of the surface."""
        near = grid.values.abs() < width * grid.voxel
        voxels = near.nonzero()
        count = len(voxels)
        rows = torch.where(grid.values > 0, count, count + 1)
        rows[near] = torch.arange(count, device=rows.device)
        limit = torch.tensor(grid.values.shape, device=rows.device) - 1
        columns = []
        for axis in range(3):
            for step in (-1, 1):
                index = voxels.clone()
                index[:, axis] += step
                index = torch.minimum(index.clamp_min(0), limit)
                columns.append(rows[index[:, 0], index[:, 1], index[:, 2]])
        return cls(grid, voxels, rows, torch.stack(columns, dim=1))

    def __len__(self) -> int:
        return len(self.voxels)

    def interpolate(self, table: Tensor, points: Tensor) -> Tensor:
        """Trilinear values (P, C) of a table (N + 2, C) at points (P, 3)."""
        shape = torch.tensor(self.rows.shape, device=points.device)
        local = ((points - self.grid.origin) / self.grid.voxel).clamp_min(0)
        local = torch.minimum(local, (shape - 1).float() - 1e-4)
        base = local.long()
        fraction = local - base
        flat = (base[:, 0] * shape[1] + base[:, 1]) * shape[2] + base[:, 2]
        corners = torch.tensor([[c >> 2, (c >> 1) & 1, c & 1] for c in range(8)], device=points.device)
        offsets = (corners[:, 0] * shape[1] + corners[:, 1]) * shape[2] + corners[:, 2]
        rows = self.rows.reshape(-1)[flat[:, None] + offsets]
        weights = torch.where(corners.bool(), fraction[:, None], 1 - fraction[:, None]).prod(-1)
        # Unlike indexing, index_select has a gradient that is as fast as itself.
        values = table.index_select(0, rows.reshape(-1)).reshape(*rows.shape, -1)
        return (values * weights[..., None]).sum(1)

    def differences(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Gradient (N, 3) per grid spacing and Laplacian (N,) of a column (N + 2,) at the band's points."""
        around = values.index_select(0, self.neighbours.reshape(-1)).reshape(len(self), 3, 2)
        gradient = (around[..., 1] - around[..., 0]) / 2
        return gradient, around.sum(dim=(1, 2)) - 6 * values[: len(self)]

    def write(self, values: Tensor) -> Grid:
        """Put the values (N,) of the band back into the grid."""
        result = self.grid.values.clone()
        result[self.voxels[:, 0], self.voxels[:, 1], self.voxels[:, 2]] = values
        return self.grid.with_values(result)
