# SPDX-License-Identifier: Apache-2.0
"""From depth maps and silhouettes to one closed surface.

What stereo sees carves: each depth says that the space before it is empty and where the surface is. What
no view saw stays as full as the silhouettes allow. The votes are averaged as Curless and Levoy (1996) do.
"""

from __future__ import annotations

import torch
from torch import Tensor

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.stereo import DepthMap

CHUNK = 1_000_000
BEHIND = 0.5
"""Weight of a view's vote that what lies far behind its surface is full: a single wrong depth of another
view then opens no tunnel, while two that agree still open a cavity."""
MOST_BEHIND = 0.25
"""Largest weight of all such votes together: nearly every view has the object's outside before a cavity, the
few that look into it must be able to outvote them. It grows with the number of views beyond 24."""
FULLNESS = 0.02
"""Weight of the assumption that what nobody saw is full."""
SOFTNESS = 0.5
"""Sigma, in grid spacings, of the blur that takes the steps off the votes."""


def gather_evidence(
    grid: Grid, pictures: list[Picture], maps: list[DepthMap], band: float
) -> tuple[Tensor, Tensor]:
    """Weighted mean of the truncated signed distances that the depth maps tell each grid point.

    Parameters
    ----------
    grid : Grid
        The hull; only its geometry is used.
    pictures, maps : lists
        Views with what each found.
    band : float
        Distance at which the signed distance is cut off, working units.

    Returns
    -------
    mean : tensor (X, Y, Z)
        -1 (``band`` behind the surface) to 1 (in front); 0 where nothing is known.
    weight : tensor (X, Y, Z)
        Sum of the confidences.
    """
    shape = grid.values.shape
    total = torch.zeros(shape, device=grid.values.device)
    weight = torch.zeros_like(total)
    slabs = max(1, CHUNK // (shape[1] * shape[2]))
    for start in range(0, shape[0], slabs):
        stop = min(start + slabs, shape[0])
        points = grid.points(start, stop)
        part_total = torch.zeros(len(points), device=points.device)
        part_weight = torch.zeros_like(part_total)
        part_behind = torch.zeros_like(part_total)
        for picture, found in zip(pictures, maps, strict=True):
            pixels, depth = picture.project(points)
            column = pixels[:, 0].floor().long()
            row = pixels[:, 1].floor().long()
            inside = (
                (column >= 0) & (column < picture.width) & (row >= 0) & (row < picture.height) & (depth > 0)
            )
            index = row.clamp(0, picture.height - 1) * picture.width + column.clamp(0, picture.width - 1)
            surface = found.depth.reshape(-1)[index]
            confidence = found.confidence.reshape(-1)[index]
            ahead = (surface - depth) / band
            known = inside & (surface > 0)
            vote = torch.where(known, confidence, torch.zeros_like(confidence))
            far_behind = ahead < -1
            part_behind += torch.where(far_behind, vote * BEHIND, torch.zeros_like(vote))
            vote = torch.where(far_behind, torch.zeros_like(vote), vote)
            part_weight += vote
            part_total += vote * ahead.clamp(max=1)
        full = part_behind.clamp_max(MOST_BEHIND * max(1.0, len(pictures) / 24))
        part_total -= full
        part_weight += full
        total[start:stop] = part_total.reshape(stop - start, *shape[1:])
        weight[start:stop] = part_weight.reshape(stop - start, *shape[1:])
    return total / weight.clamp_min(1e-6), weight


def join(hull: Grid, pictures: list[Picture], maps: list[DepthMap], band: float) -> Grid:
    """Join silhouettes and depth maps to one signed distance, cut off at ``band``.

    Parameters
    ----------
    hull : Grid
        Signed distance of the visual hull.
    pictures, maps : lists
        Views with what each found.
    band : float
        Cut-off of the distance, working units.
    """
    mean, seen = gather_evidence(hull, pictures, maps, band)
    full = hull.values.clamp(-band, band)
    joined = (seen * mean * band + FULLNESS * full) / (seen + FULLNESS)
    smooth = blur(torch.maximum(joined, full), SOFTNESS)
    # Far outside the hull its true distance stays: rays cross empty space in few steps.
    return hull.with_values(torch.maximum(smooth, hull.values))


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
