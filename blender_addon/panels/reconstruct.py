# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel Reconstruct: inputs, settings, and the queue."""

from __future__ import annotations

from typing import Any

import bpy

from ..jobs import runs
from ..operators.running import UNER3D_OT_Reconstruct
from .inputs import draw_inputs
from .presets import UNER3D_PT_Setups, draw_list_button
from .running import draw_run, draw_waiting
from .sidebar import SidebarPanel, draw_sentences


class UNER3D_PT_Reconstruct(SidebarPanel, bpy.types.Panel):
    """Inputs, settings, and the queue."""

    bl_idname = "UNER3D_PT_reconstruct"
    bl_label = "Reconstruct"

    def draw_header_preset(self, context: Any) -> None:
        """Draw the button that opens the setups."""
        draw_list_button(self.layout, UNER3D_PT_Setups)

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        settings = context.scene.uner3d
        run = runs.current()

        column = layout.column()
        draw_inputs(column, context)
        column.use_property_split = True
        column.use_property_decorate = False
        if any(item.filepath for item in settings.inputs):
            column.prop(settings, "camera_file")
            column.prop(settings, "mask_folder")
        elif settings.inputs:
            column.prop(settings, "maximum_side")
        column.prop(settings, "preset")
        column.prop(settings, "points")
        column.prop(settings, "seed")

        row = layout.row()
        row.scale_y = 1.5
        row.enabled = bool(settings.inputs)
        text = "Reconstruct" if run is None else "Reconstruct After This"
        row.operator(UNER3D_OT_Reconstruct.bl_idname, text=text, icon="POINTCLOUD_DATA")
        if run is not None:
            draw_run(layout, run, settings)
            draw_waiting(layout, runs.waiting())
        error = runs.last_error()
        if error is not None:
            draw_sentences(layout, "ERROR", (error.message, error.hint), context)
        for warning in runs.last_warnings():
            draw_sentences(layout, "INFO", (warning,), context)
