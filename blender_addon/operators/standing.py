# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that gives a cloud its true size."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.errors import Uner3dError

from .. import api
from ..standing import measured_points
from ..translations import error_sentences
from .reporting import report_errors


class UNER3D_OT_SetMeasuredDistance(bpy.types.Operator):
    """Scale the active cloud by the true distance of two points."""

    bl_idname = "uner3d.set_measured_distance"
    bl_label = "Set Measured Distance"
    bl_description = (
        "Scale the cloud so that two points of it are as far apart as they truly are. Select the two in edit "
        "mode; or put two empties on the cloud, and select them and then the cloud"
    )
    bl_options = {"REGISTER", "UNDO"}

    distance: bpy.props.FloatProperty(
        name="Distance",
        description="True distance of the two points",
        subtype="DISTANCE",
        default=1.0,
        min=0.0,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object is a cloud."""
        return bool(context.object and context.object.uner3d.is_cloud)

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Ask for the distance; the present one is offered."""
        try:
            first, second = self._points(context)
        except Uner3dError as error:
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        self.distance = (second - first).length
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: Any) -> Any:
        """Scale the cloud. Edit mode is left: its undo steps know of points alone, and of no object."""

        def action() -> str:
            first, second = self._points(context)
            if context.mode != "OBJECT":
                bpy.ops.object.mode_set(mode="OBJECT")
            scale = api.set_measured_distance(context.object, first, second, self.distance)
            return f"“{context.object.name}” is {scale:.3g} times as large."

        return report_errors(self, action)

    def _points(self, context: Any) -> tuple[Any, Any]:
        return measured_points(context.object, context.selected_objects)


CLASSES = (UNER3D_OT_SetMeasuredDistance,)
