# SPDX-License-Identifier: GPL-3.0-or-later
"""A cube, seen by cameras with shift and unequal sensors at half resolution, lands where it stands."""

from __future__ import annotations

import importlib.util
import math
import os

import bpy
import numpy as np
import pytest

from blender_addon import api, cloud_object
from blender_addon.data_sets import rigs, stage
from blender_addon.studio import objects
from uner3d_core.settings import Settings

EDGE = 0.8
PLACE = (3.0, -2.0, 1.5)
FAR, NEAR = 2.4, EDGE / 2.0
POSITIONS = [
    (FAR, NEAR, NEAR), (-FAR, -NEAR, -NEAR), (NEAR, FAR, NEAR), (-NEAR, -FAR, -NEAR),
    (NEAR, NEAR, FAR), (-NEAR, -NEAR, -FAR), (1.6, -1.4, 1.2), (-1.6, 1.4, -1.2),
]  # fmt: skip
"""Six cameras stand in the planes of two sides each, so that the silhouettes alone tell where the sides are:
what is measured is whether the cameras are where Blender has them."""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None and not os.environ.get("UNER3D_ENGINE_PYTHON"),
    reason="needs an engine: torch here, or UNER3D_ENGINE_PYTHON",
)


def test_a_cube_lands_in_world_space() -> None:
    scene = bpy.context.scene
    cube = objects.add_painted_cube(scene, EDGE)
    cube.location = PLACE
    stage.add_light(scene)
    stage.use_cycles(scene, size=0, samples=16)
    scene.render.resolution_x, scene.render.resolution_y = 900, 720
    scene.render.resolution_percentage = 50
    cameras = []
    for number, position in enumerate(POSITIONS):
        pose = rigs.look_at(np.add(PLACE, position), np.array(PLACE))
        camera = stage.add_camera(scene, f"Camera {number}", pose, math.radians(42.0))
        camera.data.sensor_fit = ("AUTO", "HORIZONTAL", "VERTICAL")[number % 3]
        camera.data.sensor_width, camera.data.sensor_height = 36.0, 30.0
        camera.data.shift_x, camera.data.shift_y = 0.06 * (number % 3 - 1), 0.05 * (number % 2)
        cameras.append(camera)
    cloud = api.reconstruct_cameras(cameras, Settings(points=20_000, preset="draft", device="cpu"))
    local = cloud_object.read_cloud(cloud).positions.astype(np.float64) - PLACE
    # The distance to the surface of a cube at the origin.
    beyond = np.abs(local) - EDGE / 2.0
    outside = np.linalg.norm(np.maximum(beyond, 0.0), axis=1)
    distance = np.abs(outside + np.minimum(beyond.max(axis=1), 0.0))
    assert distance.mean() < 0.005 * EDGE
    # All six sides are there.
    for axis in range(3):
        for side in (-1.0, 1.0):
            assert (np.abs(local[:, axis] - side * EDGE / 2.0) < 0.02 * EDGE).mean() > 0.1
