# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that run jobs: blocking for scripts, modal in a window; and those that cancel or remove them."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from collections.abc import Callable
from functools import partial
from typing import Any

import bpy

from uner3d_core import protocol
from uner3d_core.errors import Cancelled, InputError, Uner3dError
from uner3d_core.settings import MAXIMUM_FACES, MAXIMUM_POINTS

from .. import api
from ..engine.client import Phase
from ..inputs import adding
from ..jobs import choices, driving, imagining, repeating, runs
from ..jobs.placing import CLOUD_NAME, by_uid
from ..jobs.run import Run
from ..shading import COLOURS_HIDDEN, shows_colours, view_spaces
from ..translations import error_sentences, translated
from ..windows import redraw_sidebars, redraw_views
from .reporting import points_sentence, report_errors


class _QueueOperator:
    """Drives the queue while it is modal: the first job's operator does so for those that are added too.

    It has no ``UNDO`` among its options, as Blender would then let no other operator make a step meanwhile.
    """

    _told: Any = None  # Blender makes operators without __init__
    _early: Any = None

    def drive(self: Any, context: Any) -> Any:
        """Become modal, unless another operator is already."""
        if driving.is_driven():
            return {"INTERFACE"}  # handled, and nothing to undo
        driving.start_ticking(context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: Any, event: bpy.types.Event) -> Any:
        """Go on, or cancel the current job on Esc."""
        run = runs.current()
        is_escape = event.type == "ESC" and event.value == "PRESS"
        if is_escape and run is not None and not driving.is_person_busy():
            runs.cancel(run, context.scene.uner3d.keep_preview)
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            over = driving.advance()
        except BaseException:  # a mistake of ours: the jobs behind it go on
            self.cancel(context)
            raise
        if over is not None:
            self._report(context, over)
        self._redraw(over is not None)
        if runs.current() is not None:
            return {"PASS_THROUGH"}
        driving.stop_ticking()
        return {"CANCELLED"}  # each job has made its own undo step

    def cancel(self: Any, context: Any) -> None:
        """Hand over to another operator, as Blender closes the window or the file."""
        driving.stop_ticking()
        driving.wake()

    def _report(self: Any, context: Any, run: Run) -> None:
        for warning in run.log if run.state.phase is Phase.FINISHED else ():
            self.report({"WARNING"}, translated(warning))
        if run.error is None and isinstance(run.task, protocol.Imagine):
            self.report({"INFO"}, translated(f"{run.task.seeds} clouds to choose from."))
        cloud = None if run.made is None else by_uid(bpy.data.objects, run.made)
        if cloud is not None:
            self.report({"INFO"}, translated(points_sentence(cloud)))
            if not any(shows_colours(space, cloud) for space in view_spaces()):
                self.report({"INFO"}, translated(f"{COLOURS_HIDDEN} “Show Colours” does, in the tab UNeR3D."))
            if not context.mode.startswith("EDIT"):  # whose undo knows of nothing but what is edited
                operators: Any = bpy.ops
                operators.uner3d.take_result("EXEC_DEFAULT", True)
        if isinstance(run.error, Cancelled):
            self.report({"INFO"}, error_sentences(run.error))
        elif run.error is not None:
            self.report({"ERROR"}, error_sentences(run.error))

    def _redraw(self: Any, is_over: bool) -> None:
        """Draw the sidebars if there is anything new, and the 3D views if there is a new early cloud."""
        run = runs.current()
        told = run.state if run is not None else None
        early = run.preview.file if run is not None and run.preview is not None else None
        if is_over or early != self._early:
            redraw_views()
        elif told != self._told:
            redraw_sidebars()
        self._told, self._early = told, early


class UNER3D_OT_RunQueue(_QueueOperator, bpy.types.Operator):
    """Go on with the jobs of the queue."""

    bl_idname = "uner3d.run_queue"
    bl_label = "Run Jobs"
    bl_description = "Go on with the jobs that wait"
    bl_options = {"INTERNAL"}

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Become modal."""
        return self.drive(context)


class _JobOperator(_QueueOperator):
    """What the operators that make a job share: their own ``begin`` puts it into the queue.

    Their ``later`` tells the job's title, and what begins it once more when the context is another.
    """

    is_of_inputs = False

    def execute(self: Any, context: Any) -> Any:
        """Do it all, and return when it is done."""

        def action() -> str:
            runs.refuse_busy()
            run = self._begin(context)
            if isinstance(run.task, protocol.Imagine):
                return f"{len(api.complete_choices(run))} clouds to choose from."
            return points_sentence(api.complete(run))

        result = report_errors(self, action)
        for warning in runs.last_warnings():
            self.report({"WARNING"}, translated(warning))
        return result

    def invoke(self: Any, context: Any, event: bpy.types.Event) -> Any:
        """Put the job into the queue, and see to it that the queue goes on."""
        try:
            self._begin(context)
        except Uner3dError as error:
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        return self.drive(context)

    def _begin(self: Any, context: Any) -> Run:
        try:
            run: Run = self.begin(context)
            return run
        except Uner3dError as error:
            title, again = self.later(context)
            inputs = adding.describe_inputs(context.scene) if self.is_of_inputs else None
            runs.remember(error, title, again, inputs)
            raise


class UNER3D_OT_Reconstruct(_JobOperator, bpy.types.Operator):
    """Make a point cloud from the inputs."""

    bl_idname = "uner3d.reconstruct"
    bl_label = "Reconstruct"
    bl_description = "Make a coloured point cloud from the inputs"
    bl_options = {"REGISTER"}
    is_of_inputs = True

    def begin(self, context: Any) -> Run:
        """Queue the job that the scene's settings describe."""
        return api.start_inputs(context.scene)

    def later(self, context: Any) -> tuple[str, Callable[[], Run]]:
        """Do so with the scene's settings of that time."""
        return CLOUD_NAME, repeating.in_scene(context.scene, api.start_inputs)


class UNER3D_OT_TakeChoice(_JobOperator, bpy.types.Operator):
    """Make one of the imagined clouds."""

    bl_idname = "uner3d.take_choice"
    bl_label = "Take"
    bl_description = "Find this cloud's surface, and make a cloud with as many points as set of it"
    bl_options = {"REGISTER"}

    seed: bpy.props.IntProperty(name="Seed", description="Which of the clouds", options={"SKIP_SAVE"})

    def begin(self, context: Any) -> Run:
        """Queue it."""
        return api.start_choice(imagining.choice_of(self.seed), context.scene.uner3d.points)

    def later(self, context: Any) -> tuple[str, Callable[[], Run]]:
        """Queue the same."""
        seed, points = self.seed, context.scene.uner3d.points
        return CLOUD_NAME, lambda: api.start_choice(imagining.choice_of(seed), points)


class UNER3D_OT_DismissChoices(bpy.types.Operator):
    """Let the imagined clouds go."""

    bl_idname = "uner3d.dismiss_choices"
    bl_label = "Dismiss Clouds"
    bl_description = "Let these clouds go; those that were taken stay"
    bl_options = {"INTERNAL"}

    def execute(self, context: Any) -> Any:
        """Let them go."""
        choices.dismiss()
        redraw_sidebars()
        return {"FINISHED"}


class UNER3D_OT_Resample(_JobOperator, bpy.types.Operator):
    """Sample the active cloud's field anew, with another number of points."""

    bl_idname = "uner3d.resample"
    bl_label = "Resample"
    bl_description = (
        "Replace the points by another number of them, from the fitted field, without the pictures"
    )
    bl_options = {"REGISTER"}

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
        """Queue the sampling."""
        cloud = context.object
        points = self.points or cloud.uner3d.resample_points
        return api.start_resample(cloud, points, seed=context.scene.uner3d.seed)

    def later(self, context: Any) -> tuple[str, Callable[[], Run]]:
        """Queue the same sampling."""
        cloud, seed = context.object, context.scene.uner3d.seed
        points = self.points or cloud.uner3d.resample_points
        return cloud.name, repeating.of_cloud(cloud, partial(api.start_resample, points=points, seed=seed))


class UNER3D_OT_ConvertToMesh(_JobOperator, bpy.types.Operator):
    """Make a mesh of the active cloud's surface."""

    bl_idname = "uner3d.convert_to_mesh"
    bl_label = "Convert to Mesh"
    bl_description = (
        "Make a mesh of the surface, in the cloud's colours, from the fitted field; the cloud stays, hidden"
    )
    bl_options = {"REGISTER"}

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
        """Queue the meshing."""
        cloud = context.object
        return api.start_convert_to_mesh(cloud, self.faces or cloud.uner3d.mesh_faces)

    def later(self, context: Any) -> tuple[str, Callable[[], Run]]:
        """Queue the same meshing."""
        cloud = context.object
        faces = self.faces or cloud.uner3d.mesh_faces
        return cloud.name, repeating.of_cloud(cloud, partial(api.start_convert_to_mesh, faces=faces))


class UNER3D_OT_RetryJob(_JobOperator, bpy.types.Operator):
    """Put a job that failed or was cancelled into the queue once more."""

    bl_idname = "uner3d.retry_job"
    bl_label = "Try Again"
    bl_description = "Put this job into the queue once more, with the settings that it had"
    bl_options = {"REGISTER"}

    number: bpy.props.IntProperty(
        name="Number", description="Which of this session's jobs", options={"HIDDEN", "SKIP_SAVE"}
    )

    def begin(self, context: Any) -> Run:
        """Queue it."""
        job = self._job()
        if job is None or job.again is None:
            raise InputError("This job is not listed any more.", "Start a new one.")
        run = job.again()
        runs.forget(job)
        return run

    def later(self, context: Any) -> tuple[str, Callable[[], Run] | None]:
        """Try the same once more."""
        job = self._job()
        return (CLOUD_NAME, None) if job is None else (job.title, job.again)

    def _job(self) -> runs.EndedJob | None:
        return next((job for job in runs.ended() if job.number == self.number), None)


class UNER3D_OT_ForgetJob(bpy.types.Operator):
    """Take a job that brought nothing off the list."""

    bl_idname = "uner3d.forget_job"
    bl_label = "Remove from List"
    bl_description = "Take this job, which brought nothing into the scene, off the list"
    bl_options = {"INTERNAL"}

    number: bpy.props.IntProperty(
        name="Number", description="Which of this session's jobs", options={"HIDDEN", "SKIP_SAVE"}
    )

    def execute(self, context: Any) -> Any:
        """Take it off."""
        for job in runs.ended():
            if job.number == self.number:
                runs.forget(job)
        return {"FINISHED"}


class UNER3D_OT_Dismiss(bpy.types.Operator):
    """Show no longer how the last job ended."""

    bl_idname = "uner3d.dismiss"
    bl_label = "Dismiss"
    bl_description = "Show this no longer"
    bl_options = {"INTERNAL"}

    def execute(self, context: Any) -> Any:
        """Dismiss it."""
        runs.dismiss()
        redraw_sidebars()
        return {"FINISHED"}


class UNER3D_OT_TakeResult(bpy.types.Operator):
    """Make an undo step of a job's result, which is in the scene already.

    So the result is the last operation, and not what was done before the job, which "Adjust Last Operation"
    would do anew, without the result.
    """

    bl_idname = "uner3d.take_result"
    bl_label = "Result of UNeR3D"
    bl_description = "Make an undo step of a job's result"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    def execute(self, context: Any) -> Any:
        """Blender makes the step."""
        return {"FINISHED"}


class UNER3D_OT_Cancel(bpy.types.Operator):
    """Cancel the running job."""

    bl_idname = "uner3d.cancel"
    bl_label = "Cancel"
    bl_description = "Stop the running job; the scene stays as it is, and the next job begins"
    bl_options = {"INTERNAL"}

    everything: bpy.props.BoolProperty(
        name="Everything", description="Also remove the jobs that wait", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether a job is running."""
        return runs.current() is not None

    @classmethod
    def description(cls, context: Any, properties: Any) -> str:
        """Describe the button."""
        return translated("Stop the running job and remove those that wait") if properties.everything else ""

    def execute(self, context: Any) -> Any:
        """Ask it to stop."""
        run = runs.current()
        keep_preview = context.scene.uner3d.keep_preview
        if self.everything:
            runs.cancel_all(keep_preview)
        elif run is not None:
            runs.cancel(run, keep_preview)
        return {"FINISHED"}


class UNER3D_OT_RemoveQueued(bpy.types.Operator):
    """Remove a job that waits."""

    bl_idname = "uner3d.remove_queued"
    bl_label = "Remove from Queue"
    bl_description = "Remove this job before its turn comes"
    bl_options = {"INTERNAL"}

    folder: bpy.props.StringProperty(
        name="Folder", description="The job's folder", options={"HIDDEN", "SKIP_SAVE"}
    )

    def execute(self, context: Any) -> Any:
        """Remove it."""
        for run in runs.waiting():
            if str(run.folder) == self.folder:
                runs.cancel(run)
                return {"FINISHED"}
        self.report({"INFO"}, translated("This job does not wait any more."))
        return {"CANCELLED"}


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


CLASSES = (
    UNER3D_OT_RunQueue,
    UNER3D_OT_Reconstruct,
    UNER3D_OT_TakeChoice,
    UNER3D_OT_DismissChoices,
    UNER3D_OT_Resample,
    UNER3D_OT_ConvertToMesh,
    UNER3D_OT_RetryJob,
    UNER3D_OT_ForgetJob,
    UNER3D_OT_Dismiss,
    UNER3D_OT_TakeResult,
    UNER3D_OT_Cancel,
    UNER3D_OT_RemoveQueued,
    UNER3D_OT_KeepPreview,
)
