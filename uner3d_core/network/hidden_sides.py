# SPDX-License-Identifier: Apache-2.0
"""What each view can't see: how much light comes through to a point, and the depth of the surface before it.

The network is asked twice. Its first answer, on a coarse grid and without knowing of hidden sides, is enough
to tell which surface is in front. Each view's frustum through that grid then gives the transmittance, the
share of light that reaches a depth, and every further question is told it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.network.projection import NEAREST, Projection, sample_maps
from uner3d_core.network.view_batch import ViewBatch

REACH = 1.2
"""Half the depth of the frustums around the object's centre."""

CHANNELS = 4
"""Numbers that tell of hidden sides."""

_STEEPNESS = 8.0


@dataclass(frozen=True)
class Frustums:
    """The transmittance of a coarse shape in each view.

    Parameters
    ----------
    transmittance : tensor (B, V, 1, D, h, w)
        Share of light that reaches each depth, 1 in front of everything.
    depth : tensor (B, V, 1, h, w)
        Mean depth at which light is stopped; the far end of the frustum where none is.
    near, far : tensors (B, V)
        Depths of the ends of the frustums.
    """

    transmittance: Tensor
    depth: Tensor
    near: Tensor
    far: Tensor


def look_through(occupancy: Tensor, views: ViewBatch, length: float) -> Frustums:
    """Find what each view sees of an occupancy.

    The transmittance of n steps δ through occupancies pᵢ is ``Π (1 - pᵢ)^(δ / length)``.

    Parameters
    ----------
    occupancy : tensor (B, R, R, R)
        At the points of :func:`grid_points`, 0 to 1.
    views : ViewBatch
        Where the objects are looked at from.
    length : float
        Distance over which an occupancy of p stops a share p of the light.
    """
    with torch.autocast(occupancy.device.type, enabled=False):
        return _look_through(occupancy.float(), views, length)


def _look_through(occupancy: Tensor, views: ViewBatch, length: float) -> Frustums:
    objects, resolution = occupancy.shape[:2]
    count = views.images.shape[1]
    steps, side = 2 * resolution, 2 * resolution
    middle = views.translation[..., 2]
    near, far = (middle - REACH).clamp_min(NEAREST), (middle + REACH).clamp_min(2 * NEAREST)
    share = (torch.arange(steps, device=occupancy.device) + 0.5) / steps
    depth = near[..., None] + (far - near)[..., None] * share  # (B, V, D)
    height, width = views.size
    x, y = ((torch.arange(side, device=occupancy.device) + 0.5) / side * size for size in (width, height))
    plane = torch.stack(
        [x[None].expand(side, side), y[:, None].expand(side, side), x.new_ones(side, side)], dim=-1
    )
    rays = plane.reshape(-1, 3) @ torch.linalg.inv(views.intrinsics).transpose(-1, -2)  # (B, V, hw, 3)
    local = rays[:, :, None] * depth[..., None, None] - views.translation[:, :, None, None]
    world = (local.flatten(2, 3) @ views.rotation).reshape(objects, 1, 1, -1, 3)
    read = functional.grid_sample(
        occupancy[:, None], world.flip(-1), padding_mode="zeros", align_corners=True
    )
    read = read.reshape(objects, count, steps, side, side)
    step = ((far - near) / steps)[:, :, None, None, None]
    passed = (1 - read).clamp_min(1e-6) ** (step / length)
    after = passed.cumprod(dim=2)
    at_middle = after / passed.sqrt()
    stopped = near[:, :, None, None, None] + after.sum(dim=2, keepdim=True) * step
    return Frustums(at_middle[:, :, None], stopped, near, far)


def grid_points(resolution: int, device: torch.device) -> Tensor:
    """Points (R³, 3) of the coarse grid over [-1, 1]³, z fastest."""
    axis = torch.linspace(-1, 1, resolution, device=device)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1).reshape(-1, 3)


def hidden_features(seen: Projection, frustums: Frustums | None, size: tuple[int, int]) -> Tensor:
    """Say of each point in each view whether it is hidden, (B, V, P, 4).

    The numbers are the transmittance, how far behind (positive) or before the surface the point lies, once
    sharply and once widely, and 1 to say that they are known. Without frustums all are 0.
    """
    if frustums is None:
        return seen.depth.new_zeros(*seen.depth.shape, CHANNELS)
    objects, views, points = seen.depth.shape
    extent = seen.pixels.new_tensor([size[1], size[0]])
    across = seen.pixels / extent * 2 - 1
    span = (frustums.far - frustums.near)[..., None]
    along = (seen.depth - frustums.near[..., None]) / span * 2 - 1
    place = torch.cat([across, along[..., None]], dim=-1).reshape(objects * views, 1, 1, points, 3)
    transmittance = functional.grid_sample(
        frustums.transmittance.flatten(0, 1), place, padding_mode="border", align_corners=False
    ).reshape(objects, views, points)
    behind = seen.depth - sample_maps(frustums.depth, seen.pixels, size)[..., 0]
    return torch.stack(
        [transmittance, torch.tanh(_STEEPNESS * behind), torch.tanh(behind), torch.ones_like(behind)], dim=-1
    )
