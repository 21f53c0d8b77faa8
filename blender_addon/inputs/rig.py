# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras around an object, where there are none yet: on a ring, a dome or a spiral, all looking at it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import bpy
from mathutils import Matrix, Vector

from uner3d_core.errors import InputError

KINDS = ("DOME", "RING", "SPIRAL")
COLLECTION_NAME = "UNeR3D Cameras"
MARGIN = 1.15
"""How much farther away cameras stand than where the object's bounding sphere just fits into the picture."""
DEFAULT_ANGLE = 2 * math.atan(36 / 2 / 50)
"""Angle of view of a new camera of Blender's, across the longer side: 50 mm before 36 mm."""
TURNS = 3.0
"""Of a spiral."""
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def directions(kind: str, count: int, lowest: float, highest: float) -> list[Vector]:
    """Find the directions from an object to the cameras around it.

    Parameters
    ----------
    kind : str
        ``DOME`` (evenly over the sphere between two elevations), ``SPIRAL`` (around it, from the lower to the
        higher) or ``RING`` (all at the mean of both).
    count : int
        How many.
    lowest, highest : float
        Elevations in radians, from -π/2 (below) to π/2 (above).

    Returns
    -------
    list of Vector
        Unit vectors.
    """
    found = []
    for number in range(count):
        share = (number + 0.5) / count
        if kind == "RING":
            elevation, azimuth = (lowest + highest) / 2, 2 * math.pi * number / count
        elif kind == "DOME":
            height = math.sin(lowest) + share * (math.sin(highest) - math.sin(lowest))
            elevation, azimuth = math.asin(max(-1.0, min(1.0, height))), number * _GOLDEN_ANGLE
        else:
            elevation, azimuth = lowest + share * (highest - lowest), 2 * math.pi * TURNS * share
        flat = math.cos(elevation)
        found.append(Vector((flat * math.cos(azimuth), flat * math.sin(azimuth), math.sin(elevation))))
    return found


def bounding_sphere(objects: Sequence[bpy.types.Object]) -> tuple[Vector, float]:
    """Find centre and radius, in world units, of a sphere around what objects show after their modifiers.

    Raises
    ------
    InputError
        If none of them has any extent.
    """
    graph = bpy.context.evaluated_depsgraph_get()
    corners = []
    for item in objects:
        if item.type in {"MESH", "CURVE", "SURFACE", "META", "FONT", "VOLUME", "POINTCLOUD", "CURVES"}:
            shown: Any = item.evaluated_get(graph)
            corners += [shown.matrix_world @ Vector(corner) for corner in shown.bound_box]
    if not corners:
        raise InputError("No object is selected that cameras could look at.", "Select the object.")
    low, high = (Vector([choose(c[axis] for c in corners) for axis in range(3)]) for choose in (min, max))
    radius = (high - low).length / 2
    if radius == 0:
        raise InputError("The selected object has no size.", "Select another object.")
    return (low + high) / 2, radius


@dataclass(frozen=True)
class Arrangement:
    """How cameras stand around an object.

    Parameters
    ----------
    kind : str
        ``DOME`` (evenly over the sphere between two elevations), ``SPIRAL`` or ``RING``.
    count : int
        How many.
    lowest, highest : float
        Elevations in radians.
    distance : float
        1 stands where the object just fits into the picture, 2 twice as far away.
    """

    kind: str
    count: int
    lowest: float
    highest: float
    distance: float


@dataclass(frozen=True)
class Place:
    """What cameras stand around: a sphere, seen through a lens.

    Parameters
    ----------
    centre : Vector
        Of the sphere, in the world.
    radius : float
        In world units.
    half_width, half_height : float
        Half the picture's sides at distance 1.
    """

    centre: Vector
    radius: float
    half_width: float
    half_height: float

    def poses(self, arrangement: Arrangement) -> list[Matrix]:
        """Find where cameras stand: camera-to-world matrices with Blender's axes, looking along -z."""
        # The sphere just fits between the nearer two sides of the picture.
        half_angle = math.atan(min(self.half_width, self.half_height))
        away = arrangement.distance * MARGIN * self.radius / math.sin(half_angle)
        found = directions(arrangement.kind, arrangement.count, arrangement.lowest, arrangement.highest)
        return [
            Matrix.LocRotScale((self.centre + away * direction)[:], direction.to_track_quat("Z", "Y"), None)
            for direction in found
        ]


def place_around(objects: Sequence[bpy.types.Object], scene: bpy.types.Scene) -> Place:
    """Find what cameras stand around, and how much of it a new camera sees in a scene.

    Raises
    ------
    InputError
        If there is nothing to look at.
    """
    centre, radius = bounding_sphere(objects)
    width = scene.render.resolution_x * scene.render.pixel_aspect_x
    height = scene.render.resolution_y * scene.render.pixel_aspect_y
    longest = max(width, height)
    half = math.tan(DEFAULT_ANGLE / 2)
    return Place(centre, radius, half * width / longest, half * height / longest)


def add_cameras_around(
    objects: Sequence[bpy.types.Object], scene: bpy.types.Scene, arrangement: Arrangement
) -> list[bpy.types.Object]:
    """Make cameras around objects, in a collection of their own; they share one lens.

    Parameters
    ----------
    objects : sequence of bpy.types.Object
        What they look at.
    scene : bpy.types.Scene
        Where they are put; its resolution tells how the object fills the picture.
    arrangement : Arrangement
        How they stand.

    Returns
    -------
    list of bpy.types.Object
        The cameras.

    Raises
    ------
    InputError
        If there is nothing to look at.
    """
    place = place_around(objects, scene)
    poses = place.poses(arrangement)
    away = (poses[0].translation - place.centre).length
    lens: Any = bpy.data.cameras.new(COLLECTION_NAME)
    lens.angle = DEFAULT_ANGLE
    lens.clip_start, lens.clip_end = min(lens.clip_start, away / 100), max(lens.clip_end, 10 * away)
    lens.display_size = place.radius / 5
    collection = bpy.data.collections.new(COLLECTION_NAME)
    scene.collection.children.link(collection)
    cameras = []
    for pose in poses:
        camera = bpy.data.objects.new("Camera", cast("bpy.types.ID", lens))
        camera.location, camera.rotation_euler = pose.translation, pose.to_euler()
        collection.objects.link(camera)
        cameras.append(camera)
    return cameras
