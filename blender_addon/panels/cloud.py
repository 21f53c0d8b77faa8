# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel Cloud: how the active cloud is shown."""

from __future__ import annotations

from typing import Any

import bpy

from uner3d_core.counting import counted

from .. import details
from ..operators.files import UNER3D_OT_CopyDetails
from ..operators.running import UNER3D_OT_ConvertToMesh, UNER3D_OT_Resample
from ..operators.standing import UNER3D_OT_SetMeasuredDistance
from ..operators.surroundings import UNER3D_OT_ShowColours
from ..operators.view_cameras import UNER3D_OT_ShowCloudCameras
from ..shading import shows_colours
from ..translations import translated
from .presets import UNER3D_PT_Looks, draw_list_button
from .sidebar import SidebarPanel, draw_sentences

_EXACT_VIEW = "Standard"
"""The view transform with which a screen shows the colours of the pictures."""


class UNER3D_PT_Cloud(SidebarPanel, bpy.types.Panel):
    """How the active cloud is shown."""

    bl_idname = "UNER3D_PT_cloud"
    bl_label = "Cloud"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object is a cloud."""
        return bool(context.object and context.object.uner3d.is_cloud)

    def draw_header_preset(self, context: Any) -> None:
        """Draw the button that opens the looks."""
        draw_list_button(self.layout, UNER3D_PT_Looks)

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        cloud = context.object
        settings = cloud.uner3d
        layout.use_property_split = True
        layout.use_property_decorate = False

        if not shows_colours(context.space_data, cloud):
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
        layout.label(text=translated(counted(settings.points, "1 point", "{} points")), translate=False)
        layout.operator("uner3d.export_cloud", icon="EXPORT")
        column = layout.column(align=True)
        column.operator(UNER3D_OT_SetMeasuredDistance.bl_idname, icon="DRIVER_DISTANCE")
        if settings.cameras:
            column.operator(UNER3D_OT_ShowCloudCameras.bl_idname, icon="OUTLINER_OB_CAMERA")


class UNER3D_PT_Colours(SidebarPanel, bpy.types.Panel):
    """The colours of the active cloud."""

    bl_idname = "UNER3D_PT_colours"
    bl_label = "Colours"
    bl_parent_id = "UNER3D_PT_cloud"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        settings = context.object.uner3d
        view = context.scene.view_settings
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(align=True)
        column.prop(settings, "exposure")
        column.prop(settings, "saturation")
        column.prop(settings, "lit")
        column.prop(settings, "solid_colours")
        if view.view_transform != _EXACT_VIEW:
            words = (
                f"{view.view_transform} shows other colours than the pictures have; Standard shows theirs."
            )
            draw_sentences(layout, "INFO", (words,), context)
            layout.prop(view, "view_transform")


class UNER3D_PT_Field(SidebarPanel, bpy.types.Panel):
    """What can be made of the field that the active cloud was sampled from."""

    bl_idname = "UNER3D_PT_field"
    bl_label = "Resample and Mesh"
    bl_parent_id = "UNER3D_PT_cloud"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether there is a field."""
        return bool(context.object and context.object.uner3d.field)

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        settings = context.object.uner3d
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(align=True)
        column.prop(settings, "resample_points")
        column.operator(UNER3D_OT_Resample.bl_idname, icon="FILE_REFRESH")
        column = layout.column(align=True)
        column.prop(settings, "mesh_faces")
        column.operator(UNER3D_OT_ConvertToMesh.bl_idname, icon="OUTLINER_OB_MESH")


class UNER3D_PT_Details(SidebarPanel, bpy.types.Panel):
    """What is known about the active cloud."""

    bl_idname = "UNER3D_PT_details"
    bl_label = "Details"
    bl_parent_id = "UNER3D_PT_cloud"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        known = details.of_cloud(context.object)
        split = layout.split(factor=0.58)
        names, values = split.column(align=True), split.column(align=True)
        for name, value in known.figures:
            names.label(text=translated(name), translate=False)
            values.label(text=translated(value), translate=False)
        for note in known.notes:
            draw_sentences(layout, "INFO", (note,), context)
        layout.operator(UNER3D_OT_CopyDetails.bl_idname, icon="COPYDOWN")


class UNER3D_PT_Mesh(SidebarPanel, bpy.types.Panel):
    """What is offered for a mesh that was made of a cloud."""

    bl_idname = "UNER3D_PT_mesh"
    bl_label = "Mesh of a Cloud"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object is such a mesh, in a view that does not show its colours."""
        made = context.object
        return bool(made and made.uner3d.is_mesh and not shows_colours(context.space_data, made))

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        layout.operator(UNER3D_OT_ShowColours.bl_idname, icon="SHADING_TEXTURE")
