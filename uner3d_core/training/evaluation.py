# SPDX-License-Identifier: Apache-2.0
"""How good the network is on objects that it was not trained on, beside the visual hull of the same views."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.network.network import Encoded, Network
from uner3d_core.network.rendering import rays_through
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.training.batches import chosen_views, generator_of
from uner3d_core.training.carving import kept_by_all
from uner3d_core.training.objects import SIDE, TrainingObject
from uner3d_core.training.rays import end_of, enter_hull, stretch

RESOLUTION = 32
"""Points a side of the grid on which occupancies are compared."""

CHUNK = 32_768
"""Points times views that the network is asked about at once."""

SAMPLES = 12
"""Along each ray of a rendered view."""

PICTURES = 4
"""Objects that a view is rendered of: it is the dearest part."""


@dataclass(frozen=True)
class Scores:
    """Means over the held-out objects for one number of given views.

    Parameters
    ----------
    iou, hull_iou : float
        Intersection over union of the network's solid, and of the given views' hull, with the hull of all
        views: no truth is known of folders of pictures.
    psnr : float
        Of the colours rendered into a view that was not given, where its mask is, in dB; mean of the first
        :data:`PICTURES` objects.
    """

    iou: float
    hull_iou: float
    psnr: float


@dataclass(frozen=True)
class Seen:
    """Pictures of one object for the log, each (3, S, S) and 0 to 1, and how near the last two are, in dB."""

    given: Tensor
    true: Tensor
    rendered: Tensor
    psnr: float


def evaluate(
    network: Network, objects: list[TrainingObject], counts: tuple[int, ...], seed: int, device: torch.device
) -> tuple[dict[int, Scores], list[Seen]]:
    """Score the network at each number of given views; the pictures are those at the last number but one.

    Parameters
    ----------
    network : Network
        Put into the mode it was in when it is done.
    objects : list of TrainingObject
        Held out.
    counts : tuple of int
        Numbers of given views; those above what an object has to spare are left out.
    seed : int
        Decides which views are given.
    device : torch.device
        The network's.
    """
    was_training = network.training
    network.eval()
    scores, pictures = {}, []
    with torch.no_grad():
        for count in counts:
            if count >= len(objects[0].images):
                continue
            overlaps, seen = [], []
            for index, item in enumerate(objects):
                everything = batch_of(item, device)
                given, other = _split(everything, count, seed + index)
                encoded = network.encode(given)
                overlaps.append(_overlaps(network, encoded, everything))
                if index < PICTURES:
                    seen.append(_see(network, encoded, other))
            iou, hull_iou = (float(np.mean(each)) for each in zip(*overlaps, strict=True))
            scores[count] = Scores(iou, hull_iou, float(np.mean([each.psnr for each in seen])))
            if count == 2 or len(counts) == 1:
                pictures = seen
    network.train(was_training)
    return scores, pictures


def _split(everything: ViewBatch, count: int, seed: int) -> tuple[ViewBatch, ViewBatch]:
    """Choose some views that are given, and one that is not."""
    views = everything.images.shape[1]
    order = torch.randperm(views, generator=generator_of(seed, 7))[None].to(everything.images.device)
    return chosen_views(everything, order[:, :count]), chosen_views(everything, order[:, count : count + 1])


def _overlaps(network: Network, encoded: Encoded, everything: ViewBatch) -> tuple[float, float]:
    """IoU of the network's solid, and of the given views' hull, with the hull of all views."""
    device = everything.images.device
    along = (torch.arange(RESOLUTION, device=device) + 0.5) * (2 * SIDE / RESOLUTION) - SIDE
    points = torch.cartesian_prod(along, along, along)[None]
    reference = kept_by_all(everything, points)[0] > 0.5
    hull = kept_by_all(encoded.views, points)[0] > 0.5
    solid = torch.zeros_like(hull)
    solid[hull] = ask(network, encoded, points[:, hull])[0][0] > 0
    return _iou(solid, reference), _iou(hull, reference)


def _see(network: Network, encoded: Encoded, other: ViewBatch) -> Seen:
    """Render a view that is not given, at half its size."""
    rendered, opacity = _render_view(network, encoded, other)
    given, true, mask = (
        functional.interpolate(each[:, 0], scale_factor=0.5, mode="area")[0]
        for each in (encoded.views.images, other.images, other.masks)
    )
    squared = ((rendered - true).square() * mask).sum() / (3 * mask.sum()).clamp_min(1)
    psnr = float(-10 * torch.log10(squared.clamp_min(1e-8)))
    return Seen(given.cpu(), (true * mask + 1 - mask).cpu(), (rendered * opacity + 1 - opacity).cpu(), psnr)


def ask(network: Network, encoded: Encoded, points: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (1, P) and colours (1, P, 3) of points (1, P, 3), in pieces that fit the memory."""
    views = encoded.features.shape[1]
    pieces = max(1, -(-points.shape[1] * views // CHUNK))
    answers = [network.query(encoded, part) for part in points.tensor_split(pieces, 1)]
    return torch.cat([each.density_logit for each in answers], 1), torch.cat(
        [each.rgb for each in answers], 1
    )


def batch_of(item: TrainingObject, device: torch.device) -> ViewBatch:
    """Make a batch of all views of one object."""
    return ViewBatch(
        item.images[None].to(device).float() / 255,
        item.masks[None].to(device).float() / 255,
        item.intrinsics[None].to(device),
        item.world_to_camera[None].to(device),
    )


def _render_view(network: Network, encoded: Encoded, other: ViewBatch) -> tuple[Tensor, Tensor]:
    """Colours (3, S / 2, S / 2) and opacity (1, S / 2, S / 2) in a view that is not given."""
    given = encoded.views
    height, width = (side // 2 for side in other.size)
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    pixels = (2 * torch.stack([columns, rows], -1).reshape(1, -1, 2) + 1.0).to(other.images.device)
    rays = rays_through(other, pixels[:, None])
    entry = enter_hull(given, rays)
    distances = stretch(entry, torch.full((*entry.shape, SAMPLES), 0.5, device=entry.device))
    points = rays.points(distances).flatten(1, 2)
    inside = kept_by_all(given, points)[0] > 0.1
    density, colours = torch.zeros(points.shape[:2], device=points.device), torch.ones_like(points)
    logits, colours[:, inside] = ask(network, encoded, points[:, inside])
    density[:, inside] = functional.softplus(logits) / network.config.occupancy_length
    found = end_of(density.reshape(distances.shape), colours.reshape(*distances.shape, 3), distances)
    return found.colour[0].T.reshape(3, height, width), found.opacity.reshape(1, height, width)


def _iou(a: Tensor, b: Tensor) -> float:
    return float((a & b).sum() / (a | b).sum().clamp_min(1))


def to_json(scores: dict[int, Scores]) -> dict[str, dict[str, float]]:
    """Turn scores into what JSON can hold."""
    return {
        str(count): {name: round(value, 4) for name, value in asdict(each).items()}
        for count, each in scores.items()
    }
