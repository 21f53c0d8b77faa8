# SPDX-License-Identifier: Apache-2.0
"""A network's occupancy on a grid, without asking where there is nothing to find.

A coarse grid comes first, then grids twice as fine each. A point is asked only if no silhouette leaves it out
and the coarser grid says of its surroundings neither that all is empty nor that all is full.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.network.network import EMPTY, Encoded, Network
from uner3d_core.network.projection import project, sample_maps
from uner3d_core.network.view_batch import ViewBatch

COARSEST = 24
"""Grid points a side below which the grid is not made coarser."""

CERTAIN = 0.05
"""An occupancy below this is empty, above one minus this is full."""

CHUNK = 1 << 20
CHUNK_OF_CPU = 1 << 13
"""Points times views that are asked at once. On a CPU few, so that what is between stays in its caches."""


def occupancy_grid(
    network: Network, encoded: Encoded, resolution: int, box: tuple[Tensor, Tensor] | None = None
) -> Tensor:
    """Compute occupancy on a grid.

    Parameters
    ----------
    network : Network
        What to ask.
    encoded : Encoded
        What it saw of one object.
    resolution : int
        Grid points a side, the first and the last on the box's faces.
    box : tuple of tensors (3,), optional
        Lowest and highest corner in the network frame; [-1, 1]³ without.

    Returns
    -------
    float32 tensor (resolution, resolution, resolution)
        Probability of being inside the object, along x, y, z. Where it was not asked it is interpolated from
        the coarser grid, and 0 outside a silhouette.
    """
    views = encoded.views
    device = views.images.device
    low, high = box or (torch.full((3,), -1.0), torch.full((3,), 1.0))
    low, high = low.to(device), high.to(device)
    with torch.inference_mode():
        grid: Tensor | None = None
        for side in _sides(resolution):
            if grid is None:
                known = torch.zeros(side, side, side, device=device)
                wanted = torch.ones_like(known, dtype=torch.bool)
            else:
                known, wanted = _finer(grid, side)
            index = wanted.flatten().nonzero()[:, 0]
            points = _points(index, side, low, high)
            inside = _inside_silhouettes(points, views)
            values = torch.zeros(len(index), device=device)
            values[inside] = ask(network, encoded, points[inside])
            grid = known.flatten().index_copy(0, index, values).reshape(side, side, side)
    assert grid is not None  # noqa: S101 -- there is at least one size
    return grid.clone()


def ask(network: Network, encoded: Encoded, points: Tensor) -> Tensor:
    """Occupancy (P,) of points (P, 3) of one object, in pieces that fit into the memory."""
    if len(points) == 0:
        return points.new_zeros(0)
    chunk = CHUNK_OF_CPU if points.device.type == "cpu" else CHUNK
    size = max(1, chunk // encoded.features.shape[1])
    answers = [network.query(encoded, part[None]).occupancy[0].float() for part in torch.split(points, size)]
    return torch.cat(answers)


def _sides(resolution: int) -> list[int]:
    """Sizes of the grids, the coarsest first."""
    sides = [resolution]
    while sides[0] >= 2 * COARSEST:
        sides.insert(0, (sides[0] + 1) // 2)
    return sides


def _finer(grid: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Bring a grid to more points a side; and which of those must be asked."""

    def spread(values: Tensor) -> Tensor:
        size = (side, side, side)
        return functional.interpolate(values, size, mode="trilinear", align_corners=True)[0, 0]

    batch = grid[None, None]
    highest = functional.max_pool3d(batch, 3, 1, 1)
    lowest = -functional.max_pool3d(-batch, 3, 1, 1)
    unsettled = (highest > CERTAIN) & (lowest < 1 - CERTAIN)
    return spread(batch), spread(unsettled.float()) > 0


def _points(index: Tensor, side: int, low: Tensor, high: Tensor) -> Tensor:
    """Points (P, 3) of flat indices (P,) into a grid with so many a side."""
    places = torch.stack([index // (side * side), index // side % side, index % side], dim=1)
    return low + places / (side - 1) * (high - low)


def _inside_silhouettes(points: Tensor, views: ViewBatch) -> Tensor:
    """Tell (P,) which points (P, 3) no view's mask leaves out."""
    inside = torch.ones(len(points), dtype=torch.bool, device=points.device)
    for view in range(views.images.shape[1]):
        one = views.choose([view])
        left = inside.nonzero()[:, 0]
        seen = project(points[left][None], one)
        mask = sample_maps(one.masks, seen.pixels, one.size)[0, 0, :, 0]
        inside[left] = ~seen.ahead[0, 0] | (mask > EMPTY)
    return inside
