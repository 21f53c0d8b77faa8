# SPDX-License-Identifier: Apache-2.0
"""Volume rendering of a network: rays, coarse and fine samples, what they add up to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.network.inverse_distance import InverseDistance
from uner3d_core.network.view_batch import ViewBatch

Ask = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Volume density (B, P) and rgb (B, P, 3) of points (B, P, 3) seen in directions (B, P, 3)."""

RADIUS = 1.2
"""Rays are followed within this sphere of the network frame."""

WHITE = (1.0, 1.0, 1.0)

_STOPPED = 0.5
"""Share of a ray that must be stopped for its surface point to lend its colour to others."""


@dataclass(frozen=True)
class Rays:
    """Rays of each object.

    Parameters
    ----------
    origins, directions : tensors (B, R, 3)
        In the network frame; directions of unit length.
    near, far : tensors (B, R)
        Between which distances from the origin there may be something.
    """

    origins: Tensor
    directions: Tensor
    near: Tensor
    far: Tensor

    def points(self, distances: Tensor) -> Tensor:
        """Points (B, R, S, 3) at distances (B, R, S) from the origins."""
        return self.origins.unsqueeze(2) + distances.unsqueeze(-1) * self.directions.unsqueeze(2)


@dataclass(frozen=True)
class Samples:
    """How many samples a ray gets.

    Parameters
    ----------
    coarse : int
        One in each of so many equal parts of the ray.
    fine : int
        Where the coarse ones found the ray to be stopped.
    around_depth : int
        Around the mean distance at which it is, normally distributed.
    spread : float
        Standard deviation of those, in units of the network frame.
    """

    coarse: int = 32
    fine: int = 16
    around_depth: int = 0
    spread: float = 0.01


@dataclass(frozen=True)
class Rendered:
    """What rays see.

    Parameters
    ----------
    rgb : tensor (B, R, 3)
        Colours in 0 to 1 before the background.
    opacity : tensor (B, R)
        Share of the ray that is stopped: what a mask says of its pixel.
    distance : tensor (B, R)
        Mean distance at which the part is stopped that is; ``far`` where nothing is.
    weights, distances : tensors (B, R, S)
        Share of the ray that each sample stops, and where the samples are.
    """

    rgb: Tensor
    opacity: Tensor
    distance: Tensor
    weights: Tensor
    distances: Tensor


def rays_through(views: ViewBatch, pixels: Tensor) -> Rays:
    """Make the rays through pixels (B, V, N, 2) of the views, (B, V N) of them, within the sphere."""
    with torch.autocast(pixels.device.type, enabled=False):
        plane = torch.cat([pixels, torch.ones_like(pixels[..., :1])], dim=-1)
        local = plane @ torch.linalg.inv(views.intrinsics).transpose(-1, -2)
        directions = functional.normalize(local @ views.rotation, dim=-1).flatten(1, 2)
        origins = views.camera_centres.unsqueeze(2).expand(*pixels.shape[:3], 3).flatten(1, 2)
        middle = -(origins * directions).sum(-1)
        aside = (origins + middle.unsqueeze(-1) * directions).square().sum(-1)
        half = (RADIUS**2 - aside).clamp_min((0.05 * RADIUS) ** 2).sqrt()  # never no length at all
        near = (middle - half).clamp_min(1e-3)
        return Rays(origins, directions, near, (middle + half).maximum(near + 1e-2))


def render(
    rays: Rays,
    coarse: Ask,
    fine: Ask,
    samples: Samples,
    *,
    background: Tensor | tuple[float, float, float] = WHITE,
    inverse_distance: InverseDistance | None = None,
    generator: torch.Generator | None = None,
) -> tuple[Rendered, Rendered]:
    """Render rays twice: with coarse samples, and with more where those found something.

    Parameters
    ----------
    rays : Rays
        What to render.
    coarse, fine : callables
        Say density and colour of points; for a network with one MLP the same.
    samples : Samples
        How many.
    background : tensor (..., 3) or tuple
        sRGB in 0 to 1 of what is behind the object; as a tensor it fits (B, R, 3).
    inverse_distance : InverseDistance, optional
        Lets rays show the colour of the cloud where they are stopped; None for the mean of their samples.
    generator : torch.Generator, optional
        Places samples at random; None puts them in the middle of their parts.

    Returns
    -------
    coarse, fine : Rendered
        The same without fine samples.
    """
    behind = torch.as_tensor(background, dtype=rays.origins.dtype, device=rays.origins.device)
    distances = stratified(rays, samples.coarse, generator)
    first = _accumulate(rays, distances, coarse, behind, inverse_distance)
    if samples.fine + samples.around_depth == 0:
        return first, first
    with torch.no_grad():
        added = []
        if samples.fine:
            added.append(by_importance(rays, first.weights, samples.fine, generator))
        if samples.around_depth:
            shape = (*first.distance.shape, samples.around_depth)
            away = _normal(shape, rays.origins, generator) * samples.spread
            added.append(first.distance.unsqueeze(-1) + away)
        everywhere = torch.cat([distances, *added], dim=-1)
        everywhere = everywhere.maximum(rays.near.unsqueeze(-1)).minimum(rays.far.unsqueeze(-1))
        everywhere = everywhere.sort(dim=-1).values
    return first, _accumulate(rays, everywhere, fine, behind, inverse_distance)


def stratified(rays: Rays, count: int, generator: torch.Generator | None) -> Tensor:
    """Distances (B, R, count), one in each equal part of the ray, at random or in its middle."""
    share = (torch.arange(count, device=rays.near.device) + _uniform(rays, count, generator)) / count
    return rays.near.unsqueeze(-1) + (rays.far - rays.near).unsqueeze(-1) * share


def by_importance(rays: Rays, weights: Tensor, count: int, generator: torch.Generator | None) -> Tensor:
    """Distances (B, R, count), as dense as the weights (B, R, S) of a ray's S equal parts are high.

    The inverse of the cumulative distribution, as NeRF's second pass (Mildenhall et al. 2020).
    """
    share = (weights + 1e-5) / (weights + 1e-5).sum(dim=-1, keepdim=True)
    upto = functional.pad(share.cumsum(dim=-1), (1, 0))
    drawn = (torch.arange(count, device=weights.device) + _uniform(rays, count, generator)) / count
    part = (torch.searchsorted(upto, drawn, right=True) - 1).clamp(0, weights.shape[-1] - 1)
    within = ((drawn - upto.gather(-1, part)) / share.gather(-1, part)).clamp(0, 1)
    along = (part + within) / weights.shape[-1]
    return rays.near.unsqueeze(-1) + (rays.far - rays.near).unsqueeze(-1) * along


def weights_of(density: Tensor, distances: Tensor, far: Tensor) -> Tensor:
    """Share of each ray that its samples stop, (B, R, S).

    ``wᵢ = αᵢ Π_{j<i} (1 - αⱼ)`` with ``αᵢ = 1 - exp(-σᵢ δᵢ)``, δᵢ the way to the next sample and, of the last
    one, to the far end (Max 1995).
    """
    step = torch.cat([distances[..., 1:], far.unsqueeze(-1)], dim=-1) - distances
    through = (density * step.clamp_min(0)).cumsum(dim=-1)
    before = functional.pad(through[..., :-1], (1, 0))
    return torch.exp(-before) - torch.exp(-through)


def _accumulate(
    rays: Rays, distances: Tensor, ask: Ask, background: Tensor, inverse_distance: InverseDistance | None
) -> Rendered:
    points = rays.points(distances)
    directions = rays.directions.unsqueeze(2).expand_as(points)
    density, colours = ask(points.flatten(1, 2), directions.flatten(1, 2))
    weights = weights_of(density.float().reshape(distances.shape), distances, rays.far)
    colours = colours.float().reshape(points.shape)
    opacity = weights.sum(dim=-1)
    rest = 1 - opacity
    distance = ((weights * distances).sum(dim=-1) + 1e-6 * rays.far) / (opacity + 1e-6)
    if inverse_distance is None:
        rgb = (weights.unsqueeze(-1) * colours).sum(dim=-2)
    else:
        strongest = weights.argmax(dim=-1, keepdim=True).unsqueeze(-1).expand(-1, -1, -1, 3)
        surface, painted = (each.gather(2, strongest).squeeze(2) for each in (points, colours))
        stopped = rays.origins + distance.unsqueeze(-1) * rays.directions
        shown = inverse_distance(stopped, surface, painted, opacity > _STOPPED)
        rgb = opacity.unsqueeze(-1) * shown
    return Rendered(rgb + rest.unsqueeze(-1) * background, opacity, distance, weights, distances)


def _uniform(rays: Rays, count: int, generator: torch.Generator | None) -> Tensor:
    """Random numbers (B, R, count) in 0 to 1, or one half without a generator."""
    shape = (*rays.near.shape, count)
    if generator is None:
        return torch.full(shape, 0.5, device=rays.near.device)
    return torch.rand(shape, generator=generator, device=generator.device).to(rays.near.device)


def _normal(shape: tuple[int, ...], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draw normally distributed numbers, or place them at even quantiles without a generator."""
    if generator is None:
        share = (torch.arange(shape[-1], device=like.device) + 0.5) / shape[-1]
        return (torch.erfinv(2 * share - 1) * 2**0.5).expand(shape)
    return torch.randn(shape, generator=generator, device=generator.device).to(like.device)
