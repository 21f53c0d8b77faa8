# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that makes a data set of the selected objects."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from pathlib import Path
from typing import Any

import bpy

from uner3d_core.data_set import Choice
from uner3d_core.errors import Cancelled, Uner3dError

from .. import api, capture_apart
from ..translations import error_sentences, translated
from .reporting import report_errors

_DEFAULTS = Choice()
_INTERVAL = 0.2
"""Seconds between two looks at how far it is."""


class UNER3D_OT_MakeDataset(bpy.types.Operator):
    """Picture the selected objects for training."""

    bl_idname = "uner3d.make_dataset"
    bl_label = "Make Data Set"
    bl_description = (
        "Picture each selected object alone from all sides, with depth, and write pictures, cameras and a "
        "dense coloured cloud of it to a folder; Esc stops it"
    )
    bl_options = {"REGISTER"}

    directory: bpy.props.StringProperty(
        name="Folder", description="Gets a folder for each object", subtype="DIR_PATH"
    )
    views: bpy.props.IntProperty(
        name="Cameras", description="Around each object", default=_DEFAULTS.views, min=1, max=10_000
    )
    size: bpy.props.IntProperty(
        name="Size",
        description="Width and height of the pictures",
        subtype="PIXEL",
        default=_DEFAULTS.size,
        min=16,
        max=8192,
    )
    points: bpy.props.IntProperty(
        name="Points", description="Of each cloud", default=_DEFAULTS.points, min=1, max=10_000_000
    )
    flat: bpy.props.BoolProperty(
        name="Without Light", description="Render the colours of textures without light, by Workbench"
    )

    _steps: Any = None  # Blender makes operators without __init__
    _timer: Any = None

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether anything is selected."""
        return bool(context.selected_objects)

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Ask for the folder."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> Any:
        """Do it all; in a window beside it."""
        if capture_apart.can_render_apart():
            return self._begin(context)

        def action() -> str:
            made = api.make_data_set(context.selected_objects, Path(self.directory), self._choice())
            return f"{len(made)} objects pictured."

        return report_errors(self, action)

    def modal(self, context: Any, event: bpy.types.Event) -> Any:
        """Look how far it is, and stop on Esc."""
        if event.type == "ESC" and event.value == "PRESS":
            return self._end(context, Cancelled())
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            done, total = next(self._steps)
        except StopIteration:
            return self._end(context, None)
        except Uner3dError as error:
            return self._end(context, error)
        words = translated("Data set: picture {0} of {1}; Esc stops it").format(done, total)
        context.workspace.status_text_set(words)
        return {"PASS_THROUGH"}

    def cancel(self, context: Any) -> None:
        """Stop, as Blender closes the window or the file."""
        self._end(context, Cancelled())

    def _begin(self, context: Any) -> Any:
        try:
            self._steps = api.data_set_steps(context.selected_objects, Path(self.directory), self._choice())
        except Uner3dError as error:
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        self._timer = context.window_manager.event_timer_add(_INTERVAL, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def _end(self, context: Any, error: Uner3dError | None) -> Any:
        self._steps.close()  # ends the second Blender
        context.window_manager.event_timer_remove(self._timer)
        context.workspace.status_text_set(None)
        if error is None:
            self.report({"INFO"}, translated("The data set is ready."))
            return {"FINISHED"}
        self.report({"INFO" if isinstance(error, Cancelled) else "ERROR"}, error_sentences(error))
        return {"CANCELLED"}

    def _choice(self) -> Choice:
        return Choice(self.views, self.size, self.points, flat=self.flat)


CLASSES = (UNER3D_OT_MakeDataset,)
