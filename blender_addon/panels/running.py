# SPDX-License-Identifier: GPL-3.0-or-later
"""The running job: how far it is, and what stops it."""

from __future__ import annotations

from typing import Any

from ..engine.client import Phase
from ..operators.running import UNER3D_OT_Cancel, UNER3D_OT_KeepPreview
from ..run import Run


def draw_run(layout: Any, run: Run) -> None:
    """Draw how far a run is."""
    state = run.state
    column = layout.column(align=True)
    if state.phase is Phase.CANCELLING:
        text = "Cancelling"
    else:
        text = state.stage.capitalize() if state.stage else "Starting the engine"
    if state.total:
        text = f"{text}: {state.done:,} of {state.total:,}"
    column.progress(factor=state.done / state.total if state.total else 0.0, text=text)
    if state.eta_seconds is not None:
        column.label(text=f"About {_duration(state.eta_seconds)} to the end of this stage")
    row = column.row(align=True)
    row.operator(UNER3D_OT_Cancel.bl_idname, icon="CANCEL")
    if state.previews:
        row.operator(UNER3D_OT_KeepPreview.bl_idname, icon="PINNED")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
