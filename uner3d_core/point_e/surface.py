# SPDX-License-Identifier: Apache-2.0
"""From a cloud of 4,096 points to a field: the published network's signed distances on a grid.

It is asked coarse to fine. Where a coarse grid is farther from the surface than its cells are wide, the finer
one is interpolated, for a distance can't change faster than one goes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional

from uner3d_core.field import Anchors, Field
from uner3d_core.memory import Memory
from uner3d_core.point_e.signed_distance import Keys, SignedDistanceTransformer
from uner3d_core.progress import Progress

SIDE = 1.02
"""Edge of the cube that is asked about, around the origin; the points lie within ±0.5."""
AT_ONCE = 16384
"""Questions in one batch."""
COARSEST = 32
"""Cells along a side that are all asked about."""
GUESS = 0.0
"""Confidence of what no picture shows for certain."""


def to_field(
    cloud: torch.Tensor,
    network: SignedDistanceTransformer,
    cells: int,
    memory: Memory,
    progress: Progress,
) -> Field:
    """Make a field of a cloud, whose points become its coloured anchors.

    Parameters
    ----------
    cloud : float32 tensor (N, 6)
        x, y, z within about ±0.5; red, green, blue, 0 to 255. The network was trained with 4,096 points.
    network : SignedDistanceTransformer
        On the memory's device.
    cells : int
        Along a side of the cube: :data:`COARSEST` times a power of two.
    memory : Memory
        Halves the batches where the device's memory runs short.
    progress : Progress
        Is told the stage ``surface``, in questions; may raise ``Cancelled``.

    Returns
    -------
    Field
        On the CPU, in the cloud's coordinates.
    """
    positions = cloud[None, :, :3].to(memory.device)
    with torch.inference_mode():
        keys = network.encode(positions)
        values = _coarse_to_fine(lambda places: _ask(network, keys, places, memory), cells, progress)
    if not (values.min() < 0 < values.max()):
        # As in the published code, which would rather have some surface than none.
        progress.log(
            "The network finds no surface in the cloud: where its answer is average is taken for it."
        )
        values = values - values.mean()
    voxel = SIDE / cells
    anchors = Anchors(
        cloud[:, :3].numpy().copy(),
        cloud[:, 3:].clamp(0, 255).round().byte().numpy(),
        np.full(len(cloud), GUESS, np.float32),
    )
    origin = (-SIDE / 2,) * 3
    return Field(origin, voxel, -values / _steepness(values, voxel), anchors, {"method": "point-e"})


def _coarse_to_fine(
    ask: Callable[[torch.Tensor], torch.Tensor], cells: int, progress: Progress
) -> torch.Tensor:
    """Answers (cells + 1)³ at the corners of the cells, exact near the surface; on the CPU."""
    places = _corners(COARSEST)
    values = _answers(ask, places.reshape(-1, 3), progress).reshape(places.shape[:3])
    while len(values) <= cells:
        finer = 2 * (len(values) - 1)
        diagonal = math.sqrt(3) * SIDE / (len(values) - 1) * _steepness(values, SIDE / (len(values) - 1))
        size = (finer + 1,) * 3
        grid = functional.interpolate(values[None, None], size, mode="trilinear", align_corners=True)[0, 0]
        near = grid.abs() < diagonal
        near[::2, ::2, ::2] = False  # known from the coarser grid
        grid[near] = _answers(ask, _corners(finer)[near], progress)
        values = grid
    return values


def _corners(cells: int) -> torch.Tensor:
    """Corners of the cube's cells, float32 (cells + 1, cells + 1, cells + 1, 3)."""
    line = torch.linspace(-SIDE / 2, SIDE / 2, cells + 1)
    return torch.stack(torch.meshgrid(line, line, line, indexing="ij"), dim=-1)


def _answers(
    ask: Callable[[torch.Tensor], torch.Tensor], places: torch.Tensor, progress: Progress
) -> torch.Tensor:
    """Ask about places (N, 3) in batches, and tell how far it is."""
    answers = torch.empty(len(places))
    for start in range(0, len(places), AT_ONCE):
        progress.stage(f"surface, {len(places):,} places", start, len(places))
        answers[start : start + AT_ONCE] = ask(places[start : start + AT_ONCE])
    progress.stage(f"surface, {len(places):,} places", len(places), len(places))
    return answers


def _ask(
    network: SignedDistanceTransformer, keys: Keys, places: torch.Tensor, memory: Memory
) -> torch.Tensor:
    """Signed distances (N,) at places (N, 3), on the CPU."""

    def attempt(share: float) -> torch.Tensor:
        parts = torch.split(places, max(1, int(AT_ONCE * share)))
        return torch.cat([network(part[None].to(memory.device), keys)[0].float().cpu() for part in parts])

    return memory.attempt(attempt)


def _steepness(values: torch.Tensor, voxel: float) -> float:
    """How fast answers change near the surface; 1 for true distances, which only a trained network gives."""
    gradient = torch.stack(torch.gradient(values, spacing=voxel)).norm(dim=0).flatten()
    nearest = values.abs().flatten().topk(max(1, values.numel() // 50), largest=False).indices
    return max(float(gradient[nearest].median()), 1e-12)
