# SPDX-License-Identifier: Apache-2.0
"""How evenly clouds are spaced, beside libraries: ``python -m uner3d_core.evaluation.evenness``.

The figure is the coefficient of variation of the distance to the nearest neighbour: 0 for a lattice, 0.52 for
points drawn at random.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import trimesh
from scipy.stats import qmc  # type: ignore[import-untyped]

from uner3d_core.cloud_files import write_ply_parts
from uner3d_core.evaluation.machine import peak_memory
from uner3d_core.evaluation.scores import spacing_variation
from uner3d_core.field import Anchors, Field
from uner3d_core.ordering import progressive_order
from uner3d_core.sampling import stream
from uner3d_core.surface import extract_surface

SHARES = (0.01, 0.05, 0.1, 0.25, 0.5)
_ANCHORS = 300_000

FloatArray = npt.NDArray[np.float32]


def measure(counts: list[int], grid: int, seed: int) -> None:
    """Print a table of the evenness and the speed of clouds of a torus.

    Parameters
    ----------
    counts : list of int
        Numbers of points.
    grid : int
        Voxels along each axis of the torus' field.
    seed : int
    """
    field = _torus(grid, seed)
    surface = extract_surface(field)
    mesh = trimesh.Trimesh(surface.vertices.numpy(), surface.triangles.numpy(), process=False)
    random = np.random.default_rng(seed)

    print("Variation of the distance to the nearest neighbour")
    disks = _poisson_disks(seed)
    print(f"  scipy.stats.qmc.PoissonDisk in a plane, {len(disks):,} points: {spacing_variation(disks):.3f}")
    print("  points      random   trimesh even    ours      points per second")
    clouds = {}
    for count in counts:
        start = time.perf_counter()
        parts = list(stream(field, count, seed))
        seconds = time.perf_counter() - start
        clouds[count] = positions = np.concatenate([part.positions for part in parts])
        drawn = trimesh.sample.sample_surface(mesh, count, seed=seed)[0]
        even = trimesh.sample.sample_surface_even(mesh, count, seed=seed)[0]
        figures = "  ".join(f"{spacing_variation(points):10.3f}" for points in (drawn, even, positions))
        print(f"  {count:<10,}{figures}  {count / seconds:14,.0f}")

    print("Variation of the first points, by their share of the cloud")
    print("  points      order               " + "  ".join(f"{share:6.0%}" for share in SHARES))
    for count, positions in clouds.items():
        shuffled = positions[random.permutation(count)]
        start = time.perf_counter()
        foreign = shuffled[progressive_order(shuffled, seed)]
        seconds = time.perf_counter() - start
        for name, ordered in (
            ("random", shuffled),
            ("as sampled", positions),
            (f"foreign ({seconds:.1f} s)", foreign),
        ):
            figures = "  ".join(
                f"{spacing_variation(ordered[: math.ceil(share * count)]):6.3f}" for share in SHARES
            )
            print(f"  {count:<10,}  {name:18}  {figures}")


def measure_stream(count: int, grid: int, seed: int) -> None:
    """Print how fast points of a torus are sampled and streamed to a file, and the memory that takes.

    Parameters
    ----------
    count : int
        Number of points.
    grid : int
        Voxels along each axis of the torus' field.
    seed : int
    """
    field = _torus(grid, seed)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "cloud.ply")
        start = time.perf_counter()
        write_ply_parts(file, stream(field, count, seed), count, progressive=True)
        seconds = time.perf_counter() - start
        size = file.stat().st_size
    print(
        f"{count:,} points streamed to a file of {size / 1e6:,.0f} MB in {seconds:.1f} s: "
        f"{count / seconds:,.0f} points a second"
    )
    for kind, peak in peak_memory(field.device).items():
        print(f"memory of the {kind} at most: {peak:.1f} GiB")


def _torus(grid: int, seed: int) -> Field:
    """Make the field of a torus, with anchors of random colours."""
    ticks = torch.linspace(-1.2, 1.2, grid)
    x, y, z = torch.meshgrid(ticks, ticks, ticks, indexing="ij")
    distances = torch.hypot(torch.hypot(x, y) - 0.7, z) - 0.3
    random = np.random.default_rng(seed)
    around, about = random.uniform(0, 2 * np.pi, (2, _ANCHORS))
    radius = 0.7 + 0.3 * np.cos(about)
    positions = np.stack([radius * np.cos(around), radius * np.sin(around), 0.3 * np.sin(about)], axis=1)
    colours = random.integers(0, 256, (_ANCHORS, 3), dtype=np.uint8)
    anchors = Anchors(positions.astype(np.float32), colours, np.ones(_ANCHORS, np.float32))
    return Field((-1.2, -1.2, -1.2), float(ticks[1] - ticks[0]), distances, anchors)


def _poisson_disks(seed: int) -> FloatArray:
    """Fill the unit square with Poisson disks until none fits in any more; about 10,000 take seconds."""
    disks: FloatArray = qmc.PoissonDisk(2, radius=0.0078, seed=seed).fill_space()
    return disks


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description="Measure how evenly clouds are spaced, and how fast.")
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--stream", type=int, metavar="N", help="only stream N points to a file, and time it")
    parser.add_argument("--grid", type=int, default=256, help="voxels along each axis of the field")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.stream:
        measure_stream(arguments.stream, arguments.grid, arguments.seed)
    else:
        measure(arguments.points, arguments.grid, arguments.seed)


if __name__ == "__main__":
    main()
