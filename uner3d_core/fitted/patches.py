# SPDX-License-Identifier: Apache-2.0
"""How well the views agree on the texture of small patches of a surface.

The patches lie in the surface's tangent planes, so that no view sees them wrongly foreshortened (after
Furukawa and Ponce 2010, on a signed-distance grid instead of loose patches).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Picture, sample_image

CHUNK = 8_000
"""Patches that are compared at once."""
RADIUS = 2
"""Patches have (2 · 2 + 1)² samples, a pixel apart."""
NOISE = 2e-4
"""Variance, of colours from 0 to 1, that noise may have."""


@dataclass(frozen=True)
class SurfacePoints:
    """Points on the zero set, with outward unit normals, both (N, 3)."""

    positions: Tensor
    normals: Tensor


def surface_points(grid: Grid) -> SurfacePoints:
    """One point on the surface for each grid point within a grid spacing of it."""
    near = (grid.values.abs() < 0.87 * grid.voxel).nonzero()
    positions = near.float() * grid.voxel + grid.origin
    for _ in range(3):
        gradient = grid.gradient(positions)
        square = (gradient**2).sum(-1, keepdim=True).clamp_min(0.05)
        move = -grid.sample(positions)[:, None] * gradient / square
        positions = positions + move.clamp(-grid.voxel, grid.voxel)
    gradient = grid.gradient(positions)
    good = (gradient.norm(dim=-1) > 0.1) & (grid.sample(positions).abs() < 0.2 * grid.voxel)
    return SurfacePoints(positions[good], functional.normalize(gradient[good], dim=-1))


def visibility(
    pictures: list[Picture], depths: list[Tensor], points: SurfacePoints, tolerance: float
) -> Tensor:
    """How well each view sees each point, (V, N): the cosine to its normal, 0 where it is hidden."""
    rows = []
    for picture, depth in zip(pictures, depths, strict=True):
        pixels, there = picture.project(points.positions)
        towards = functional.normalize(picture.centre - points.positions, dim=-1)
        cosine = (towards * points.normals).sum(-1)
        scaled = pixels * torch.tensor(
            [depth.shape[1] / picture.width, depth.shape[0] / picture.height], device=pixels.device
        )
        column, row = scaled[:, 0].floor().long(), scaled[:, 1].floor().long()
        inside = (column >= 0) & (row >= 0) & (column < depth.shape[1]) & (row < depth.shape[0])
        surface = depth[row.clamp(0, depth.shape[0] - 1), column.clamp(0, depth.shape[1] - 1)]
        seen = inside & (there > 0) & (there < surface + tolerance) & (cosine > 0.2)
        rows.append(torch.where(seen, cosine, torch.zeros_like(cosine)))
    return torch.stack(rows)


@dataclass(frozen=True)
class Agreement:
    """How well the views agree on N patches at K offsets.

    Parameters
    ----------
    correlation : tensor (N, K)
        Mean normalised cross-correlation of all pairs of views, -1 to 1.
    texture : tensor (N, K)
        0 where the patches are plain, so that they can't correlate, to 1.
    count : tensor (N,)
        Number of views that were compared.
    """

    correlation: Tensor
    texture: Tensor
    count: Tensor


def agreement(
    pictures: list[Picture],
    points: SurfacePoints,
    seen: Tensor,
    offsets: Tensor,
    *,
    radius: int = RADIUS,
    noise: float = NOISE,
) -> Agreement:
    """Correlate the views that see each patch, at each offset along its normal.

    Parameters
    ----------
    pictures : list of Picture
        The V views.
    points : SurfacePoints
        The patches' N centres and normals.
    seen : tensor (V, N)
        How well each view sees each patch, 0 where it does not.
    offsets : tensor (K,)
        Moves along the normal, working units.
    radius : int
        Patches have (2 radius + 1)² samples, a pixel apart.
    noise : float
        Variance, of colours from 0 to 1, that noise may have.
    """
    parts = []
    for start in range(0, len(points.positions), CHUNK):
        part = slice(start, start + CHUNK)
        some = SurfacePoints(points.positions[part], points.normals[part])
        parts.append(_agreement(pictures, some, seen[:, part], offsets, radius=radius, noise=noise))
    if not parts:
        nothing = torch.zeros((0, len(offsets)), device=seen.device)
        return Agreement(nothing, nothing, nothing[:, 0])
    return Agreement(
        torch.cat([part.correlation for part in parts]),
        torch.cat([part.texture for part in parts]),
        torch.cat([part.count for part in parts]),
    )


def _agreement(
    pictures: list[Picture],
    points: SurfacePoints,
    seen: Tensor,
    offsets: Tensor,
    *,
    radius: int,
    noise: float,
) -> Agreement:
    normals = points.normals
    first, second = tangents(normals)
    side = torch.arange(-radius, radius + 1, device=normals.device, dtype=torch.float32)
    u, v = (axis.reshape(-1) for axis in torch.meshgrid(side, side, indexing="ij"))
    footprint = torch.stack([p.project(points.positions)[1] / p.focal for p in pictures])
    spacing = (footprint * seen).sum(0) / seen.sum(0).clamp_min(1e-6)
    patch = spacing[:, None, None] * (u[:, None] * first[:, None] + v[:, None] * second[:, None])
    total = torch.zeros((len(normals), len(offsets), 3 * len(u)), device=normals.device)
    squares = torch.zeros((len(normals), len(offsets)), device=normals.device)
    count = torch.zeros(len(normals), device=normals.device)
    for picture, cosine in zip(pictures, seen, strict=True):
        chosen = cosine.nonzero()[:, 0]
        if len(chosen) == 0:
            continue
        centres = points.positions[chosen, None] + offsets[:, None] * normals[chosen, None]
        where = centres[:, :, None] + patch[chosen, None]
        pixels, _ = picture.project(where.reshape(-1, 3))
        colours = sample_image(picture.colours, pixels).reshape(3, len(chosen), len(offsets), len(u))
        colours = colours - colours.mean(-1, keepdim=True)
        vector = colours.permute(1, 2, 0, 3).reshape(len(chosen), len(offsets), -1)
        vector = vector / torch.sqrt((vector**2).sum(-1, keepdim=True) + noise * len(u))
        total.index_add_(0, chosen, vector)
        squares.index_add_(0, chosen, (vector**2).sum(-1))
        count[chosen] += 1
    pairs = (count * (count - 1)).clamp_min(1)
    correlation = ((total**2).sum(-1) - squares) / pairs[:, None]
    return Agreement(correlation, squares / count.clamp_min(1)[:, None], count)


def tangents(normals: Tensor) -> tuple[Tensor, Tensor]:
    """Two unit vectors, (N, 3) each, at right angles to unit normals (N, 3) and to each other."""
    helper = torch.zeros_like(normals)
    helper.scatter_(1, normals.abs().argmin(1, keepdim=True), 1.0)
    first = functional.normalize(torch.linalg.cross(normals, helper), dim=-1)
    return first, torch.linalg.cross(normals, first)


def best_views(seen: Tensor, most: int) -> Tensor:
    """Keep for each point the ``most`` views that see it best; the others become 0."""
    if seen.shape[0] <= most:
        return seen
    threshold = seen.topk(most, dim=0).values[-1]
    return torch.where(seen >= threshold.clamp_min(1e-6), seen, torch.zeros_like(seen))
