# SPDX-License-Identifier: Apache-2.0
"""Compare Point-E's networks with their plain formulas: ``python tests/bench_point_e.py [--device NAME]``.

The weights are random, which costs the same. Printed are the seconds that a network takes for one question
with both halves of the guidance, ours and the plain way in turn (the faster of two each), and what follows
from ours for the presets: a step asks twice, the last once.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).parent / "core" / "point_e")]

import plain_point_e as plain
import torch

from uner3d_core.device import choose_device
from uner3d_core.point_e.generation import _ask, _precision, halved
from uner3d_core.point_e.method import PRESETS
from uner3d_core.point_e.sizes import ADDED_POINTS, BASES, CHANNELS, LOW_POINTS, UPSAMPLER
from uner3d_core.point_e.transformer import PointDiffusionTransformer

RUNS = 2
TIMESTEP = 500


def seconds(work: Callable[[], torch.Tensor]) -> float:
    """Time a piece of work until its result is on the CPU."""
    start = time.perf_counter()
    work().cpu()
    return time.perf_counter() - start


def measure(name: str, device: torch.device) -> float:
    """Print a network's times, and return ours."""
    size = UPSAMPLER if name == "upsample" else BASES[name]
    network = PointDiffusionTransformer(size).to(device).requires_grad_(False).eval()
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network = halved(network, device)
    clip = torch.randn(2, 256, 1024, device=device)
    low = torch.rand(2, LOW_POINTS, CHANNELS, device=device) * 255 if size.upsamples else None
    points = torch.randn(2, ADDED_POINTS if size.upsamples else LOW_POINTS, CHANNELS, device=device)
    with torch.inference_mode(), torch.device(device):
        with _precision(device):
            conditions = network.embed(clip, low).float()
        ways = {
            "ours": lambda: _ask(network, points, TIMESTEP, conditions, 1.0),
            "plain": lambda: plain.denoiser(state, size.heads, points, TIMESTEP, clip, low),
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(RUNS):
            for way, work in ways.items():
                taken[way].append(seconds(work))
    ours, formulas = (min(taken[way]) for way in ("ours", "plain"))
    print(f"{name}: {ours:.3f} s ours, {formulas:.3f} s plain, {formulas / ours:.1f} times as fast")
    return ours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--base", choices=[name for name in BASES if "vec" not in name], default="base40M")
    options = parser.parse_args()
    device = choose_device(options.device)
    both = measure(options.base, device) + measure("upsample", device)
    for preset, effort in PRESETS.items():
        asked = 2 * effort.steps - 1
        print(
            f"{preset}: {effort.steps} steps, {asked} questions each, {asked * both:.0f} s for 4,096 points"
        )


if __name__ == "__main__":
    main()
