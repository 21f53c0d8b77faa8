# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import threading
from dataclasses import fields
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from blender_addon import api, cloud_arrays, cloud_object
from blender_addon.jobs import placing
from blender_addon.jobs.loading import in_thread
from blender_addon.operators.reporting import points_sentence
from uner3d_core.cloud_files import read_npz, read_ply, write_npz, write_ply
from uner3d_core.errors import CloudFileError


def assert_same(first: Any, second: Any) -> None:
    for entry in fields(first):
        np.testing.assert_array_equal(getattr(first, entry.name), getattr(second, entry.name), entry.name)


def test_all_colours_survive_the_way_into_blender_and_back(sphere_cloud: Any) -> None:
    points = sphere_cloud(256)
    points.colours[:] = np.arange(256, dtype=np.uint8)[:, None]
    made = cloud_object.make_cloud_object(points, "cloud")
    assert_same(cloud_object.read_cloud(made), points)
    # Blender's own conversion agrees.
    srgb = np.empty(256 * 4, np.float32)
    made.data.color_attributes["Col"].data.foreach_get("color_srgb", srgb)
    np.testing.assert_allclose(srgb.reshape(256, 4)[:, 0] * 255, np.arange(256), atol=0.1)


def test_import_and_export_give_the_same_file(sphere_cloud: Any, tmp_path: Any) -> None:
    write_ply(tmp_path / "ü 日本.ply", sphere_cloud(5000))
    assert bpy.ops.uner3d.import_cloud(filepath=str(tmp_path / "ü 日本.ply")) == {"FINISHED"}
    cloud = bpy.context.object
    assert (cloud.name, cloud.uner3d.points, cloud.select_get()) == ("ü 日本", 5000, True)
    assert bpy.ops.uner3d.export_cloud(filepath=str(tmp_path / "again.ply")) == {"FINISHED"}
    assert (tmp_path / "again.ply").read_bytes() == (tmp_path / "ü 日本.ply").read_bytes()


def test_a_cloud_of_the_worker_is_imported(sphere_cloud: Any, tmp_path: Any) -> None:
    write_npz(tmp_path / "cloud.npz", sphere_cloud(10))
    assert_same(cloud_object.read_cloud(api.import_cloud(tmp_path / "cloud.npz")), sphere_cloud(10))


def test_blenders_own_export_is_imported(tmp_path: Any) -> None:
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=3)
    count = len(bpy.context.object.data.vertices)
    bpy.ops.wm.ply_export(filepath=str(tmp_path / "mesh.ply"), export_uv=False)
    cloud = api.import_cloud(tmp_path / "mesh.ply")
    assert cloud.uner3d.points == count
    ranks = np.empty(count, np.float32)
    cloud.data.attributes["rank"].data.foreach_get("value", ranks)
    np.testing.assert_allclose(np.sort(ranks), (np.arange(count) + 0.5) / count, atol=1e-6)
    assert (np.diff(ranks) < 0).any()  # not in the file's order, which is no even one


def test_export_is_in_world_coordinates(sphere_cloud: Any, tmp_path: Any) -> None:
    points = sphere_cloud(100)
    write_ply(tmp_path / "a.ply", points)
    cloud = api.import_cloud(tmp_path / "a.ply")
    cloud.matrix_world = Matrix.Translation((1, 2, 3)) @ Matrix.Diagonal((2, 1, 1, 1))
    bpy.context.view_layer.update()
    api.export_cloud(cloud, tmp_path / "b.ply")
    exported = read_ply(tmp_path / "b.ply")
    np.testing.assert_allclose(exported.positions, points.positions * (2, 1, 1) + (1, 2, 3), atol=1e-6)
    slopes = points.normals / (2, 1, 1)
    np.testing.assert_allclose(
        exported.normals, slopes / np.linalg.norm(slopes, axis=1, keepdims=True), atol=1e-6
    )


def test_radius_follows_the_spacing(sphere_cloud: Any) -> None:
    # The most even N points, a hexagonal lattice, are sqrt(2 / sqrt(3) * area / N) apart, random ones half.
    for count in (500, 5000, 50_000):
        most = np.sqrt(2 / np.sqrt(3) * 4 * np.pi / count)
        assert 0.5 * most < cloud_arrays.spacing(sphere_cloud(count)) < most


def test_an_excluded_collection_does_not_swallow_the_cloud(sphere_cloud: Any) -> None:
    collection = bpy.data.collections.new("hidden")
    bpy.context.scene.collection.children.link(collection)
    layer = bpy.context.view_layer.layer_collection.children["hidden"]
    bpy.context.view_layer.active_layer_collection = layer
    layer.exclude = True
    cloud = placing.add_to_scene(sphere_cloud(10), "cloud", bpy.context.scene)
    assert bpy.context.object == cloud
    assert cloud.visible_get()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("missing.ply", None, "missing.ply"),
        ("cloud.txt", b"0 0 0", "“cloud.txt” is no point cloud"),
        ("short.ply", b"ply\nformat binary_little_endian 1.0\n", "“short.ply”"),
        ("empty.npz", b"", "“empty.npz”"),
    ],
)
def test_a_bad_file_is_one_sentence_and_changes_nothing(
    tmp_path: Any, name: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.uner3d.import_cloud(filepath=str(tmp_path / name))
    assert not bpy.data.objects
    assert not bpy.data.meshes
    assert not bpy.data.node_groups
    assert not bpy.data.materials


def test_a_very_large_cloud_starts_with_a_share_of_it_in_the_viewport(
    sphere_cloud: Any, shown_points: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "SHOWN_AT_FIRST", 100)
    small, large = (
        placing.add_to_scene(sphere_cloud(count), "cloud", bpy.context.scene) for count in (100, 400)
    )
    assert [cloud.uner3d.density for cloud in (small, large)] == [1.0, 0.25]
    assert [cloud.uner3d.render_density for cloud in (small, large)] == [1.0, 1.0]
    assert len(shown_points()) == 200
    assert "The viewport shows 25% of them." in points_sentence(large)
    assert points_sentence(small).endswith("points.")


def test_files_are_read_in_a_thread_that_hands_on_what_fails() -> None:
    assert in_thread(threading.get_ident).result() != threading.get_ident()
    with pytest.raises(CloudFileError, match="damaged"):
        in_thread(lambda: read_npz(Path(__file__))).result()


def test_an_object_without_points_is_not_exported(tmp_path: Any) -> None:
    empty = bpy.data.objects.new("nothing", bpy.data.meshes.new("nothing"))
    with pytest.raises(CloudFileError, match="“nothing” holds no points"):
        api.export_cloud(empty, tmp_path / "a.ply")
    assert not list(tmp_path.iterdir())


def test_only_the_cloud_is_selected_also_right_after_others_were_deleted(sphere_cloud: Any) -> None:
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.mesh.primitive_cube_add()
    bpy.data.objects.remove(bpy.context.object)
    bpy.data.objects["Cube"].select_set(True)
    cloud = placing.add_to_scene(sphere_cloud(10), "cloud", bpy.context.scene)
    assert bpy.context.selected_objects == [cloud]
