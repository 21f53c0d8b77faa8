# SPDX-License-Identifier: GPL-3.0-or-later
"""The running job, how far it is and what stops it, and the jobs that wait behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from uner3d_core import protocol

from ..engine.client import Phase
from ..jobs.run import Run
from ..operators.running import UNER3D_OT_Cancel, UNER3D_OT_KeepPreview, UNER3D_OT_RemoveQueued
from ..translations import translated


def draw_run(layout: Any, run: Run, settings: Any) -> None:
    """Draw how far a run is; ``settings`` are the scene's."""
    state = run.state
    column = layout.column(align=True)
    column.label(text=translated(_what(run)), icon="SORTTIME", translate=False)
    share = state.done / state.total if state.total else 0.0
    column.progress(factor=share, text=translated(_stage(run)), translate=False)
    column.label(
        text=translated(_rest(run)), translate=False
    )  # an empty one too, or the buttons would jump as it comes and goes
    row = column.row(align=True)
    row.operator(UNER3D_OT_Cancel.bl_idname, icon="CANCEL")
    if state.previews:
        row.operator(UNER3D_OT_KeepPreview.bl_idname, icon="PINNED")
    column.prop(settings, "keep_preview")


def draw_waiting(layout: Any, waiting: Sequence[Run]) -> None:
    """Draw the runs that wait, in order."""
    column = layout.column(align=True)
    for number, run in enumerate(waiting, start=2):
        row = column.row(align=True)
        row.label(text=f"{number}. {translated(_what(run))}", icon="TIME", translate=False)
        row.operator(UNER3D_OT_RemoveQueued.bl_idname, text="", icon="X").folder = str(run.folder)
    if waiting:
        column.operator(UNER3D_OT_Cancel.bl_idname, text="Cancel All").everything = True


def _what(run: Run) -> str:
    """Say what a run is about."""
    if isinstance(run.task, protocol.ConvertToMesh):
        return f"Mesh of {run.title}, {run.task.faces:,} faces"
    if isinstance(run.task, protocol.Imagine):
        return f"{run.title}, {run.task.seeds} clouds to choose from"
    count = run.task.settings.points
    points = f"{run.title}, 1 point" if count == 1 else f"{run.title}, {count:,} points"
    return points if isinstance(run.task, protocol.Reconstruct) else f"Resample {points}"


def _stage(run: Run) -> str:
    state = run.state
    if state.phase is Phase.CANCELLING:
        return "Cancelling"
    if state.phase is Phase.FINISHED:
        return "Done, waits for you to finish what you do"
    text = state.stage.capitalize() if state.stage else "Starting the engine"
    return f"{text}: {state.done:,} of {state.total:,}" if state.total else text


def _rest(run: Run) -> str:
    """Say how long the stage still takes, where that is known."""
    seconds = run.state.eta_seconds
    if seconds is None or seconds < 0.5 or run.state.phase is not Phase.RUNNING:
        return ""
    return f"About {_duration(seconds)} to the end of this stage"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
