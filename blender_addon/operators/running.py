# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that run a job: blocking for scripts, modal in a window; and the one that cancels it."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.errors import Cancelled, Uner3dError
from uner3d_core.settings import MAXIMUM_POINTS

from .. import api, runs
from ..runs import Run
from .reporting import report_errors

TICK_SECONDS = 0.1


class _RunOperator:
    """What the two operators that run a job have in common: they begin it, wait for it and take its result."""

    _run: Run
    _timer: bpy.types.Timer

    def begin(self, context: bpy.types.Context) -> Run:
        raise NotImplementedError

    def execute(self: Any, context: bpy.types.Context) -> Any:
        """Do it all, and return when it is done."""
        return report_errors(self, lambda: _summary(api.complete(self.begin(context))))

    def invoke(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> Any:
        """Begin, and go on with each tick of a timer."""
        try:
            self._run = self.begin(context)
        except Uner3dError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: bpy.types.Context, event: bpy.types.Event) -> Any:
        """Go on, or stop on Esc."""
        if runs.current() is not self._run:  # ended by a file load
            self._stop_timer(context)
            return {"CANCELLED"}
        if event.type == "ESC" and event.value == "PRESS":
            self._run.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        done = False
        try:
            done = self._run.advance().ended
            if not done:
                return {"PASS_THROUGH"}
            return report_errors(self, lambda: _summary(api.finish(self._run)))
        except Cancelled:
            return {"CANCELLED"}
        finally:
            if done:
                self._stop_timer(context)
            _redraw_panels(context)

    def cancel(self: Any, context: bpy.types.Context) -> None:
        """Stop, as Blender asks when it quits."""
        self._stop_timer(context)
        if runs.current() is self._run:
            runs.end(self._run)

    def _stop_timer(self, context: bpy.types.Context) -> None:
        context.window_manager.event_timer_remove(self._timer)


class UNER3D_OT_Reconstruct(_RunOperator, bpy.types.Operator):
    """Make a point cloud from the inputs."""

    bl_idname = "uner3d.reconstruct"
    bl_label = "Reconstruct"
    bl_description = "Make a coloured point cloud from the inputs"
    bl_options = {"REGISTER", "UNDO"}

    def begin(self, context: bpy.types.Context) -> Run:
        """Start the job that the scene's settings describe."""
        return api.start_inputs(context.scene)


class UNER3D_OT_Resample(_RunOperator, bpy.types.Operator):
    """Sample the active cloud's field anew, with another number of points."""

    bl_idname = "uner3d.resample"
    bl_label = "Resample"
    bl_description = "Replace the points by another number of them, from the fitted field, without the pictures"
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
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether the active object has a field."""
        return bool(context.object and context.object.uner3d.field)

    def begin(self, context: bpy.types.Context) -> Run:
        """Start sampling."""
        cloud = context.object
        points = self.points or cloud.uner3d.resample_points
        return api.start_resample(cloud, points, seed=context.scene.uner3d.seed)


class UNER3D_OT_Cancel(bpy.types.Operator):
    """Cancel the running job."""

    bl_idname = "uner3d.cancel"
    bl_label = "Cancel"
    bl_description = "Stop the running job; the scene stays as it is"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether a job is running."""
        return runs.current() is not None

    def execute(self, context: bpy.types.Context) -> Any:
        """Ask it to stop."""
        run = runs.current()
        if run is not None:
            run.cancel()
        return {"FINISHED"}


def _summary(cloud: bpy.types.Object) -> str:
    return f"“{cloud.name}” has {cloud.uner3d.points:,} points."


def _redraw_panels(context: bpy.types.Context) -> None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


CLASSES = (UNER3D_OT_Reconstruct, UNER3D_OT_Resample, UNER3D_OT_Cancel)
