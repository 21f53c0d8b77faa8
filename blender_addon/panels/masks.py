# SPDX-License-Identifier: GPL-3.0-or-later
"""The masks of the inputs: what makes them, the button that has them drawn, and what was chosen."""

from __future__ import annotations

from typing import Any

from uner3d_core.errors import Cancelled
from uner3d_core.inputs.survey import Mask

from .. import fetching, installing, mask_networks, preferences
from ..engine.builds import MASKS
from ..inputs import survey
from ..jobs import mask_sheet
from ..operators.engine import UNER3D_OT_EngineAddMasks
from ..operators.masks import UNER3D_OT_CancelMasks, UNER3D_OT_OpenMasks, UNER3D_OT_ShowMasks
from ..operators.weights import UNER3D_OT_FetchMaskNetwork
from ..properties import MASK_MODEL_WORDS
from ..translations import translated
from .fetching import draw_adding, draw_fetch, draw_fetching
from .sidebar import draw_sentences


def draw_masks(layout: Any, context: Any) -> None:
    """Draw them."""
    settings = context.scene.uner3d
    if settings.mask_model != "NONE" or _lacks_masks(context.scene):
        layout.prop(settings, "mask_model")
        if settings.mask_model != "NONE":
            _draw_lacking(layout, context, settings.mask_model)
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


def _lacks_masks(scene: Any) -> bool:
    """Tell whether an image is known to bring no mask; a video never does."""
    known = survey.known(scene)
    return bool(known.videos) or any(
        facts.size is not None and facts.mask is Mask.NONE for facts in known.images.values()
    )


def _draw_lacking(layout: Any, context: Any, model: str) -> None:
    """Draw what the network still lacks: its weights, or a part of the engine; nothing where all is there."""
    state = fetching.current(MASKS)
    if state is not None:
        draw_fetching(layout, state)
        return
    fault = fetching.last_fault(MASKS)
    if fault is not None:
        draw_sentences(layout, "ERROR", (fault.message, fault.hint), context)
    if not mask_networks.is_there(model):
        words = f"The network “{MASK_MODEL_WORDS[model][0]}” is not there yet."
        box = draw_sentences(layout, "INFO", (words,), context)
        draw_fetch(box, context, UNER3D_OT_FetchMaskNetwork.bl_idname, "Fetch Network").network = model
    if preferences.lacks_extra(MASKS) and installing.current() is None:
        words = "The engine lacks what the networks that make masks need: ONNX Runtime."
        draw_adding(draw_sentences(layout, "INFO", (words,), context), UNER3D_OT_EngineAddMasks.bl_idname)
