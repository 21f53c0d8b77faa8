# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs: their list, and the buttons that fill it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import bpy

from ..operators.inputs import UNER3D_OT_AddImages, UNER3D_OT_AddSelectedCameras, UNER3D_OT_RemoveInputs
from ..operators.surroundings import UNER3D_OT_AddCamerasAround


class UNER3D_UL_Inputs(bpy.types.UIList):
    """The rows of the inputs."""

    def draw_item(  # noqa: PLR0917 -- as Blender calls it
        self,
        context: Any,
        layout: bpy.types.UILayout,
        data: Any,
        item: Any,
        icon: int | None,
        active_data: Any,
        active_property: str | None,
        index: int | None = 0,
        flt_flag: int | None = 0,
    ) -> None:
        """Draw one row."""
        if item.filepath:
            layout.label(text=PurePath(item.filepath.replace("\\", "/")).name, icon="IMAGE_DATA")
        elif item.camera:
            layout.label(text=item.camera.name, icon="CAMERA_DATA")
        else:
            layout.label(text="Deleted camera", icon="ERROR")


def draw_inputs(column: Any, settings: Any) -> None:
    """Draw the list of a scene's inputs and what adds to it and removes from it."""
    row = column.row()
    row.template_list(UNER3D_UL_Inputs.__name__, "", settings, "inputs", settings, "active_input", rows=4)
    buttons = row.column(align=True)
    buttons.operator(UNER3D_OT_RemoveInputs.bl_idname, text="", icon="REMOVE")
    buttons.operator(UNER3D_OT_RemoveInputs.bl_idname, text="", icon="TRASH").everything = True
    row = column.row(align=True)
    row.operator(UNER3D_OT_AddSelectedCameras.bl_idname, text="Add Cameras", icon="OUTLINER_OB_CAMERA")
    row.operator(UNER3D_OT_AddImages.bl_idname, text="Add Images", icon="FILE_IMAGE")
    column.operator_menu_enum(
        UNER3D_OT_AddCamerasAround.bl_idname, "kind", text="Add Cameras Around", icon="SPHERE"
    )
