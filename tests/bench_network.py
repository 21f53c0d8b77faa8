# SPDX-License-Identifier: Apache-2.0
"""Tell how fast the learned network answers: ``python tests/bench_network.py [--device cuda]``.

Printed are the points per second of the network and of its formulas written out plainly
(``tests/core/network/plain_networks.py``), by turns in one run and over the same points, and then the seconds
of a grid of occupancies, which is not asked where nothing can be found. Without weights the network is as it
begins: the visual hull of the views, which are of a ball, and of whose inside it is not sure.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).parent / "core" / "network")]

import plain_networks as plain
import torch
from small_views import posed, some_points

from uner3d_core.network import weights
from uner3d_core.network.config import NetworkConfig
from uner3d_core.network.network import Network
from uner3d_core.network.occupancy import ask, occupancy_grid

RUNS = 3
POINTS = 1 << 14


def seconds(call: Callable[[], object], device: torch.device) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--views", type=int, default=4)
    parser.add_argument("--resolution", type=int, default=128)
    options = parser.parse_args()
    device = torch.device(options.device)
    torch.manual_seed(0)
    network = weights.load(options.weights) if options.weights else Network(NetworkConfig())
    network = network.to(device).eval().requires_grad_(False)
    views = posed(views=options.views, size=network.config.image_size)
    points = some_points(count=POINTS)[0]
    state = {name: tensor.cpu() for name, tensor in network.state_dict().items()}
    maps = [plain.our_maps(state, network.config, views, view) for view in range(options.views)]
    maps = [(features.to(device), pixels.to(device)) for features, pixels in maps]
    state = {name: tensor.to(device) for name, tensor in state.items()}
    views, points = views.to(device), points.to(device)
    encoded = network.encode(views, hidden=False)
    calls = {
        "formulas": lambda: plain.our_answer(state, network.config, views, maps, points),
        "network": lambda: ask(network, encoded, points),
    }
    taken: dict[str, list[float]] = {name: [] for name in calls}
    with torch.inference_mode():
        for _ in range(RUNS + 1):
            for name, call in calls.items():
                taken[name].append(seconds(call, device))
    rates = {name: POINTS / statistics.median(times[1:]) for name, times in taken.items()}
    print(f"{options.views} views of {views.size[0]}² pixels, on {device.type}")
    for name, rate in rates.items():
        print(f"{name:9} {rate:12,.0f} points per second, {rate / rates['formulas']:.2f} times the formulas'")
    side = options.resolution
    before = time.process_time()
    grid = seconds(lambda: occupancy_grid(network, network.encode(views), side), device)
    processor = time.process_time() - before
    rate = side**3 / grid
    print(f"grid      {rate:12,.0f} points per second, {rate / rates['formulas']:.2f} times the formulas'")
    print(f"{side}³ in {grid:.1f} s, {processor:.1f} s of processor time")


if __name__ == "__main__":
    main()
