# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from blender_addon import api, capture, capture_depth
from blender_addon.data_sets import rigs, stage
from uner3d_core.data_set import Choice
from uner3d_core.errors import InputError
from uner3d_core.inputs.transforms import read_transforms

RADIUS = 1.0
PLACE = np.array([1.5, -2.8, 1.1])


@pytest.fixture
def ball() -> Any:
    """A camera that looks at a fine sphere at the origin."""
    scene = bpy.context.scene
    bpy.ops.mesh.primitive_uv_sphere_add(radius=RADIUS, segments=256, ring_count=128)
    stage.use_cycles(scene, 48, 2)
    return stage.add_camera(scene, "Camera", rigs.look_at(PLACE, np.zeros(3)), 0.9)


def captured_points(camera: Any, tmp_path: Path, **options: Any) -> Any:
    """World points of the pixels that show anything."""
    path = tmp_path / "images" / "a.png"
    seen = capture.capture_view(camera, path, bpy.context.scene, 48, depth=True, **options)
    depth = np.load(capture_depth.depth_path(path))
    assert depth.dtype == np.float32
    assert depth.shape == (48, 48)
    row, column = np.nonzero(depth < 1e9)
    assert 400 < len(row) < 48 * 48 / 2
    assert not list((tmp_path / "depth").glob("*.exr"))
    return seen.unproject(np.stack([column + 0.5, row + 0.5], axis=1), depth[row, column])


@pytest.mark.parametrize("flat", [False, True])
def test_depth_is_exact_to_a_thousandth_of_the_diagonal(ball: Any, tmp_path: Path, flat: bool) -> None:
    points = captured_points(ball, tmp_path, flat=flat)
    assert np.abs(np.linalg.norm(points, axis=1) - RADIUS).max() < 1e-3 * 2 * np.sqrt(3)


def test_after_another_engine_cycles_tells_the_depth(ball: Any, tmp_path: Path) -> None:
    scene = bpy.context.scene
    scene.render.engine = "BLENDER_WORKBENCH"
    capture_depth._EXACT.discard("BLENDER_WORKBENCH")
    try:
        points = captured_points(ball, tmp_path)
    finally:
        capture_depth._EXACT.add("BLENDER_WORKBENCH")
    assert np.abs(np.linalg.norm(points, axis=1) - RADIUS).max() < 1e-3
    assert scene.render.engine == "BLENDER_WORKBENCH"


def test_the_scene_stays_as_it_was(ball: Any, tmp_path: Path) -> None:
    scene = bpy.context.scene
    scene.render.image_settings.file_format = "JPEG"
    before = (scene.render.engine, scene.view_layers[0].use_pass_z, scene.display.shading.light)
    capture.capture_cameras([ball], tmp_path, scene=scene, maximum_side=16, depth=True)
    assert (scene.render.engine, scene.view_layers[0].use_pass_z, scene.display.shading.light) == before
    assert scene.render.image_settings.file_format == "JPEG"
    assert len(bpy.data.scenes) == 1
    frames = read_transforms(tmp_path / "transforms.json", lambda _: (16, 16))
    assert frames[0].depth == tmp_path / "depth" / f"{frames[0].image.stem}.npy"
    assert frames[0].depth.is_file()


def test_a_data_set_of_the_selected_objects(tmp_path: Path) -> None:
    scene = bpy.context.scene
    bpy.ops.mesh.primitive_cube_add(size=4, location=(5, 1, 2))
    cube = bpy.context.object
    cube.scale = (1, 0.5, 0.25)
    bpy.ops.object.light_add(location=(3, 3, 3))
    cube.select_set(True)
    before = cube.matrix_world.copy(), {*bpy.data.objects}, {*bpy.data.lights}, {*bpy.data.worlds}
    made = api.make_data_set(bpy.context.selected_objects, tmp_path / "set", Choice(6, 32, 500, samples=1))
    assert made == [tmp_path / "set" / "Cube"]
    assert (cube.matrix_world, {*bpy.data.objects}, {*bpy.data.lights}, {*bpy.data.worlds}) == before
    assert {*bpy.data.scenes} == {scene}
    cloud = np.load(made[0] / "cloud.npy", allow_pickle=False)
    assert cloud.dtype == np.float32
    assert cloud.shape == (500, 6)
    assert np.abs(cloud).max() <= 1.0
    np.testing.assert_allclose(np.abs(cloud[:, :3]).max(axis=0), [1.0, 0.5, 0.25], atol=0.02)
    away = np.abs(np.abs(cloud[:, :3]) - [1.0, 0.5, 0.25]).min(axis=1)
    assert away.max() < 0.1 * 2 / 32  # a tenth of a pixel, at the creases
    assert len(read_transforms(made[0] / "transforms.json", lambda _: (32, 32))) == 6
    assert json.loads((made[0] / "model.json").read_text())["views"] == 6


def test_the_operator_makes_it_too(tmp_path: Path) -> None:
    bpy.ops.mesh.primitive_cube_add()
    options = {"directory": str(tmp_path), "views": 3, "size": 16, "points": 50}
    assert bpy.ops.uner3d.make_dataset(**options) == {"FINISHED"}
    assert np.load(tmp_path / "Cube" / "cloud.npy").shape == (50, 6)


def test_what_has_no_surface_is_said(tmp_path: Path) -> None:
    bpy.ops.object.empty_add()
    with pytest.raises(InputError, match="No object with a surface"):
        api.make_data_set(bpy.context.selected_objects, tmp_path)
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.data.clear_geometry()
    with pytest.raises(InputError, match="has no surface"):
        api.make_data_set([bpy.context.object], tmp_path)
    assert len(bpy.data.scenes) == 1
