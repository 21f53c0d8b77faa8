# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the queue go on: a caller who waits, or in a window one modal operator for all jobs.

The operator ends when its window is closed or another file is loaded. A timer of the application, which
outlives both, then starts it again in a window that is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

import bpy

from uner3d_core import protocol
from uner3d_core.cloud_files import read_npz
from uner3d_core.errors import Cancelled, InputError, Uner3dError

from ..cloud_arrays import CloudArrays
from ..engine.client import JobState, Phase
from ..standing import stand
from . import choices, runs
from .filling import Filling
from .placing import add_to_scene, by_uid, current_scene, prepare_display, remove_unused_display, take_result
from .preview import Preview
from .run import LOADING_STAGE, Run

POLL_SECONDS = 0.05
WAKE_SECONDS = 0.2
TICK_SECONDS = 0.1
DRIVERS = {
    "UNER3D_OT_reconstruct",
    "UNER3D_OT_take_choice",
    "UNER3D_OT_resample",
    "UNER3D_OT_convert_to_mesh",
    "UNER3D_OT_run_queue",
}
"""The operators that can drive the queue."""

_ticking: list[Any] = []  # the timer of the operator that does; it lives no longer than that or its window


def complete(run: Run, on_progress: Callable[[JobState], None] | None = None) -> bpy.types.Object:
    """Wait for a run, and for those before it, and take its result into the scene.

    Raises
    ------
    Uner3dError
        As :func:`finish`.
    """
    _wait(run, on_progress)
    return finish(run)


def complete_choices(
    run: Run, on_progress: Callable[[JobState], None] | None = None
) -> tuple[choices.Choice, ...]:
    """Wait for a run that makes clouds to choose from, and for those before it.

    Returns
    -------
    tuple of Choice
        What there is to choose from.

    Raises
    ------
    Uner3dError
        What the run failed with; ``Cancelled`` where it was cancelled.
    """
    _wait(run, on_progress)
    _conclude(run)
    return choices.offered()


def _wait(run: Run, on_progress: Callable[[JobState], None] | None) -> None:
    told = previous = run.state
    try:
        while not run.over and not run.state.ended:
            ahead = runs.current()
            if ahead is not None and ahead is not run:
                advance()
            elif on_progress is not None and run.advance() != told and not run.state.ended:
                on_progress(run.state)
                told = run.state
            else:
                run.advance()
            # What renders in this process needs no pause.
            if run.preparation is None or run.state == previous:
                time.sleep(POLL_SECONDS)
            previous = run.state
    finally:
        if not run.state.ended:  # interrupted
            runs.end(run, Cancelled())


def finish(run: Run) -> bpy.types.Object:
    """Take the result of a run that has ended into the scene; of one that is over tell the object again.

    Returns
    -------
    bpy.types.Object
        The new cloud, the resampled one, or the mesh.

    Raises
    ------
    Uner3dError
        What the run failed with; ``Cancelled`` where it was cancelled.
    """
    _conclude(run)
    cloud = None if run.made is None else by_uid(bpy.data.objects, run.made)
    if cloud is None:
        raise InputError(f"“{run.title}” was deleted after it was made.", "Undo, or make it again.")
    return cast("bpy.types.Object", cloud)


def _conclude(run: Run) -> None:
    """Take the result of a run that has ended, and the run out of the queue."""
    error = run.error or run.state.error
    try:
        if error is not None:
            raise error
        if run.state.result is None:
            raise RuntimeError("Only a run that has ended can be finished.")
        if not run.over and run.offers:
            choices.offer(run, run.state.result)
        elif not run.over:
            run.made = take_result(run, run.state.result).session_uid
    except BaseException as problem:  # whatever happens, the next job must not find this one still there
        remove_unused_display()
        runs.end(run, _explained(problem))
        raise
    runs.end(run)


def _explained(problem: BaseException) -> Uner3dError:
    if isinstance(problem, Uner3dError):
        return problem
    what = " ".join(f"{type(problem).__name__}: {problem}".split())
    return Uner3dError(f"Something went wrong that should not ({what}).", "Please report it.")


def keep_preview(run: Run | None = None) -> bpy.types.Object:
    """Make a cloud object of the newest early cloud of a run, by default of the one that is running.

    Raises
    ------
    InputError
        If no job is running, or it has shown nothing yet.
    """
    run = run or runs.current()
    if run is None or not run.state.previews:
        raise InputError("No job shows a preview.", "Start one, and wait for its first cloud.")
    scene = by_uid(bpy.data.scenes, run.scene) or current_scene()
    cloud = add_to_scene(read_npz(run.state.previews[-1]), f"{run.title} Preview", scene)
    if run.estimated_place is not None:
        stand(cloud, run.estimated_place)
    return cloud


def advance() -> Run | None:
    """Do what is due of the queue's first run.

    Returns
    -------
    Run, optional
        The run, if it is over now: its ``made`` is the object it became, its ``error`` why there is none.
    """
    run = runs.current()
    if run is None:
        return None
    if run.preview is None and not bpy.app.background:
        run.preview = Preview(run.scene)
    is_busy = is_person_busy() or _is_edited(run)
    try:
        if is_busy and run.preparation is not None and run.state.phase is not Phase.CANCELLING:
            return None
        if not run.advance().ended:
            if run.state.stage == LOADING_STAGE and not is_busy:
                prepare_display()  # now, so that the step that makes the cloud is shorter
            return None
        is_kept = run.state.phase is Phase.CANCELLED and run.keep_preview and bool(run.state.previews)
        if is_busy and (is_kept or run.state.phase is Phase.FINISHED):
            return None
        if is_kept:
            run.made = keep_preview(run).session_uid
        elif not _is_filled(run):
            return None
        _conclude(run)
    except BaseException as problem:
        remove_unused_display()
        runs.end(run, _explained(problem))
        if not isinstance(problem, Uner3dError):
            raise
    return run


def _is_filled(run: Run) -> bool:
    """Go on with the mesh of the cloud that a run has made; tell whether it is whole, or there is none."""
    result = run.state.result
    if result is None or run.offers or isinstance(run.task, protocol.ConvertToMesh):
        return True
    if run.filling is None:
        run.filling = Filling(cast("CloudArrays", run.loaded(result)), run.title)
    return run.filling.advance()


def _is_edited(run: Run) -> bool:
    """Tell whether the object whose points or surface are wanted is being edited, sculpted or painted."""
    cloud = None if run.cloud is None else by_uid(bpy.data.objects, run.cloud)
    return cloud is not None and cloud.mode != "OBJECT"


def is_person_busy() -> bool:
    """Tell whether an operator of the person's, such as moving an object or rendering, is under way.

    It may hold on to objects, and an undo step made meanwhile would hold what is half done. Operators that
    only listen, as some add-ons have them all the time, do not count.
    """
    if bpy.app.is_job_running("RENDER") or bpy.app.is_job_running("OBJECT_BAKE"):
        return True
    return any(
        {"UNDO", "BLOCKING"} & operator.bl_options and operator.bl_idname not in DRIVERS
        for operator in _modal_operators()
    )


def is_driven() -> bool:
    """Tell whether an operator drives the queue."""
    return any(operator.bl_idname in DRIVERS for operator in _modal_operators())


def _modal_operators() -> list[Any]:
    manager: Any = bpy.context.window_manager
    found = [operator for window in manager.windows for operator in window.modal_operators]
    return [operator for operator in found if operator is not None]  # as those of add-ons switched off are


def start_ticking(window: bpy.types.Window) -> None:
    """Send the operator that drives the queue an event now and then."""
    manager: Any = bpy.context.window_manager
    _ticking.append(manager.event_timer_add(TICK_SECONDS, window=window))


def stop_ticking() -> None:
    """Send it no events any more."""
    manager: Any = bpy.context.window_manager
    while _ticking:
        manager.event_timer_remove(_ticking.pop())


def wake() -> None:
    """See to it that, in a moment, an operator drives the queue, if there is a window."""
    if not bpy.app.background and not bpy.app.timers.is_registered(_start_driver):
        bpy.app.timers.register(_start_driver, first_interval=WAKE_SECONDS, persistent=True)


def _start_driver() -> None:
    manager: Any = bpy.context.window_manager
    operators: Any = bpy.ops
    if runs.current() is not None and manager.windows and not is_driven():
        with bpy.context.temp_override(window=manager.windows[0]):
            operators.uner3d.run_queue("INVOKE_DEFAULT")


def unregister() -> None:
    """Start no operator any more; one that is there goes with its class, without being told."""
    stop_ticking()
    if bpy.app.timers.is_registered(_start_driver):
        bpy.app.timers.unregister(_start_driver)
