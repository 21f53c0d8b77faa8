# SPDX-License-Identifier: GPL-3.0-or-later
"""Point clouds as Blender objects: arrays to a mesh of loose vertices with attributes, and back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from uner3d_core.errors import CloudFileError
from uner3d_core.point_cloud import PointCloud

from . import nodes
from .cloud_arrays import CloudArrays, cloud_arrays

MODIFIER_NAME = "UNeR3D Cloud"


def make_cloud_object(
    cloud: PointCloud | CloudArrays, name: str, mesh: bpy.types.Mesh | None = None
) -> bpy.types.Object:
    """Make an object that shows a cloud; it is linked to no collection yet.

    Parameters
    ----------
    cloud : PointCloud or CloudArrays
        The cloud.
    name : str
        The object's name.
    mesh : bpy.types.Mesh, optional
        The cloud's mesh, where it was made already.

    Returns
    -------
    bpy.types.Object
        A mesh object with a geometry-nodes modifier. The mesh has the point attributes ``position``, ``Col``
        (linear colour), ``normal``, ``confidence`` and ``rank``, see :func:`.cloud_arrays.ranks`.
    """
    made = bpy.data.objects.new(name, mesh or make_cloud_mesh(cloud_arrays(cloud), name))
    modifier: Any = made.modifiers.new(MODIFIER_NAME, "NODES")
    modifier.node_group = nodes.cloud_node_group()
    return made


def replace_points(target: bpy.types.Object, arrays: CloudArrays, mesh: bpy.types.Mesh | None = None) -> None:
    """Give a cloud object other points; its place, modifiers and whatever else it has stay.

    Where their mesh was made already it is given.
    """
    old: Any = target.data
    target.data = mesh or make_cloud_mesh(arrays, old.name)
    for material in old.materials:
        target.data.materials.append(material)
    if old.users == 0:
        bpy.data.meshes.remove(old)


def make_cloud_mesh(arrays: CloudArrays, name: str) -> bpy.types.Mesh:
    """Make the mesh of a cloud, with a vertex for each point."""
    mesh = bpy.data.meshes.new(name)
    for step in mesh_steps(arrays):
        step(mesh)
    return mesh


def mesh_steps(arrays: CloudArrays) -> list[Callable[[bpy.types.Mesh], None]]:
    """Tell what makes a cloud of an empty mesh, step by step; each but the last adds an attribute."""
    # `color` is copied as it is; `color_srgb` would convert one number after another.
    added = (
        (nodes.COLOUR, "FLOAT_COLOR", "color", arrays.colours),
        (nodes.NORMAL, "FLOAT_VECTOR", "vector", arrays.normals),
        (nodes.CONFIDENCE, "FLOAT", "value", arrays.confidence),
        (nodes.RANK, "FLOAT", "value", arrays.ranks),
    )
    columns = [
        partial(_add_attribute, name=name, kind=kind, field=field, values=values)
        for name, kind, field, values in added
    ]
    return [partial(_add_vertices, positions=arrays.positions), *columns, _finish]


def _add_vertices(mesh: bpy.types.Mesh, positions: npt.NDArray[np.float32]) -> None:
    mesh.vertices.add(len(positions))
    attribute: Any = mesh.attributes["position"]
    attribute.data.foreach_set("vector", positions.ravel())


def _add_attribute(
    mesh: bpy.types.Mesh, name: str, kind: Any, field: str, values: npt.NDArray[np.float32]
) -> None:
    attribute: Any = mesh.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(field, values.ravel())


def _finish(mesh: bpy.types.Mesh) -> None:
    mesh.color_attributes.active_color = mesh.color_attributes[nodes.COLOUR]
    mesh.update()


def read_cloud(source: bpy.types.Object) -> PointCloud:
    """Read all points of a cloud object, in world coordinates and in the order of their ranks.

    What the mesh has no attribute for becomes mid grey, no normals and confidence 1.

    Raises
    ------
    CloudFileError
        If the object has no points.
    """
    mesh: Any = source.data
    if source.type != "MESH" or not mesh.vertices:
        raise CloudFileError(f"“{source.name}” holds no points.", "Select a point cloud.")
    count = len(mesh.vertices)
    matrix = np.array(source.matrix_world, dtype=np.float64)
    positions = _read(mesh, "position", "vector", 3)
    normals = np.zeros((count, 3), np.float32)
    if _has(mesh, nodes.NORMAL):
        normals = _read(mesh, nodes.NORMAL, "vector", 3)
    if not np.array_equal(matrix, np.eye(4)):
        positions = (positions @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
        # Normals go with the inverse transpose, also where the object is scaled unevenly.
        turned = normals @ np.linalg.pinv(matrix[:3, :3])
        length = np.linalg.norm(turned, axis=1, keepdims=True)
        normals = (turned / np.where(length > 0, length, 1)).astype(np.float32)
    colours = np.full((count, 3), 200, np.uint8)
    if _has(mesh, nodes.COLOUR):
        colours = _linear_to_srgb(_read(mesh, nodes.COLOUR, "color", 4)[:, :3])
    confidence = np.ones(count, np.float32)
    if _has(mesh, nodes.CONFIDENCE):
        confidence = _read(mesh, nodes.CONFIDENCE, "value", 1)[:, 0]
    order: Any = slice(None)
    progressive = _has(mesh, nodes.RANK)
    if progressive:
        order = np.argsort(_read(mesh, nodes.RANK, "value", 1)[:, 0], kind="stable")
    return PointCloud(
        positions[order],
        colours[order],
        normals[order],
        confidence[order],
        progressive,
    )


def _has(mesh: Any, name: str) -> bool:
    return name in mesh.attributes and mesh.attributes[name].domain == "POINT"


def _read(mesh: Any, name: str, field: str, width: int) -> npt.NDArray[np.float32]:
    values = np.empty((len(mesh.vertices), width), np.float32)
    mesh.attributes[name].data.foreach_get(field, values.ravel())
    return values


def _linear_to_srgb(linear: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    linear = np.clip(linear, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), dtype=np.uint8)
