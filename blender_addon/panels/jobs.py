# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel Jobs: those that are over, with their results or why they have none."""

from __future__ import annotations

from typing import Any

import bpy

from uner3d_core.errors import Cancelled

from ..jobs import runs
from ..jobs.folders import FinishedJob
from ..operators.jobs import UNER3D_OT_ImportJob, UNER3D_OT_ListJobs, UNER3D_OT_RemoveJob
from ..translations import translated
from .sidebar import SidebarPanel, draw_sentences

MOST_RESULTS = 20


class UNER3D_PT_Jobs(SidebarPanel, bpy.types.Panel):
    """The jobs that are over."""

    bl_idname = "UNER3D_PT_jobs"
    bl_label = "Jobs"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        runs.look_for_results()
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
                column.label(text=translated(line), icon="BLANK1", translate=False)
        for ended in runs.ended():
            if isinstance(ended.error, Cancelled):
                line = translated(f"{ended.title}: cancelled at {ended.ended:%H:%M}")
                layout.label(text=line, icon="CANCEL", translate=False)
            else:
                what = f"{ended.title}, {ended.ended:%H:%M}: {translated(ended.error.message)}"
                draw_sentences(layout, "ERROR", (what, ended.error.hint), context)


def _details(job: FinishedJob) -> tuple[str, ...]:
    """Say in a line or two what is known about a result."""
    when = f"{job.finished:%Y-%m-%d %H:%M}, {job.size / 1e6:.1f} MB"
    if job.figures is None:
        return (when,)
    seconds = sum(job.figures.stages.values())
    views = f", {job.figures.registered} views" if job.figures.registered else ""
    return (f"{job.figures.points:,} points{views}, {seconds:.1f} s", when)
