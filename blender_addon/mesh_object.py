# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud's surface as a Blender object: a mesh with colours, in the place of its cloud."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from uner3d_core.coloured_mesh import ColouredMesh

from . import nodes, properties
from .cloud_arrays import SRGB_TO_LINEAR


def make_mesh_object(mesh: ColouredMesh, cloud: bpy.types.Object) -> bpy.types.Object:
    """Make an object of a cloud's surface; it is linked to no collection yet.

    Parameters
    ----------
    mesh : ColouredMesh
        The surface, in the cloud's own coordinates.
    cloud : bpy.types.Object
        The object has its place, parent, constraints and movement, the material that its settings ask for,
        and the colours as its exposure and saturation show them.
    """
    settings = properties.cloud_settings(cloud)
    name = f"{cloud.name} Mesh"
    data = make_mesh_data(mesh, name, settings.exposure, settings.saturation)
    data.materials.append(nodes.colour_material(settings.lit))
    made: Any = cloud.copy()
    made.name = name
    made.modifiers.clear()
    made.property_unset("uner3d")
    made.uner3d.is_mesh = True
    made.data = data
    return made  # type: ignore[no-any-return]


def make_mesh_data(mesh: ColouredMesh, name: str, exposure: float, saturation: float) -> bpy.types.Mesh:
    """Make the mesh with smooth faces and its corrected colours, linear, in the attribute ``Col``."""
    data: Any = bpy.data.meshes.new(name)
    faces = len(mesh.triangles)
    data.vertices.add(len(mesh.positions))
    data.attributes["position"].data.foreach_set("vector", mesh.positions.ravel())
    data.loops.add(3 * faces)
    data.loops.foreach_set("vertex_index", mesh.triangles.ravel())
    data.polygons.add(faces)
    data.polygons.foreach_set("loop_start", np.arange(0, 3 * faces, 3, dtype=np.int32))
    data.polygons.foreach_set("use_smooth", np.ones(faces, bool))
    colours = np.ones((len(mesh.positions), 4), np.float32)
    colours[:, :3] = corrected(SRGB_TO_LINEAR[mesh.colours], exposure, saturation)
    attribute = data.attributes.new(nodes.COLOUR, "FLOAT_COLOR", "POINT")
    attribute.data.foreach_set("color", colours.ravel())
    data.color_attributes.active_color = data.color_attributes[nodes.COLOUR]
    data.update(calc_edges=True)
    data.validate()  # a file that was meddled with must not bring Blender down
    return data  # type: ignore[no-any-return]


def corrected(
    colours: npt.NDArray[np.float32], exposure: float, saturation: float
) -> npt.NDArray[np.float32]:
    """Correct linear colours (N, 3) as the node group does."""
    if exposure == 0.0 and saturation == 1.0:
        return colours
    grey = colours @ np.array(nodes.LUMINANCE, np.float32)[:, None]
    shown = 2.0**exposure * (grey + saturation * (colours - grey))
    return np.asarray(np.maximum(shown, 0.0), np.float32)
