# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: the job that is running, those that wait behind it, and how earlier ones ended.

It is kept here and in no data of Blender's, since undo and loading a file replace these while a job runs.
A run remembers the ``session_uid`` of whatever it is about and looks it up each time.

What becomes of a job when


another file is loaded
    It goes on, unless it still needs the file, to render cameras or to look for its cloud: then it fails when
    its turn comes. Its result finds no scene, stays in its folder, and is listed.
something is undone or redone
    It goes on. Where undo took what the result was for, the result stays in its folder, and is listed.
Blender is closed, or the add-on is disabled
    The worker is ended and the queue is lost. A result that was whole already is listed the next time.
Blender crashes
    The same, as the end of standard input ends the worker. What is left of its folder goes after some days.
the computer sleeps
    It goes on when the computer wakes; see ``engine.client`` for how a hang is told from that.
its window is closed
    It goes on, see ``driving``.
"""

from __future__ import annotations

import contextlib
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.errors import (
    CameraError,
    Cancelled,
    CloudFileError,
    EngineError,
    ImageError,
    InputError,
    ReconstructionError,
    Uner3dError,
)

from ..engine.client import Phase
from ..inputs import adding
from . import failures, folders
from .folders import FinishedJob
from .placing import by_uid
from .run import Run

MOST_ENDED = 20
_CLOSED = Uner3dError("The add-on was switched off.")
_OF_INPUTS = (InputError, ImageError, CameraError, ReconstructionError)
"""Errors that other inputs may answer."""


@dataclass(frozen=True)
class EndedJob:
    """A job that brought nothing into the scene: one of this session, or an earlier one that failed.

    Parameters
    ----------
    title : str
        Name of the cloud that it was to make.
    folder : Path, optional
        Its job folder, which may hold a result nevertheless; None where it could not begin.
    error : Uner3dError
        Why; ``Cancelled`` where the person has stopped it.
    ended : datetime
        When.
    number : int
        Counts those of this session.
    again : callable, optional
        Puts the same job into the queue once more.
    kept : Path, optional
        Where it is kept for other sessions.
    """

    title: str
    folder: Path | None
    error: Uner3dError
    ended: datetime
    number: int
    again: Callable[[], Run] | None = None
    kept: Path | None = None


@dataclass
class _Queue:
    """What the panels show: the first run is the one that is running."""

    runs: list[Run] = field(default_factory=list)
    error: Uner3dError | None = None
    inputs: tuple[object, ...] | None = None
    made: tuple[int, str] | None = None
    warnings: tuple[str, ...] = ()
    ended: deque[EndedJob] = field(default_factory=lambda: deque(maxlen=MOST_ENDED))
    results: list[FinishedJob] = field(default_factory=list)
    results_error: Uner3dError | None = None
    count_ended: int = 0


_queue = _Queue()


def current() -> Run | None:
    """Tell which run there is."""
    return _queue.runs[0] if _queue.runs else None


def waiting() -> tuple[Run, ...]:
    """Tell which runs wait behind the current one, in order."""
    return tuple(_queue.runs[1:])


def last_error() -> Uner3dError | None:
    """Tell why the last run failed; None where it did not."""
    return _queue.error


def last_warnings() -> tuple[str, ...]:
    """Tell what the last run warned of, such as images that were left out."""
    return _queue.warnings


def ended() -> tuple[EndedJob, ...]:
    """Tell which jobs brought nothing into the scene, the newest first, see :class:`EndedJob`."""
    return tuple(_queue.ended)


def forget_ended(folder: Path | None = None) -> None:
    """Forget which jobs brought nothing into the scene: all, or the one with a result in ``folder``."""
    gone = [job for job in _queue.ended if folder in (None, job.folder)]
    for job in gone:
        forget(job)
    if folder is None:
        _queue.error = None


def forget(job: EndedJob) -> None:
    """Forget a job that brought nothing into the scene, and its error where the panel shows that."""
    _queue.ended.remove(job)
    if job.kept is not None:
        failures.forget(job.kept)
    if job.error is _queue.error:
        _queue.error = None


def remember(
    error: Uner3dError,
    title: str,
    again: Callable[[], Run] | None,
    inputs: tuple[object, ...] | None = None,
) -> None:
    """Have the panels show why a run could not begin; an earlier failure of the same is listed no longer.

    Parameters
    ----------
    error : Uner3dError
        Why.
    title : str
        Name of the cloud that it was to make.
    again : callable, optional
        Tries once more.
    inputs : tuple, optional
        What the inputs are that it is about, see ``inputs.adding.describe_inputs``.
    """
    dismiss()
    for job in ended():
        if again is not None and job.again is again:
            forget(job)
    _queue.error, _queue.inputs = error, inputs
    _list_ended(title, None, error, again)


def error_inputs() -> tuple[object, ...] | None:
    """Tell what the inputs were that :func:`last_error` is about; None where it is not about inputs."""
    return _queue.inputs if isinstance(_queue.error, _OF_INPUTS) else None


def last_made() -> tuple[int, str] | None:
    """Tell ``session_uid`` and name of the object that the last run has made, till that is dismissed."""
    return _queue.made


def dismiss() -> None:
    """Show no longer how the last run ended."""
    _queue.error, _queue.inputs, _queue.made, _queue.warnings = None, None, None, ()


def engine_is_ready() -> None:
    """Show no longer that there was no engine."""
    if isinstance(_queue.error, EngineError):
        dismiss()


def add(run: Run) -> None:
    """Put ``run`` at the end of the queue."""
    if not _queue.runs:
        dismiss()
    _queue.runs.append(run)


def refuse_busy() -> None:
    """Make sure that no job is running: one that is waited for would let Blender stand still behind it.

    Raises
    ------
    InputError
        If one is.
    """
    if _queue.runs:
        raise InputError("A job is running already.", "Wait for it to finish, or cancel it.")


def cancel(run: Run, keep_preview: bool = False) -> None:
    """Ask ``run`` to stop; one that still waits leaves the queue at once."""
    run.keep_preview = keep_preview
    run.cancel()
    if run in waiting():
        end(run, Cancelled())


def cancel_all(keep_preview: bool = False) -> None:
    """Empty the queue, and ask the current run to stop."""
    for run in reversed(_queue.runs):
        cancel(run, keep_preview)


def end(run: Run, error: Uner3dError | None = None) -> None:
    """Take ``run`` out of the queue; ``error`` is why its result was not taken, None where it was.

    Of a folder that was made for it there stays a result that may be wanted, or the log of a fault that
    nobody foresaw.
    """
    if run.over:
        return
    _close(run, error)
    _queue.runs.remove(run)
    _queue.warnings = run.log if run.state.phase is Phase.FINISHED else ()
    _queue.made = None
    if error is not None:
        _list_ended(run.title, run.folder, error, run.again, _keep_failure(run, error))
        if not isinstance(error, Cancelled):
            scene = by_uid(bpy.data.scenes, run.scene) if run.of_inputs else None
            _queue.error = error
            _queue.inputs = None if scene is None else adding.describe_inputs(scene)
    elif run.made is not None:
        made = by_uid(bpy.data.objects, run.made)
        _queue.made = None if made is None else (run.made, made.name)
    list_results()


def _list_ended(
    title: str,
    folder: Path | None,
    error: Uner3dError,
    again: Callable[[], Run] | None,
    kept: Path | None = None,
) -> None:
    _queue.count_ended += 1
    now = datetime.now().astimezone()
    if len(_queue.ended) == MOST_ENDED:
        forget(_queue.ended[-1])
    _queue.ended.appendleft(EndedJob(title, folder, error, now, _queue.count_ended, again, kept))


def _keep_failure(run: Run, error: Uner3dError) -> Path | None:
    """Keep for other sessions that a job failed; None where it need not, or can't, be kept."""
    if isinstance(error, Cancelled) or not run.temporary or run.cloud is not None:
        return None
    try:
        return failures.keep(run.title, run.folder, run.task, error)
    except (OSError, Uner3dError):  # the disk is full, perhaps; this session tells of it all the same
        return None


def list_earlier(failure: failures.Failure, again: Callable[[], Run] | None) -> None:
    """List a job that failed in an earlier session behind the others, unless it is there or they are many."""
    if len(_queue.ended) == MOST_ENDED or any(job.kept == failure.folder for job in _queue.ended):
        return
    _queue.count_ended += 1
    _queue.ended.append(
        EndedJob(failure.title, None, failure.error, failure.ended, _queue.count_ended, again, failure.folder)
    )


def end_all() -> None:
    """End all jobs at once, as when the add-on is switched off."""
    for run in reversed(_queue.runs):
        _close(run, _CLOSED)
    _queue.runs.clear()


def _close(run: Run, error: Uner3dError | None) -> None:
    run.close()
    run.over, run.error = True, error
    if run.preview is not None:
        run.preview.close()
    if run.filling is not None:
        run.filling.discard()
    if run.lock is not None:
        run.lock.release()
    if run.temporary:
        _clear(run.folder, _kept(run, error))


def _kept(run: Run, error: Uner3dError | None) -> tuple[str, ...]:
    """Names of what stays in the folder of a run that has ended."""
    if run.offers and error is None and run.state.result is not None:
        clouds = [Path(file) for file in run.state.result.files.values()]
        return tuple(path.with_suffix(suffix).name for path in clouds for suffix in (".ply", ".png"))
    made_again = not isinstance(run.task, protocol.Reconstruct)
    is_useless = isinstance(error, Cancelled | CloudFileError) or (made_again and error is None)
    if folders.is_finished(run.folder) and not is_useless:
        return folders.RESULT_FILES  # of what lies in the scene and can be made again from a field, none
    unforeseen = type(run.state.error) in (Uner3dError, EngineError)
    return (protocol.LOG_FILE,) if unforeseen else ()


def _clear(folder: Path, kept: tuple[str, ...]) -> None:
    """Remove what is in a folder but for some names, and the folder where none of these is there."""
    if not any((folder / name).exists() for name in kept):
        shutil.rmtree(folder, ignore_errors=True)
        return
    # What can't be removed now, such as a file that is still open, is found again as abandoned.
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.name in kept:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def results() -> list[FinishedJob]:
    """Tell the results of earlier jobs as they were when last looked for; no disk is asked."""
    return _queue.results


def results_error() -> Uner3dError | None:
    """Tell why the results of earlier jobs could not be looked for; None where they could."""
    return _queue.results_error


def list_results() -> None:
    """Look for the results of earlier jobs."""
    try:
        _queue.results, _queue.results_error = folders.finished_jobs(), None
    except Uner3dError as error:
        _queue.results, _queue.results_error = [], error


def unregister() -> None:
    """End all jobs."""
    end_all()
