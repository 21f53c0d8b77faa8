# SPDX-License-Identifier: Apache-2.0
"""Rays of training: few samples, laid where the hull says that the surface may be."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from uner3d_core.network.rendering import Rays, weights_of
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.training.carving import kept_by_all

STRETCH = 0.6
"""Length of a ray that is sampled, from a little before its entry into the hull."""

STEPS = 40
"""Steps in which the entry is looked for."""


@dataclass(frozen=True)
class Ends:
    """Where rays end.

    Parameters
    ----------
    opacity : tensor (B, R)
        Share of each ray that is stopped.
    distance : tensor (B, R)
        Mean distance from the origin of that share.
    colour : tensor (B, R, 3)
        Mean colour of that share.
    """

    opacity: Tensor
    distance: Tensor
    colour: Tensor


def enter_hull(views: ViewBatch, rays: Rays) -> Tensor:
    """Distance (B, R) at which each ray first meets what the views' silhouettes leave.

    For a ray that misses it, the distance at which it comes nearest to that.
    """
    share = (torch.arange(STEPS, device=rays.near.device) + 0.5) / STEPS
    distances = rays.near[..., None] + (rays.far - rays.near)[..., None] * share
    inside = kept_by_all(views, rays.points(distances).flatten(1, 2)).reshape(distances.shape)
    within = inside > 0.5
    first = torch.where(within.any(-1), within.float().argmax(-1), inside.argmax(-1))
    return distances.gather(-1, first[..., None])[..., 0]


def stretch(entry: Tensor, jitter: Tensor, before: float = 0.1) -> Tensor:
    """Distances (B, R, S), growing, one in each of S equal parts of a stretch of the ray.

    Parameters
    ----------
    entry : tensor (B, R)
        Distance about which the surface is looked for.
    jitter : tensor (B, R, S)
        Place of each sample in its part, 0 to 1.
    before : float
        Length of the stretch that lies before the entry.
    """
    samples = jitter.shape[-1]
    part = (torch.arange(samples, device=jitter.device) + jitter) / samples
    return entry[..., None] + part * STRETCH - before


def end_of(density: Tensor, colours: Tensor, distances: Tensor) -> Ends:
    """Add up samples along rays.

    Parameters
    ----------
    density : tensor (B, R, S)
        Volume density of the samples.
    colours : tensor (B, R, S, 3)
        Their colours.
    distances : tensor (B, R, S)
        Where they are, growing.
    """
    weights = weights_of(density, distances, distances[..., -1] + STRETCH / distances.shape[-1])
    opacity = weights.sum(-1)
    share = weights / opacity.clamp_min(1e-3)[..., None]
    return Ends(opacity, (share * distances).sum(-1), (share[..., None] * colours.float()).sum(-2))
