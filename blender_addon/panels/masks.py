# SPDX-License-Identifier: GPL-3.0-or-later
"""The masks of the inputs: the button that has them drawn, how far that is, and what was chosen."""

from __future__ import annotations

from typing import Any

from uner3d_core.errors import Cancelled

from ..jobs import mask_sheet
from ..operators.masks import UNER3D_OT_CancelMasks, UNER3D_OT_OpenMasks, UNER3D_OT_ShowMasks
from ..translations import translated
from .sidebar import draw_sentences


def draw_masks(layout: Any, context: Any) -> None:
    """Draw them."""
    sheet = mask_sheet.sheet_of(context.scene)
    if sheet is None or sheet.state.ended:
        layout.operator(UNER3D_OT_ShowMasks.bl_idname, icon="MOD_MASK")
    else:
        state = sheet.state
        row = layout.row(align=True)
        share = state.done / state.total if state.total else 0.0
        words = state.stage.capitalize() if state.stage else "Starting the engine"
        row.progress(factor=share, text=translated(words), translate=False)
        row.operator(UNER3D_OT_CancelMasks.bl_idname, text="", icon="CANCEL")
    if sheet is None:
        return
    if sheet.error is not None and not isinstance(sheet.error, Cancelled):
        draw_sentences(layout, "ERROR", (sheet.error.message, sheet.error.hint), context)
    if sheet.notes:
        draw_sentences(layout, "INFO", sheet.notes, context)
    if mask_sheet.image_of(sheet) is not None:
        layout.operator(UNER3D_OT_OpenMasks.bl_idname, icon="IMAGE_DATA")
