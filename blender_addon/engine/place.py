# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's folder: where it is, what is ours in it, and who works in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from uner3d_core.errors import EngineError

from ..folder_lock import lock

FOLDER_VARIABLE = "UNER3D_ENGINE_FOLDER"
_MARK_TEXT = """\
This folder was made by the Blender add-on UNeR3D. It holds the engine: a Python environment with PyTorch.
The add-on's preferences remove it; removing the folder by hand does the same.
"""


@dataclass(frozen=True)
class Place:
    """The engine's folder, and the names of everything that we put there.

    Parameters
    ----------
    folder : Path
        The folder itself, absolute.
    """

    folder: Path

    @property
    def mark(self) -> Path:
        """The file that says that the folder is ours; there first, and gone last."""
        return self.folder / "uner3d-engine.txt"

    @property
    def record(self) -> Path:
        """The file that says that the engine is whole; written last, and gone first."""
        return self.folder / "complete.json"

    @property
    def plan(self) -> Path:
        """Which files make up the engine, so that an installation goes on with the same ones."""
        return self.folder / "plan.json"

    @property
    def downloads(self) -> Path:
        """Whole files, and partial ones under another name."""
        return self.folder / "downloads"

    @property
    def environment(self) -> Path:
        """The Python environment."""
        return self.folder / "env"

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def tools(self) -> Path:
        """What is needed to choose the files, and removed afterwards."""
        return self.folder / "tools"

    @property
    def log(self) -> Path:
        """What the programs of the last installation wrote."""
        return self.folder / "install.log"


def default_folder() -> Path:
    """Tell where the engine lies unless the person chooses otherwise.

    It is a folder of the person's own, outside Blender's, so that removing the add-on or Blender does not
    delete gigabytes, with a short path, since Windows allows 260 characters. The environment variable
    ``UNER3D_ENGINE_FOLDER`` names another, as where many computers share one engine.
    """
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "uner3d-engine"


def is_ours(place: Place) -> bool:
    """Tell whether we made the folder."""
    return place.mark.is_file()


def claim(place: Place) -> None:
    """Make the folder, if it is not there, and mark it as ours.

    Raises
    ------
    EngineError
        If it holds other things, lies in the add-on's own folder, or can't be written.
    """
    folder = place.folder
    if folder.resolve().is_relative_to(Path(__file__).resolve().parents[1]):
        raise EngineError(
            f"The engine can't lie in “{folder}”: Blender removes that folder with the add-on.",
            "Choose another folder in the preferences.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not is_ours(place):
            if any(folder.iterdir()):
                raise EngineError(
                    f"“{folder}” holds other things.",
                    "Choose an empty folder in the preferences, or a new one inside it.",
                )
            place.mark.write_text(_MARK_TEXT, encoding="utf-8")
        place.downloads.mkdir(exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"The folder “{folder}” can't be written: {error.strerror}.",
            "Choose a folder of yours in the preferences.",
        ) from error


@contextmanager
def hold(place: Place) -> Iterator[None]:
    """Keep others from changing the folder; the system lets go of it if this Blender dies.

    Raises
    ------
    EngineError
        If somebody else holds it.
    """
    try:
        held = lock(place.folder)
    except BlockingIOError as error:
        raise EngineError(
            f"Another Blender is changing the engine in “{place.folder}”.", "Wait till it has finished."
        ) from error
    try:
        yield
    finally:
        held.release()


def remove(place: Place) -> None:
    """Remove what we made; whatever else lies in the folder stays.

    Raises
    ------
    EngineError
        If we did not make the folder, or something in it is in use.
    """
    if not is_ours(place):
        raise EngineError(
            f"There is no engine of this add-on in “{place.folder}”: nothing was removed.",
            "Choose the folder in the preferences.",
        )
    try:
        with hold(place):
            place.record.unlink(missing_ok=True)
            for folder in (place.environment, place.downloads, place.tools):
                _remove_folder(folder)
            for file in (place.plan, place.log):
                file.unlink(missing_ok=True)
        place.mark.unlink()
        with contextlib.suppress(OSError):  # somebody has put something there
            place.folder.rmdir()
    except OSError as error:
        raise EngineError(
            f"“{error.filename or place.folder}” can't be removed: {error.strerror}.",
            "Wait for running jobs, close other Blenders, and remove it again.",
        ) from error


def remove_downloads(place: Place) -> None:
    """Remove the downloaded files; the engine does not need them.

    Raises
    ------
    EngineError
        If we did not make the folder, or one of them is in use.
    """
    if not is_ours(place):
        raise EngineError(
            f"There is no engine of this add-on in “{place.folder}”: nothing was removed.",
            "Choose the folder in the preferences.",
        )
    try:
        with hold(place):
            _remove_folder(place.downloads)
    except OSError as error:
        raise EngineError(
            f"“{error.filename or place.downloads}” can't be removed: {error.strerror}.",
            "Close other Blenders, and remove them again.",
        ) from error


def _remove_folder(folder: Path) -> None:
    if folder.is_symlink():  # somebody has moved it elsewhere: what lies there is not ours to remove
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def folder_bytes(folder: Path) -> int:
    """Add up the sizes of all files in a folder; 0 where there is none."""
    return sum(
        (root / name).lstat().st_size
        for root, _, names in ((Path(root), folders, names) for root, folders, names in os.walk(folder))
        for name in names
    )
