# SPDX-License-Identifier: Apache-2.0
"""One step's losses: the network is given a few views, and asked what all views say."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from uner3d_core.network.network import Network
from uner3d_core.network.projection import project, sample_maps
from uner3d_core.network.rendering import Rays, rays_through
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.training import losses
from uner3d_core.training.batches import TrainingBatch, chosen_views
from uner3d_core.training.config import LossConfig
from uner3d_core.training.rays import STRETCH, Ends, end_of, enter_hull, stretch


@dataclass(frozen=True)
class Phase:
    """What the schedule says about a step.

    Parameters
    ----------
    rendering : float
        Weight of the losses on rays, 0 to 1; 0 leaves them out.
    bands : float
        Share of the positional encoding's bands that are open.
    """

    rendering: float
    bands: float


class Question:
    """What a step asks: a batch in a phase. No dataclass: Fabric would look into one and change it.

    Parameters
    ----------
    batch : TrainingBatch
        What the step looks at.
    phase : Phase
        What the schedule says.
    """

    def __init__(self, batch: TrainingBatch, phase: Phase) -> None:
        self.batch = batch
        self.phase = phase


class Objective(nn.Module):
    """The network and its losses as one module, so that several processes can share a step.

    Parameters
    ----------
    network : Network
        What is trained.
    weights : LossConfig
        Of the losses.
    """

    def __init__(self, network: Network, weights: LossConfig) -> None:
        super().__init__()
        self.network = network
        self.weights = weights

    def forward(self, question: Question) -> dict[str, Tensor]:
        """Compute the losses, each a scalar, unweighted, and ``total``, their weighted sum."""
        batch, phase = question.batch, question.phase
        encoded = self.network.encode(batch.given, hidden=batch.hidden, alpha=phase.bands)
        of_rays = _RayPoints.of(batch) if phase.rendering > 0 and batch.ray_pixels.shape[1] else None
        points = batch.points
        if of_rays is not None:
            points = torch.cat([points, *(each.flatten(1, 2) for each in of_rays.points)], 1)
        answer = self.network.query(encoded, points, alpha=phase.bands)
        count = batch.points.shape[1]
        logits = answer.density_logit[:, :count].float()
        found = {"hull": losses.hull_loss(logits, batch.kept, self.weights.filled)}
        if of_rays is not None:
            density = answer.density(self.network.config.occupancy_length).float()
            first, second = (
                end_of(part.reshape(at.shape), colours.reshape(*at.shape, 3), at)
                for part, colours, at in zip(
                    density[:, count:].chunk(2, 1),
                    answer.rgb[:, count:].chunk(2, 1),
                    of_rays.distances,
                    strict=True,
                )
            )
            found |= _ray_losses(of_rays, first, second)
        total = torch.zeros((), device=points.device)
        for name, value in found.items():
            share = 1.0 if name == "hull" else phase.rendering
            total = total + share * float(getattr(self.weights, name)) * value
        return {**found, "total": total}


@dataclass(frozen=True)
class _RayPoints:
    """Samples on rays of a first view, and on rays of a second one to where the first ones end."""

    rays: tuple[Rays, Rays]
    distances: tuple[Tensor, Tensor]  # (B, R, S) each
    coverage: Tensor  # (B, R), of the first view's pixels
    pixel: Tensor  # (B, R, 3), their colours
    second: ViewBatch
    second_pixels: Tensor  # (B, R, 2), what its rays go through

    @property
    def points(self) -> tuple[Tensor, Tensor]:
        """The samples, (B, R, S, 3) each."""
        return self.rays[0].points(self.distances[0]), self.rays[1].points(self.distances[1])

    @classmethod
    def of(cls, batch: TrainingBatch) -> _RayPoints:
        """Lay the samples: about the entry into the hull of all views."""
        first = chosen_views(batch.all_views, batch.ray_views[:, :1])
        second = chosen_views(batch.all_views, batch.ray_views[:, 1:])
        rays = rays_through(first, batch.ray_pixels[:, None])
        entry = enter_hull(batch.all_views, rays)
        at = rays.points(entry[..., None])[:, :, 0]
        pixels = project(at, second).pixels
        others = rays_through(second, pixels)
        there = (at - others.origins).norm(dim=-1)
        # The second view's ray is sampled about the same place, from farther before it: what hides it.
        distances = (
            stretch(entry, batch.jitter),
            stretch(there, batch.jitter.flip(-1), before=STRETCH / 2),
        )
        planes = torch.cat([first.images, first.masks], 2)
        seen = sample_maps(planes, batch.ray_pixels[:, None], first.size)[:, 0]
        return cls((rays, others), distances, seen[..., 3], seen[..., :3], second, pixels[:, 0])


def _ray_losses(rays: _RayPoints, first: Ends, second: Ends) -> dict[str, Tensor]:
    solid = (rays.coverage > 0.98).float()
    end = rays.rays[0].points(first.distance[..., None])[:, :, 0]
    met = project(end, rays.second)
    expected = (end - rays.rays[1].origins).norm(dim=-1)
    planes = torch.cat([rays.second.images, rays.second.masks], 2)
    there = sample_maps(planes, met.pixels, rays.second.size)[:, 0]
    # The second rays were laid to the hull: where the first ones end far off them, they say nothing.
    near = (met.pixels[:, 0] - rays.second_pixels).norm(dim=-1) < 1.5
    weight = solid * near * first.opacity.detach()
    scale = STRETCH / rays.distances[0].shape[-1]
    seen = losses.visibility(second.distance, expected, scale) * weight * there[..., 3]
    return {
        "silhouette": losses.silhouette_loss(first.opacity, rays.coverage),
        "depth": losses.cross_view_depth_loss(second.distance, expected, weight, scale),
        "photometric": losses.photometric_loss(first.colour, rays.pixel, rays.coverage),
        "cross_view": losses.cross_view_colour_loss(first.colour, there[..., :3], seen),
    }
