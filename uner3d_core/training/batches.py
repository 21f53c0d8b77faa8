# SPDX-License-Identifier: Apache-2.0
"""What a step looks at: a function of seed, step and process alone, so that a resumed run is the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.training.carving import kept_by_all
from uner3d_core.training.config import BatchConfig
from uner3d_core.training.objects import RESOLUTION, SIDE, TrainingObject

CANDIDATES = 3
"""How many points are drawn for each that is kept: those in the given views' hull are preferred, since the
network is asked about no others."""

WITHOUT_HIDDEN = 0.25
"""Share of the steps in which the network must do without knowing what each view can't see, as its first,
coarse answer does."""


@dataclass(frozen=True)
class TrainingBatch:
    """One step's objects, all of their views, and where they are asked about.

    Parameters
    ----------
    all_views : ViewBatch
        Every view, for the losses; B objects of V views.
    given : ViewBatch
        Those the network is given.
    points : tensor (B, P, 3)
        In the network's frame.
    kept : tensor (B, P)
        The least of all masks there.
    ray_views : int64 tensor (B, 2)
        Two views of each object: the rays' own, and one that looks at the same places.
    ray_pixels : tensor (B, R, 2)
        Centres of the rays' pixels.
    jitter : tensor (B, R, samples)
        0 to 1: where within its stretch of the ray each sample lies.
    hidden : bool
        Whether the network is told what each view can't see.
    """

    all_views: ViewBatch
    given: ViewBatch
    points: Tensor
    kept: Tensor
    ray_views: Tensor
    ray_pixels: Tensor
    jitter: Tensor
    hidden: bool


def generator_of(*numbers: int) -> torch.Generator:
    """Make a generator of random numbers that depends on all the numbers."""
    state = np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state) % 2**63)


def chosen_objects(count: int, seed: int, first: int, wanted: int) -> list[int]:
    """Which of ``count`` objects come at places ``first`` to ``first + wanted`` of the order of all steps.

    Each pass through the objects has an order of its own.
    """
    places = []
    for place in range(first, first + wanted):
        order = torch.randperm(count, generator=generator_of(seed, 1, place // count))
        places.append(int(order[place % count]))
    return places


def make_batch(
    objects: list[TrainingObject],
    config: BatchConfig,
    *,
    seed: int,
    step: int,
    process: int = 0,
    processes: int = 1,
    device: torch.device | str = "cpu",
) -> TrainingBatch:
    """Make what one process looks at in one step.

    Parameters
    ----------
    objects : list of TrainingObject
        All with the same number of views.
    config : BatchConfig
        How much of what.
    seed, step, process, processes : int
        They alone decide what is chosen; all processes give the network the same number of views.
    device : torch.device
        Where the tensors end up.
    """
    views = len(objects[0].images)
    first = (step * processes + process) * config.objects
    chosen = [objects[index] for index in chosen_objects(len(objects), seed, first, config.objects)]
    shared = generator_of(seed, 2, step)
    count = draw_count(min(config.least_views, views), min(config.most_views, views), shared)
    hidden = float(torch.rand((), generator=shared)) > WITHOUT_HIDDEN
    random = generator_of(seed, 3, step, process)

    turns, all_images, all_masks, intrinsics, poses = [], [], [], [], []
    for item in chosen:
        images, masks, cameras, placed = item.images, item.masks, item.intrinsics, item.world_to_camera
        turn, shift, scale, mirrored = _draw_frame(config, random)
        if mirrored:
            images, masks = images.flip(-1), masks.flip(-1)
            cameras = cameras.clone()
            cameras[:, 0, 2] = images.shape[-1] - cameras[:, 0, 2]
        all_images.append(images[:, torch.randperm(3, generator=random)])
        all_masks.append(masks)
        intrinsics.append(cameras)
        poses.append(_moved_cameras(placed, turn, shift, scale, mirrored))
        turns.append((turn, shift, scale))
    everything = ViewBatch(
        torch.stack(all_images).to(device).float() / 255,
        torch.stack(all_masks).to(device).float() / 255,
        torch.stack(intrinsics).to(device),
        torch.stack(poses).to(device),
    )
    picked = torch.stack([torch.randperm(views, generator=random)[:count] for _ in chosen]).to(device)
    given = chosen_views(everything, picked)

    candidates = torch.stack(
        [_moved(_draw_points(item, config, random), *turn) for item, turn in zip(chosen, turns, strict=True)]
    ).to(device)
    inside = kept_by_all(given, candidates) > 0.02
    luck = torch.rand(inside.shape, generator=random).to(device)
    best = (inside.float() + luck).topk(config.points, dim=1, sorted=False).indices
    points = candidates.gather(1, best[..., None].expand(-1, -1, 3))
    kept = kept_by_all(everything, points)

    pair = torch.stack([torch.randperm(views, generator=random)[[0, -1]] for _ in chosen])
    pixels = _draw_pixels(all_masks, pair[:, 0], config.rays, random)
    jitter = torch.rand(len(chosen), config.rays, config.samples, generator=random)
    return TrainingBatch(
        everything, given, points, kept, pair.to(device), pixels.to(device), jitter.to(device), hidden
    )


def draw_count(least: int, most: int, random: torch.Generator) -> int:
    """Draw a number of views, evenly by its logarithm: few views teach the most, and cost the least."""
    share = float(torch.rand((), generator=random))
    return min(int(least * ((most + 1) / least) ** share), most)


def chosen_views(batch: ViewBatch, picked: Tensor) -> ViewBatch:
    """Take, of each object of a batch, the views of its row of ``picked`` (B, K)."""
    rows = torch.arange(len(picked), device=picked.device)[:, None]
    return ViewBatch(
        batch.images[rows, picked],
        batch.masks[rows, picked],
        batch.intrinsics[rows, picked],
        batch.world_to_camera[rows, picked],
    )


def _draw_frame(config: BatchConfig, random: torch.Generator) -> tuple[Tensor, Tensor, float, bool]:
    """Draw a turn about the vertical, with or without mirroring x, a shift and a scale of the frame."""
    angle, size, mirrored = torch.rand(3, generator=random).tolist()
    cosine, sine = np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)
    turn = torch.tensor([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]], dtype=torch.float32)
    if mirrored < 0.5:
        turn = turn @ torch.diag(torch.tensor([-1.0, 1.0, 1.0]))
    shift = (2 * torch.rand(3, generator=random) - 1) * config.shift
    return turn, shift, (1 + config.scale) ** (2 * size - 1), mirrored < 0.5


def _moved(points: Tensor, turn: Tensor, shift: Tensor, scale: float) -> Tensor:
    return points @ turn.T * scale + shift


def _moved_cameras(
    world_to_camera: Tensor, turn: Tensor, shift: Tensor, scale: float, mirrored: bool
) -> Tensor:
    """Cameras (V, 3, 4) that see the moved object where they saw it, in mirrored pictures if it is."""
    rotation = world_to_camera[:, :, :3] @ turn.T
    translation = world_to_camera[:, :, 3] * scale - rotation @ shift
    moved = torch.cat([rotation, translation[..., None]], -1)
    if mirrored:
        moved = moved * torch.tensor([-1.0, 1.0, 1.0])[:, None]
    return moved


def _draw_points(item: TrainingObject, config: BatchConfig, random: torch.Generator) -> Tensor:
    """Points (C, 3) near the surface of an object's hull and all over its box."""
    total = CANDIDATES * config.points
    near = round(total * config.near_share)
    voxel = 2 * SIDE / RESOLUTION
    index = item.near[torch.randint(len(item.near), (near,), generator=random)].long()
    place = torch.stack([index // RESOLUTION**2, index // RESOLUTION % RESOLUTION, index % RESOLUTION], -1)
    at = (place + torch.rand(near, 3, generator=random)) * voxel - SIDE
    anywhere = torch.rand(total - near, 3, generator=random) * (item.high - item.low) + item.low
    return torch.cat([at, anywhere])


def _draw_pixels(masks: list[Tensor], views: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Centres (B, R, 2) of pixels, most of them in the mask."""
    if count == 0:
        return torch.zeros(len(masks), 0, 2)
    weights = torch.stack([mask[view, 0] for mask, view in zip(masks, views, strict=True)]).float() / 255
    width = weights.shape[-1]
    weights = weights.flatten(1)
    index = torch.multinomial(
        weights + 0.25 * weights.mean(1, keepdim=True) + 1e-4, count, True, generator=random
    )
    return torch.stack([index % width, index // width], -1).float() + 0.5
