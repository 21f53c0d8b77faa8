# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel Reconstruct: inputs, settings, and the queue."""

from __future__ import annotations

from typing import Any

import bpy

from uner3d_core.methods import METHODS

from ..inputs import survey
from ..jobs import runs, starting
from ..operators.running import UNER3D_OT_Dismiss, UNER3D_OT_Reconstruct
from ..operators.surroundings import UNER3D_OT_ShowColours
from ..properties import METHOD_NAMES
from ..shading import COLOURS_HIDDEN, shows_colours
from .inputs import draw_inputs
from .masks import draw_masks
from .point_e import draw_choices, draw_prompt, draw_settings, draw_weights, is_ready
from .presets import UNER3D_PT_Setups, draw_list_button
from .running import draw_run, draw_waiting
from .sidebar import SidebarPanel, draw_sentences

_DISMISS = UNER3D_OT_Dismiss.bl_idname


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
        known = survey.known(context.scene)

        column = layout.column()
        takes = METHODS[METHOD_NAMES[settings.method]].takes
        is_prompt = takes == "prompt"
        if is_prompt:
            draw_prompt(column, context)
        else:
            draw_inputs(column, context)
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(settings, "method")
        if is_prompt:
            _draw_prompt_settings(column, context)
        elif any(item.filepath for item in settings.inputs):
            column.prop(settings, "camera_file")
            column.prop(settings, "mask_folder")
            draw_masks(column, context)
            if takes == "views":
                if known.camera_file is None:
                    column.prop(settings, "longest_side")
                column.prop(settings, "refine_cameras")
        elif settings.inputs:
            column.prop(settings, "maximum_side")
            if takes == "depth views":
                column.prop(settings, "flat")
        if not is_prompt:
            row = column.row()
            row.enabled = takes != "depth views"  # which takes the time that it takes
            row.prop(settings, "preset")
        column.prop(settings, "points")
        column.prop(settings, "seed")

        row = layout.row()
        row.scale_y = 1.5
        can_start = bool(settings.inputs) and not known.is_refused
        row.enabled = is_ready(context.scene) if is_prompt else can_start
        text = "Reconstruct" if run is None else "Reconstruct After This"
        row.operator(UNER3D_OT_Reconstruct.bl_idname, text=text, icon="POINTCLOUD_DATA")
        if run is not None:
            draw_run(layout, run, settings)
            for note in run.log:
                draw_sentences(layout, "INFO", (note,), context)
            draw_waiting(layout, runs.waiting())
        draw_choices(layout, context)
        _draw_end(layout, context)


def _draw_prompt_settings(column: Any, context: Any) -> None:
    settings = context.scene.uner3d
    if settings.prompt_kind == "PICTURE" and any(item.filepath for item in settings.inputs):
        column.prop(settings, "mask_folder")
        draw_masks(column, context)
    draw_settings(column, settings)
    draw_weights(column, context)


def _draw_end(layout: Any, context: Any) -> None:
    """Draw how the last run ended, as long as that is news."""
    error = runs.last_error()
    if error is not None and not starting.is_answered(context.scene):
        draw_sentences(layout, "ERROR", (error.message, error.hint), context, dismiss=_DISMISS)
    made = _last_made()
    if made is not None and not shows_colours(context.space_data, made):
        words = (f"“{made.name}” is ready.", COLOURS_HIDDEN)
        column = draw_sentences(layout, "CHECKMARK", words, context, dismiss=_DISMISS)
        column.separator()
        column.operator(UNER3D_OT_ShowColours.bl_idname, icon="SHADING_TEXTURE")
    for warning in runs.last_warnings():
        draw_sentences(layout, "INFO", (warning,), context, dismiss=_DISMISS)


def _last_made() -> Any:
    """Find what the last run has made; None where it is gone or has another name by now."""
    uid, name = runs.last_made() or (0, "")
    made = bpy.data.objects.get(name)
    return made if made is not None and made.session_uid == uid else None
