# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel Files, and the entry in the import menu."""

from __future__ import annotations

from typing import Any

import bpy

from .. import runs
from ..operators.jobs import UNER3D_OT_ImportJob, UNER3D_OT_ListJobs, UNER3D_OT_RemoveJob
from .sidebar import SidebarPanel

MOST_RESULTS = 20


class UNER3D_PT_Files(SidebarPanel, bpy.types.Panel):
    """Clouds from files, and the results of earlier jobs."""

    bl_idname = "UNER3D_PT_files"
    bl_label = "Files"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        layout.operator("uner3d.import_cloud", icon="IMPORT")
        row = layout.row()
        row.label(text="Results of earlier jobs")
        row.operator(UNER3D_OT_ListJobs.bl_idname, text="", icon="FILE_REFRESH")
        column = layout.column(align=True)
        for job in runs.results()[:MOST_RESULTS]:
            row = column.row(align=True)
            when = f"{job.finished:%Y-%m-%d %H:%M}, {job.size / 1e6:.0f} MB"
            row.label(text=f"{job.title}, {when}")
            row.operator(UNER3D_OT_ImportJob.bl_idname, text="", icon="IMPORT").folder = job.folder.name
            row.operator(UNER3D_OT_RemoveJob.bl_idname, text="", icon="TRASH").folder = job.folder.name


def draw_import(menu: Any, context: Any) -> None:
    """Draw the entry of the import menu."""
    menu.layout.operator("uner3d.import_cloud", text="UNeR3D Cloud (.ply, .npz)")


def import_menu() -> Any:
    """Find the import menu."""
    return bpy.types.TOPBAR_MT_file_import
