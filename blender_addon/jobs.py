# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders: where they are, and the results in them, which outlive the file and Blender itself."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.errors import OutputError

CLOUD_FILE, FIELD_FILE, MESH_FILE = "cloud.npz", "field.safetensors", "mesh.npz"
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
        Bytes that the folder takes.
    """

    folder: Path
    title: str
    finished: datetime
    size: int

    @property
    def cloud(self) -> Path:
        """File of the cloud."""
        return self.folder / CLOUD_FILE

    @property
    def field(self) -> Path:
        """File of the field."""
        return self.folder / FIELD_FILE


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
        return Path(bpy.utils.extension_path_user(__package__ or "", path="jobs", create=True))
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
    """Find the results that lie in job folders, the newest first."""
    found = []
    for folder in job_home().glob(f"{_PREFIX}*"):
        title = folder.name[len(_PREFIX) : -_RANDOM - 1]
        try:
            files = [(folder / name).stat() for name in (CLOUD_FILE, FIELD_FILE, protocol.JOB_FILE)]
        except OSError:  # not finished, or being removed
            continue
        finished = datetime.fromtimestamp(files[0].st_mtime).astimezone()
        found.append(FinishedJob(folder, title, finished, sum(file.st_size for file in files)))
    return sorted(found, key=lambda job: job.finished, reverse=True)


def remove_job(job: FinishedJob) -> None:
    """Remove a result from the disk.

    Raises
    ------
    OutputError
        If it can't be removed.
    """
    try:
        shutil.rmtree(job.folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(
            f"“{job.folder}” can't be removed: {error.strerror}.", "Close what uses it, and try again."
        ) from error
