# SPDX-License-Identifier: Apache-2.0
"""Where the rays of a view meet the surface of a signed-distance grid."""

from __future__ import annotations

import torch
from torch import Tensor

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Picture

STEPS = 64
FAR = 1e6
MOST_IN_VAIN = 0.7
"""Rays are taken out when fewer than this share of them is still under way."""


def trace(grid: Grid, origin: Tensor, directions: Tensor, near: Tensor, far: Tensor) -> tuple[Tensor, Tensor]:
    """Follow rays to the surface by sphere tracing (Hart 1996).

    Parameters
    ----------
    grid : Grid
        Signed distances, positive outside.
    origin : tensor (3,) or (N, 3)
        Where the rays start.
    directions : tensor (N, 3)
        Their directions; a depth of one goes one direction's length.
    near, far : tensors (N,)
        Depths between which the surface is searched.

    Returns
    -------
    hit : tensor (N,)
        Depth of the first zero crossing, ``FAR`` where there is none.
    closest : tensor (N,)
        Depth at which the ray came closest to the surface; that of the crossing where there is one.
    """
    result, closest = torch.full_like(near, FAR), near.clone()
    # Of the rays that are still followed:
    rays = torch.arange(len(near), device=near.device)
    origin = origin.expand_as(directions)
    length = directions.norm(dim=-1)
    depth = before = nearest = near
    value_before, least = torch.full_like(near, FAR), torch.full_like(near, torch.inf)
    under_way = torch.ones_like(rays, dtype=torch.bool)
    shortest = 0.35 * grid.voxel
    for _ in range(STEPS):
        value = grid.sample(origin + directions * depth[:, None])
        nearer = under_way & (value < least)
        nearest, least = torch.where(nearer, depth, nearest), torch.where(nearer, value, least)
        hit = under_way & (value <= 0)
        # The crossing between the last two samples, by the secant through them.
        share = value_before / (value_before - value).clamp_min(1e-9)
        nearest = torch.where(hit, before + (depth - before) * share, nearest)
        result[rays[hit]] = nearest[hit]
        before, value_before = depth, value.clamp_max(FAR)
        depth = depth + value.clamp_min(shortest) / length
        under_way = under_way & ~hit & (depth < far)
        left = int(under_way.sum())
        # To take rays out costs more than to follow some of them in vain.
        if left < MOST_IN_VAIN * len(rays):
            closest[rays] = nearest
            if left == 0:
                break
            state = (rays, origin, directions, length, far, depth, before, value_before, nearest, least)
            rays, origin, directions, length, far, depth, before, value_before, nearest, least = (
                each[under_way] for each in state
            )
            under_way = torch.ones_like(rays, dtype=torch.bool)
    closest[rays] = nearest
    return result, closest


def box_range(grid: Grid, origin: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Depths (N,) at which rays enter and leave the grid's box; near is above far for rays that miss it."""
    low = grid.origin
    size = torch.tensor(grid.values.shape, device=low.device, dtype=torch.float32)
    high = low + (size - 1) * grid.voxel
    safe = torch.where(directions.abs() < 1e-9, torch.full_like(directions, 1e-9), directions)
    one, two = (low - origin) / safe, (high - origin) / safe
    near = torch.minimum(one, two).amax(-1).clamp_min(1e-4)
    return near, torch.maximum(one, two).amin(-1)


def depth_of(grid: Grid, picture: Picture) -> Tensor:
    """Depth (height, width) of the surface in every pixel of a view, ``FAR`` where there is none."""
    directions = picture.directions(picture.pixel_centres()).reshape(-1, 3)
    near, far = box_range(grid, picture.centre, directions)
    depth = torch.full_like(near, FAR)
    meets = (near < far) & (picture.coverage.reshape(-1) > 0)
    depth[meets], _ = trace(grid, picture.centre, directions[meets], near[meets], far[meets])
    return depth.reshape(picture.height, picture.width)
