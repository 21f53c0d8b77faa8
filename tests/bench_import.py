# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare importing a cloud with Blender's own PLY importer: ``python tests/bench_import.py [--points N]``.

Both read the same file, alternately, in one process, and the best of nine runs counts. Ours also orders the
points, adds the modifier and the material, and estimates a radius.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
FOLDER = Path(tempfile.mkdtemp(prefix="uner3d_bench_"))
os.environ["BLENDER_USER_RESOURCES"] = os.environ["TMPDIR"] = str(FOLDER)

import bpy
import numpy as np

import blender_addon
from blender_addon import api
from blender_addon.jobs import placing
from uner3d_core.cloud_files import write_ply
from uner3d_core.point_cloud import PointCloud

RUNS = 9


def random_cloud(count: int, progressive: bool) -> PointCloud:
    generator = np.random.default_rng(0)
    normals = generator.normal(size=(count, 3)).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    colours = generator.integers(0, 256, (count, 3), dtype=np.uint8)
    return PointCloud(
        normals.copy(), colours, normals, generator.random(count, dtype=np.float32), progressive
    )


def seconds(action: object, path: Path, before: bool) -> float:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if before:
        placing.prepare_display()
    start = time.perf_counter()
    action(path)  # type: ignore[operator]
    bpy.context.view_layer.update()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare importing a cloud with Blender's own PLY importer.")
    parser.add_argument("--points", type=int, default=1_000_000)
    count = parser.parse_args().points
    blender_addon.register()
    for words, progressive in (("in progressive order", True), ("of another program", False)):
        path = FOLDER / "cloud.ply"
        write_ply(path, random_cloud(count, progressive))
        first, another, theirs = [], [], []
        for _ in range(RUNS):
            first.append(seconds(api.import_cloud, path, False))
            another.append(seconds(api.import_cloud, path, True))
            theirs.append(seconds(lambda file: bpy.ops.wm.ply_import(filepath=str(file)), path, False))
        for which, ours in (("the first in a file", first), ("another", another)):
            print(
                f"Blender {bpy.app.version_string}, {count:,} points {words}, {which}: "
                f"ours {min(ours):.3f} s, Blender's {min(theirs):.3f} s, ratio {min(ours) / min(theirs):.2f}"
            )
    blender_addon.unregister()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # bpy may hang when Python ends
