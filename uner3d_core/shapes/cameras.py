# SPDX-License-Identifier: Apache-2.0
"""Random cameras around an object that fills the unit ball about the origin."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation  # type: ignore[import-untyped]

from uner3d_core.camera import Camera

FloatArray = npt.NDArray[np.float64]


def look_at(
    position: npt.ArrayLike, target: npt.ArrayLike, *, size: int, angle_of_view: float, roll: float = 0.0
) -> Camera:
    """Make a camera with a square picture that looks at a point and stands upright.

    Parameters
    ----------
    position, target : array (3,)
        Where it is, and what is in the middle of the picture, in world units.
    size : int
        Width and height of the picture in pixels.
    angle_of_view : float
        Of the whole picture, in radians.
    roll : float
        By how much it is turned about its axis, in radians.
    """
    place = np.asarray(position, dtype=np.float64)
    forward = np.asarray(target, dtype=np.float64) - place
    forward /= np.linalg.norm(forward)
    up = np.array([0.0, 1.0, 0.0]) if abs(forward[2]) > 0.999 else np.array([0.0, 0.0, 1.0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    turned = math.cos(roll) * right + math.sin(roll) * down
    rotation = np.stack([turned, np.cross(forward, turned), forward])
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = -rotation @ place
    focal = 0.5 * size / math.tan(0.5 * angle_of_view)
    return Camera(size, size, focal, focal, 0.5 * size, 0.5 * size, pose)


def random_cameras(seed: int, count: int, size: int) -> list[Camera]:
    """Draw cameras on all sides of the unit ball, more of them above the horizon than below.

    Half of the sets have one lens and one distance, as of a rig; in the others both change from picture to
    picture. The object is in every picture nearly whole, and often out of the middle.

    Parameters
    ----------
    seed : int
        The same number gives the same cameras.
    count : int
        How many.
    size : int
        Width and height of the pictures in pixels.

    Returns
    -------
    list of Camera
    """
    random = np.random.default_rng([seed, 2])
    rig = random.random() < 0.5
    wander = random.choice([0.0, 0.08, 0.2])
    tilt = random.choice([0.0, 0.0, 0.15])
    start, turn = random.uniform(0.0, 2.0 * math.pi), math.pi * (3.0 - math.sqrt(5.0))
    angle, slack = _lens(random)
    cameras = []
    for index in range(count):
        if not rig:
            angle, slack = _lens(random)
        # The golden angle keeps neighbours in the list far apart, so that any few of them see all sides.
        azimuth = start + index * turn + random.normal(0.0, 0.15)
        height = random.uniform(-0.95, 0.95) if random.random() < 0.3 else random.uniform(0.0, 0.9)
        level = math.sqrt(1.0 - height**2)
        direction = np.array([level * math.cos(azimuth), level * math.sin(azimuth), height])
        distance = slack / math.sin(0.5 * angle)
        target = wander * random.uniform(-1.0, 1.0, 3)
        roll = tilt * random.normal()
        cameras.append(look_at(distance * direction, target, size=size, angle_of_view=angle, roll=roll))
    return cameras


def turned_around(camera: Camera, azimuth: float, elevation: float) -> Camera:
    """Carry a camera around the origin, so that the origin stays where it is in its picture.

    Parameters
    ----------
    camera : Camera
        What is turned.
    azimuth, elevation : float
        By how much, in radians, about the world's z, then about the camera's own horizontal axis.
    """
    around = Rotation.from_rotvec([0.0, 0.0, azimuth])
    sideways = around.apply(camera.world_to_camera[0, :3].copy())
    turn = np.eye(4)
    turn[:3, :3] = (Rotation.from_rotvec(elevation * sideways) * around).as_matrix()
    return replace(camera, world_to_camera=camera.world_to_camera @ np.linalg.inv(turn))


def _lens(random: np.random.Generator) -> tuple[float, float]:
    """Draw an angle of view in radians, and by how much the ball leaves the frame unfilled."""
    return math.radians(random.uniform(18.0, 65.0)), float(random.uniform(0.9, 1.35))
