# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes of our own: rigs, objects, and a bench case from a model file to its folder."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_addon.data_sets import rigs, stage
from blender_addon.studio import cases, demo, objects
from uner3d_core.evaluation.cases import TRIALS
from uner3d_core.evaluation.visible_surface import fibonacci_sphere, sample_visible

ANGLE = math.radians(40.0)


def test_look_at_looks_at_its_target_with_z_up() -> None:
    pose = rigs.look_at(np.array([3.0, -2.0, 1.0]), np.array([0.5, 0.5, 0.0]))
    towards = np.array([0.5, 0.5, 0.0]) - pose[:3, 3]
    assert np.allclose(-pose[:3, 2], towards / np.linalg.norm(towards))
    assert np.allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3))
    assert pose[2, 0] == pytest.approx(0.0)
    assert pose[2, 1] > 0.0


@pytest.mark.parametrize("direction", [(0.0, 0.0, 1.0), (0.0, 0.0, -1.0)])
def test_look_at_from_the_poles(direction: tuple[float, float, float]) -> None:
    pose = rigs.look_at(np.array(direction), np.zeros(3))
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0)
    assert np.allclose(pose[:3, 2], direction)


def test_held_out_cameras_stand_between_the_others() -> None:
    training = fibonacci_sphere(24)
    held_out = rigs.between(training, 8)
    assert (held_out @ training.T).max() < math.cos(math.radians(15.0))
    assert np.sort(held_out @ held_out.T, axis=1)[:, -2].max() < math.cos(math.radians(15.0))


def test_framing_fills_the_share_of_the_picture() -> None:
    points = np.random.default_rng(0).normal(size=(200, 3))
    directions = fibonacci_sphere(9)
    distance = rigs.framing_distance(points, directions, ANGLE, 0.85)
    largest = 0.0
    for pose in rigs.looking_inwards(directions, distance):
        local = (points - pose[:3, 3]) @ pose[:3, :3]
        largest = max(largest, float((np.abs(local[:, :2]).max(axis=1) / -local[:, 2]).max()))
    assert largest / math.tan(ANGLE / 2.0) == pytest.approx(0.85)


def test_normalising_moves_parents_and_children_together() -> None:
    scene = bpy.context.scene
    cube = objects.add_painted_cube(scene, 0.3)
    child = objects.add_painted_cube(scene, 0.1)
    cube.location = (5.0, 2.0, -1.0)
    child.parent, child.location = cube, (1.0, 0.0, 0.0)
    centre, diagonal = stage.normalise(scene)
    vertices, triangles = stage.triangles_of(scene)
    assert len(triangles) == 24
    assert np.allclose(vertices.min(axis=0), -vertices.max(axis=0), atol=1e-5)
    assert np.linalg.norm(np.ptp(vertices, axis=0)) == pytest.approx(2.0, abs=1e-5)
    assert centre == pytest.approx([5.45, 2.0, -1.0], abs=1e-5)
    assert diagonal == pytest.approx(math.hypot(1.2, 0.3, 0.3), abs=1e-5)


def test_the_cup_is_open_and_its_walls_are_closed() -> None:
    scene = bpy.context.scene
    objects.add_cup(scene)
    scene.view_layers[0].update()
    vertices, triangles = stage.triangles_of(scene)
    points, normals = sample_visible(vertices, triangles, 2000, stage.ray_test(vertices, triangles))
    flat = np.linalg.norm(points[:, :2], axis=1)
    inside = (flat < 0.505) & (points[:, 2] > 0.5) & (points[:, 2] < 0.7)
    assert inside.mean() > 0.03
    # Normals point out of the clay, inside the cup towards the axis.
    assert ((points * normals)[inside][:, :2].sum(axis=1) < -0.4).all()
    assert vertices.min(axis=0)[2] == pytest.approx(0.0)


def test_the_demos_cameras_see_the_whole_cup() -> None:
    scene, _ = demo.make_scene()
    vertices, _ = stage.triangles_of(scene)
    cameras = [item for item in scene.objects if item.type == "CAMERA"]
    assert len(cameras) == demo.VIEWS
    for camera in cameras:
        pose = np.array(camera.matrix_world)
        local = (vertices - pose[:3, 3]) @ pose[:3, :3]
        assert (np.abs(local[:, :2]).max(axis=1) / -local[:, 2]).max() < math.tan(demo.FIELD_OF_VIEW / 2.0)


def test_the_tours_table_is_laid() -> None:
    place = Path(__file__).resolve().parents[1] / "window" / "inside" / "table.py"
    spec = importlib.util.spec_from_file_location("table", place)
    assert spec is not None
    assert spec.loader is not None
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)
    table.lay_table(bpy.context.scene, size=64, samples=1)
    assert {"Cup", "Handle", "Saucer"} == {item.name for item in bpy.context.selected_objects}
    assert bpy.context.scene.render.resolution_x == 64


def test_a_case_from_a_model_file(tmp_path: Path) -> None:
    objects.add_painted_cube(bpy.context.scene, 3.0)
    model = tmp_path / "cube.glb"
    bpy.ops.export_scene.gltf(filepath=str(model))
    folder = tmp_path / "cube 日本"
    cases.make_case(str(model), views=2, size=24, samples=1, folder=folder)
    described = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    assert described["original_diagonal"] == pytest.approx(3.0 * math.sqrt(3.0), abs=1e-4)
    for views, count in ((folder, 2), (folder / "heldout", cases.HELD_OUT_VIEWS)):
        frames = json.loads((views / "transforms.json").read_text(encoding="utf-8"))["frames"]
        assert [(frame["w"], frame["h"]) for frame in frames] == [(24, 24)] * count
        assert all((views / frame["file_path"]).is_file() for frame in frames)
    with np.load(folder / "truth.npz") as truth:
        assert truth["points"].shape == (cases.TRUE_POINTS, 3)
        assert np.abs(truth["points"]).max(axis=1) == pytest.approx(1.0 / math.sqrt(3.0), abs=1e-5)
        assert truth["diagonal"] == 2.0
    assert not folder.with_name(folder.name + ".unfinished").exists()


@pytest.mark.parametrize("name", TRIALS)
def test_trials_are_closed_and_their_normals_point_outwards(name: str) -> None:
    scene = bpy.context.scene
    objects.TRIALS[name](scene)
    stage.normalise(scene)
    vertices, triangles = stage.triangles_of(scene)
    corners = vertices[triangles]
    # The volume inside a closed surface does not depend on the point that it is measured from.
    volumes = [np.linalg.det(corners - place).sum() / 6 for place in (np.zeros(3), np.array([3.0, 1.0, 2.0]))]
    assert volumes[0] == pytest.approx(volumes[1], rel=2e-3)
    assert 0.01 < volumes[0] < 2.0


def test_the_core_knows_the_trials_by_name() -> None:
    assert tuple(objects.TRIALS) == TRIALS
