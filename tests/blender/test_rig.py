# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras around an object: all of it is in every picture, from where it was asked for."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from blender_addon import api
from blender_addon.inputs import rig, rig_preview
from uner3d_core.errors import InputError


@pytest.fixture
def brick() -> Any:
    """A long box, away from the origin, turned, and with a modifier that doubles it."""
    bpy.ops.mesh.primitive_cube_add(location=(3, -2, 1), rotation=(0.3, 0.2, 1), scale=(1, 0.4, 0.2))
    brick = bpy.context.object
    brick.modifiers.new("twice", "ARRAY").count = 2
    return brick


def elevation(camera: Any, centre: Any) -> float:
    towards = (camera.location - centre).normalized()
    return math.asin(towards.z)


@pytest.mark.parametrize("resolution", [(640, 480), (300, 800)])
@pytest.mark.parametrize("kind", rig.KINDS)
def test_every_camera_sees_all_of_it(brick: Any, kind: str, resolution: tuple[int, int]) -> None:
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = resolution
    cameras = api.add_cameras_around([brick], scene, kind, 12)
    bpy.context.view_layer.update()
    shown = brick.evaluated_get(bpy.context.evaluated_depsgraph_get())
    corners = [shown.matrix_world @ Vector(corner) for corner in shown.bound_box]
    size = []
    for camera in cameras:
        places = np.array([world_to_camera_view(scene, camera, corner) for corner in corners])
        assert (places[:, :2] > 0).all()
        assert (places[:, :2] < 1).all()
        assert (places[:, 2] > camera.data.clip_start).all()
        assert (places[:, 2] < camera.data.clip_end).all()
        size.append(np.ptp(places[:, :2], axis=0).max())
    assert max(size) > 0.5  # and it fills the picture


def test_the_elevations_are_those_asked_for(brick: Any) -> None:
    scene = bpy.context.scene
    centre, _ = rig.bounding_sphere([brick])
    low, high = math.radians(-20), math.radians(60)
    for kind in ("DOME", "SPIRAL"):
        found = [
            elevation(camera, centre)
            for camera in api.add_cameras_around([brick], scene, kind, 40, lowest=low, highest=high)
        ]
        assert low < min(found) < low + 0.1
        assert high - 0.1 < max(found) < high
    ring = api.add_cameras_around([brick], scene, "RING", 8, lowest=0.4, highest=0.4)
    np.testing.assert_allclose([elevation(camera, centre) for camera in ring], 0.4, atol=1e-5)


def test_a_dome_is_even() -> None:
    found = np.array(rig.directions("DOME", 60, math.radians(-89), math.radians(89)))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    apart = np.linalg.norm(found[:, None] - found, axis=2) + 9 * np.eye(60)
    assert apart.min(axis=1).min() > 0.6 * apart.min(axis=1).max()


def test_the_operator_adds_them_to_the_inputs_in_a_collection_of_their_own(brick: Any) -> None:
    bpy.ops.object.light_add()
    brick.select_set(True)
    assert bpy.ops.uner3d.add_cameras_around(kind="RING", count=5) == {"FINISHED"}
    inputs = bpy.context.scene.uner3d.inputs
    assert len(inputs) == 5
    collection = bpy.data.collections[rig.COLLECTION_NAME]
    assert {item.camera for item in inputs} == set(collection.objects)
    assert len({camera.data.name for camera in collection.objects}) == 1


def test_nothing_to_look_at_is_a_sentence() -> None:
    with pytest.raises(RuntimeError, match="No object is selected"):
        bpy.ops.uner3d.add_cameras_around()
    bpy.ops.object.light_add()
    with pytest.raises(InputError, match="No object"):
        api.add_cameras_around(bpy.context.selected_objects, bpy.context.scene)
    assert len(bpy.data.cameras) == 0


def test_the_preview_is_what_will_be_made(brick: Any) -> None:
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = 300, 800
    arrangement = rig.Arrangement("DOME", 7, -0.2, 1.2, 1.5)
    rig_preview.show(rig.place_around([brick], scene), rig.Arrangement("RING", 3, 0, 0, 1))
    rig_preview.follow(arrangement)
    (preview,) = rig_preview._shown
    lines = np.array([line[:] for line in rig_preview.frustum_lines(preview.place, preview.arrangement)])
    cameras = api.add_cameras_around([brick], scene, "DOME", 7, lowest=-0.2, highest=1.2, distance=1.5)
    bpy.context.view_layer.update()
    assert preview.arrangement == arrangement
    assert len(bpy.data.cameras) == 1
    for camera, drawn in zip(cameras, lines.reshape(7, -1, 3), strict=True):
        np.testing.assert_allclose(drawn[0], camera.matrix_world.translation, atol=1e-5)
        seen = np.array([world_to_camera_view(scene, camera, Vector(corner)) for corner in drawn[1:16:4]])
        np.testing.assert_allclose(sorted(map(tuple, seen[:, :2].round(4))), [(0, 0), (0, 1), (1, 0), (1, 1)])
    bpy.ops.wm.read_homefile(use_empty=True)
    assert not rig_preview._shown


def test_what_is_made_ends_the_preview(brick: Any) -> None:
    rig_preview.show(rig.place_around([brick], bpy.context.scene), rig.Arrangement("RING", 3, 0, 0, 1))
    assert bpy.ops.uner3d.add_cameras_around(kind="RING", count=5) == {"FINISHED"}
    assert not rig_preview._shown
