# SPDX-License-Identifier: GPL-3.0-or-later
"""Where cameras would stand around an object, drawn over the 3D views while the person still chooses.

It is drawn and is no data of the file: nothing of it stays.
"""

from __future__ import annotations

from typing import Any

import bpy
import gpu
from gpu_extras.batch import batch_for_shader
from mathutils import Vector

from ..windows import redraw_views
from .rig import Arrangement, Place

DEPTH_PER_RADIUS = 0.25
"""How long a drawn camera is beside the radius of what it looks at."""
LINE_WIDTH = 1.5


class RigPreview:
    """The cameras that are drawn.

    Parameters
    ----------
    scene : int
        ``session_uid`` of the scene in whose 3D views they are drawn.
    place : Place
        What they stand around.
    arrangement : Arrangement
        How they stand.
    """

    def __init__(self, scene: int, place: Place, arrangement: Arrangement) -> None:
        self.scene, self.place, self.arrangement = scene, place, arrangement
        self._batch: Any = None
        self._shader: Any = None
        self._handler: Any = None
        if not bpy.app.background:  # without a window nothing can be drawn
            self._handler = bpy.types.SpaceView3D.draw_handler_add(self._draw, (), "WINDOW", "POST_VIEW")

    def follow(self, arrangement: Arrangement) -> None:
        """Draw another arrangement from now on."""
        if arrangement != self.arrangement:
            self.arrangement, self._batch = arrangement, None
            redraw_views()

    def close(self) -> None:
        """Draw it no longer."""
        if self._handler is not None:
            bpy.types.SpaceView3D.draw_handler_remove(self._handler, "WINDOW")
            self._handler = None

    def _draw(self) -> None:
        context: Any = bpy.context
        if context.scene.session_uid != self.scene:
            return
        if self._shader is None:
            self._shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
        if self._batch is None:
            positions: Any = frustum_lines(self.place, self.arrangement)
            self._batch = batch_for_shader(self._shader, "LINES", {"pos": positions})
        colour = context.preferences.themes[0].view_3d.object_active
        blend: Any = gpu.state.blend_get()
        depth_test: Any = gpu.state.depth_test_get()
        gpu.state.blend_set("ALPHA")
        gpu.state.depth_test_set("LESS_EQUAL")
        self._shader.bind()
        self._shader.uniform_float("color", (*colour, 1.0))
        self._shader.uniform_float("lineWidth", LINE_WIDTH * context.preferences.system.ui_scale)
        self._shader.uniform_float("viewportSize", (context.region.width, context.region.height))
        self._batch.draw(self._shader)
        gpu.state.depth_test_set(depth_test)
        gpu.state.blend_set(blend)


def frustum_lines(place: Place, arrangement: Arrangement) -> list[Vector]:
    """Find the ends of the lines that show each camera: its pyramid, and a mark above its upper side."""
    depth = DEPTH_PER_RADIUS * place.radius
    across, up = depth * place.half_width, depth * place.half_height
    corners = [Vector((x * across, y * up, -depth)) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    top = Vector((0, 1.6 * up, -depth))
    local = []
    for number, corner in enumerate(corners):
        local += [Vector(), corner, corner, corners[(number + 1) % 4]]
    local += [corners[2], top, top, corners[3]]
    return [pose @ point for pose in place.poses(arrangement) for point in local]


_shown: list[RigPreview] = []  # one, while the person chooses


def show(place: Place, arrangement: Arrangement) -> None:
    """Draw cameras in the context's scene until :func:`hide`."""
    hide()
    scene: Any = bpy.context.scene
    _shown.append(RigPreview(scene.session_uid, place, arrangement))
    bpy.app.handlers.load_pre.append(_file_will_load)
    redraw_views()


def follow(arrangement: Arrangement) -> None:
    """Draw another arrangement, if any is drawn."""
    for preview in _shown:
        preview.follow(arrangement)


def hide() -> None:
    """Draw none."""
    while _shown:
        _shown.pop().close()
        bpy.app.handlers.load_pre.remove(_file_will_load)
        redraw_views()


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator] # the stubs say nothing
def _file_will_load(*_: object) -> None:
    hide()


def unregister() -> None:
    """Draw none."""
    hide()
