# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of inputs: what gets into it, what it tells, and what a run takes of it."""

from __future__ import annotations

import gc
import json
import os
import shutil
import struct
import time
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import fake_engine
import pytest

from blender_addon import api
from blender_addon.inputs import survey, thumbnails
from blender_addon.operators import inputs as operator_inputs
from blender_addon.panels import inputs as panel_inputs
from uner3d_core import protocol
from uner3d_core.errors import CameraError, InputError
from uner3d_core.inputs.survey import Mask, Problem


def write_png(path: Path, width: int = 8, height: int = 6, alpha: bool = False) -> Path:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 6 if alpha else 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x80" * ((3 + alpha) * width)) * height)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    return path


def write_transforms(path: Path, names: list[str]) -> Path:
    matrix = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 5], [0, 0, 0, 1]]
    frames = [{"file_path": name, "transform_matrix": matrix} for name in names]
    path.write_text(json.dumps({"w": 8, "h": 6, "fl_x": 9, "frames": frames}), encoding="utf-8")
    return path


def write_colmap(folder: Path, names: list[str]) -> Path:
    folder.mkdir(parents=True)
    (folder / "cameras.txt").write_text("1 PINHOLE 8 6 9 9 4 3\n", encoding="utf-8")
    lines = [f"{number + 1} 1 0 0 0 {number} 0 5 1 {name}\n\n" for number, name in enumerate(names)]
    (folder / "images.txt").write_text("".join(lines), encoding="utf-8")
    return folder


def settings() -> Any:
    return bpy.context.scene.uner3d


def names() -> list[str]:
    return [Path(row.filepath).name for row in settings().inputs]


def looked_at(scene: Any = None) -> survey.Known:
    """What the panel would draw, after the timer has run as often as it wants to."""
    scene = scene or bpy.context.scene
    survey.known(scene)
    deadline = time.monotonic() + 20
    while (wait := survey._tick()) is not None and time.monotonic() < deadline:
        if scene.session_uid not in survey._surveyor.wanted:
            time.sleep(0.01)
        elif wait > survey.POLL_SECONDS:
            break
    return survey._surveyor.known[scene.session_uid]


class TestAdding:
    """Images, folders and camera files."""

    def test_a_drop_adds_files_and_changes_nothing_else(self, tmp_path: Path) -> None:
        folder = tmp_path / "ü 日本"
        for name in ("a b.png", "c.JPG"):
            write_png(folder / name)
        before = {kind: len(getattr(bpy.data, kind)) for kind in ("objects", "images", "cameras", "meshes")}
        handler = bpy.types.UNER3D_FH_inputs
        category, name = handler.bl_import_operator.split(".")
        dropped = getattr(getattr(bpy.ops, category), name)
        files = [{"name": name} for name in ("a b.png", "c.JPG")]
        assert dropped("INVOKE_DEFAULT", directory=str(folder), files=files) == {"FINISHED"}
        assert names() == ["a b.png", "c.JPG"]
        assert [row.name for row in settings().inputs] == names()
        assert {kind: len(getattr(bpy.data, kind)) for kind in before} == before
        dropped("INVOKE_DEFAULT", directory=str(folder), files=files)
        assert len(names()) == 2

    def test_one_image_of_a_folder_may_stand_for_all(self, tmp_path: Path) -> None:
        for name in ("a.png", "b.png"):
            write_png(tmp_path / name)
        one = {"directory": str(tmp_path), "files": [{"name": "b.png"}]}
        bpy.ops.uner3d.add_images(**one)
        assert names() == ["b.png"]
        bpy.ops.uner3d.add_images(**one, whole_folder=True)
        assert sorted(names()) == ["a.png", "b.png"]

    def test_the_dialog_of_a_drop_says_beside_how_many_the_image_lies(self, tmp_path: Path) -> None:
        for name in ("a.png", "b.png", "c.png"):
            write_png(tmp_path / name)
        said: list[str] = []
        layout = SimpleNamespace(
            label=lambda text, translate: said.append(text), prop=lambda owner, name: said.append(name)
        )
        one = [SimpleNamespace(name="b.png")]
        dialog: Any = SimpleNamespace(layout=layout, files=one, directory=str(tmp_path))
        kind: Any = operator_inputs.UNER3D_OT_AddImages
        dialog._is_one_image = lambda: kind._is_one_image(dialog)
        dialog._others = kind._count_others(dialog)
        kind.draw(dialog, None)
        assert said == ["“b.png” lies beside 2 other images.", "whole_folder"]

    def test_the_handler_takes_drops_on_3d_views_alone(self) -> None:
        handler = bpy.types.UNER3D_FH_inputs

        class Place:
            area: Any = None

        place = Place()
        assert not handler.poll_drop(place)
        for kind, taken in (("VIEW_3D", True), ("IMAGE_EDITOR", False)):
            place.area = type("Area", (), {"type": kind})()
            assert handler.poll_drop(place) is taken
        endings = handler.bl_file_extensions.split(";")
        assert {".png", ".jpg", ".jpeg", ".tif", ".webp", ".json", ".bin"} <= set(endings)

    def test_a_drop_is_one_undo_step(self, tmp_path: Path) -> None:
        write_png(tmp_path / "a.png")
        bpy.context.preferences.edit.use_global_undo = True
        bpy.ops.ed.undo_push(message="before")
        bpy.ops.uner3d.add_images("EXEC_DEFAULT", True, directory=str(tmp_path), files=[{"name": "a.png"}])
        assert names() == ["a.png"]
        bpy.ops.ed.undo()
        assert names() == []
        bpy.ops.ed.redo()
        assert names() == ["a.png"]

    @pytest.mark.parametrize("kind", ["transforms", "colmap"])
    def test_a_camera_file_brings_its_images(self, tmp_path: Path, kind: str) -> None:
        for name in ("a.png", "b.png", "other.png"):
            write_png(tmp_path / "images" / name)
        if kind == "transforms":
            file = write_transforms(
                tmp_path / "transforms.json", ["images/a.png", "images/b.png", "gone.png"]
            )
        else:
            file = write_colmap(tmp_path / "sparse" / "0", ["a.png", "b.png", "gone.png"]) / "cameras.txt"
        bpy.ops.uner3d.add_images(directory=str(file.parent), files=[{"name": file.name}])
        assert names() == ["a.png", "b.png"]
        assert settings().camera_file == ""  # it is found beside them
        assert all(row.has_camera for row in looked_at().images.values())
        assert len(api.frames_of_inputs(bpy.context.scene)) == 2

    def test_a_camera_file_of_another_name_is_remembered(self, tmp_path: Path) -> None:
        write_png(tmp_path / "images" / "a.png")
        write_transforms(tmp_path / "transforms.json", ["images/none.png"])
        file = write_transforms(tmp_path / "transforms_train.json", ["images/a.png"])
        api.add_images(bpy.context.scene, [file])
        assert names() == ["a.png"]
        assert Path(settings().camera_file) == file
        assert looked_at().camera_file == file

    def test_a_folder_whose_cameras_name_images_elsewhere_in_it(self, tmp_path: Path) -> None:
        write_png(tmp_path / "train" / "r_0.png")
        write_transforms(tmp_path / "transforms.json", ["./train/r_0"])
        api.add_images(bpy.context.scene, [tmp_path])
        assert names() == ["r_0.png"]

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("notes.txt", "hello", "holds no cameras"),
            ("transforms.json", "{", "not valid JSON"),
            ("transforms.json", '{"frames": [{"file_path": "none.png"}]}', "None of the images"),
            ("a.gif", "x", "is no image file"),
        ],
    )
    def test_what_is_none_is_a_sentence(self, tmp_path: Path, name: str, content: str, sentence: str) -> None:
        (tmp_path / name).write_text(content, encoding="utf-8")
        write_png(tmp_path / "fine.png")
        files = [{"name": "fine.png"}, {"name": name}]
        with pytest.raises(RuntimeError, match=sentence):
            bpy.ops.uner3d.add_images(directory=str(tmp_path), files=files)
        assert names() == []
        assert settings().camera_file == ""


class TestWhatIsKnown:
    """What the panel tells of each row, and which sentences it shows."""

    def test_size_mask_and_camera_of_each_image(self, tmp_path: Path) -> None:
        write_png(tmp_path / "images" / "plain.png", 8, 6)
        write_png(tmp_path / "images" / "alpha.png", 8, 6, alpha=True)
        write_png(tmp_path / "images" / "masked.png", 8, 6)
        write_png(tmp_path / "masks" / "masked.png", 8, 6)
        write_transforms(tmp_path / "transforms.json", [f"images/{n}.png" for n in ("plain", "alpha")])
        api.add_images(bpy.context.scene, [tmp_path / "images"])
        known = looked_at()
        found = {row.path.stem: (row.size, row.mask, row.has_camera) for row in known.images.values()}
        assert found == {
            "alpha": ((8, 6), Mask.ALPHA, True),
            "masked": ((8, 6), Mask.FILE, False),
            "plain": ((8, 6), Mask.NONE, True),
        }
        assert known.camera_file == tmp_path / "transforms.json"
        assert len(known.sentences) == 2
        words = survey.describe(bpy.context.scene, 0)
        assert "8 × 6 pixels" in words
        assert "transforms.json" in words
        bpy.ops.uner3d.explain_input(row=1)
        assert settings().active_input == 1
        found = api.survey_inputs(bpy.context.scene)
        assert found.images[tmp_path / "images" / "masked.png"].problem is Problem.NO_CAMERA

    def test_a_vanished_file_is_told_and_removed(self, tmp_path: Path) -> None:
        for name in "abc":
            write_png(tmp_path / f"{name}.png")
        api.add_images(bpy.context.scene, [tmp_path])
        assert looked_at().sentences == ()
        (tmp_path / "b.png").unlink()
        (tmp_path / "c.png").write_bytes(b"no image any more")
        survey._surveyor.asked.clear()  # as if two seconds had gone
        known = looked_at()
        assert "b.png” is gone" in known.sentences[0]
        assert "c.png” is not an image" in known.sentences[1]
        assert known.has_unusable
        assert not known.is_refused
        bpy.ops.uner3d.remove_inputs(unusable=True)
        assert names() == ["a.png"]
        assert looked_at().sentences == ()

    def test_cameras_that_were_deleted_or_are_none_of_ours(self) -> None:
        for _ in range(4):
            bpy.ops.object.camera_add()
        cameras = list(bpy.context.scene.objects)
        api.add_cameras(bpy.context.scene, cameras)
        assert looked_at().sentences == ()
        bpy.data.objects.remove(cameras[0])
        bpy.context.scene.collection.objects.unlink(cameras[1])  # as deleting leaves it: the input keeps it
        cameras[2].data.type = "ORTHO"
        known = looked_at()
        assert len(known.lost_cameras) == 3
        assert "was deleted" in known.sentences[0]
        assert "orthographic" in known.sentences[1]
        assert "deleted" in survey.describe(bpy.context.scene, 1)
        assert known.is_refused
        assert survey.summary(bpy.context.scene, 1) == ""
        assert survey.summary(bpy.context.scene, 3).endswith("rendered")
        with pytest.raises(CameraError, match="was deleted"):
            api.start_inputs(bpy.context.scene)
        bpy.ops.uner3d.remove_inputs(unusable=True)
        assert [row.camera for row in settings().inputs] == [cameras[3]]
        survey._surveyor.asked.clear()
        known = looked_at()
        assert not known.is_refused
        assert known.sentences == (survey.ONE_VIEW,)

    def test_what_would_be_refused(self, tmp_path: Path) -> None:
        write_png(tmp_path / "a.png")
        api.add_images(bpy.context.scene, [tmp_path])
        assert not looked_at().is_refused
        settings().inputs[0].enabled = False
        assert looked_at().is_refused
        settings().inputs[0].enabled = True
        assert not looked_at().is_refused
        (tmp_path / "a.png").unlink()
        survey._surveyor.asked.clear()  # as if two seconds had gone
        assert looked_at().is_refused

    def test_rows_that_are_off_count_for_nothing(self, tmp_path: Path) -> None:
        write_png(tmp_path / "a.png", 8, 6)
        write_png(tmp_path / "b.png", 8, 6)
        write_png(tmp_path / "c.png", 9, 9)
        bpy.ops.object.camera_add()
        api.add_images(bpy.context.scene, [tmp_path])
        api.add_cameras(bpy.context.scene, [bpy.context.object])
        assert len(looked_at().sentences) == 2
        settings().inputs[2].enabled = settings().inputs[3].enabled = False
        assert looked_at().sentences == ()
        assert "camera is not known" in survey.describe(bpy.context.scene, 0)
        assert survey.summary(bpy.context.scene, 0) == "8 × 6, no mask, camera to be found"
        for row in settings().inputs:
            row.enabled = False
        with pytest.raises(InputError, match="no images and no cameras"):
            api.start_inputs(bpy.context.scene)

    def test_two_scenes_know_their_own(self, tmp_path: Path) -> None:
        one, two = bpy.context.scene, bpy.data.scenes.new("two")
        api.add_images(one, [write_png(tmp_path / "a.png")])
        api.add_images(two, [write_png(tmp_path / "b.png", 9, 9)])
        survey.known(two)
        assert [row.size for row in looked_at(one).images.values()] == [(8, 6)]
        assert [row.size for row in looked_at(two).images.values()] == [(9, 9)]
        bpy.data.scenes.remove(two)
        survey._surveyor.wanted.update(survey._surveyor.known)
        survey._surveyor.asked.clear()
        looked_at(one)
        assert list(survey._surveyor.known) == [one.session_uid]

    def test_paths_beside_the_file_and_odd_names(self, tmp_path: Path) -> None:
        folder = tmp_path / "Ordner ü"
        write_png(folder / "日本 1.png")
        bpy.ops.wm.save_as_mainfile(filepath=str(folder / "a.blend"))
        for path in ("//日本 1.png", f"//../{folder.name}/日本 1.png"):
            settings().inputs.clear()
            settings().inputs.add().filepath = path
            assert looked_at().images[path].size == (8, 6)
            assert api.survey_inputs(bpy.context.scene).sentences == ()
            api.add_images(bpy.context.scene, [folder])
            assert len(settings().inputs) == 1  # it is there already

    def test_it_ends_with_the_add_on(self, addon: Any, tmp_path: Path) -> None:
        api.add_images(bpy.context.scene, [write_png(tmp_path / "a.png")])
        survey.known(bpy.context.scene)
        survey._tick()
        addon.unregister()
        try:
            assert not bpy.app.timers.is_registered(survey._tick)
            assert survey._surveyor.look is None
        finally:
            addon.register()


class Recorder:
    """A layout that writes down what is drawn into it."""

    def __init__(self) -> None:
        self.drawn: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*values: Any, **named: Any) -> Any:
            self.drawn.append((name, named))
            return self

        return call

    def icons(self) -> list[str]:
        return [named["icon"] for _, named in self.drawn if named.get("icon", "BLANK1") != "BLANK1"]


def draw_row(number: int, width: int = 500) -> Recorder:
    recorder, context = (
        Recorder(),
        SimpleNamespace(
            region=SimpleNamespace(width=width),
            preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
        ),
    )
    row = settings().inputs[number]
    panel_inputs.UNER3D_UL_Inputs.draw_item(
        None, context, recorder, settings(), row, 0, settings(), "active_input", number
    )
    return recorder


def test_each_row_shows_its_state(tmp_path: Path) -> None:
    write_png(tmp_path / "images" / "alpha.png", alpha=True)
    write_png(tmp_path / "images" / "plain.png")
    gone = write_png(tmp_path / "images" / "z.png", alpha=True)
    write_transforms(tmp_path / "transforms.json", ["images/alpha.png", "images/z.png"])
    bpy.ops.object.camera_add()
    api.add_images(bpy.context.scene, [tmp_path])
    api.add_cameras(bpy.context.scene, [bpy.context.object])
    assert draw_row(0).icons() == ["IMAGE_DATA", "INFO"]  # nothing is known yet
    gone.unlink()
    looked_at()
    first = draw_row(0)
    assert first.icons() == ["IMAGE_ALPHA", "CAMERA_DATA", "INFO"]
    labels = [named for name, named in first.drawn if name == "label"]
    assert labels[0]["text"] == "alpha.png"
    assert "icon_value" in labels[0]
    assert [str(tmp_path / "images" / "alpha.png") in key for key in thumbnails._collections[0]] == [True]
    assert "8 × 6" in [named.get("text") for named in labels]
    narrow = draw_row(0, width=200)
    assert narrow.icons() == ["IMAGE_ALPHA", "CAMERA_DATA"]
    assert "8 × 6" not in [named.get("text") for _, named in narrow.drawn]
    assert survey.summary(bpy.context.scene, 0) == "8 × 6, alpha, camera"
    assert survey.summary(bpy.context.scene, 1) == "8 × 6, no mask, no camera"
    assert survey.summary(bpy.context.scene, 2) == ""
    assert draw_row(1).icons() == ["ERROR"]
    assert draw_row(2).icons() == ["IMAGE_DATA", "ERROR"]
    assert draw_row(3).icons() == ["OUTLINER_OB_CAMERA", "INFO"]
    bpy.context.object.data.type = "ORTHO"
    looked_at()
    assert draw_row(3).icons() == ["CAMERA_DATA", "ERROR"]
    thumbnails.unregister()
    assert not thumbnails._collections


def test_a_run_takes_images_of_the_same_name_from_two_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for side in ("left", "right"):
        write_png(tmp_path / "ü 日本" / side / "0001.png")
    monkeypatch.setenv("UNER3D_ENGINE_PYTHON", os.__file__)
    api.add_images(bpy.context.scene, [tmp_path / "ü 日本" / side for side in ("left", "right")])
    run = api.start_inputs(bpy.context.scene)
    try:
        assert run.task.input == tmp_path / "ü 日本"
        assert [path.parent.name for path in run.task.images] == ["left", "right"]
    finally:
        api.runs.end(run)


def test_500_images_at_once_hold_nothing_up(tmp_path: Path) -> None:
    first = write_png(tmp_path / "images" / "0000.png", 640, 480)
    for number in range(1, 500):
        shutil.copyfile(first, first.with_name(f"{number:04}.png"))
    write_transforms(tmp_path / "transforms.json", [f"images/{number:04}.png" for number in range(499)])
    files = [{"name": path.name} for path in sorted(first.parent.iterdir())]
    bpy.ops.uner3d.add_images(directory=str(first.parent), files=files)
    assert len(names()) == 500
    survey.known(bpy.context.scene)
    gc.collect()  # what all the tests hold is not to be gone through in one of the steps
    slowest, wait = 0.0, 0.0
    while wait is not None and wait <= survey.POLL_SECONDS:
        time.sleep(0.01)
        start = time.thread_time()  # of the thread that Blender would wait for
        wait = survey._tick()
        slowest = max(slowest, time.thread_time() - start)
    assert slowest < 0.05
    known = survey.known(bpy.context.scene)
    assert sum(row.has_camera for row in known.images.values()) == 499
    assert known.sentences == (
        "“transforms.json” has no camera for “0499.png”: it is left out. Add its camera.",
    )


def test_a_video_has_a_row_of_its_own(tmp_path: Path, engine: Any) -> None:
    video = tmp_path / "ü clip.MP4"
    video.write_bytes(bytes(2_500_000))
    assert bpy.ops.uner3d.add_images(directory=str(tmp_path)) == {"FINISHED"}  # the only one of its folder
    scene = bpy.context.scene
    assert [row.filepath for row in scene.uner3d.inputs] == [str(video)]
    known = looked_at(scene)
    assert known.videos[str(video)].megabytes == 2.5
    assert not known.sentences
    assert not known.is_refused
    assert survey.summary(scene, 0) == "2.5 MB, its best frames are used"
    assert "a video of 2.5 MB" in survey.describe(scene, 0)
    engine(fake_engine.ANSWER)
    run = api.start_inputs(scene)
    assert isinstance(run.task, protocol.Reconstruct)
    assert (run.task.input, run.task.images, run.title) == (video, (), "ü clip")


def test_a_video_stands_alone(tmp_path: Path) -> None:
    video = tmp_path / "clip.mov"
    video.write_bytes(b"x")
    scene = bpy.context.scene
    api.add_images(scene, [write_png(tmp_path / "a.png", 4, 3), video])
    known = looked_at(scene)
    assert known.is_refused
    assert any("not the only one" in sentence for sentence in known.sentences)
    with pytest.raises(InputError, match="not the only one"):
        api.start_inputs(scene)
    scene.uner3d.inputs[0].enabled = False
    assert not looked_at(scene).is_refused
    video.unlink()
    survey._surveyor.asked.clear()
    known = looked_at(scene)
    assert known.is_refused
    assert known.has_unusable
    assert survey.unusable_rows(scene) == [1]
    assert known.sentences == ("“clip.mov” is gone. Put it back, or leave it out.",)
