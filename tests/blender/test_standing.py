# SPDX-License-Identifier: GPL-3.0-or-later
"""Clouds whose cameras were estimated stand where the person wants them, as large as they want."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import fake_engine
import numpy as np
import numpy.typing as npt
import pytest
from mathutils import Matrix, Vector
from test_view_cameras import pose, write_png

from blender_addon import api, standing
from blender_addon.jobs import folders, placing
from uner3d_core.errors import CameraError, InputError

ESTIMATE = """
    import shutil
    shutil.copyfile(task.input / "estimate.json", task.estimated_cameras)
"""


def world_points(cloud: Any) -> npt.NDArray[np.float64]:
    matrix = np.array(cloud.matrix_world)
    points = np.array([vertex.co for vertex in cloud.data.vertices])
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])


def photographs(folder: Path) -> Path:
    """Two images, and cameras that the engine of these tests says it has estimated."""
    frames = []
    for number in range(2):
        image = write_png(folder / f"{number}.png", 64, 48)
        frames.append({"file_path": str(image), "transform_matrix": pose(number).tolist()})
    content = {"w": 64, "h": 48, "fl_x": 70, "frames": frames}
    (folder / "estimate.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def reconstructed(folder: Path, engine: Any, **arguments: Any) -> Any:
    engine(ESTIMATE + fake_engine.ANSWER)
    return api.reconstruct(photographs(folder / "ü photos"), **arguments)


def test_it_rests_at_the_cursor_with_the_chosen_size(tmp_path: Path, engine: Any) -> None:
    scene = bpy.context.scene
    scene.cursor.location = (3.0, -2.0, 0.5)
    scene.uner3d.longest_side = 0.25
    cloud = reconstructed(tmp_path, engine)
    points = world_points(cloud)
    low, high = points.min(0), points.max(0)
    assert (high - low).max() == pytest.approx(0.25, rel=0.01)
    np.testing.assert_allclose([*(low + high)[:2] / 2, low[2]], scene.cursor.location, atol=0.002)
    assert cloud.rotation_euler[:] == (0, 0, 0)
    assert len(set(cloud.scale)) == 1


def test_with_known_cameras_it_stays_in_their_world(tmp_path: Path, engine: Any) -> None:
    engine(fake_engine.ANSWER)
    bpy.context.scene.cursor.location = (3.0, -2.0, 0.5)
    cloud = api.reconstruct(photographs(tmp_path))
    assert cloud.matrix_world == Matrix()
    assert not cloud.uner3d.cameras
    with pytest.raises(CameraError, match="were not estimated"):
        api.frames_of_cloud(cloud)


def test_its_cameras_stand_around_it_and_go_with_it(tmp_path: Path, engine: Any) -> None:
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    cloud = reconstructed(tmp_path, engine)
    before = Path(cloud.uner3d.cameras)
    assert before.name == folders.CAMERAS_FILE
    assert before.is_file()
    assert bpy.ops.uner3d.show_cloud_cameras() == {"FINISHED"}
    cameras = list(bpy.data.collections["UNeR3D Views"].objects)
    assert [Path(item.data.background_images[0].image.filepath).name for item in cameras] == [
        "0.png",
        "1.png",
    ]
    for _ in range(2):
        bpy.context.view_layer.update()
        for number, camera in enumerate(cameras):
            expected = np.array(cloud.matrix_world) @ pose(number)
            np.testing.assert_allclose(np.array(camera.matrix_world), expected, atol=1e-4)
        first, second = world_points(cloud)[[0, -1]]
        api.set_measured_distance(cloud, first, second, 7.0)
    bpy.context.view_layer.objects.active = cameras[0]
    assert not bpy.ops.uner3d.show_cloud_cameras.poll()


def test_lost_cameras_are_a_sentence(tmp_path: Path, engine: Any) -> None:
    cloud = reconstructed(tmp_path, engine)
    for image in (tmp_path / "ü photos").glob("*.png"):
        image.unlink()
    with pytest.raises(CameraError, match="All images of “Cloud” are gone"):
        api.frames_of_cloud(cloud)
    Path(cloud.uner3d.cameras).unlink()
    with pytest.raises(CameraError, match="are gone: “"):
        api.frames_of_cloud(cloud)


@pytest.mark.parametrize(
    ("kept", "side"),
    [
        (True, 3.0),
        (None, 4.0),  # of a version that kept none
        ('{"ground": [0, 0, 2], "longest_side": NaN}', 4.0),
        ('{"ground": [0, 2], "longest_side": 3}', 4.0),
        ("[" * 100_000, 4.0),
    ],
)
def test_an_earlier_job_stands_where_the_cursor_was_when_it_started(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch, kept: Any, side: float
) -> None:
    monkeypatch.setattr(folders, "job_home", lambda: tmp_path)
    scene = bpy.context.scene
    scene.cursor.location = (0.0, 0.0, 1.0)
    scene.uner3d.longest_side = 3.0
    reconstructed(tmp_path, engine)
    (job,) = folders.finished_jobs()
    assert job.cameras is not None
    if kept is None:
        (job.folder / folders.PLACE_FILE).unlink()
    elif isinstance(kept, str):
        (job.folder / folders.PLACE_FILE).write_text(kept)
    scene.cursor.location = (0.0, 0.0, 2.0)
    scene.uner3d.longest_side = 4.0
    points = world_points(api.import_job(job))
    assert points[:, 2].min() == pytest.approx(side - 2.0, abs=0.02)
    assert (points.max(0) - points.min(0)).max() == pytest.approx(side, rel=0.01)


def test_strays_and_single_points_do_not_set_the_size() -> None:
    place = standing.Place((0.0, 0.0, 0.0), 1.0)
    ball = np.random.default_rng(0).uniform(-2, 2, (20_000, 3)).astype(np.float32)
    ball[:5] *= 1000
    moved = standing.placement(ball, place)
    assert moved.to_scale().x == pytest.approx(0.25, rel=0.01)
    single = standing.placement(np.array([[1, 2, 3]], np.float32), place)
    assert single.to_scale().x == 1.0
    assert (single @ Vector((1, 2, 3))).length == pytest.approx(0.0, abs=1e-6)


@pytest.fixture
def cloud(sphere_cloud: Any) -> Any:
    made = placing.add_to_scene(sphere_cloud(4000), "Ball", bpy.context.scene)
    made.location = (5.0, 0.0, 1.0)
    bpy.context.view_layer.update()
    return made


def test_a_measured_distance_scales_about_the_ground(cloud: Any) -> None:
    first, second = world_points(cloud)[[10, 3000]]
    known = float(np.linalg.norm(second - first))
    assert api.set_measured_distance(cloud, first, second, 3 * known) == pytest.approx(3.0)
    bpy.context.view_layer.update()
    points = world_points(cloud)
    assert np.linalg.norm(points[10] - points[3000]) == pytest.approx(3 * known, rel=1e-5)
    np.testing.assert_allclose(points[:, 2].min(), 0.0, atol=0.01)
    np.testing.assert_allclose(((points.max(0) + points.min(0)) / 2)[:2], (5.0, 0.0), atol=0.01)


@pytest.mark.parametrize("distance", [0.0, -1.0, float("inf"), float("nan")])
def test_what_is_no_distance_is_a_sentence(cloud: Any, distance: float) -> None:
    with pytest.raises(InputError, match="is no distance"):
        api.set_measured_distance(cloud, (0, 0, 0), (1, 0, 0), distance)
    with pytest.raises(InputError, match="in the same place"):
        api.set_measured_distance(cloud, (1, 0, 0), (1, 0, 0), 2.0)
    assert cloud.scale[:] == (1, 1, 1)


def pick(cloud: Any, *numbers: int) -> None:
    chosen = np.zeros(len(cloud.data.vertices), bool)
    chosen[list(numbers)] = True
    cloud.data.vertices.foreach_set("select", chosen)


def test_two_points_are_picked_in_edit_mode(cloud: Any) -> None:
    pick(cloud, 7, 400)
    bpy.ops.object.mode_set(mode="EDIT")
    assert bpy.ops.uner3d.set_measured_distance(distance=10.0) == {"FINISHED"}
    assert cloud.mode == "OBJECT"
    bpy.context.view_layer.update()
    points = world_points(cloud)
    assert np.linalg.norm(points[7] - points[400]) == pytest.approx(10.0, rel=1e-5)
    assert bpy.ops.uner3d.set_measured_distance(distance=5.0) == {"FINISHED"}  # they are still picked
    bpy.context.view_layer.update()
    points = world_points(cloud)
    assert np.linalg.norm(points[7] - points[400]) == pytest.approx(5.0, rel=1e-5)


def test_two_empties_are_measured(cloud: Any) -> None:
    for x in (4.0, 6.0):
        bpy.ops.object.empty_add(location=(x, 0.0, 1.0))
    for item in bpy.data.objects:
        item.select_set(True)
    bpy.context.view_layer.objects.active = cloud
    assert bpy.ops.uner3d.set_measured_distance(distance=1.0) == {"FINISHED"}
    assert cloud.scale.x == pytest.approx(0.5)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_another_number_of_points_is_a_sentence(cloud: Any, count: int) -> None:
    pick(cloud, *range(count))
    with pytest.raises(RuntimeError, match=f"{count} points of the cloud are selected, and not two"):
        bpy.ops.uner3d.set_measured_distance(distance=1.0)
    for _ in range(3):
        bpy.ops.object.empty_add()
    for item in bpy.data.objects:
        item.select_set(True)
    bpy.context.view_layer.objects.active = cloud
    with pytest.raises(RuntimeError, match="3 objects are selected beside the cloud"):
        bpy.ops.uner3d.set_measured_distance(distance=1.0)


def test_other_objects_are_not_offered_it() -> None:
    bpy.ops.mesh.primitive_cube_add()
    assert not bpy.ops.uner3d.set_measured_distance.poll()
