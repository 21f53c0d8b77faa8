# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that run a job: blocking for scripts, modal in a window; and the one that cancels it."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.errors import Uner3dError
from uner3d_core.settings import MAXIMUM_FACES, MAXIMUM_POINTS

from .. import api, runs
from ..preview import Preview
from ..run import Run
from .reporting import points_sentence, report_errors

TICK_SECONDS = 0.1


class _RunOperator:
    """What the two operators that run a job share: their own ``begin`` starts it, this waits and finishes."""

    _run: Any  # Run; Blender makes operators without __init__
    _timer: Any

    def execute(self: Any, context: Any) -> Any:
        """Do it all, and return when it is done."""
        result = report_errors(self, lambda: points_sentence(api.complete(self._begin(context))))
        self._report_warnings()
        return result

    def invoke(self: Any, context: Any, event: bpy.types.Event) -> Any:
        """Begin, and go on with each tick of a timer."""
        try:
            self._run = self._begin(context)
        except Uner3dError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self._run.preview = Preview(self._run.scene)
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: Any, event: bpy.types.Event) -> Any:
        """Go on, or stop on Esc."""
        run: Run = self._run
        if runs.current() is not run:  # ended by a file load
            self._stop_timer(context)
            return {"CANCELLED"}
        if event.type == "ESC" and event.value == "PRESS":
            run.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            if not run.advance().ended:
                return {"PASS_THROUGH"}
            result = report_errors(self, lambda: points_sentence(api.finish(run)))
            self._report_warnings()
            self._stop_timer(context)
            return result
        except BaseException:  # a mistake of ours: no timer and no worker may outlive it
            self._stop_timer(context)
            runs.end(run)
            raise
        finally:
            _redraw_panels(context)

    def cancel(self: Any, context: Any) -> None:
        """Stop, as Blender asks when it quits."""
        self._stop_timer(context)
        run: Run = self._run
        if runs.current() is run:
            runs.end(run)

    def _begin(self: Any, context: Any) -> Run:
        try:
            run: Run = self.begin(context)
            return run
        except Uner3dError as error:
            runs.remember(error)
            raise

    def _report_warnings(self: Any) -> None:
        for warning in runs.last_warnings():
            self.report({"WARNING"}, warning)

    def _stop_timer(self, context: Any) -> None:
        context.window_manager.event_timer_remove(self._timer)


class UNER3D_OT_Reconstruct(_RunOperator, bpy.types.Operator):
    """Make a point cloud from the inputs."""

    bl_idname = "uner3d.reconstruct"
    bl_label = "Reconstruct"
    bl_description = "Make a coloured point cloud from the inputs"
    bl_options = {"REGISTER", "UNDO"}

    def begin(self, context: Any) -> Run:
        """Start the job that the scene's settings describe."""
        return api.start_inputs(context.scene)


class UNER3D_OT_Resample(_RunOperator, bpy.types.Operator):
    """Sample the active cloud's field anew, with another number of points."""

    bl_idname = "uner3d.resample"
    bl_label = "Resample"
    bl_description = (
        "Replace the points by another number of them, from the fitted field, without the pictures"
    )
    bl_options = {"REGISTER", "UNDO"}

    points: bpy.props.IntProperty(
        name="Points",
        description="How many; 0 takes the number set for the cloud",
        default=0,
        min=0,
        max=MAXIMUM_POINTS,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object has a field."""
        return bool(context.object and context.object.uner3d.field)

    def begin(self, context: Any) -> Run:
        """Start sampling."""
        cloud = context.object
        points = self.points or cloud.uner3d.resample_points
        return api.start_resample(cloud, points, seed=context.scene.uner3d.seed)


class UNER3D_OT_ConvertToMesh(_RunOperator, bpy.types.Operator):
    """Make a mesh of the active cloud's surface."""

    bl_idname = "uner3d.convert_to_mesh"
    bl_label = "Convert to Mesh"
    bl_description = (
        "Make a mesh of the surface, in the cloud's colours, from the fitted field; the cloud stays, hidden"
    )
    bl_options = {"REGISTER", "UNDO"}

    faces: bpy.props.IntProperty(
        name="Faces",
        description="How many triangles; 0 takes the number set for the cloud",
        default=0,
        min=0,
        max=MAXIMUM_FACES,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object has a field."""
        return bool(context.object and context.object.uner3d.field)

    def begin(self, context: Any) -> Run:
        """Start meshing."""
        cloud = context.object
        return api.start_convert_to_mesh(cloud, self.faces or cloud.uner3d.mesh_faces)


class UNER3D_OT_Cancel(bpy.types.Operator):
    """Cancel the running job."""

    bl_idname = "uner3d.cancel"
    bl_label = "Cancel"
    bl_description = "Stop the running job; the scene stays as it is"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether a job is running."""
        return runs.current() is not None

    def execute(self, context: Any) -> Any:
        """Ask it to stop."""
        run = runs.current()
        if run is not None:
            run.cancel()
        return {"FINISHED"}


class UNER3D_OT_KeepPreview(bpy.types.Operator):
    """Make a cloud of what a running job shows so far."""

    bl_idname = "uner3d.keep_preview"
    bl_label = "Keep Preview"
    bl_description = "Make a cloud of what is shown so far; the job goes on"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether a job shows anything."""
        run = runs.current()
        return run is not None and bool(run.state.previews)

    def execute(self, context: Any) -> Any:
        """Make the cloud."""
        return report_errors(self, lambda: points_sentence(api.keep_preview()))


def _redraw_panels(context: Any) -> None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


CLASSES = (
    UNER3D_OT_Reconstruct,
    UNER3D_OT_Resample,
    UNER3D_OT_ConvertToMesh,
    UNER3D_OT_Cancel,
    UNER3D_OT_KeepPreview,
)
