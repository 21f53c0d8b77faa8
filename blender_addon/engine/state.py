# SPDX-License-Identifier: GPL-3.0-or-later
"""How the installed engine stands: told from a few small files, without running anything."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from uner3d_core import __version__
from uner3d_core.atomic_file import atomic_file
from uner3d_core.doctor import Device
from uner3d_core.errors import EngineError

from .place import Place, is_ours


class State(Enum):
    """The states that a person can see."""

    NOT_INSTALLED = "not installed"
    INSTALLING = "installing"
    READY = "ready"
    BROKEN = "broken"


class Remedy(Enum):
    """What a person can do to get an engine; each is an installation that begins from what is there."""

    INSTALL = "Install Engine"
    RESUME = "Resume Installation"
    UPDATE = "Update Engine"
    REPAIR = "Repair Engine"


@dataclass(frozen=True)
class Installed:
    """What a whole engine is.

    Parameters
    ----------
    uner3d, torch, python : str
        Versions.
    build : str
        Which build of torch was asked for, a name of ``Build``.
    base_python : str
        The program that the environment was made from, and needs.
    devices : tuple of Device
        What torch can compute on, the processor first.
    size_bytes : int
        Room that the environment takes on the disk.
    download_bytes : int
        Room that the files took that it was made from, which repairing uses again.
    extras : tuple of str
        What it has beyond what every engine has, see ``builds.WANTED``.
    """

    uner3d: str
    torch: str
    python: str
    build: str
    base_python: str
    devices: tuple[Device, ...]
    size_bytes: int
    download_bytes: int
    extras: tuple[str, ...] = ()


@dataclass(frozen=True)
class EngineState:
    """How the engine stands.

    Parameters
    ----------
    state : State
        In one word.
    remedy : Remedy
        What gets an engine, or a better one.
    installed : Installed, optional
        What is READY, or was.
    error : EngineError, optional
        Why it is BROKEN, and what to do.
    """

    state: State
    remedy: Remedy
    installed: Installed | None = None
    error: EngineError | None = None


def look(place: Place) -> EngineState:  # noqa: PLR0911 -- a list of what may be wrong
    """Tell how the engine in a folder stands. Reads one small file, and runs nothing."""
    if not is_ours(place):
        return EngineState(State.NOT_INSTALLED, Remedy.INSTALL)
    try:
        installed = _read(place.record)
    except FileNotFoundError:
        return _broken(
            Remedy.RESUME,
            "The engine's installation was not finished.",
            "Resume it; what was downloaded is kept.",
        )
    except (OSError, ValueError) as error:
        return _broken(Remedy.REPAIR, f"The engine's record is damaged ({error}).", "Repair the engine.")
    if not Path(installed.base_python).is_file():
        return _broken(
            Remedy.REPAIR,
            f"The Python that the engine was made from is gone: “{installed.base_python}”.",
            "Repair the engine.",
            installed,
        )
    if not place.python.is_file():
        return _broken(
            Remedy.REPAIR, f"The engine's Python is gone: “{place.python}”.", "Repair the engine.", installed
        )
    if installed.uner3d != __version__:
        return _broken(
            Remedy.UPDATE,
            f"The engine has uner3d {installed.uner3d}, this add-on {__version__}.",
            "Update the engine.",
            installed,
        )
    return EngineState(State.READY, Remedy.REPAIR, installed)


def write_record(place: Place, installed: Installed) -> None:
    """Say that the engine is whole, in a file that is whole or not there.

    Raises
    ------
    OutputError
        If the disk is full, or the folder can't be written.
    """
    with atomic_file(place.record) as file:
        file.write(json.dumps(asdict(installed), indent=1).encode())


def _read(path: Path) -> Installed:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        devices = tuple(Device(**device) for device in content.pop("devices"))
        extras = tuple(str(name) for name in content.pop("extras", ()))
        if content.pop("point_e", False):  # as it was written when there was no other extra
            extras = ("point-e",)
        return Installed(**content, devices=devices, extras=extras)
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"“{path.name}” is no record of an engine") from error


def _broken(remedy: Remedy, message: str, hint: str, installed: Installed | None = None) -> EngineState:
    return EngineState(State.BROKEN, remedy, installed, EngineError(message, hint))
