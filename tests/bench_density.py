# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what a change of a cloud's density costs: ``python tests/bench_density.py [--points N]``.

Printed are the milliseconds that Blender takes to evaluate a cloud of so many points after its density was
set, for each shape, with the colours as they are and corrected; the median of seven. Drawing comes on top of
it, and is the graphics card's.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["BLENDER_USER_RESOURCES"] = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="uner3d_bench_")

import bpy
from bench_import import random_cloud

import blender_addon
from blender_addon import nodes
from blender_addon.jobs import placing

DENSITIES = (1.0, 0.9, 0.5, 0.1, 0.01)
RUNS = 7


def milliseconds(cloud: object, density: float) -> float:
    """Median time of setting a density and evaluating the cloud."""
    taken = []
    for run in range(RUNS + 1):
        cloud.uner3d.density = density * (1 - 1e-6 * run)  # type: ignore[attr-defined]
        start = time.perf_counter()
        bpy.context.view_layer.update()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description="Tell what a change of a cloud's density costs.")
    parser.add_argument("--points", type=int, default=1_000_000)
    count = parser.parse_args().points
    blender_addon.register()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    cloud = placing.add_to_scene(random_cloud(count, progressive=True), "cloud", bpy.context.scene)
    print(f"Blender {bpy.app.version_string}, {count:,} points, milliseconds at a density of")
    print(f"{'':30s}" + "".join(f"{density:>8g}" for density in DENSITIES))
    for exposure in (0.0, 1.0):
        cloud.uner3d.exposure = exposure
        for shape in nodes.SHAPES[:-1]:
            cloud.uner3d.shape = shape
            name = f"{shape}, colours corrected" if exposure else shape
            print(f"{name:30s}" + "".join(f"{milliseconds(cloud, density):8.1f}" for density in DENSITIES))
    blender_addon.unregister()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # bpy may hang when Python ends
