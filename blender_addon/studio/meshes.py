# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes from profiles and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    Faces = list[tuple[int, ...]]


def spline(points: Sequence[tuple[float, float]], steps: int) -> FloatArray:
    """Put a Catmull-Rom spline through points: ``steps`` points for each span, and the last point."""
    path = np.array([points[0], *points, points[-1]])
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    spans = []
    for a, b, c, d in zip(path[:-3], path[1:-2], path[2:-1], path[3:], strict=True):
        spans.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.concatenate([*spans, path[-1:]])


def _grid_faces(rows: int, columns: int) -> Faces:
    """List the quads of a grid of vertices that is closed along its columns."""
    return [
        (
            row * columns + column,
            row * columns + (column + 1) % columns,
            (row + 1) * columns + (column + 1) % columns,
            (row + 1) * columns + column,
        )
        for row in range(rows - 1)
        for column in range(columns)
    ]


def lathe(profile: FloatArray, segments: int) -> tuple[FloatArray, Faces]:
    """Turn a profile of radius and height around z; its ends are on the axis."""
    angle = np.linspace(0.0, 2.0 * np.pi, segments, endpoint=False)
    profile = np.maximum(profile, [1e-4, -np.inf])
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rings = profile[:, None, :1] * circle
    heights = np.broadcast_to(profile[:, None, 1:], (len(profile), segments, 1))
    vertices = np.concatenate([rings, heights], axis=2).reshape(-1, 3)
    return vertices, _grid_faces(len(profile), segments)


def tube(path: FloatArray, width: float, thickness: float, segments: int) -> tuple[FloatArray, Faces]:
    """Sweep an ellipse along a path of x and z; its ends stay open, hidden in what they are joined to."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    angle = np.linspace(0.0, 2.0 * np.pi, segments, endpoint=False)
    across = np.stack([-tangent[:, 1], np.zeros(len(path)), tangent[:, 0]], axis=1)[:, None]
    centre = np.stack([path[:, 0], np.zeros(len(path)), path[:, 1]], axis=1)[:, None]
    sideways = np.array([0.0, 1.0, 0.0])
    around = thickness * np.cos(angle)[:, None] * across + width * np.sin(angle)[:, None] * sideways
    return (centre + around).reshape(-1, 3), _grid_faces(len(path), segments)


def torus(radius: float, thickness: float, segments: int, sides: int) -> tuple[FloatArray, Faces]:
    """Make a ring around z: ``radius`` to the middle of its body, which has the radius ``thickness``."""
    angle = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    section = np.stack([radius + thickness * np.cos(angle), thickness * np.sin(angle)], axis=1)
    return lathe(section, segments)


def rod(start: FloatArray, end: FloatArray, radius: float, sides: int) -> tuple[FloatArray, Faces]:
    """Make a cylinder with closed ends between two points (3,)."""
    length = float(np.linalg.norm(end - start))
    along = (end - start) / length
    across = np.cross(along, np.eye(3)[np.abs(along).argmin()])
    across /= np.linalg.norm(across)
    profile = np.array([(0.0, 0.0), (radius, 0.0), (radius, length), (0.0, length)])
    vertices, faces = lathe(profile, sides)
    return vertices @ np.stack([across, np.cross(along, across), along]) + start, faces


def add_mesh(
    scene: bpy.types.Scene,
    name: str,
    vertices: FloatArray,
    faces: Sequence[tuple[int, ...]],
    material: bpy.types.Material,
    *,
    smooth: bool = True,
) -> bpy.types.Object:
    """Add a mesh of vertices (V, 3) and the indices of its faces' corners to a scene."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices.tolist(), [], faces)
    mesh.polygons.foreach_set("use_smooth", [smooth] * len(faces))
    mesh.materials.append(material)
    mesh.update()
    made = bpy.data.objects.new(name, mesh)
    scene.collection.objects.link(made)
    return made
