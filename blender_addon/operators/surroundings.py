# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for what stands around a reconstruction: cameras to render, and a viewport that shows colours."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

import math
from typing import Any

import bpy

from uner3d_core.counting import counted
from uner3d_core.errors import Uner3dError

from .. import api
from ..inputs import rig, rig_preview
from ..shading import show_colours
from ..translations import error_sentences
from .reporting import report_errors


def _elevation(name: str, description: str, degrees: float) -> Any:
    """Make a property for how high a camera stands, which never is straight above or below."""
    return bpy.props.FloatProperty(
        name=name,
        description=description,
        subtype="ANGLE",
        default=math.radians(degrees),
        min=math.radians(-89),
        max=math.radians(89),
    )


class UNER3D_OT_AddCamerasAround(bpy.types.Operator):
    """Make cameras around the selected objects and add them to the inputs."""

    bl_idname = "uner3d.add_cameras_around"
    bl_label = "Add Cameras Around"
    bl_description = "Make cameras all around the selected objects, and add them to the inputs"
    bl_options = {"REGISTER", "UNDO"}

    kind: bpy.props.EnumProperty(
        name="Arrangement",
        description="Where the cameras stand",
        items=[
            ("DOME", "Dome", "Evenly all around, between two elevations"),
            ("RING", "Ring", "Side by side at one elevation"),
            ("SPIRAL", "Spiral", "Three times around, from the lower elevation to the higher"),
        ],
    )
    count: bpy.props.IntProperty(
        name="Cameras", description="How many", default=24, min=3, soft_max=100, max=1000
    )
    lowest: _elevation("Lowest", "Elevation of the lowest camera; below 0 it looks up", -30)
    highest: _elevation("Highest", "Elevation of the highest camera; 90° looks straight down", 75)
    elevation: _elevation("Elevation", "Elevation of the ring; 0 looks level", 20)
    distance: bpy.props.FloatProperty(
        name="Distance",
        description="1 stands where the object just fits into the picture",
        default=1.0,
        min=0.5,
        soft_max=3.0,
        max=100.0,
    )

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Open a dialog, while the view shows where the cameras would stand."""
        try:
            place = rig.place_around(context.selected_objects, context.scene)
        except Uner3dError as error:
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        rig_preview.show(place, self._arrangement())
        return context.window_manager.invoke_props_dialog(
            self, title=self.bl_label, confirm_text="Add Cameras"
        )

    def check(self, context: Any) -> bool:
        """Have the dialog drawn anew when a setting has changed."""
        return True

    def cancel(self, context: Any) -> None:
        """Leave nothing."""
        rig_preview.hide()

    def draw(self, context: Any) -> None:
        """Draw what can be changed, while the cameras follow."""
        rig_preview.follow(self._arrangement())
        layout: Any = self.layout
        layout.use_property_split = True
        layout.prop(self, "kind")
        layout.prop(self, "count")
        for name in ("elevation",) if self.kind == "RING" else ("lowest", "highest"):
            layout.prop(self, name)
        layout.prop(self, "distance")

    def execute(self, context: Any) -> Any:
        """Make them."""
        rig_preview.hide()
        chosen = self._arrangement()

        def action() -> str:
            cameras = api.add_cameras_around(
                context.selected_objects,
                context.scene,
                chosen.kind,
                chosen.count,
                lowest=chosen.lowest,
                highest=chosen.highest,
                distance=chosen.distance,
            )
            return f"{counted(len(cameras), '1 camera', '{} cameras')} added."

        return report_errors(self, action)

    def _arrangement(self) -> rig.Arrangement:
        low, high = (self.elevation,) * 2 if self.kind == "RING" else (self.lowest, self.highest)
        return rig.Arrangement(self.kind, self.count, low, high, self.distance)


class UNER3D_OT_ShowColours(bpy.types.Operator):
    """Have the viewport show the colours of points, or of a mesh made of them."""

    bl_idname = "uner3d.show_colours"
    bl_label = "Show Colours"
    bl_description = (
        "Switch this viewport to Material Preview, which shows clouds and their meshes in their colours, "
        "and for a cloud its outlines of what is selected off, which would cover the points"
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether there is a viewport."""
        return bool(context.space_data and context.space_data.type == "VIEW_3D")

    def execute(self, context: Any) -> Any:
        """Switch it."""
        show_colours(context.space_data, context.object)
        return {"FINISHED"}


CLASSES = (UNER3D_OT_AddCamerasAround, UNER3D_OT_ShowColours)
