# SPDX-License-Identifier: GPL-3.0-or-later
"""Point clouds as Blender objects: arrays to a mesh of loose vertices with attributes, and back."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from uner3d_core.errors import CloudFileError
from uner3d_core.ordering import progressive_order
from uner3d_core.point_cloud import PointCloud

from . import nodes

MODIFIER_NAME = "UNeR3D Cloud"

_BYTES = np.arange(256) / 255.0
SRGB_TO_LINEAR = np.where(_BYTES <= 0.04045, _BYTES / 12.92, ((_BYTES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
"""IEC 61966-2-1, for each of the 256 values of a byte."""
_BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))

EVENLY_ORDERED = 50_000
"""Other programs' clouds of up to this many points are put into an order as even as our own."""


def make_cloud_object(cloud: PointCloud, name: str) -> bpy.types.Object:
    """Make an object that shows a cloud; it is linked to no collection yet.

    Returns
    -------
    bpy.types.Object
        A mesh object with a geometry-nodes modifier. The mesh has the point attributes ``position``, ``Col``
        (linear colour), ``normal``, ``confidence`` and ``rank``, see :func:`ranks`.
    """
    made = bpy.data.objects.new(name, make_cloud_mesh(cloud, name))
    modifier: Any = made.modifiers.new(MODIFIER_NAME, "NODES")
    modifier.node_group = nodes.cloud_node_group()
    return made


def replace_points(target: bpy.types.Object, cloud: PointCloud) -> None:
    """Give a cloud object other points; its place, modifiers and whatever else it has stay."""
    old: Any = target.data
    target.data = make_cloud_mesh(cloud, old.name)
    for material in old.materials:
        target.data.materials.append(material)
    if old.users == 0:
        bpy.data.meshes.remove(old)


def make_cloud_mesh(cloud: PointCloud, name: str) -> bpy.types.Mesh:
    """Make the mesh of a cloud, with a vertex for each point."""
    count = len(cloud)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(count)
    colours = np.empty((count, 4), np.float32)
    for channel in range(3):  # three small look-ups are twice as fast as one of all
        colours[:, channel] = np.take(SRGB_TO_LINEAR, cloud.colours[:, channel])
    colours[:, 3] = 1.0
    attributes: Any = mesh.attributes
    attributes["position"].data.foreach_set("vector", cloud.positions.ravel())
    # `color` is copied as it is; `color_srgb` would convert one number after another.
    colour = attributes.new(nodes.COLOUR, "FLOAT_COLOR", "POINT")
    colour.data.foreach_set("color", colours.ravel())
    mesh.color_attributes.active_color = mesh.color_attributes[nodes.COLOUR]
    _add(mesh, nodes.NORMAL, "FLOAT_VECTOR", "vector", cloud.normals)
    _add(mesh, nodes.CONFIDENCE, "FLOAT", "value", cloud.confidence)
    _add(mesh, nodes.RANK, "FLOAT", "value", ranks(cloud))
    mesh.update()
    return mesh


def ranks(cloud: PointCloud) -> npt.NDArray[np.float32]:
    """Tell where each point stands in the order in which density adds points.

    The points with a rank below a share s are s × N points, rounded to the nearest number (exactly, up to 8
    million of them, where float32 ends), and every one of them is among those of any larger share.

    Parameters
    ----------
    cloud : PointCloud
        A progressive cloud's order is its own, of which every beginning is evenly spread. Any other cloud is
        ordered evenly if it is small; a large one gets a random order, so that importing it takes no longer
        than reading it.

    Returns
    -------
    float32 array (N,)
        (k + 1/2) / N for the point that stands at k, above 0 and below 1.
    """
    count = len(cloud)
    if cloud.progressive:
        place = np.arange(count, dtype=np.float64)
    elif count <= EVENLY_ORDERED:
        place = np.empty(count)
        place[progressive_order(cloud.positions)] = np.arange(count)
    else:
        place = np.random.default_rng(0).permutation(count).astype(np.float64)
    place += 0.5
    place /= max(count, 1)
    rank = place.astype(np.float32)
    return np.minimum(rank, _BELOW_ONE, out=rank)


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


def spacing(cloud: PointCloud) -> float:
    """Estimate how far the points of a cloud are apart, in metres.

    The distance to the nearest neighbour among a subset, scaled to the whole: on a surface the spacing falls
    with the root of the number of points.
    """
    subset = min(len(cloud), 300)
    if subset < 2:
        return 0.1
    chosen: Any = slice(subset)
    if not cloud.progressive:
        chosen = np.random.default_rng(0).choice(len(cloud), subset, replace=False, shuffle=False)
    positions = cloud.positions[chosen].astype(np.float64)
    positions -= positions.mean(axis=0)
    squares = (positions**2).sum(axis=1)
    distances = squares[:, None] + squares[None] - 2 * positions @ positions.T
    np.fill_diagonal(distances, np.inf)
    nearest = np.sqrt(np.maximum(distances.min(axis=1), 0.0))
    return float(np.median(nearest) * np.sqrt(subset / len(cloud))) or 0.1


def _add(mesh: bpy.types.Mesh, name: str, kind: Any, field: str, values: npt.NDArray[np.float32]) -> None:
    attribute: Any = mesh.attributes.new(name, kind, "POINT")
    attribute.data.foreach_set(field, values.ravel())


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
