# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab UNeR3D in the 3D view's sidebar: it draws, and decides nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import bpy

from . import runs
from .engine.client import Phase
from .operators.inputs import UNER3D_OT_AddImages, UNER3D_OT_AddSelectedCameras, UNER3D_OT_RemoveInputs
from .operators.jobs import UNER3D_OT_ImportJob, UNER3D_OT_ListJobs, UNER3D_OT_RemoveJob
from .operators.running import (
    UNER3D_OT_Cancel,
    UNER3D_OT_KeepPreview,
    UNER3D_OT_Reconstruct,
    UNER3D_OT_Resample,
)
from .operators.surroundings import UNER3D_OT_AddCamerasAround, UNER3D_OT_ShowColours
from .runs import Run

MOST_RESULTS = 20
LINE_LENGTH_PER_UNIT = 0.135  # characters of a label to a pixel of the region at scale 1


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


class _Panel:
    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"
    bl_category = "UNeR3D"


class UNER3D_PT_Reconstruct(_Panel, bpy.types.Panel):
    """Inputs, settings, and the running job."""

    bl_idname = "UNER3D_PT_reconstruct"
    bl_label = "Reconstruct"

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        settings = context.scene.uner3d
        run = runs.current()

        column = layout.column()
        column.enabled = run is None
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

        if run is not None:
            _draw_run(layout, run)
        else:
            row = layout.row()
            row.scale_y = 1.5
            row.enabled = bool(settings.inputs)
            row.operator(UNER3D_OT_Reconstruct.bl_idname, icon="POINTCLOUD_DATA")
        error = runs.last_error()
        if error is not None:
            _draw_sentences(layout, "ERROR", (error.message, error.hint), context)
        for warning in runs.last_warnings():
            _draw_sentences(layout, "INFO", (warning,), context)


class UNER3D_PT_Cloud(_Panel, bpy.types.Panel):
    """How the active cloud is shown."""

    bl_idname = "UNER3D_PT_cloud"
    bl_label = "Cloud"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object is a cloud."""
        return bool(context.object and context.object.uner3d.is_cloud)

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        cloud = context.object
        settings = cloud.uner3d
        layout.use_property_split = True
        layout.use_property_decorate = False

        if not _shows_colours(context.space_data, settings):
            layout.operator(UNER3D_OT_ShowColours.bl_idname, icon="SHADING_TEXTURE")
        column = layout.column(align=True)
        column.prop(settings, "density", slider=True)
        column.prop(settings, "render_density", slider=True)
        column.prop(settings, "minimum_confidence", slider=True)
        column = layout.column(align=True)
        column.prop(settings, "shape")
        if settings.shape == "Object":
            column.prop(settings, "shape_object")
        column.row(align=True).prop(settings, "radius_kind", expand=True)
        column.prop(settings, "relative_radius" if settings.radius_kind == "RELATIVE" else "radius")
        column.prop(settings, "size_by_confidence", slider=True)
        column = layout.column(align=True)
        column.prop(settings, "exposure")
        column.prop(settings, "saturation")
        column.prop(settings, "lit")
        column.prop(settings, "solid_colours")

        if settings.field:
            column = layout.column(align=True)
            column.enabled = runs.current() is None
            column.prop(settings, "resample_points")
            column.operator(UNER3D_OT_Resample.bl_idname, icon="FILE_REFRESH")

        column = layout.column(align=True)
        column.label(text=f"{settings.points:,} points")
        if settings.views:
            column.label(text=f"{settings.views} views, {settings.seconds:.1f} s")
        layout.operator("uner3d.export_cloud", icon="EXPORT")


class UNER3D_PT_Files(_Panel, bpy.types.Panel):
    """Clouds from files, and the results of earlier jobs."""

    bl_idname = "UNER3D_PT_files"
    bl_label = "Files"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        layout.operator("uner3d.import_cloud", icon="IMPORT")
        row = layout.row()
        row.label(text="Results of earlier jobs")
        row.operator(UNER3D_OT_ListJobs.bl_idname, text="", icon="FILE_REFRESH")
        column = layout.column(align=True)
        for job in runs.results()[:MOST_RESULTS]:
            row = column.row(align=True)
            when = f"{job.finished:%Y-%m-%d %H:%M}, {job.size / 1e6:.0f} MB"
            row.label(text=f"{job.title}, {when}")
            row.operator(UNER3D_OT_ImportJob.bl_idname, text="", icon="IMPORT").folder = job.folder.name
            row.operator(UNER3D_OT_RemoveJob.bl_idname, text="", icon="TRASH").folder = job.folder.name


def _shows_colours(space: Any, settings: Any) -> bool:
    """Tell whether a viewport shows a cloud in its colours as it is shaded now."""
    if space is None or space.type != "VIEW_3D" or space.shading.type in {"MATERIAL", "RENDERED"}:
        return True
    return bool(
        settings.solid_colours and space.shading.type == "SOLID" and space.shading.color_type == "VERTEX"
    )


def _draw_run(layout: Any, run: Run) -> None:
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


def _draw_sentences(layout: Any, icon: str, sentences: Sequence[str], context: Any) -> None:
    width = context.region.width / context.preferences.system.ui_scale
    column = layout.box().column(align=True)
    column.scale_y = 0.8
    for text in sentences:
        for line in textwrap.wrap(text, max(int(width * LINE_LENGTH_PER_UNIT) - 6, 20)):
            column.label(text=line, icon=icon)
            icon = "BLANK1"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


_CLASSES = (UNER3D_UL_Inputs, UNER3D_PT_Reconstruct, UNER3D_PT_Cloud, UNER3D_PT_Files)


def _draw_import(menu: Any, context: Any) -> None:
    menu.layout.operator("uner3d.import_cloud", text="UNeR3D Cloud (.ply, .npz)")


def _import_menu() -> Any:
    return bpy.types.TOPBAR_MT_file_import


def register() -> None:
    """Add the panels, and an entry to the import menu."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    _import_menu().append(_draw_import)


def unregister() -> None:
    """Remove them."""
    _import_menu().remove(_draw_import)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
