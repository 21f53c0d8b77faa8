# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that failed, kept on the disk, so that another session of Blender knows them too.

Each is a small folder beside those of the jobs: what was asked for, as a job file, and how it ended.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from uner3d_core import protocol
from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import InputError, OutputError, Uner3dError

from . import folders

_PREFIX = "failed_"
_FILE = "failure.json"
_LARGEST = 1 << 16
KEPT_DAYS = 30.0


@dataclass(frozen=True)
class Failure:
    """A job that failed.

    Parameters
    ----------
    folder : Path
        Where this is kept.
    title : str
        Name of the cloud that it was to make.
    ended : datetime
        When.
    error : Uner3dError
        Why.
    task : Reconstruct, optional
        What was asked for, without places for results; None where that needed the scene, as cameras to
        render do, or a cloud.
    """

    folder: Path
    title: str
    ended: datetime
    error: Uner3dError
    task: protocol.Reconstruct | None


def keep(title: str, job: Path, task: protocol.Task, error: Uner3dError) -> Path:
    """Keep what a job was and why it failed.

    Parameters
    ----------
    title : str
        Name of the cloud that it was to make.
    job : Path
        Its job folder: what lies in there, such as rendered pictures, is gone later.
    task : Task
        What was asked for.
    error : Uner3dError
        Why.

    Returns
    -------
    Path
        The folder where this is kept.

    Raises
    ------
    OSError, OutputError
        If it can't be written.
    """
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folders.job_home()))
    told = {"title": title, **protocol.error_to_message(error).__dict__}
    with atomic_file(folder / _FILE) as file:
        file.write(json.dumps(told).encode())
    if isinstance(task, protocol.Reconstruct) and not (task.input and task.input.is_relative_to(job)):
        protocol.write_job(folder, task_in(folder, task))
    return folder


def task_in(folder: Path, task: protocol.Reconstruct) -> protocol.Reconstruct:
    """Have the results of a task lie in another folder."""
    return replace(
        task,
        cloud=folder / task.cloud.name,
        field=folder / task.field.name if task.field else None,
        estimated_cameras=folder / task.estimated_cameras.name if task.estimated_cameras else None,
    )


def kept() -> list[Failure]:
    """Find the jobs that failed, the oldest first; what is older than :data:`KEPT_DAYS` is removed.

    Raises
    ------
    OSError
        If the folder of all job folders can't be reached.
    """
    found = [failure for folder in folders.job_home().glob(f"{_PREFIX}*") if (failure := _read(folder))]
    for failure in found:
        if time.time() - failure.ended.timestamp() > KEPT_DAYS * 86400:
            forget(failure.folder)
    return sorted(
        (failure for failure in found if failure.folder.is_dir()), key=lambda failure: failure.ended
    )


def forget(folder: Path) -> None:
    """Remove what is kept of a job."""
    shutil.rmtree(folder, ignore_errors=True)


def _read(folder: Path) -> Failure | None:
    """Read what is kept, and trust nothing in it; None where it is not as it must be."""
    try:
        with (folder / _FILE).open("rb") as file:
            told = json.loads(file.read(_LARGEST))
        ended = datetime.fromtimestamp((folder / _FILE).stat().st_mtime).astimezone()
    except (OSError, ValueError, RecursionError):  # being written or removed, or damaged
        return None
    match told:
        case {"title": str(title), "code": str(code), "message": str(message), "hint": str(hint)}:
            error = protocol.message_to_error(protocol.Error(code, message, hint))
            return Failure(folder, title, ended, error, _read_task(folder))
    return None


def _read_task(folder: Path) -> protocol.Reconstruct | None:
    try:
        task = protocol.read_job(folder)
    except (InputError, OutputError):  # none was kept, or by another version
        return None
    return task if isinstance(task, protocol.Reconstruct) else None
