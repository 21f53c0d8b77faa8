# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for the results of earlier jobs."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.errors import InputError

from .. import api
from ..jobs import folders, runs
from ..jobs.folders import FinishedJob
from .reporting import points_sentence, report_errors


class UNER3D_OT_ListJobs(bpy.types.Operator):
    """Look for results of earlier jobs."""

    bl_idname = "uner3d.list_jobs"
    bl_label = "List Results"
    bl_description = (
        "Look for the results of earlier jobs, of this file and of others, and forget those that have none"
    )
    bl_options = {"INTERNAL"}

    def execute(self, context: Any) -> Any:
        """Look."""
        runs.forget_ended()
        runs.list_results()
        return {"FINISHED"}


class _JobOperator:
    folder: bpy.props.StringProperty(
        name="Folder", description="Name of the job's folder", options={"HIDDEN", "SKIP_SAVE"}
    )

    def job(self) -> FinishedJob:
        for job in folders.finished_jobs():
            if job.folder.name == self.folder:
                return job
        raise InputError("This result is gone.", "List the results again.")


class UNER3D_OT_ImportJob(_JobOperator, bpy.types.Operator):
    """Bring the result of an earlier job into the scene."""

    bl_idname = "uner3d.import_job"
    bl_label = "Import Result"
    bl_description = "Bring this cloud into the scene; it can be resampled"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: Any) -> Any:
        """Bring it."""

        def action() -> str:
            job = self.job()
            cloud = api.import_job(job)
            runs.forget_ended(job.folder)
            return points_sentence(cloud)

        return report_errors(self, action)


class UNER3D_OT_RemoveJob(_JobOperator, bpy.types.Operator):
    """Remove the result of an earlier job from the disk."""

    bl_idname = "uner3d.remove_job"
    bl_label = "Remove Result"
    bl_description = (
        "Remove this result from the disk. Clouds made of it stay, but can't be resampled any more"
    )
    bl_options = {"INTERNAL"}

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: Any) -> Any:
        """Remove it."""

        def action() -> str:
            job = self.job()
            folders.remove_job(job)
            runs.list_results()
            return f"“{job.title}” is removed."

        return report_errors(self, action)


CLASSES = (UNER3D_OT_ListJobs, UNER3D_OT_ImportJob, UNER3D_OT_RemoveJob)
