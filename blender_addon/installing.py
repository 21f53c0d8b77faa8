# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's installation that is running, and how the engine stands: what the panels show.

An installation belongs to no file and no scene, so it goes on when another file is loaded. It ends when the
add-on is disabled, and with Blender.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import bpy

from uner3d_core.doctor import Report
from uner3d_core.errors import Cancelled, EngineError, Uner3dError

from .engine.check import Check
from .engine.install import Installation, Progress, Request
from .engine.place import Place
from .engine.state import EngineState, Remedy, State, look
from .jobs import runs
from .windows import redraw_preferences, redraw_sidebars

LOOK_AGAIN = 2.0  # seconds after which a panel looks at the disk again
TICK_SECONDS = 0.25


@dataclass
class _Registry:
    """What is known: the installation there is, how the last one failed, how the engine was last seen."""

    installation: Installation | None = None
    fault: Uner3dError | None = None
    report: Report | None = None
    check: Check | None = None
    shown: tuple[Progress, bool] | None = None
    seen: EngineState | None = None
    seen_folder: Path | None = None
    seen_at: float = 0.0


_registry = _Registry()


def current() -> Installation | None:
    """Tell which installation there is."""
    return _registry.installation


def last_report() -> Report | None:
    """Tell what the engine said when it was last checked; None where it was not, or failed."""
    return _registry.report


def last_fault() -> Uner3dError | None:
    """Tell why the last installation or check failed; None where it did not."""
    return _registry.fault


def is_checking() -> bool:
    """Tell whether the engine is being checked."""
    return _registry.check is not None and not _registry.check.ended


def start_check(python: Path) -> Check:
    """Start to look whether a Python can be the engine; call :func:`finish_check` once that has ended."""
    forget()
    _registry.check = Check(python)
    _registry.check.start()
    return _registry.check


def finish_check(check: Check) -> Report:
    """Take note of what a check has found, and tell it.

    Raises
    ------
    EngineError
        If the Python can't be the engine, and why.
    """
    if _registry.check is check:
        _registry.check = None
    try:
        report = check.result()
    except EngineError as error:
        remember(None, error)
        raise
    remember(report, None)
    return report


def engine_state(folder: Path) -> EngineState:
    """Tell how the engine in a folder stands, for drawing: the disk is asked now and then.

    Parameters
    ----------
    folder : Path
        The engine's folder.
    """
    if _registry.installation is not None:
        return EngineState(State.INSTALLING, Remedy.INSTALL)
    now = time.monotonic()
    if _registry.seen is None or folder != _registry.seen_folder or now - _registry.seen_at > LOOK_AGAIN:
        _registry.seen, _registry.seen_folder, _registry.seen_at = look(Place(folder)), folder, now
    found, fault = _registry.seen, _registry.fault
    if fault is None:
        return found
    remedy = Remedy.REPAIR if found.state is State.READY else found.remedy
    return EngineState(State.BROKEN, remedy, found.installed, EngineError(fault.message, fault.hint))


def start(request: Request) -> Installation:
    """Start an installation; ask it how far it is, and call :func:`finish` once it has ended.

    Raises
    ------
    EngineError
        If an installation is running already.
    """
    if _registry.installation is not None:
        raise EngineError("The engine is being installed already.", "Wait for it to finish, or cancel it.")
    installation = Installation(request)
    installation.start()
    forget()
    _registry.installation = installation
    if not bpy.app.background and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=TICK_SECONDS, persistent=True)
    return installation


def is_online() -> bool:
    """Tell whether Blender may use the network."""
    return bool(bpy.app.online_access)


def started_offline() -> bool:
    """Tell whether that was decided when Blender was started, so that the preferences can't change it."""
    return bool(bpy.app.online_access_override)


def require_online_access() -> None:
    """Make sure that Blender may use the network.

    Raises
    ------
    EngineError
        If it may not, and who has decided so.
    """
    if is_online():
        return
    if started_offline():
        raise EngineError(
            "Blender was started with --offline-mode, so nothing is downloaded.",
            "Start Blender without it, or choose a Python of yours as the engine.",
        )
    raise EngineError(
        "Blender's online access is off, so nothing is downloaded.",
        "Switch on “Allow Online Access” in Blender's preferences, under System.",
    )


def finish(installation: Installation) -> None:
    """Take note of how an installation has ended. It may be called twice."""
    if _registry.installation is installation:
        forget()
        _registry.installation = None
        if not isinstance(installation.error, Cancelled):
            _registry.fault = installation.error
        if installation.error is None:
            runs.engine_is_ready()
        redraw()


def remember(report: Report | None, fault: Uner3dError | None) -> None:
    """Have the panels show what a check has found, or why it failed."""
    forget()
    _registry.report, _registry.fault = report, fault
    if report is not None:
        runs.engine_is_ready()


def forget() -> None:
    """Have the disk asked anew, and what was found earlier forgotten."""
    _registry.seen = _registry.fault = _registry.report = None


def redraw() -> None:
    """Have the sidebars and the preferences drawn again, and nothing that takes long to draw."""
    redraw_sidebars()
    redraw_preferences()


def _tick() -> float | None:
    installation = _registry.installation
    if installation is None:
        return None
    if installation.ended:
        finish(installation)
        return None
    shown = (installation.progress, installation.cancelling)
    if shown != _registry.shown:
        _registry.shown = shown
        redraw()
    return TICK_SECONDS


def unregister() -> None:
    """End a running installation; what it has downloaded stays."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    installation = _registry.installation
    if installation is not None:
        installation.cancel()
        installation.wait(2.0)
        _registry.installation = None
    forget()
