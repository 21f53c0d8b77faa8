# SPDX-License-Identifier: GPL-3.0-or-later
"""The job that is running: one at a time, kept here and not in any Blender data.

Undo and loading a file replace Blender's data while a job runs, so a run remembers the ``session_uid`` of
whatever it is about and looks it up each time.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.errors import Cancelled, EngineError, InputError, Uner3dError

from .engine.client import Phase
from .jobs import FinishedJob, finished_jobs
from .run import Run


@dataclass
class _Registry:
    """What the panel shows: the run there is, how the last one ended, and earlier results."""

    run: Run | None = None
    error: Uner3dError | None = None
    warnings: tuple[str, ...] = ()
    results: list[FinishedJob] = field(default_factory=list)


_registry = _Registry()


def current() -> Run | None:
    """Tell which run there is."""
    return _registry.run


def last_error() -> Uner3dError | None:
    """Tell why the last run failed; None where it did not."""
    return _registry.error


def last_warnings() -> tuple[str, ...]:
    """Tell what the last run warned of, such as images that were left out."""
    return _registry.warnings


def remember(error: Uner3dError) -> None:
    """Have the panel show why a run could not begin, unless there is another one."""
    if _registry.run is None:
        _registry.error, _registry.warnings = error, ()


def begin(run: Run) -> None:
    """Make ``run`` the run there is.

    Raises
    ------
    InputError
        If there is one already.
    """
    refuse_second()
    _registry.run, _registry.error, _registry.warnings = run, None, ()


def refuse_second() -> None:
    """Make sure that no job is running.

    Raises
    ------
    InputError
        If one is.
    """
    if _registry.run is not None:
        raise InputError("A job is running already.", "Wait for it to finish, or cancel it.")


def end(run: Run, error: Uner3dError | None = None) -> None:
    """Forget ``run``; ``error`` is why it failed.

    Of a folder that was made for it the results stay, or the log of a fault that nobody foresaw.
    """
    run.close()
    if run.preview is not None:
        run.preview.close()
    if run.temporary:
        _clear(run.folder, _kept(run))
    if _registry.run is run:
        _registry.run = None
        _registry.error = None if isinstance(error, Cancelled) else error
        _registry.warnings = run.state.log if run.state.phase is Phase.FINISHED else ()
        list_results()


def _kept(run: Run) -> tuple[str, ...]:
    """Names of what stays in the folder of a run that has ended."""
    if run.state.phase is Phase.FINISHED:
        if not isinstance(run.task, protocol.Reconstruct) or run.task.field is None:
            return ()  # what was made lies in the scene and can be made again
        return (run.task.cloud.name, run.task.field.name, protocol.JOB_FILE)
    unforeseen = type(run.state.error) in (Uner3dError, EngineError)
    return (protocol.LOG_FILE,) if unforeseen else ()


def _clear(folder: Path, kept: tuple[str, ...]) -> None:
    """Remove what is in a folder but for some names, and the folder where none of these is there."""
    if not any((folder / name).exists() for name in kept):
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in kept:
            path.unlink(missing_ok=True)


def results() -> list[FinishedJob]:
    """Tell the results of earlier jobs as they were when last looked for; no disk is asked."""
    return _registry.results


def list_results() -> None:
    """Look for the results of earlier jobs."""
    _registry.results = finished_jobs()


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator] # the stubs say nothing
def _file_will_load(*_: object) -> None:
    if _registry.run is not None:
        end(_registry.run)


def register() -> None:
    """Have a job end when another file is loaded."""
    bpy.app.handlers.load_pre.append(_file_will_load)


def unregister() -> None:
    """End a running job."""
    if _file_will_load in bpy.app.handlers.load_pre:
        bpy.app.handlers.load_pre.remove(_file_will_load)
    if _registry.run is not None:
        end(_registry.run)
