# SPDX-License-Identifier: GPL-3.0-or-later
"""What gets a trained network and what it needs: the buttons, and how far the fetching is."""

from __future__ import annotations

from typing import Any

from .. import installing, preferences
from ..engine.client import JobState, Phase
from ..operators.weights import UNER3D_OT_CancelWeights
from ..translations import translated
from .sidebar import draw_sentences


def draw_fetch(column: Any, context: Any, operator: str, text: str) -> Any:
    """Draw the button; where Blender may not use the network, also what allows it. Give what it starts."""
    if not installing.is_online():
        if installing.started_offline():
            words = "Blender was started with --offline-mode, so nothing can be downloaded."
            draw_sentences(column, "INTERNET_OFFLINE", (words,), context)
        else:
            allowed = column.row()
            allowed.use_property_split = False  # its name needs the room
            allowed.prop(context.preferences.system, "use_online_access", text="Allow Online Access")
    row = column.row()
    row.enabled = installing.is_online()
    return row.operator(operator, text=translated(text), icon="IMPORT", translate=False)


def draw_fetching(layout: Any, state: JobState) -> None:
    """Draw how far it is, and the button that stops it."""
    column = layout.column(align=True)
    stage = state.stage if state.stage else "Starting the engine"
    text = translated(f"{stage}: {state.done:,} of {state.total:,}" if state.total else stage)
    if state.phase is Phase.CANCELLING:
        text = translated("Cancelling")
    factor = state.done / state.total if state.total else 0.0
    column.progress(factor=min(factor, 1.0), text=text, translate=False)
    column.operator(UNER3D_OT_CancelWeights.bl_idname, icon="CANCEL")


def draw_adding(column: Any, operator: str) -> None:
    """Draw the button that adds to the installed engine what it lacks."""
    row = column.row()
    row.enabled = installing.is_online() and preferences.own_python() is None
    row.operator(operator, icon="IMPORT")
