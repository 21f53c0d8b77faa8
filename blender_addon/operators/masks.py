# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that show, before a run, the masks that it would use."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.errors import Uner3dError

from .. import api
from ..jobs import mask_sheet
from ..translations import error_sentences
from .reporting import report_errors


class UNER3D_OT_ShowMasks(bpy.types.Operator):
    """Draw the masks of the inputs."""

    bl_idname = "uner3d.show_masks"
    bl_label = "Show Masks"
    bl_description = (
        "Look before the run how the object is told from its background in each image, on one sheet; "
        "Blender goes on meanwhile"
    )
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether there are images."""
        return any(row.filepath and row.enabled for row in context.scene.uner3d.inputs)

    def execute(self, context: Any) -> Any:
        """Do it all, and return when it is done."""

        def action() -> str:
            api.show_masks(context.scene)
            return "The masks are drawn."

        return report_errors(self, action)

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Begin it."""
        try:
            mask_sheet.start_masks(context.scene)
        except Uner3dError as error:
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class UNER3D_OT_CancelMasks(bpy.types.Operator):
    """Stop drawing the masks."""

    bl_idname = "uner3d.cancel_masks"
    bl_label = "Cancel"
    bl_description = "Stop drawing the masks"
    bl_options = {"INTERNAL"}

    def execute(self, context: Any) -> Any:
        """Ask the worker to stop."""
        mask_sheet.cancel()
        return {"FINISHED"}


class UNER3D_OT_OpenMasks(bpy.types.Operator):
    """Open the sheet of masks in a window of its own."""

    bl_idname = "uner3d.open_masks"
    bl_label = "Open Sheet"
    bl_description = "Open the sheet of masks in a window of its own"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether it is drawn."""
        sheet = mask_sheet.sheet_of(context.scene)
        return sheet is not None and mask_sheet.image_of(sheet) is not None

    def execute(self, context: Any) -> Any:
        """Open it."""
        sheet = mask_sheet.sheet_of(context.scene)
        image = None if sheet is None else mask_sheet.image_of(sheet)
        if image is None or bpy.ops.wm.window_new() != {"FINISHED"}:
            return {"CANCELLED"}
        window = context.window_manager.windows[-1]
        area = window.screen.areas[0]
        area.type = "IMAGE_EDITOR"
        area.spaces.active.image = image
        region = next(region for region in area.regions if region.type == "WINDOW")
        with context.temp_override(window=window, area=area, region=region):
            bpy.ops.image.view_all(fit_view=True)
        return {"FINISHED"}


CLASSES = (UNER3D_OT_ShowMasks, UNER3D_OT_CancelMasks, UNER3D_OT_OpenMasks)
