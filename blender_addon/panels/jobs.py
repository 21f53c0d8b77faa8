# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel Jobs: those that are over, with their results or why they have none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import bpy

from uner3d_core.counting import counted
from uner3d_core.errors import Cancelled

from ..jobs import earlier, runs
from ..jobs.folders import FinishedJob
from ..jobs.runs import EndedJob
from ..operators.jobs import UNER3D_OT_ImportJob, UNER3D_OT_ListJobs, UNER3D_OT_RemoveJob
from ..operators.running import UNER3D_OT_ForgetJob, UNER3D_OT_RetryJob
from ..translations import translated
from .sidebar import SidebarPanel, draw_sentences

MOST_RESULTS = 20
ITS_FILE = "It was made from its scene: to try again, open that file, and start it there."
"""Said of a job of an earlier session that needs cameras or a cloud of its scene."""


class UNER3D_PT_Jobs(SidebarPanel, bpy.types.Panel):
    """The jobs that are over."""

    bl_idname = "UNER3D_PT_jobs"
    bl_label = "Jobs"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        for ended in runs.ended():  # first, as results may be many
            _draw_ended(layout, context, ended)
        earlier.look_in_a_moment()
        row = layout.row()
        row.label(text="Results, the newest first")
        row.operator(UNER3D_OT_ListJobs.bl_idname, text="", icon="FILE_REFRESH")
        error = runs.results_error()
        if error is not None:
            draw_sentences(layout, "ERROR", (error.message, error.hint), context)
        column = layout.column(align=True)
        for job in runs.results()[:MOST_RESULTS]:
            row = column.row(align=True)
            row.label(text=job.title, icon="CHECKMARK", translate=False)
            row.operator(UNER3D_OT_ImportJob.bl_idname, text="", icon="IMPORT").folder = job.folder.name
            row.operator(UNER3D_OT_RemoveJob.bl_idname, text="", icon="TRASH").folder = job.folder.name
            for line in _details(job):
                column.label(text=line, icon="BLANK1", translate=False)


def _draw_ended(layout: Any, context: Any, job: EndedJob) -> None:
    """Draw a job that brought nothing, with what tries it again and what takes it off the list."""
    if isinstance(job.error, Cancelled):
        row = layout.row(align=True)
        line = translated(f"{job.title}: cancelled at {job.ended:%H:%M}")
        row.label(text=line, icon="CANCEL", translate=False)
    else:
        is_of_today = job.ended.date() == datetime.now().astimezone().date()
        when = f"{job.ended:%H:%M}" if is_of_today else f"{job.ended:%Y-%m-%d %H:%M}"
        said = [f"{job.title}, {when}: {translated(job.error.message)}", job.error.hint]
        if job.again is None and job.kept is not None:
            said.append(ITS_FILE)
        row = draw_sentences(layout, "ERROR", said, context).row(align=True)
    if job.again is not None:
        text = "" if isinstance(job.error, Cancelled) else None
        row.operator(UNER3D_OT_RetryJob.bl_idname, text=text, icon="FILE_REFRESH").number = job.number
    row.operator(UNER3D_OT_ForgetJob.bl_idname, text="", icon="X").number = job.number


def _details(job: FinishedJob) -> tuple[str, ...]:
    """Say in a line or two what is known about a result, in the language of the interface."""
    when = f"{job.finished:%Y-%m-%d %H:%M}, {job.size / 1e6:.1f} MB"
    if job.figures is None:
        return (when,)
    seconds = sum(job.figures.stages.values())
    said = [translated(counted(job.figures.points, "1 point", "{} points"))]
    if job.figures.registered:
        said.append(translated(counted(job.figures.registered, "1 view", "{} views")))
    return (f"{', '.join(said)}, {seconds:.1f} s", when)
