# SPDX-License-Identifier: Apache-2.0
"""The solver's process from outside: started, listened to, and ended the moment the person cancels."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from uner3d_core.child_process import Child, running
from uner3d_core.errors import CameraError, EngineError
from uner3d_core.poses.database import DATABASE_FILE, count_rows
from uner3d_core.poses.request import Answer
from uner3d_core.poses.solver import FIND, MATCH

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.poses.request import Request
    from uner3d_core.progress import Progress

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
    with running("uner3d_core.poses.solver", [str(folder)], folder / STANDARD_ERROR) as child:
        _listen(child, folder / DATABASE_FILE, progress)
    if child.exit_code != 0:
        progress.log(f"COLMAP ended with: {child.last_lines()}")
        raise CameraError(
            f"The estimation of the cameras failed in COLMAP (exit code {child.exit_code}).",
            "Try fewer or smaller pictures, or estimate the cameras with another program.",
        )
    return Answer.read(folder)


def _listen(child: Child, database: Path, progress: Progress) -> None:
    """Pass on what the solver tells, till it ends."""
    stage: tuple[str, int, int] | None = None
    for message in child.messages():
        if message is None and stage is not None:
            name, done, total = stage
            if name in _COUNTED and done < total:
                done = min(max(done, count_rows(database, _COUNTED[name]) or 0), total)
                stage = name, done, total
            # Even if nothing is new: the call is what raises after a cancel.
            progress.stage(name, done, total)
        elif message is not None:
            stage = name, done, total = message
            progress.stage(name, done, total)
