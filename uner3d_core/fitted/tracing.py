# SPDX-License-Identifier: Apache-2.0
"""Where the rays of a view meet the surface of a signed-distance grid."""

from __future__ import annotations

import torch
from torch import Tensor

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Picture

STEPS = 64
FAR = 1e6


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
    origin = origin.expand_as(directions)
    length = directions.norm(dim=-1)
    depth = near.clone()
    before = depth.clone()
    value_before = torch.full_like(depth, torch.inf)
    result = torch.full_like(depth, FAR)
    closest = depth.clone()
    least = torch.full_like(depth, torch.inf)
    active = torch.arange(len(depth), device=depth.device)
    shortest = 0.35 * grid.voxel
    for _ in range(STEPS):
        if len(active) == 0:
            break
        points = origin[active] + directions[active] * depth[active, None]
        value = grid.sample(points)
        nearer = value < least[active]
        closest[active[nearer]] = depth[active[nearer]]
        least[active[nearer]] = value[nearer]
        hit = value <= 0
        if hit.any():
            index = active[hit]
            # The crossing between the last two samples, by the secant through them.
            previous = value_before[index].clamp_max(1e3)
            share = previous / (previous - value[hit]).clamp_min(1e-9)
            result[index] = before[index] + (depth[index] - before[index]) * share
            closest[index] = result[index]
        active, value = active[~hit], value[~hit]
        before[active] = depth[active]
        value_before[active] = value
        depth[active] += torch.clamp(value, min=shortest) / length[active]
        active = active[depth[active] < far[active]]
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
