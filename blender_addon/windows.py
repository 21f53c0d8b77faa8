# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's windows."""

from __future__ import annotations

from typing import Any

import bpy


def redraw_views() -> None:
    """Have every 3D view drawn anew, its sidebar too."""
    _redraw("VIEW_3D", {"WINDOW", "UI"})


def redraw_sidebars() -> None:
    """Have the sidebar of every 3D view drawn anew, and not what may take long."""
    _redraw("VIEW_3D", {"UI"})


def redraw_preferences() -> None:
    """Have Blender's preferences drawn anew, where they are open."""
    _redraw("PREFERENCES", {"WINDOW"})


def _redraw(area_type: str, regions: set[str]) -> None:
    manager: Any = bpy.context.window_manager
    for window in manager.windows:
        for area in window.screen.areas:
            if area.type == area_type:
                for region in area.regions:
                    if region.type in regions:
                        region.tag_redraw()
