# SPDX-License-Identifier: Apache-2.0
"""Points from noise: the base network makes 1,024, the upsampler adds 3,072 to them.

Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598) takes what a network says with the condition
further away from what it says without; both are asked in one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import nn

from uner3d_core.memory import Memory
from uner3d_core.point_e.diffusion import BASE, UPSAMPLING, Diffusion
from uner3d_core.point_e.karras import heun_steps, schedule
from uner3d_core.point_e.sizes import ADDED_POINTS, CHANNELS, LOW_POINTS, SCALES, SHIFTS
from uner3d_core.point_e.transformer import PointDiffusionTransformer

HALF_PRECISION = ("cuda", "mps", "xpu")
"""Devices on which matrices are multiplied in 16 bits."""


@dataclass(frozen=True)
class Stage:
    """How a network's points are sampled; the numbers are the published ones.

    Parameters
    ----------
    diffusion : Diffusion
        What the network was trained with.
    points : int
        Points that it makes.
    largest_sigma : float
        Noise to start from.
    churn : float
        Noise that is added on the way.
    guidance : float
        How far the condition is exaggerated; 0 for not at all.
    """

    diffusion: Diffusion
    points: int
    largest_sigma: float
    churn: float
    guidance: float


FIRST = Stage(BASE, LOW_POINTS, 120.0, 3.0, 3.0)
ADDING = Stage(UPSAMPLING, ADDED_POINTS, 160.0, 0.0, 3.0)
ADDING_UNGUIDED = Stage(UPSAMPLING, ADDED_POINTS, 160.0, 0.0, 0.0)
"""For points that were made from a sentence: the upsampler knows pictures alone, and is told of none."""


class Noise:
    """Normal numbers for several clouds at once, each from its own seed, the same on every device.

    Parameters
    ----------
    seeds : list of int
        One for each cloud. What a seed gives does not depend on the others.
    """

    def __init__(self, seeds: list[int]) -> None:
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __len__(self) -> int:
        return len(self._generators)

    def draw(self, points: int) -> torch.Tensor:
        """Draw standard normal numbers, float32 (seeds, points, 6), on the CPU."""
        return torch.stack([torch.randn(points, CHANNELS, generator=each) for each in self._generators])


def generate(
    network: PointDiffusionTransformer,
    stage: Stage,
    clip: torch.Tensor,
    noise: Noise,
    *,
    steps: int,
    memory: Memory,
    told: Callable[[int, torch.Tensor], None],
    low: torch.Tensor | None = None,
) -> torch.Tensor:
    """Sample clouds.

    Parameters
    ----------
    network : PointDiffusionTransformer
        On the memory's device, where its matrices may be :func:`halved`.
    stage : Stage
        Noise and guidance.
    clip : float tensor (768,) or (256, 1024)
        What CLIP says of the image or sentence, as the network asks for; zeros for nothing.
    noise : Noise
        As many clouds are made as it has seeds.
    steps : int
        Of the sampler; 64 is the published number.
    memory : Memory
        Halves the batches where the device's memory runs short.
    told : callable
        Called after each step with its number, from 1, and the points as they are expected to become.
    low : float tensor (B, 1024, 6), optional
        For the upsampler: the points it adds to, unscaled. They come first in the result.

    Returns
    -------
    float32 tensor (B, N, 6)
        On the CPU: x, y, z within about ±0.5, z up; red, green, blue, about 0 to 255, not cut to it.
    """
    device = memory.device
    conditions = _conditions(network, clip.to(device), None if low is None else low.to(device), len(noise))
    if stage.guidance == 0:
        conditions = conditions[: len(noise)]
    scales, shifts = torch.tensor(SCALES), torch.tensor(SHIFTS)

    def clean(points: torch.Tensor, sigma: float) -> torch.Tensor:
        timestep = stage.diffusion.timestep(sigma)
        scaled = points / (sigma**2 + 1) ** 0.5
        rows = scaled if stage.guidance == 0 else torch.cat([scaled, scaled])
        said = memory.attempt(lambda share: _ask(network, rows, timestep, conditions, share))[..., :CHANNELS]
        found = stage.diffusion.clean(said, rows, timestep)
        if stage.guidance == 0:
            return found
        told_so, told_nothing = found.chunk(2)
        return told_nothing + stage.guidance * (told_so - told_nothing)

    def whole(points: torch.Tensor) -> torch.Tensor:
        unscaled = (points.cpu() - shifts) / scales
        return unscaled if low is None else torch.cat([low.cpu(), unscaled], dim=1)

    def drawn() -> torch.Tensor:
        return noise.draw(stage.points).to(device)

    sigmas = schedule(steps, stage.largest_sigma)
    with torch.inference_mode():
        for step, points in enumerate(heun_steps(clean, sigmas, stage.churn, drawn), start=1):
            result = whole(points)
            told(step, result)
    return result


def halved(network: PointDiffusionTransformer, device: torch.device) -> PointDiffusionTransformer:
    """Keep matrices in 16 bits where they are multiplied so: half the memory, and no conversion."""
    if device.type in HALF_PRECISION:
        for module in network.modules():
            if isinstance(module, nn.Linear):
                module.half()
    return network


def _precision(device: torch.device) -> AbstractContextManager[object]:
    """Multiply matrices in 16 bits on the devices where that is faster, and do all else in 32."""
    return torch.autocast(device.type, torch.float16) if device.type in HALF_PRECISION else nullcontext()


def _conditions(
    network: PointDiffusionTransformer, clip: torch.Tensor, low: torch.Tensor | None, count: int
) -> torch.Tensor:
    """Tokens (2 count, K, width) of the condition for each cloud, then of nothing: all it is told is zero."""
    with torch.inference_mode(), _precision(clip.device):
        of_clip = torch.stack([clip] * count + [torch.zeros_like(clip)] * count)
        of_low = None if low is None else torch.cat([low, torch.zeros_like(low)])
        return network.embed(of_clip, of_low).float()


def _ask(
    network: PointDiffusionTransformer,
    points: torch.Tensor,
    timestep: int,
    conditions: torch.Tensor,
    share: float,
) -> torch.Tensor:
    """Run a network on rows (B, N, 6), so many at once as the ``share`` of them says."""
    at_once = max(1, int(len(points) * share))
    device = points.device
    with _precision(device):
        parts = [
            network(rows, torch.full((len(rows),), timestep, device=device), tokens).float()
            for rows, tokens in zip(
                torch.split(points, at_once), torch.split(conditions, at_once), strict=True
            )
        ]
    return torch.cat(parts)
