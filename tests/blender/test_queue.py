# SPDX-License-Identifier: GPL-3.0-or-later
"""Several jobs: their order, what each is about, and what becomes of them when Blender's data changes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from fake_engine import ANSWER, HANG, PREVIEW, contents, job_folders

from blender_addon import api
from blender_addon.engine.client import Phase
from blender_addon.jobs import driving, folders, placing, runs, starting
from blender_addon.jobs.run import CAPTURE_STAGE, Run
from uner3d_core import protocol
from uner3d_core.errors import CameraError, Cancelled, InputError, Uner3dError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program starts by its first line")

WAIT = """
    say(protocol.Progress("fit", 1, 4, 9.0))
    import time
    while not (folder.parent / "go on").exists():
        time.sleep(0.01)
"""
"""Works until there is a file "go on" beside the job's folder."""


def drive(until: Callable[[], bool]) -> list[Run]:
    """Do what the modal operator does; tell which runs came to their end."""
    over = []
    limit = time.monotonic() + 30
    while not until():
        assert time.monotonic() < limit
        run = driving.advance()
        if run is not None:
            over.append(run)
        time.sleep(0.005)
    return over


def drive_all() -> list[Run]:
    return drive(lambda: runs.current() is None)


def at_work(run: Run) -> Callable[[], bool]:
    return lambda: run.state.stage == "fit"


def go_on(run: Run) -> None:
    (run.folder.parent / "go on").touch()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all job folders, empty."""
    folder = tmp_path / "jobs"
    folder.mkdir()
    monkeypatch.setattr(folders, "job_home", lambda: folder)
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "Chair"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"x")
    return folder


def test_jobs_run_in_order_and_each_is_about_what_was_set_when_it_was_queued(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    queued = []
    for points in (30, 20, 10):
        scene.uner3d.points = points
        queued.append(api.start_inputs(scene))
    scene.uner3d.points = 77
    assert runs.current() is queued[0]
    assert runs.waiting() == tuple(queued[1:])
    assert drive_all() == queued
    made = [placing.by_uid(bpy.data.objects, run.made) for run in queued]
    assert [cloud.uner3d.points for cloud in made] == [30, 20, 10]


def test_only_the_first_is_at_work(engine: Any, scene: Any) -> None:
    engine(HANG)
    first, second = api.start_inputs(scene), api.start_inputs(scene)
    drive(at_work(first))
    assert second.state.phase is Phase.WAITING
    assert not (second.folder / "images").exists()


def test_cancel_goes_on_with_the_next(engine: Any, scene: Any) -> None:
    engine(WAIT + ANSWER)
    first, second = api.start_inputs(scene), api.start_inputs(scene)
    drive(at_work(first))
    assert bpy.ops.uner3d.cancel() == {"FINISHED"}
    drive(at_work(second))
    assert isinstance(first.error, Cancelled)
    assert not first.folder.exists()
    go_on(second)
    drive_all()
    (second.folder.parent / "go on").unlink()
    assert len(scene.objects) == 4  # a cube, two cameras, one cloud
    assert [type(ended.error) for ended in runs.ended()] == [Cancelled]
    assert runs.last_error() is None


def test_one_that_waits_can_be_removed(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    first, second, third = (api.start_inputs(scene) for _ in range(3))
    assert bpy.ops.uner3d.remove_queued(folder=str(second.folder)) == {"FINISHED"}
    assert runs.waiting() == (third,)
    assert not second.folder.exists()
    assert bpy.ops.uner3d.remove_queued(folder=str(first.folder)) == {"CANCELLED"}  # it does not wait
    assert drive_all() == [first, third]


def test_cancel_all_empties_the_queue(engine: Any, scene: Any) -> None:
    engine(HANG)
    before = contents(), job_folders()
    first = api.start_inputs(scene)
    api.start_inputs(scene)
    drive(at_work(first))
    bpy.ops.uner3d.cancel(everything=True)
    assert runs.waiting() == ()
    assert drive_all() == [first]
    assert (contents(), job_folders()) == before


def test_a_script_does_not_wait_behind_a_queue(engine: Any, scene: Any) -> None:
    engine(HANG)
    api.start_inputs(scene)
    folders = job_folders()
    with pytest.raises(RuntimeError, match="running already"):
        bpy.ops.uner3d.reconstruct()
    with pytest.raises(InputError, match="running already"):
        api.reconstruct_cameras([item.camera for item in scene.uner3d.inputs])
    assert job_folders() == folders


def test_waiting_for_a_job_finishes_those_before_it(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    first, second = api.start_inputs(scene), api.start_inputs(scene)
    cloud = api.complete(second)
    assert first.over
    assert cloud == api.complete(second)  # once more is the same
    assert api.complete(first) != cloud
    bpy.data.objects.remove(cloud)
    with pytest.raises(InputError, match="was deleted after it was made"):
        api.complete(second)


def test_a_failed_job_does_not_stop_the_next(engine: Any, scene: Any) -> None:
    engine(
        """
    if task.settings.points == 1:
        sys.exit("no memory")
    """
        + ANSWER
    )
    scene.uner3d.points = 1
    api.start_inputs(scene)
    scene.uner3d.points = 9
    api.start_inputs(scene)
    first, second = drive_all()
    assert "no memory" in str(first.error)
    assert second.error is None
    assert runs.last_error() is first.error  # still in the panel, though another job has finished


def test_cameras_deleted_while_queued_are_one_sentence(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    cameras = [item.camera for item in scene.uner3d.inputs]
    api.start_reconstruct_cameras(cameras[:1])
    second = api.start_reconstruct_cameras(cameras[1:])
    bpy.data.objects.remove(cameras[1])
    before = contents()
    drive_all()
    assert isinstance(second.error, CameraError)
    assert contents()["objects"] == before["objects"] + 1
    assert not second.folder.exists()


def test_a_cloud_deleted_while_its_resampling_is_queued_is_one_sentence(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    cloud = api.complete(api.start_inputs(scene))
    run = api.start_resample(cloud, 20)
    bpy.data.objects.remove(cloud)
    drive_all()
    assert "deleted before its turn came" in str(run.error)
    assert not run.folder.exists()


def test_two_scenes_get_a_cloud_each(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    other = bpy.data.scenes.new("Other")
    other.collection.objects.link(bpy.data.objects["Cube"])
    for item in scene.uner3d.inputs:
        other.collection.objects.link(item.camera)
        other.uner3d.inputs.add().camera = item.camera
    other.render.engine, other.render.resolution_x, other.render.resolution_y = "CYCLES", 16, 16
    other.cycles.samples, other.uner3d.points = 1, 50
    queued = [api.start_inputs(here) for here in (other, scene)]
    drive_all()
    made = [placing.by_uid(bpy.data.objects, run.made) for run in queued]
    assert [cloud.users_scene for cloud in made] == [(other,), (scene,)]


@pytest.mark.parametrize("where", ["capture_steps", "take_result"])
def test_a_mistake_of_ours_does_not_stop_the_queue(
    engine: Any, scene: Any, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def mistake(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("division by zero")
        yield

    engine(ANSWER)
    before = contents()
    with monkeypatch.context() as patch:
        if where == "capture_steps":
            patch.setattr(starting, where, mistake)
        first = api.start_inputs(scene)
        if where == "take_result":
            patch.setattr(driving, where, lambda *_: next(mistake()))
        with pytest.raises(ZeroDivisionError):
            drive_all()
    assert "ZeroDivisionError" in str(runs.last_error())
    assert contents() == before
    with pytest.raises(Uner3dError, match="ZeroDivisionError"):
        api.complete(first)
    assert api.complete(api.start_inputs(scene))
    assert runs.last_error() is None


def test_undo_and_redo_while_a_job_runs(engine: Any, scene: Any) -> None:
    engine(WAIT + ANSWER)
    bpy.ops.ed.undo_push(message="before")
    run = api.start_inputs(scene)
    drive(at_work(run))
    bpy.ops.mesh.primitive_uv_sphere_add()
    bpy.ops.ed.undo_push(message="a sphere")
    bpy.ops.ed.undo()
    assert "Sphere" not in bpy.data.objects
    bpy.ops.ed.redo()
    assert "Sphere" in bpy.data.objects
    bpy.ops.ed.undo()
    go_on(run)
    drive_all()
    (run.folder.parent / "go on").unlink()
    assert run.error is None
    assert bpy.context.object.uner3d.points == 500
    bpy.ops.ed.undo_push(message="a cloud")
    bpy.ops.ed.undo()
    assert run.title not in bpy.data.objects
    bpy.ops.ed.redo()
    assert bpy.data.objects[run.title].uner3d.points == 500


def test_loading_a_file_loses_no_result(engine: Any, home: Path, photos: Path) -> None:
    engine(WAIT + ANSWER)
    run = api.start_reconstruct(photos, name="Chair")
    drive(at_work(run))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert runs.current() is run
    (home / "go on").touch()
    drive_all()
    assert "another file opened" in str(run.error)
    assert not bpy.data.objects
    (result,) = runs.results()
    assert (result.title, result.folder) == ("Chair", run.folder)
    assert bpy.ops.uner3d.import_job(folder=result.folder.name) == {"FINISHED"}
    assert bpy.context.object.name == "Chair"
    assert runs.last_error() is None
    assert runs.ended() == ()


def test_jobs_that_need_the_file_end_with_it(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    before = job_folders()
    first, second = api.start_inputs(scene), api.start_inputs(scene)
    drive(lambda: first.state.stage == CAPTURE_STAGE)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert drive_all() == [first, second]
    assert all("its file was closed" in str(run.error) for run in (first, second))
    assert job_folders() == before


def test_a_resampled_cloud_whose_object_is_gone_is_listed(engine: Any, scene: Any, home: Path) -> None:
    engine(ANSWER)
    cloud = api.complete(api.start_inputs(scene))
    field = cloud.uner3d.field
    engine(WAIT + ANSWER)
    run = api.start_resample(cloud, 20)
    drive(at_work(run))
    bpy.data.objects.remove(cloud)
    (home / "go on").touch()
    drive_all()
    newest = runs.results()[0]
    assert newest.folder == run.folder
    again = api.import_job(newest)
    assert (again.uner3d.points, again.uner3d.field) == (20, field)


def test_switching_the_add_on_off_ends_the_queue(engine: Any, scene: Any, addon: Any) -> None:
    engine(HANG)
    before = job_folders()
    first, second = api.start_inputs(scene), api.start_inputs(scene)
    drive(at_work(first))
    try:
        addon.unregister()
        assert first.state.ended
        assert first.over
        assert second.over
        assert job_folders() == before
    finally:
        addon.register()
    assert runs.current() is None


def test_switching_the_add_on_off_keeps_a_result_that_is_whole(
    worker: Any, home: Path, photos: Path, addon: Any
) -> None:
    worker("""
    protocol.write_result(task.cloud.parent, finish(task))
    time.sleep(100)
    """)
    run = api.start_reconstruct(photos, name="Chair")
    drive((run.folder / protocol.RESULT_FILE).exists)
    try:
        addon.unregister()
    finally:
        addon.register()
    (result,) = folders.finished_jobs()
    assert result.figures is not None
    assert result.figures.points == len(api.import_job(result).data.vertices)


def test_import_brings_back_what_the_engine_told(worker: Any, home: Path, photos: Path) -> None:
    worker("return finish(task)")
    cloud = api.reconstruct(photos)
    told = json.loads(cloud.uner3d.figures)
    (result,) = runs.results()
    again = api.import_job(result).uner3d
    assert json.loads(again.figures) == told
    assert (again.views, again.seconds, again.field) == (2, 2.5, cloud.uner3d.field)


def test_a_cancelled_jobs_preview_stays_where_that_is_chosen(engine: Any, photos: Path) -> None:
    engine(PREVIEW + HANG)
    for chosen in (True, False):
        bpy.context.scene.uner3d.keep_preview = chosen
        run = api.start_reconstruct(photos, name=f"Chair {chosen}")
        drive(lambda run=run: bool(run.state.previews))
        bpy.ops.uner3d.cancel()
        drive_all()
        assert isinstance(run.error, Cancelled)
    (kept,) = bpy.data.objects
    assert (kept.name, kept.uner3d.points) == ("Chair True Preview", 7)


def test_a_cloud_does_not_disturb_who_edits_something(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    cube = bpy.data.objects["Cube"]
    bpy.context.view_layer.objects.active = cube
    bpy.ops.object.mode_set(mode="EDIT")
    run = api.start_inputs(scene)
    drive_all()
    assert run.error is None
    assert (bpy.context.mode, bpy.context.object) == ("EDIT_MESH", cube)
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_cloud_that_is_edited_is_resampled_afterwards(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    cloud = api.complete(api.start_inputs(scene))
    bpy.ops.object.mode_set(mode="EDIT")
    run = api.start_resample(cloud, 20)
    for _ in range(5):
        assert driving.advance() is None
    bpy.ops.object.mode_set(mode="OBJECT")
    drive_all()
    assert run.error is None
    assert len(cloud.data.vertices) == 20
