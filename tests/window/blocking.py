# SPDX-License-Identifier: Apache-2.0
"""Tell for how long at a time a job keeps a real Blender window.

``python tests/window/blocking.py [--blender PATH] [--output FOLDER] [--points N ...]``

It reconstructs from cameras of the scene with an engine that answers at once, with early clouds and a cloud
of so many points, and prints the longest time that each part of the add-on took in Blender's main loop:
starting, copying the scene, a tick of each stage, drawing an early cloud, making the cloud. Without a Blender
or a screen it says so.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import blender_window

EARLY_POINTS = 50_000
ENGINE = f"""\
    #!{{python}}
    import json, sys, time
    from pathlib import Path
    sys.path.insert(0, {{root!r}})
    import numpy as np
    from uner3d_core import protocol
    from uner3d_core.cloud_files import write_npz
    from uner3d_core.point_cloud import PointCloud

    def say(message):
        print(protocol.encode(message), end="", flush=True)

    def sphere(count):
        normals = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        colours = np.rint(127.5 + 127.5 * normals).astype(np.uint8)
        return PointCloud(normals.copy(), colours, normals, np.ones(count, np.float32), True)

    folder = Path(json.loads(sys.stdin.readline())["job"])
    task = protocol.read_job(folder)
    say(protocol.Started("0"))
    for number in range(1, 4):
        write_npz(folder / f"preview_{{{{number}}}}.npz", sphere({EARLY_POINTS}))
        say(protocol.Preview(f"preview_{{{{number}}}}.npz"))
        say(protocol.Progress("fitting", number, 3))
        time.sleep(1.0)
    write_npz(task.cloud, sphere(task.settings.points))
    task.field.write_bytes(b"field")
    figures = protocol.Figures(task.settings.points, "cpu", 1, 1, {{{{"fitting": 3.0}}}})
    say(protocol.Result({{{{"cloud": str(task.cloud), "field": str(task.field)}}}}, figures))
    """
"""A program that speaks the engine's protocol."""


def write_engine(path: Path) -> None:
    """Write the engine, which is run by this Python."""
    path.write_text(textwrap.dedent(ENGINE).format(python=sys.executable, root=str(ROOT)), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Tell for how long a job keeps a real Blender window.")
    parser.add_argument("--blender", type=Path, help="the program; else the one on PATH")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "blocking", help="folder for the log")
    parser.add_argument(
        "--points", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000], metavar="N"
    )
    given = parser.parse_args()
    output = given.output.absolute()
    output.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        print("Skipped: the engine that answers at once starts by its first line.")
        return 0
    write_engine(output / "engine")
    os.environ["UNER3D_ENGINE_PYTHON"] = str(output / "engine")
    counts = [str(count) for count in given.points]
    return blender_window.print_figures(given.blender, "blocking.py", counts, output)


if __name__ == "__main__":
    sys.exit(main())
