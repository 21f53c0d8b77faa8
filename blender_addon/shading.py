# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a viewport shows the colours of a cloud or a mesh, and how it is made to."""

from __future__ import annotations

from typing import Any

import bpy

COLOURS_HIDDEN = "The view does not show its colours."


def view_spaces() -> list[Any]:
    """List the 3D views of all windows."""
    manager: Any = bpy.context.window_manager
    areas = [area for window in manager.windows for area in window.screen.areas]
    return [area.spaces.active for area in areas if area.type == "VIEW_3D"]


def shows_colours(space: Any, made: Any) -> bool:
    """Tell whether a viewport shows a cloud, or a mesh made of one, in its colours as it is now."""
    if space is None or space.type != "VIEW_3D":
        return True
    settings, overlay = made.uner3d, space.overlay
    outlined = overlay.show_overlays and overlay.show_outline_selected and made.select_get()
    if outlined and not settings.is_mesh:
        return False  # each point has an outline, and so many cover everything
    if space.shading.type in {"MATERIAL", "RENDERED"}:
        return True
    solid: bool = space.shading.type == "SOLID" and space.shading.color_type == "VERTEX"
    return solid and (settings.is_mesh or bool(settings.solid_colours))


def show_colours(space: Any, made: Any) -> None:
    """Switch a viewport to where colours are seen, and outlines off, which would cover a cloud's points."""
    if space.shading.type not in {"MATERIAL", "RENDERED"}:
        space.shading.type = "MATERIAL"
    if made is None or not made.uner3d.is_mesh:
        space.overlay.show_outline_selected = False
