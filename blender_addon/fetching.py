# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching trained networks' weights, by a worker in a process of its own, so that nothing waits for them.

What has come is kept where fetching is cancelled or broken off, and it goes on there.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.errors import Cancelled, InputError, OutputError, Uner3dError, WeightsError

from . import installing, preferences
from .engine.client import Job, JobState

TICK_SECONDS = 0.25


@dataclass
class _Fetching:
    what: str
    job: Job
    folder: Path
    state: JobState
    ended: Callable[[], None]


@dataclass
class _Registry:
    running: _Fetching | None = None
    fault: tuple[str, Uner3dError] | None = None


_registry = _Registry()


def is_running() -> bool:
    """Tell whether anything is being fetched."""
    return _registry.running is not None


def current(what: str) -> JobState | None:
    """Tell how far the fetching of something is, a name of ``builds.WANTED``; None where there is none."""
    running = _registry.running
    return running.state if running is not None and running.what == what else None


def last_fault(what: str) -> Uner3dError | None:
    """Tell why the last fetching of something failed; None where it did not."""
    return _registry.fault[1] if _registry.fault is not None and _registry.fault[0] == what else None


def forget_fault(what: str) -> None:
    """Tell no longer why the last fetching of something failed."""
    if last_fault(what) is not None:
        _registry.fault = None


def start(
    what: str,
    task: protocol.FetchWeights,
    ended: Callable[[], None],
    *,
    engine_python: Path | None = None,
) -> None:
    """Start to fetch; :func:`advance` tells how far it is.

    Parameters
    ----------
    what : str
        Of what it is, a name of ``builds.WANTED``.
    task : FetchWeights
        For the worker.
    ended : callable
        Called once it is over, however it ends.
    engine_python : Path, optional
        The Python that runs the worker. None: the one of the preferences.

    Raises
    ------
    InputError
        If something is being fetched already.
    WeightsError
        If Blender's online access is off.
    EngineError
        If there is no engine.
    """
    if is_running():
        raise InputError("Weights are being fetched already.", "Wait for them, or cancel that.")
    _require_online_access()
    python = engine_python or preferences.engine_python()
    try:
        folder = Path(tempfile.mkdtemp(prefix="uner3d_weights_"))
    except OSError as error:
        raise OutputError(
            f"No folder for the job can be made: {error.strerror}.", "See whether the disk is full."
        ) from error
    try:
        protocol.write_job(folder, task)
        job = Job(python, folder)
        job.start()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _registry.fault = None
    _registry.running = _Fetching(what, job, folder, job.poll(), ended)
    if not bpy.app.background and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=TICK_SECONDS, persistent=True)


def advance() -> JobState:
    """Look how far the fetching is; once it has ended, take note of how.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    running = _registry.running
    if running is None:
        raise RuntimeError("Nothing is being fetched.")
    state = running.state = running.job.poll()
    if state.ended:
        _end(running)
        if state.error is not None and not isinstance(state.error, Cancelled):
            _registry.fault = running.what, state.error
    return state


def wait(on_progress: Callable[[JobState], None] | None = None) -> None:
    """Wait till what was started is there.

    Parameters
    ----------
    on_progress : callable, optional
        Called with the job's state whenever that is new.

    Raises
    ------
    Uner3dError
        Why it is not there.
    """
    told = None
    try:
        while not (state := advance()).ended:
            if on_progress is not None and state != told:
                on_progress(state)
                told = state
            time.sleep(TICK_SECONDS / 5)
    finally:
        _stop()  # interrupted
    if state.error is not None:
        raise state.error


def cancel() -> None:
    """Stop the fetching; what has come is kept."""
    if _registry.running is not None:
        _registry.running.job.cancel()


def _require_online_access() -> None:
    if installing.is_online():
        return
    if installing.started_offline():
        raise WeightsError(
            "Blender was started with --offline-mode, so nothing is downloaded.",
            "Start Blender without it, or name a folder that has the weights in the add-on's preferences.",
        )
    raise WeightsError(
        "Blender's online access is off, so nothing is downloaded.",
        "Switch on “Allow Online Access” in Blender's preferences, under System, or name a folder that has "
        "the weights in the add-on's.",
    )


def _end(running: _Fetching) -> None:
    shutil.rmtree(running.folder, ignore_errors=True)
    _registry.running = None
    running.ended()


def _stop() -> None:
    """End what is running; what has come stays."""
    if _registry.running is not None:
        _registry.running.job.close()
        _end(_registry.running)


def _tick() -> float | None:
    running = _registry.running
    if running is None:
        return None
    before = running.state
    if advance() != before:
        installing.redraw()
    return TICK_SECONDS if is_running() else None


def unregister() -> None:
    """End the fetching; what has come stays."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    _stop()
    _registry.fault = None
