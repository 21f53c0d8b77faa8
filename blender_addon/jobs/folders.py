# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders: where they are, and the results in them, which outlive the file and Blender itself."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import InputError, OutputError
from uner3d_core.methods import find_method

from .. import folder_lock
from ..standing import Place

CLOUD_FILE, FIELD_FILE, MESH_FILE = "cloud.npz", "field.safetensors", "mesh.npz"
CAMERAS_FILE, FRAMES_FOLDER = "cameras.json", "cameras_images"
"""Cameras that were estimated, and beside them, where a video was given, its frames."""
PLACE_FILE = "place.json"
"""Where the person wants the cloud, should no known cameras tell it."""
RESULT_FILES = (
    CLOUD_FILE, FIELD_FILE, CAMERAS_FILE, FRAMES_FOLDER, PLACE_FILE, protocol.JOB_FILE, protocol.RESULT_FILE
)  # fmt: skip
"""What stays in the folder of a job that has a result."""

ABANDONED_DAYS = 2.0
"""How old the folder of a job without a result and without a Blender must be to be removed."""
LOG_DAYS = 30.0
"""The same where only the log of a fault is left in it."""

_EXTENSION = (__package__ or "").rpartition(".")[0]
_PREFIX = "job_"
_RANDOM = 8
"""Characters that ``mkdtemp`` adds to a name."""
_LONGEST_TITLE = 40


@dataclass(frozen=True)
class FinishedJob:
    """A result that lies in its job folder.

    Parameters
    ----------
    folder : Path
        The folder.
    title : str
        Name of the cloud.
    finished : datetime
        When it was made.
    size : int
        Bytes that its files take.
    field : Path, optional
        File of the field that the cloud was sampled from; None where there is none.
    figures : Figures, optional
        What the engine told about it; None where that was not kept.
    """

    folder: Path
    title: str
    finished: datetime
    size: int
    field: Path | None
    figures: protocol.Figures | None

    @property
    def cloud(self) -> Path:
        """File of the cloud."""
        return self.folder / CLOUD_FILE

    @property
    def cameras(self) -> Path | None:
        """File of the cameras; None where they were known and not estimated."""
        return estimated_cameras(self.folder)

    @property
    def stands_freely(self) -> bool:
        """Whether no known cameras tell where the cloud is."""
        try:
            return stands_freely(self.folder, protocol.read_job(self.folder))
        except InputError:  # of another version, or damaged
            return self.cameras is not None

    @property
    def place(self) -> Place | None:
        """Where the person wanted it when the job was started; None where that was not kept."""
        return read_place(self.folder)


def job_home() -> Path:
    """Tell the folder of all job folders: the extension's own, where results outlive the session.

    Where the add-on is used as a library there is no such folder, and Blender's temporary one is taken, which
    goes when Blender ends.

    Raises
    ------
    OSError
        If it can't be made.
    """
    try:
        return Path(bpy.utils.extension_path_user(_EXTENSION, path="jobs", create=True))
    except ValueError:  # used as a library, not installed as an extension
        return Path(bpy.app.tempdir)


def new_job_folder(title: str) -> Path:
    """Make an empty folder for the job that makes the cloud called ``title``.

    Raises
    ------
    OutputError
        If it can't be made.
    """
    name = "".join(letter if letter.isalnum() or letter in "-_ " else "-" for letter in title)
    try:
        return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{name[:_LONGEST_TITLE].strip()}_", dir=job_home()))
    except OSError as error:
        raise OutputError(
            f"No folder for the job can be made: {error.strerror}.", "See whether the disk is full."
        ) from error


def finished_jobs() -> list[FinishedJob]:
    """Find the results that lie in job folders, the newest first.

    Raises
    ------
    OutputError
        If the folder of all job folders can't be reached.
    """
    try:
        folders = list(job_home().glob(f"{_PREFIX}*"))
    except OSError as error:
        raise OutputError(
            f"The results of earlier jobs can't be looked for: {error.strerror}.",
            "See whether the disk with Blender's own folder is there.",
        ) from error
    found = [job for folder in folders if (job := _finished_job(folder)) is not None]
    return sorted(found, key=lambda job: job.finished, reverse=True)


def is_finished(folder: Path) -> bool:
    """Tell whether a job folder holds a whole result."""
    return _finished_job(folder) is not None


def estimated_cameras(folder: Path) -> Path | None:
    """Find the file of the cameras that a job has estimated; None where they were known, or are not yet."""
    file = folder / CAMERAS_FILE
    return file if file.is_file() else None


def stands_freely(folder: Path, task: protocol.Task) -> bool:
    """Tell whether the cloud of a job may stand anywhere, as its cameras were estimated or there are none."""
    if isinstance(task, protocol.Imagine) or estimated_cameras(folder) is not None:
        return True
    return isinstance(task, protocol.Reconstruct) and find_method(task.settings.method).takes == "prompt"


def write_place(folder: Path, place: Place) -> None:
    """Keep where the person wants a job's cloud.

    Raises
    ------
    OSError
        If it can't be written.
    """
    with atomic_file(folder / PLACE_FILE) as file:
        file.write(json.dumps(asdict(place)).encode())


def read_place(folder: Path) -> Place | None:
    """Read where the person wanted a job's cloud; None where that was not kept, or is no place."""
    try:
        content = json.loads((folder / PLACE_FILE).read_text(encoding="utf-8"))
        x, y, z = (float(number) for number in content["ground"])
        side = float(content["longest_side"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None
    if not all(map(math.isfinite, (x, y, z, side))) or side <= 0:
        return None
    return Place((x, y, z), side)


def _finished_job(folder: Path) -> FinishedJob | None:
    try:
        places = [folder / name for name in RESULT_FILES]
        files = [path.stat() for path in (*places, *(folder / FRAMES_FOLDER).glob("*")) if path.is_file()]
        finished = datetime.fromtimestamp((folder / CLOUD_FILE).stat().st_mtime).astimezone()
        field = _field(folder)
    except (OSError, InputError):  # not finished, being removed, or no job folder at all
        return None
    result = protocol.read_result(folder)
    return FinishedJob(
        folder=folder,
        title=folder.name[len(_PREFIX) : -_RANDOM - 1],
        finished=finished,
        size=sum(file.st_size for file in files),
        field=field,
        figures=result.figures if result else None,
    )


def _field(folder: Path) -> Path | None:
    """Tell which field a job's cloud is of: its own, the one that it was sampled from, or none."""
    (folder / protocol.JOB_FILE).stat()
    own = folder / FIELD_FILE
    if own.is_file():
        return own
    task = protocol.read_job(folder)
    if isinstance(task, protocol.Resample):
        return task.field
    result = protocol.read_result(folder)
    if result is not None and "field" not in result.files:
        return None
    raise FileNotFoundError(own)


def remove_job(job: FinishedJob) -> None:
    """Remove a result from the disk.

    Raises
    ------
    InputError
        If another Blender is at work in its folder.
    OutputError
        If it can't be removed.
    """
    try:
        folder_lock.lock(job.folder).release()
        shutil.rmtree(job.folder)
    except FileNotFoundError:
        return
    except BlockingIOError as error:
        raise InputError(f"The job “{job.title}” is still running.", "Wait for it to finish.") from error
    except OSError as error:
        raise OutputError(
            f"“{job.folder}” can't be removed: {error.strerror}.", "Close what uses it, and try again."
        ) from error


def clear_abandoned(home: Path) -> None:
    """Remove what crashed Blenders have left of jobs without a result; nothing that is young or in use.

    Parameters
    ----------
    home : Path
        The folder of all job folders. This asks no Blender, so that a thread can do it.
    """
    for folder in home.glob(f"{_PREFIX}*"):
        try:
            names = {path.name for path in folder.iterdir()}
            days = LOG_DAYS if names == {protocol.LOG_FILE} else ABANDONED_DAYS
            newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if time.time() - newest < days * 86400 or is_finished(folder):
                continue
            folder_lock.lock(folder).release()
        except OSError:  # no folder, in use, or being removed by another Blender
            continue
        shutil.rmtree(folder, ignore_errors=True)
