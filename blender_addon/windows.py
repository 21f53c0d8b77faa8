# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's windows."""

from __future__ import annotations

from typing import Any

import bpy


def redraw_views() -> None:
    """Have every 3D view drawn anew, its sidebar too."""
    manager: Any = bpy.context.window_manager
    for window in manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()
