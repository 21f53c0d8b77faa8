# SPDX-License-Identifier: GPL-3.0-or-later
"""Installing, removing and checking the engine, as the preferences say: what the API has of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path

from uner3d_core.doctor import Report
from uner3d_core.errors import EngineError

from . import installing, preferences
from .engine.builds import WANTED, Build
from .engine.install import Installation, Progress, Request
from .engine.place import Place, remove, remove_downloads
from .engine.state import Installed, State, look
from .jobs import runs

POLL_SECONDS = 0.1


def install_engine(
    folder: Path | None = None,
    *,
    build: str | None = None,
    base_python: Path | None = None,
    core_wheel: Path | None = None,
    again: bool = False,
    extras: Collection[str] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Installed:
    """Install the engine, unless there is a whole one, and wait till it is ready.

    Parameters
    ----------
    folder : Path, optional
        Where: a folder of its own. None: that of the preferences.
    build : str, optional
        Which PyTorch: ``auto``, ``cpu``, ``cuda``, ``rocm``, ``xpu``, or ``configured``, which is what pip
        finds as it is configured. None: that of the preferences.
    base_python : Path, optional
        The Python to make it from, 3.11 or newer. None: that of the preferences, else Blender's own.
    core_wheel : Path, optional
        The core's wheel. None: the one that came with the add-on.
    again : bool
        Make it anew, even if it is whole; what was downloaded is used again.
    extras : collection of str, optional
        What it is to have beyond what every engine has: ``point-e`` for that method, ``masks`` for the
        networks that make masks. One that is whole and lacks any of them is made anew. None: as the
        preferences say, and what the installed one has.
    on_progress : callable, optional
        Called with the stage and the bytes downloaded, whenever they are new.

    Returns
    -------
    Installed
        Versions and devices of the engine.

    Raises
    ------
    EngineError
        If Blender's online access is off, or why there is no engine afterwards. What was downloaded is kept.
    """
    folder = (folder or preferences.engine_folder()).absolute()
    found = look(Place(folder))
    whole = found.installed if found.state is State.READY else None
    if whole is not None and not again and set(extras or ()) <= set(whole.extras):
        return whole
    installation = _start(folder, build, base_python, core_wheel, extras)
    told = None
    try:
        while not installation.ended:
            installation.wait(POLL_SECONDS)
            if on_progress and installation.progress != told:
                told = installation.progress
                on_progress(told)
    finally:
        if not installation.ended:  # interrupted
            installation.cancel()
            installation.wait()
        installing.finish(installation)
    return installation.result()


def start_engine_installation(*, extras: Collection[str] | None = None) -> Installation:
    """Start to install the engine as the preferences say, and return at once; as :func:`install_engine`.

    Raises
    ------
    EngineError
        If Blender's online access is off, or an installation is running.
    """
    return _start(preferences.engine_folder(), None, None, None, extras)


def remove_engine(folder: Path | None = None) -> None:
    """Remove an installed engine, whole or not, with its downloads. Only what the add-on made is removed.

    Parameters
    ----------
    folder : Path, optional
        Where it is; None: the folder of the preferences.

    Raises
    ------
    EngineError
        If there is none, or it is in use.
    """
    _require_no_installation()
    place = Place(folder or preferences.engine_folder())
    _require_unused(place)
    remove(place)
    installing.forget()


def remove_engine_downloads(folder: Path | None = None) -> None:
    """Remove the files that an engine was made from; it works without them.

    Parameters
    ----------
    folder : Path, optional
        Where the engine is; None: the folder of the preferences.

    Raises
    ------
    EngineError
        If there is none, or they are in use.
    """
    _require_no_installation()
    remove_downloads(Place(folder or preferences.engine_folder()))
    installing.forget()


def check_engine(engine_python: Path | None = None) -> Report:
    """Run a Python to see whether it can be the engine.

    Parameters
    ----------
    engine_python : Path, optional
        The Python; None: the one of the preferences.

    Returns
    -------
    Report
        Its versions, devices and memory.

    Raises
    ------
    EngineError
        If it can't be the engine, and why.
    """
    check = installing.start_check(engine_python or preferences.engine_python())
    while not check.ended:
        time.sleep(POLL_SECONDS)
    return installing.finish_check(check)


def _start(
    folder: Path,
    build: str | None,
    base_python: Path | None,
    core_wheel: Path | None,
    extras: Collection[str] | None,
) -> Installation:
    installing.require_online_access()
    _require_unused(Place(folder))
    try:
        chosen = preferences.engine_build() if build is None else Build(build)
    except ValueError as error:
        known = ", ".join(each.value for each in Build)
        raise EngineError(f"There is no build “{build}”.", f"Choose one of {known}.") from error
    base_python = base_python or preferences.base_python()
    wheel = core_wheel or preferences.core_wheel()
    wanted = preferences.wanted_extras(folder) if extras is None else set(extras)
    if unknown := wanted - set(WANTED):
        raise EngineError(
            f"There is no extra “{min(unknown)}” of the engine.", f"Choose among {', '.join(WANTED)}."
        )
    in_order = tuple(name for name in WANTED if name in wanted)
    return installing.start(Request(folder, base_python, wheel, chosen, in_order))


def _require_unused(place: Place) -> None:
    run = runs.current()
    if run is not None and run.engine_python == place.python:
        raise EngineError(
            "A job is running that needs the engine as it is.", "Wait for it to finish, or cancel it."
        )


def _require_no_installation() -> None:
    if installing.current() is not None:
        raise EngineError("The engine is being installed.", "Cancel the installation first.")
