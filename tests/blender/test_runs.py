# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from inputs to a cloud, with an engine that answers at once: a program that speaks the protocol."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest
from fake_engine import ANSWER, FAIL, HANG, PREVIEW, contents, job_folders

from blender_addon import api
from blender_addon.engine.client import Phase
from blender_addon.jobs import loading, runs
from blender_addon.jobs.preview import Preview
from blender_addon.jobs.run import CAPTURE_STAGE, Run
from uner3d_core.errors import CameraError, Cancelled, EngineError, InputError, OutputError
from uner3d_core.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program starts by its first line")


def test_reconstruct_puts_a_cloud_into_the_scene(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    assert bpy.ops.uner3d.reconstruct() == {"FINISHED"}
    cloud = bpy.context.object
    settings = cloud.uner3d
    assert (settings.points, settings.views, settings.seconds) == (500, 1, 2.5)
    assert len(cloud.data.vertices) == 500
    assert json.loads(settings.figures)["device"] == "cpu"
    job = Path(settings.field).parent
    assert sorted(path.name for path in job.iterdir() if path.is_file()) == [
        "cloud.npz",
        "field.safetensors",
        "job.json",
        "place.json",
    ]
    assert not (job / "images").exists()
    assert runs.current() is None


def test_a_cloud_is_no_part_of_the_next_ones_pictures(
    engine: Any, scene: Any, tmp_path: Path, read_pixels: Any
) -> None:
    engine(ANSWER)
    cameras = [item.camera for item in scene.uner3d.inputs]
    pictures = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        cloud = api.reconstruct_cameras(cameras, Settings(points=10), job_folder=folder)
        cloud.uner3d.radius = 50.0  # it would fill the pictures
        pictures.append([read_pixels(path) for path in sorted((folder / "images").iterdir())])
        assert not cloud.hide_render
    assert all(np.array_equal(*pair) for pair in zip(*pictures, strict=True))


def test_warnings_reach_the_person(engine: Any, scene: Any, capfd: pytest.CaptureFixture[str]) -> None:
    engine("    say(protocol.Log('Left out: a.png.'))" + ANSWER)
    bpy.ops.uner3d.reconstruct()
    assert runs.last_warnings() == ("Left out: a.png.",)
    assert "Left out: a.png." in capfd.readouterr().out


def test_resampling_leaves_no_folder(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    bpy.ops.uner3d.reconstruct()
    before = job_folders()
    bpy.ops.uner3d.resample(points=20)
    assert job_folders() == before


def test_the_log_of_what_nobody_foresaw_stays(engine: Any, scene: Any) -> None:
    engine("sys.exit('no memory')")
    with pytest.raises(RuntimeError):
        bpy.ops.uner3d.reconstruct()
    log = re.search(r"“([^”]+worker\.log)”", str(runs.last_error()))
    assert log
    assert "no memory" in Path(log[1]).read_text()
    shutil.rmtree(Path(log[1]).parent)


def test_a_mistake_of_ours_does_not_block_the_next_job(
    engine: Any, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(ANSWER)
    with monkeypatch.context() as patch:
        patch.setattr(loading, "read_npz", lambda path: 1 / 0)
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            bpy.ops.uner3d.reconstruct()
    assert runs.current() is None
    bpy.ops.uner3d.reconstruct()


def test_a_folder_of_the_persons_is_no_job_folder(engine: Any, scene: Any, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "transforms.json").write_text("mine")
    cameras = [item.camera for item in scene.uner3d.inputs]
    engine(ANSWER)
    with pytest.raises(OutputError, match="other files"):
        api.reconstruct_cameras(cameras, job_folder=tmp_path / "photos")
    assert (tmp_path / "photos" / "transforms.json").read_text() == "mine"
    for _ in range(2):
        api.reconstruct_cameras(cameras, Settings(points=5), job_folder=tmp_path / "job")


def test_export_needs_a_name_of_its_kind(engine: Any, scene: Any, tmp_path: Path) -> None:
    engine(ANSWER)
    bpy.ops.uner3d.reconstruct()
    with pytest.raises(RuntimeError, match="no file name"):
        bpy.ops.uner3d.export_cloud(filepath="")
    with pytest.raises(RuntimeError, match="no kind of point cloud"):
        bpy.ops.uner3d.export_cloud(filepath=str(tmp_path / "cloud.obj"))
    for ending in (".ply", ".npz"):
        bpy.ops.uner3d.export_cloud(filepath=str(tmp_path / f"cloud{ending}"))
        assert api.import_cloud(tmp_path / f"cloud{ending}").uner3d.points == 500


def test_resample_replaces_the_points_and_keeps_the_rest(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    bpy.ops.uner3d.reconstruct()
    cloud = bpy.context.object
    cloud.location, cloud.uner3d.density, cloud.uner3d.radius = (1, 2, 3), 0.5, 0.1
    meshes = len(bpy.data.meshes)
    assert bpy.ops.uner3d.resample(points=2000) == {"FINISHED"}
    assert bpy.context.object == cloud
    assert (len(cloud.data.vertices), cloud.uner3d.points, cloud.uner3d.density) == (2000, 2000, 0.5)
    assert cloud.uner3d.radius == pytest.approx(0.05)
    assert tuple(cloud.location) == (1, 2, 3)
    assert len(bpy.data.meshes) == meshes


def test_a_vanished_field_is_one_sentence(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    bpy.ops.uner3d.reconstruct()
    Path(bpy.context.object.uner3d.field).unlink()
    with pytest.raises(RuntimeError, match="The field of “Cloud” is gone"):
        bpy.ops.uner3d.resample(points=2000)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (FAIL, "The pictures show nothing. Turn on a lamp."),
        ("sys.exit('no memory')", "no memory"),
        (
            "say(protocol.Result({'cloud': 'nowhere.npz', 'field': 'f'}, protocol.Figures(1, 'cpu')))",
            "nowhere",
        ),
    ],
)
def test_a_failed_run_is_one_sentence_and_changes_nothing(
    engine: Any, scene: Any, answer: str, sentence: str
) -> None:
    engine(answer)
    before = contents()
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.uner3d.reconstruct()
    assert contents() == before
    assert runs.current() is None
    assert sentence in str(runs.last_error())


def test_without_an_engine_it_says_what_to_do(
    scene: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UNER3D_ENGINE_PYTHON", str(tmp_path / "gone"))
    before = contents(), job_folders()
    monkeypatch.setattr(api.capture, "capture_view", None)  # nothing is rendered in vain
    with pytest.raises(RuntimeError, match=r"gone” is not there. .*preferences"):
        bpy.ops.uner3d.reconstruct()
    assert isinstance(runs.last_error(), EngineError)  # for the panel
    with pytest.raises(RuntimeError, match="gone” is not there"):
        bpy.ops.uner3d.engine_check()
    assert (contents(), job_folders()) == before


def test_cancel_leaves_nothing_behind(engine: Any, scene: Any) -> None:
    engine(HANG)
    before = contents(), job_folders()
    run = api.start_inputs(scene)
    stages = set()
    end = time.monotonic() + 30
    while not (state := run.advance()).ended and time.monotonic() < end:
        stages.add(state.stage)
        if state.stage == "fit":
            assert bpy.ops.uner3d.cancel() == {"FINISHED"}
    assert {CAPTURE_STAGE, "fit"} <= stages
    assert state.phase is Phase.CANCELLED
    with pytest.raises(Cancelled):
        api.finish(run)
    assert (contents(), job_folders()) == before
    assert runs.current() is runs.last_error() is None


def test_cancel_while_the_cameras_are_rendered(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    run = api.start_inputs(scene)
    run.advance()
    run.advance()
    bpy.ops.uner3d.cancel()
    assert run.advance().phase is Phase.CANCELLED
    with pytest.raises(Cancelled):
        api.finish(run)
    assert not run.folder.exists()


def test_cameras_deleted_meanwhile_are_one_sentence(engine: Any, scene: Any) -> None:
    engine(ANSWER)
    run = api.start_inputs(scene)
    bpy.data.objects.remove(scene.uner3d.inputs[1].camera)
    with pytest.raises(CameraError, match="camera was deleted"):
        api.complete(run)
    with pytest.raises(RuntimeError, match="A camera among the inputs was deleted"):
        bpy.ops.uner3d.reconstruct()


def test_the_api_tells_progress_and_keeps_a_given_folder(engine: Any, scene: Any, tmp_path: Path) -> None:
    told: list[Any] = []
    python = engine(ANSWER)
    cloud = api.reconstruct_cameras(
        [item.camera for item in scene.uner3d.inputs],
        Settings(points=10),
        name="Thing",
        job_folder=tmp_path / "job",
        engine_python=python,
        on_progress=told.append,
    )
    assert cloud.name == "Thing"
    assert [(state.done, state.total) for state in told if state.stage == CAPTURE_STAGE] == [
        (0, 2),
        (1, 2),
        (2, 2),
    ]
    assert len(list((tmp_path / "job" / "images").iterdir())) == 2


def test_cameras_of_images_are_refined_and_those_of_the_scene_are_not(
    engine: Any, scene: Any, tmp_path: Path
) -> None:
    engine(ANSWER)
    run = api.start_inputs(scene)
    assert not run.task.settings.refine_cameras
    runs.end(run)
    (tmp_path / "0.png").write_bytes(b"x")
    scene.uner3d.inputs.clear()
    api.add_images(scene, [tmp_path / "0.png"])
    for chosen in (True, False):
        scene.uner3d.refine_cameras = chosen
        run = api.start_inputs(scene)
        assert run.task.settings.refine_cameras is chosen
        runs.end(run)


def test_images_of_the_list_alone_are_used(engine: Any, tmp_path: Path) -> None:
    photos = tmp_path / "ü 日本" / "images"
    photos.mkdir(parents=True)
    for name in ("a.png", "b.JPG", "c.png", "notes.txt"):
        (photos / name).write_bytes(b"x")
    (photos.parent / "transforms.json").write_text("{}")
    python = engine(ANSWER)
    bpy.ops.uner3d.add_images(directory=str(photos.parent))  # as they lie in its folder “images”
    inputs = bpy.context.scene.uner3d.inputs
    assert [Path(item.filepath).name for item in inputs] == ["a.png", "b.JPG", "c.png"]
    for used in (["a.png", "b.JPG", "c.png"], ["a.png", "c.png"], ["c.png"]):
        run = api.start_inputs(bpy.context.scene)
        assert (run.task.input, run.engine_python) == (photos, python)
        assert [path.name for path in run.task.images] == used
        runs.end(run)
        if len(used) == 3:
            bpy.context.scene.uner3d.active_input = 1
            bpy.ops.uner3d.remove_inputs()
        else:
            bpy.context.scene.uner3d.inputs[0].enabled = False
    assert sorted(path.name for path in photos.iterdir()) == ["a.png", "b.JPG", "c.png", "notes.txt"]


def test_bad_inputs_are_one_sentence_each(engine: Any, scene: Any, tmp_path: Path) -> None:
    engine(ANSWER)
    with pytest.raises(RuntimeError, match="holds no images"):
        bpy.ops.uner3d.add_images(directory=str(tmp_path / "engine").replace("engine", ""))
    (tmp_path / "a.png").write_bytes(b"x")
    bpy.ops.uner3d.add_images(directory=str(tmp_path), files=[{"name": "a.png"}])
    with pytest.raises(RuntimeError, match="both cameras and images"):
        bpy.ops.uner3d.reconstruct()
    bpy.ops.uner3d.remove_inputs(everything=True)
    with pytest.raises(RuntimeError, match="no images and no cameras"):
        bpy.ops.uner3d.reconstruct()
    bpy.ops.uner3d.add_images(directory=str(tmp_path), files=[{"name": "a.png"}])
    (tmp_path / "a.png").unlink()
    with pytest.raises(RuntimeError, match=r"The image “.*a\.png” is gone"):
        bpy.ops.uner3d.reconstruct()
    bpy.ops.object.select_all(action="DESELECT")
    with pytest.raises(RuntimeError, match="No camera is selected"):
        bpy.ops.uner3d.add_selected_cameras()


def test_where_blender_is_a_module_its_python_is_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon import preferences

    monkeypatch.delenv("UNER3D_ENGINE_PYTHON", raising=False)
    assert preferences.engine_python() == Path(sys.executable)
    # Blender's own value can't be put back: bpy would keep what it was set to.
    whole = SimpleNamespace(
        app=SimpleNamespace(binary_path="/usr/bin/blender"), path=bpy.path, context=bpy.context
    )
    monkeypatch.setattr(preferences, "bpy", whole)
    with pytest.raises(EngineError, match="no engine yet"):
        preferences.engine_python()


class TestPreview:
    def start(self, engine: Any, folder: Path) -> Run:
        """Start a job that shows a cloud and then waits to be cancelled."""
        engine(PREVIEW + HANG)
        folder.mkdir()
        run = api.start_reconstruct(folder)
        run.preview = Preview(run.scene)
        limit = time.monotonic() + 20
        while run.preview.cloud is None:
            run.advance()
            assert time.monotonic() < limit
            time.sleep(0.02)
        return run

    def test_it_shows_the_newest_cloud_until_the_run_ends(self, engine: Any, tmp_path: Path) -> None:
        run = self.start(engine, tmp_path / "photos")
        assert run.preview is not None
        assert run.preview.cloud is not None
        assert len(run.preview.cloud) == 7
        assert not bpy.data.meshes
        runs.end(run)
        assert run.preview.cloud is None

    def test_it_can_be_kept_while_the_job_goes_on(self, engine: Any, tmp_path: Path) -> None:
        run = self.start(engine, tmp_path / "photos")
        assert bpy.ops.uner3d.keep_preview() == {"FINISHED"}
        kept = bpy.context.object
        assert len(kept.data.vertices) == kept.uner3d.points == 7
        assert runs.current() is run
        run.cancel()
        with pytest.raises(Cancelled):
            api.complete(run)
        assert kept.name in bpy.data.objects

    def test_without_any_it_is_a_sentence(self) -> None:
        with pytest.raises(InputError, match="No job shows a preview"):
            api.keep_preview()

    def test_a_file_that_is_gone_leaves_what_was_shown(self, engine: Any, tmp_path: Path) -> None:
        run = self.start(engine, tmp_path / "photos")
        assert run.preview is not None
        shown = run.preview.cloud
        for _ in range(5):
            run.preview.show(tmp_path / "none.npz")
            time.sleep(0.02)
        assert run.preview.cloud is shown
        assert run.preview.file == run.state.previews[-1]
        runs.end(run)
