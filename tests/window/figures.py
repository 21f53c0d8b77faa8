# SPDX-License-Identifier: Apache-2.0
"""Tell how quick the add-on is in a real Blender window.

``python tests/window/figures.py [--blender PATH] [--output FOLDER] [--points N ...]``

It prints the time of ``register()``, of each panel with 200 inputs, of importing clouds and of changing their
density: evaluating the geometry, giving it to the graphics card, and drawing it. Without a Blender or a
screen it says so.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import blender_window
import numpy as np

import build_addon
from uner3d_core.cloud_files import write_ply
from uner3d_core.point_cloud import PointCloud


def sphere(count: int) -> PointCloud:
    """Make a cloud of points on the unit sphere, in random order and of many colours."""
    normals = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    colours = np.rint(127.5 + 127.5 * normals).astype(np.uint8)
    return PointCloud(normals.copy(), colours, normals, np.ones(count, np.float32), True)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Tell how quick the add-on is in a real Blender window.")
    parser.add_argument("--blender", type=Path, help="the program; else the one on PATH")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "figures", help="folder for the log")
    parser.add_argument("--points", type=int, nargs="+", default=[1_000_000, 10_000_000], metavar="N")
    given = parser.parse_args()
    output = given.output.absolute()
    output.mkdir(parents=True, exist_ok=True)
    try:
        blender = blender_window.find_blender(given.blender)
        clouds = [output / f"{count}.ply" for count in given.points]
        for count, path in zip(given.points, clouds, strict=True):
            write_ply(path, sphere(count))
        (output / "uner3d.zip").write_bytes(build_addon.build_addon())
        arguments = ["--output", str(output), "--archive", str(output / "uner3d.zip"), *map(str, clouds)]
        code = blender_window.run_in_window(blender, "figures.py", arguments, output)
    except blender_window.NoWindowError as missing:
        print(f"Skipped: {missing}.")
        return 0
    log = (output / "blender.log").read_text(encoding="utf-8", errors="replace").splitlines()
    print(*(line.removeprefix("FIGURE ") for line in log if line.startswith("FIGURE ")), sep="\n")
    for path in clouds:
        path.unlink()
    if code != 0:
        print(f"Blender ended with code {code}; see {output / 'blender.log'}.", file=sys.stderr)
    return 0 if code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
