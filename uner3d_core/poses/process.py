# SPDX-License-Identifier: Apache-2.0
"""The solver's process from outside: started, listened to, and ended the moment the person cancels."""

from __future__ import annotations

import importlib.util
import json
import queue
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

from uner3d_core.errors import CameraError, EngineError
from uner3d_core.poses.database import DATABASE_FILE, count_rows
from uner3d_core.poses.request import Answer
from uner3d_core.poses.solver import FIND, MATCH

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.poses.request import Request
    from uner3d_core.progress import Progress

SECONDS = 0.2
"""Between two looks at the solver and at whether the person has cancelled."""
STANDARD_ERROR = "solver.log"
_COUNTED = {FIND: "keypoints", MATCH: "two_view_geometries"}


def is_installed() -> bool:
    """Tell whether COLMAP's library is installed."""
    return importlib.util.find_spec("pycolmap") is not None


def check_solver() -> None:
    """Make sure that COLMAP's library is installed.

    Raises
    ------
    EngineError
        If it is not.
    """
    if not is_installed():
        raise EngineError(
            f"The pictures have no cameras, and “{sys.executable}” lacks pycolmap, which estimates them.",
            "Install it there: pip install pycolmap. Or put a transforms.json or COLMAP's sparse/0 beside "
            "the images.",
        )


def run_solver(folder: Path, request: Request, progress: Progress) -> Answer:
    """Estimate the cameras of the pictures in a folder, in a process of its own.

    Parameters
    ----------
    folder : Path
        Holds ``pictures`` and, where there are any, ``masks``; COLMAP's files are written there too.
    request : Request
        What is to be solved.
    progress : Progress
        Is told images, pairs and registered pictures, and may raise ``Cancelled``: the process is ended.

    Raises
    ------
    CameraError
        If the solver fails.
    """
    folder = folder.absolute()
    request.write(folder)
    # Bytes and not text: what COLMAP prints about files has the encoding of their names.
    with (folder / STANDARD_ERROR).open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 -- a list of arguments, no shell
            [sys.executable, "-m", "uner3d_core.poses.solver", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        _listen(process, folder / DATABASE_FILE, progress)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
    if process.returncode != 0:
        lines = (folder / STANDARD_ERROR).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        progress.log(f"COLMAP ended with: {' / '.join(lines[-3:])}")
        raise CameraError(
            f"The estimation of the cameras failed in COLMAP (exit code {process.returncode}).",
            "Try fewer or smaller pictures, or estimate the cameras with another program.",
        )
    return Answer.read(folder)


def _listen(process: subprocess.Popen[bytes], database: Path, progress: Progress) -> None:
    """Pass on what the solver tells, till it ends."""
    lines: queue.Queue[bytes | None] = queue.Queue()

    def read(stream: IO[bytes]) -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    if process.stdout is None:
        raise AssertionError("the solver's output is a pipe")
    threading.Thread(target=read, args=(process.stdout,), daemon=True).start()
    stage: tuple[str, int, int] | None = None
    while True:
        try:
            line = lines.get(timeout=SECONDS)
        except queue.Empty:
            if stage is not None:
                name, done, total = stage
                if name in _COUNTED and done < total:
                    done = min(max(done, count_rows(database, _COUNTED[name]) or 0), total)
                    stage = name, done, total
                # Even if nothing is new: the call is what raises after a cancel.
                progress.stage(name, done, total)
            continue
        if line is None:
            process.wait()
            return
        name, done, total = json.loads(line)
        stage = name, done, total
        progress.stage(name, done, total)
