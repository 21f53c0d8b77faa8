# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs: their list, what is known about them, and the buttons that fill it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import bpy

from uner3d_core.inputs.survey import Mask

from ..capture import pictured_size
from ..inputs import survey, thumbnails
from ..inputs.survey import Known
from ..operators.inputs import (
    UNER3D_OT_AddImages,
    UNER3D_OT_AddSelectedCameras,
    UNER3D_OT_ExplainInput,
    UNER3D_OT_RemoveInputs,
)
from ..operators.surroundings import UNER3D_OT_AddCamerasAround
from ..operators.view_cameras import UNER3D_OT_ShowInputCameras
from ..translations import translated
from .sidebar import draw_sentences

WIDTH_FOR_SIZES = 330
"""Of the sidebar, in pixels at interface scale 1: in a narrower one the names would have no room."""
_MASK_ICONS = {Mask.NONE: "BLANK1", Mask.ALPHA: "IMAGE_ALPHA", Mask.FILE: "MOD_MASK"}


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
        row: Any = layout.row(align=True)
        row.prop(item, "enabled", text="")
        known = survey.known(data.id_data)
        name = row.row()
        name.active = item.enabled
        states = row.row(align=True)
        states.alignment = "RIGHT"
        if item.filepath:
            wrong, size = _draw_image(name, states, item, known)
        else:
            wrong, size = _draw_camera(name, item, known, data.id_data)
        wide = context.region.width / context.preferences.system.ui_scale >= WIDTH_FOR_SIZES
        if size and wide:
            name.label(text=f"{size[0]} × {size[1]}")
        if wrong or wide:
            explain = states.operator(
                UNER3D_OT_ExplainInput.bl_idname, text="", icon="ERROR" if wrong else "INFO", emboss=False
            )
            explain.row = index


def _draw_image(name: Any, states: Any, item: Any, known: Known) -> tuple[bool, tuple[int, int] | None]:
    text = PurePath(item.filepath.replace("\\", "/")).name
    video = known.videos.get(item.filepath)
    if video is not None:
        name.label(text=text, icon="FILE_MOVIE", translate=False)
        return video.megabytes is None, None
    facts = known.images.get(item.filepath)
    if facts is None or facts.size is None:
        name.label(text=text, icon="IMAGE_DATA", translate=False)
        return facts is not None, None
    name.label(text=text, icon_value=thumbnails.icon(facts.path, facts.stamp), translate=False)
    states.label(icon=_MASK_ICONS[facts.mask])
    states.label(icon="CAMERA_DATA" if facts.has_camera else "BLANK1")
    return bool(facts.sentence), facts.size


def _draw_camera(name: Any, item: Any, known: Known, scene: Any) -> tuple[bool, tuple[int, int] | None]:
    """Draw a camera: that it has a mask and a camera goes without saying, and its name needs the room."""
    camera = item.camera
    if camera is None or camera.session_uid in known.lost_cameras:
        text = camera.name if camera else translated("Deleted camera")
        name.label(text=text, icon="CAMERA_DATA", translate=False)
        return True, None
    name.label(text=camera.name, icon="OUTLINER_OB_CAMERA", translate=False)
    return False, pictured_size(scene.render, scene.uner3d.maximum_side)


def draw_inputs(column: Any, context: Any) -> None:
    """Draw the list of a scene's inputs, what adds to it and removes from it, and what looks wrong."""
    scene = context.scene
    settings = scene.uner3d
    known = survey.known(scene)
    if not settings.inputs:
        _draw_first_steps(column, context)
        return
    row = column.row()
    row.template_list(UNER3D_UL_Inputs.__name__, "", settings, "inputs", settings, "active_input", rows=4)
    buttons = row.column(align=True)
    buttons.operator(UNER3D_OT_RemoveInputs.bl_idname, text="", icon="REMOVE")
    buttons.operator(UNER3D_OT_RemoveInputs.bl_idname, text="", icon="TRASH").everything = True
    line = column.row()
    line.active = False
    words = survey.summary(scene, settings.active_input)
    line.label(text=translated(words), translate=False)
    if known.sentences:
        draw_sentences(column, "ERROR", known.sentences, context)
    if known.has_unusable:
        remove = column.operator(UNER3D_OT_RemoveInputs.bl_idname, text="Remove Unusable Rows", icon="REMOVE")
        remove.unusable = True
    row = column.row(align=True)
    _draw_add_cameras(row)
    _draw_add_images(row)
    _draw_add_around(column)
    if known.camera_file:
        column.operator(UNER3D_OT_ShowInputCameras.bl_idname, icon="HIDE_OFF")


def _draw_first_steps(layout: Any, context: Any) -> None:
    """Draw what to do first, with the buttons that do it, while there are no inputs."""
    around = "1. Of an object in this scene: select it, and put cameras around it."
    _draw_add_around(draw_sentences(layout, "INFO", (around,), context))
    cameras = "Or select cameras of yours that see it from all around."
    _draw_add_cameras(draw_sentences(layout, "BLANK1", (cameras,), context))
    photographs = "Or take photographs: 20 or more from all around."
    _draw_add_images(draw_sentences(layout, "BLANK1", (photographs,), context))
    then = "2. Choose a preset and how many points. 3. Press “Reconstruct”."
    draw_sentences(layout, "BLANK1", (then,), context)


def _draw_add_cameras(layout: Any) -> None:
    layout.operator(UNER3D_OT_AddSelectedCameras.bl_idname, text="Add Cameras", icon="OUTLINER_OB_CAMERA")


def _draw_add_images(layout: Any) -> None:
    layout.operator(UNER3D_OT_AddImages.bl_idname, text="Add Images", icon="FILE_IMAGE")


def _draw_add_around(layout: Any) -> None:
    layout.operator_menu_enum(
        UNER3D_OT_AddCamerasAround.bl_idname, "kind", text="Add Cameras Around", icon="SPHERE"
    )
