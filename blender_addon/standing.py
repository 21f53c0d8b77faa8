# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a cloud stands, and how large it is, when its pictures don't tell: the person does.

A cloud keeps the coordinates of its field, so that it can be sampled anew; its object is moved and scaled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
from mathutils import Matrix, Vector

from uner3d_core.errors import InputError

FloatArray = npt.NDArray[np.float64]

STRAYS = 0.001
"""Share of the points, at each side, that may lie beyond the object."""
ENOUGH = 100_000
"""Points from which an extent is found."""
LEAST_DISTANCE = 1e-9
_TWO_POINTS = (
    "In edit mode select two points of the cloud; or put two empties on it, and select them and then the "
    "cloud."
)


@dataclass(frozen=True)
class Place:
    """Where the person wants a cloud whose cameras had to be estimated.

    Parameters
    ----------
    ground : tuple of float
        The point on which it rests, in world coordinates.
    longest_side : float
        The longest side of its box, in the scene's units.
    """

    ground: tuple[float, float, float]
    longest_side: float


def place_at_cursor(scene: Any) -> Place:
    """Tell the place that the person has chosen in a scene: the 3D cursor, and the size of the settings."""
    return Place(tuple(scene.cursor.location), scene.uner3d.longest_side)


def placement(points: npt.NDArray[np.float32], place: Place) -> Matrix:
    """Find the scale and the shift that put points where the person wants them.

    Parameters
    ----------
    points : float32 array (N, 3)
        At least one; z is up.
    place : Place
        Where, and how large.

    Returns
    -------
    Matrix
        4 × 4, to world coordinates. Points that are all in one place keep their size.
    """
    low, high = _extent(_some(points).astype(np.float64))
    longest = float((high - low).max())
    scale = place.longest_side / longest if longest > LEAST_DISTANCE else 1.0
    shift: Any = Vector(place.ground) - scale * _ground(low, high)
    return Matrix.Translation(shift) @ Matrix.Scale(scale, 4)


def stand(cloud: bpy.types.Object, place: Place) -> None:
    """Put a cloud where the person wants it."""
    cloud.matrix_world = placement(_points(cloud), place)


def measured_points(cloud: bpy.types.Object, selected: Sequence[bpy.types.Object]) -> tuple[Vector, Vector]:
    """Tell the two points that the person has picked, in world coordinates.

    Parameters
    ----------
    cloud : bpy.types.Object
        The cloud. In edit mode its two selected points count.
    selected : sequence of bpy.types.Object
        What is selected: two other objects, such as empties, stand where the points are. Without any, the
        cloud's two points count that were selected in edit mode.

    Raises
    ------
    InputError
        If it is not two.
    """
    others = [item for item in selected if item != cloud]
    if cloud.mode == "EDIT":
        cloud.update_from_editmode()
    elif len(others) == 2:
        return others[0].matrix_world.translation.copy(), others[1].matrix_world.translation.copy()
    elif others:
        raise InputError(f"{len(others)} objects are selected beside the cloud, and not two.", _TWO_POINTS)
    mesh: Any = cloud.data
    chosen = np.empty(len(mesh.vertices), bool)
    mesh.vertices.foreach_get("select", chosen)
    found = np.flatnonzero(chosen)
    if len(found) != 2:
        raise InputError(f"{len(found)} points of the cloud are selected, and not two.", _TWO_POINTS)
    first, second = (cloud.matrix_world @ mesh.vertices[int(place)].co for place in found)
    return first, second


def set_measured_distance(
    cloud: bpy.types.Object, first: Sequence[float], second: Sequence[float], distance: float
) -> float:
    """Scale a cloud so that two points of it are as far apart as they truly are.

    It goes on resting where it rests. What is parented to it, such as its cameras, goes with it.

    Parameters
    ----------
    cloud : bpy.types.Object
        A cloud.
    first, second : sequence of float
        The points, in world coordinates.
    distance : float
        Their true distance, in the scene's units.

    Returns
    -------
    float
        By how much it was scaled.

    Raises
    ------
    InputError
        If the points are in one place, or the distance is not above zero.
    """
    measured = (Vector(second) - Vector(first)).length
    if measured <= LEAST_DISTANCE:
        raise InputError("Both points are in the same place.", _TWO_POINTS)
    if not 0.0 < distance < float("inf"):
        raise InputError(f"{distance} is no distance.", "Give one that is above zero.")
    scale = distance / measured
    matrix = np.array(cloud.matrix_world)
    points = _some(_points(cloud)) @ matrix[:3, :3].T + matrix[:3, 3]
    resting: Any = _ground(*_extent(points))
    ground = Matrix.Translation(resting)
    cloud.matrix_world = ground @ Matrix.Scale(scale, 4) @ ground.inverted() @ cloud.matrix_world
    return scale


def _ground(low: FloatArray, high: FloatArray) -> Vector:
    """Tell the middle of a box's bottom."""
    return Vector(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]))


def _extent(points: npt.NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Find the box of points without the few that stray."""
    low, high = np.quantile(points, (STRAYS, 1.0 - STRAYS), axis=0)
    return low, high


def _some(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return points[:: max(1, len(points) // ENOUGH)]


def _points(cloud: bpy.types.Object) -> npt.NDArray[np.float32]:
    mesh: Any = cloud.data
    points = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.attributes["position"].data.foreach_get("vector", points.ravel())
    return points
