# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine that answers at once: a program that speaks the protocol and does what a test says."""

from __future__ import annotations

import stat
import sys
import textwrap
from pathlib import Path

import bpy

import uner3d_core

ANSWER = """
    write_npz(task.cloud, cloud(task.settings.points))
    files = {"cloud": str(task.cloud)}
    if isinstance(task, protocol.Reconstruct):
        task.field.write_bytes(b"field")
        files["field"] = str(task.field)
    figures = protocol.Figures(task.settings.points, "cpu", 1, 1, {"fit": 2.5}, {})
    say(protocol.Result(files, figures))
"""
FAIL = """say(protocol.Error("reconstruction", "The pictures show nothing.", "Turn on a lamp."))"""
HANG = """
    say(protocol.Progress("fit", 1, 4, 9.0))
    json.loads(sys.stdin.readline())
    say(protocol.Error("cancelled", "Cancelled."))
"""


PREVIEW = """
    write_npz(folder / "preview_001.npz", cloud(7))
    say(protocol.Preview("preview_001.npz"))
"""


def write_engine(path: Path, answer: str) -> Path:
    lines = f"""\
        #!{sys.executable}
        import json, sys
        from pathlib import Path
        sys.path.insert(0, {str(Path(uner3d_core.__file__).parents[1])!r})
        import numpy as np
        from uner3d_core import protocol
        from uner3d_core.cloud_files import write_npz
        from uner3d_core.point_cloud import PointCloud

        def say(message):
            print(protocol.encode(message), end="", flush=True)

        def cloud(n):
            ones = np.ones((n, 3), np.float32)
            return PointCloud(np.arange(3 * n, dtype="f4").reshape(n, 3), ones.astype("u1"), ones, ones[:, 0])

        folder = Path(json.loads(sys.stdin.readline())["job"])
        task = protocol.read_job(folder)
        say(protocol.Started("0"))
        """
    path.write_text(textwrap.dedent(lines) + textwrap.dedent(answer))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def write_worker(path: Path, run: str) -> Path:
    """Write an engine that is the real worker but for what it does with a task, which is ``run``."""
    lines = f"""\
        #!{sys.executable}
        import os, shutil, signal, sys, time
        from pathlib import Path
        sys.path.insert(0, {str(Path(uner3d_core.__file__).parents[1])!r})
        import numpy as np
        from uner3d_core import protocol, worker
        from uner3d_core.atomic_file import atomic_file
        from uner3d_core.cloud_files import write_npz
        from uner3d_core.point_cloud import PointCloud

        def cloud(n):
            ones = np.ones((n, 3), np.float32)
            return PointCloud(np.arange(3 * n, dtype="f4").reshape(n, 3), ones.astype("u1"), ones, ones[:, 0])

        def finish(task):
            with atomic_file(task.field) as file:
                file.write(b"field")
            write_npz(task.cloud, cloud(task.settings.points))
            files = {{"cloud": str(task.cloud), "field": str(task.field)}}
            return protocol.Result(files, protocol.Figures(task.settings.points, "cpu", 2, 2, {{"fit": 2.5}}))

        """
    body = textwrap.indent(textwrap.dedent(run).strip(), "    ")
    end = "\n\nworker.run = run\nsys.exit(worker.main())\n"
    path.write_text(textwrap.dedent(lines) + f"def run(task, progress):\n{body}" + end)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def contents() -> dict[str, int]:
    names = ("objects", "meshes", "scenes", "cameras", "materials", "node_groups")
    return {name: len(getattr(bpy.data, name)) for name in names}


def job_folders() -> list[Path]:
    return list(Path(bpy.app.tempdir).glob("job_*"))
