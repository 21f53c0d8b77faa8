# SPDX-License-Identifier: GPL-3.0-or-later
"""The early cloud of a running job, drawn over the 3D views of its scene.

It is drawn and is no data of the file: undo, saving and loading know nothing of it, and nothing of it stays.
"""

from __future__ import annotations

from concurrent.futures import Future
from functools import cache
from pathlib import Path
from typing import Any

import bpy
import gpu
from gpu_extras.batch import batch_for_shader
from mathutils import Matrix

from uner3d_core.cloud_files import read_npz
from uner3d_core.errors import CloudFileError
from uner3d_core.point_cloud import PointCloud

from ..cloud_arrays import SRGB_TO_LINEAR
from ..standing import Place, placement
from .loading import in_thread

POINT_SIZE = 5.0
"""Diameter of a point in pixels at interface scale 1."""

_VERTEX = """
void main()
{
  shown_colour = colour;
  gl_Position = matrix * vec4(position, 1.0);
  gl_PointSize = size;
}
"""
_FRAGMENT = """
void main()
{
  if (distance(gl_PointCoord, vec2(0.5)) > 0.5) {
    discard;
  }
  fragment = vec4(shown_colour, 1.0);
}
"""


class Preview:
    """What is drawn, and where.

    Parameters
    ----------
    scene : int
        ``session_uid`` of the scene in whose 3D views it is drawn.
    """

    def __init__(self, scene: int) -> None:
        self.scene = scene
        self.file: Path | None = None
        self.cloud: PointCloud | None = None
        self.matrix = Matrix()
        self._reading: tuple[Path, Future[PointCloud]] | None = None
        self._missed: Path | None = None
        self._batch: Any = None
        self._handler: Any = None
        if not bpy.app.background:  # without a window nothing can be drawn
            self._handler = bpy.types.SpaceView3D.draw_handler_add(self._draw, (), "WINDOW", "POST_VIEW")

    def show(self, file: Path, place: Place | None = None) -> None:
        """Draw the cloud of a file once it is read, at a place if one is given; call it now and then.

        A file that went away before it could be read leaves what was drawn.
        """
        if self._reading is None and file not in (self.file, self._missed):
            self._reading = file, in_thread(lambda: read_npz(file))
        if self._reading is None or not self._reading[1].done():
            return
        (read, reading), self._reading = self._reading, None
        try:
            self.cloud = reading.result()
        except CloudFileError:  # the next one is on its way
            self._missed = read
            return
        self.matrix = placement(self.cloud.positions, place) if place is not None else Matrix()
        self.file, self._batch = read, None

    def close(self) -> None:
        """Draw it no longer."""
        if self._handler is not None:
            bpy.types.SpaceView3D.draw_handler_remove(self._handler, "WINDOW")
            self._handler = None
        self.cloud = None

    def _draw(self) -> None:
        context: Any = bpy.context
        if self.cloud is None or context.scene.session_uid != self.scene:
            return
        shader = _make_shader()
        if self._batch is None:
            values: Any = {
                "position": self.cloud.positions,
                "colour": SRGB_TO_LINEAR[self.cloud.colours],
            }
            self._batch = batch_for_shader(shader, "POINTS", values)
        depth_test: Any = gpu.state.depth_test_get()
        gpu.state.depth_test_set("LESS_EQUAL")
        gpu.state.program_point_size_set(True)
        shader.bind()
        shader.uniform_float("matrix", context.region_data.perspective_matrix @ self.matrix)
        shader.uniform_float("size", POINT_SIZE * context.preferences.system.ui_scale)
        self._batch.draw(shader)
        gpu.state.program_point_size_set(False)
        gpu.state.depth_test_set(depth_test)


@cache
def _make_shader() -> Any:
    passed: Any = gpu.types.GPUStageInterfaceInfo("uner3d_preview")
    passed.smooth("VEC3", "shown_colour")
    info: Any = gpu.types.GPUShaderCreateInfo()
    info.push_constant("MAT4", "matrix")
    info.push_constant("FLOAT", "size")
    info.vertex_in(0, "VEC3", "position")
    info.vertex_in(1, "VEC3", "colour")
    info.vertex_out(passed)
    info.fragment_out(0, "VEC4", "fragment")
    info.vertex_source(_VERTEX)
    info.fragment_source(_FRAGMENT)
    return gpu.shader.create_from_info(info)
