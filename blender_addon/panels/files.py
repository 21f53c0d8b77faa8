# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel Files: clouds and data sets, and the entry in the import menu."""

from __future__ import annotations

from typing import Any

import bpy

from .sidebar import SidebarPanel


class UNER3D_PT_Files(SidebarPanel, bpy.types.Panel):
    """Clouds from files, and data sets."""

    bl_idname = "UNER3D_PT_files"
    bl_label = "Files"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        layout.operator("uner3d.import_cloud", icon="IMPORT")
        layout.operator("uner3d.make_dataset", icon="OUTLINER_OB_CAMERA")


def draw_import(menu: Any, context: Any) -> None:
    """Draw the entry of the import menu."""
    menu.layout.operator("uner3d.import_cloud", text="UNeR3D Cloud (.ply, .npz)")


def import_menu() -> Any:
    """Find the import menu."""
    return bpy.types.TOPBAR_MT_file_import
