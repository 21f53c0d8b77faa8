# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras rendered by a second Blender, which here is a Python that has bpy and runs the same script."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from blender_addon import capture_apart, capture_script
from blender_addon.engine.client import Phase
from blender_addon.jobs import beginning, placing
from blender_addon.jobs.run import CAPTURE_STAGE, Run
from uner3d_core import protocol
from uner3d_core.errors import CameraError, Cancelled, EngineError, OutputError, Uner3dError

SECONDS = 60.0


@pytest.fixture(autouse=True)
def module_as_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the script run by this Python, as there is no Blender program."""
    script = str(Path(capture_script.__file__))
    monkeypatch.setattr(
        capture_apart, "command", lambda program, request: [sys.executable, script, "--", str(request)]
    )


@pytest.fixture
def cameras() -> list[Any]:
    """Two cameras, one of them hidden, that see a cube of another scene than the first one, in no time."""
    scene = bpy.data.scenes.new("Second")
    bpy.context.window.scene = scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 2
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = 24
    bpy.ops.mesh.primitive_cube_add()
    made = []
    for angle in (0.0, 0.2):
        bpy.ops.object.camera_add(location=(0, 0, 5), rotation=(angle, 0, 0))
        made.append(bpy.context.object)
    made[0].hide_viewport = True
    return made


def steps(cameras: list[Any], folder: Path) -> Any:
    return capture_apart.capture_steps_apart(
        [camera.session_uid for camera in cameras], bpy.context.scene.session_uid, folder, 1024
    )


def finish(preparation: Any) -> list[tuple[int, int]]:
    told = []
    end = time.monotonic() + SECONDS
    for step in preparation:
        assert time.monotonic() < end
        told.append(step)
        time.sleep(0.02)
    return told


def contents() -> dict[str, list[str]]:
    kinds = ("objects", "meshes", "scenes", "cameras", "texts", "images", "libraries")
    return {kind: [block.name for block in getattr(bpy.data, kind)] for kind in kinds}


def test_the_pictures_are_those_of_this_blender(
    cameras: list[Any], tmp_path: Path, read_pixels: Any, sphere_cloud: Any
) -> None:
    # A cloud of ours is not rendered; what is being edited is.
    cloud = placing.add_to_scene(sphere_cloud(50), "cloud", bpy.context.scene)
    cloud.uner3d.radius = 50.0
    cube = bpy.data.objects["Cube"]
    bpy.context.view_layer.objects.active = cube
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.transform.resize(value=(1.5, 1.0, 1.0))
    before = contents(), bpy.data.is_dirty, bpy.data.filepath
    told = finish(steps(cameras, tmp_path / "apart é"))
    assert (contents(), bpy.data.is_dirty, bpy.data.filepath) == before
    assert not cloud.hide_render
    assert cube.mode == "EDIT"
    bpy.ops.object.mode_set(mode="OBJECT")
    uids = [camera.session_uid for camera in cameras]
    finish(beginning.capture_steps(uids, bpy.context.scene.session_uid, tmp_path / "here", 1024))
    here, apart = (sorted((tmp_path / name / "images").iterdir()) for name in ("here", "apart é"))
    assert [path.name for path in here] == [path.name for path in apart]
    for one, other in zip(here, apart, strict=True):
        assert read_pixels(one)[:, :, 3].any()
        np.testing.assert_array_equal(read_pixels(one), read_pixels(other))
    texts = [(tmp_path / name / "transforms.json").read_text() for name in ("here", "apart é")]
    assert texts[0] == texts[1]
    assert told[0] == (0, 2)
    assert told[-1] == (2, 2)
    assert told == sorted(told)
    assert sorted(path.name for path in (tmp_path / "apart é").iterdir()) == ["images", "transforms.json"]


@pytest.mark.parametrize("flat", [False, True])
def test_depth_is_that_of_this_blender(
    cameras: list[Any], tmp_path: Path, read_pixels: Any, flat: bool
) -> None:
    def read(path: Path) -> Any:
        return np.load(path) if path.suffix == ".npy" else read_pixels(path)

    uids, scene = [camera.session_uid for camera in cameras], bpy.context.scene.session_uid
    for name, capture_steps in (
        ("here", beginning.capture_steps),
        ("apart", capture_apart.capture_steps_apart),
    ):
        finish(capture_steps(uids, scene, tmp_path / name, 1024, depth=True, flat=flat))
    here, apart = (sorted((tmp_path / name).glob("*/*")) for name in ("here", "apart"))
    assert [path.name for path in here] == [path.name for path in apart]
    for one, other in zip(here, apart, strict=True):
        np.testing.assert_array_equal(read(one), read(other))
    assert read(here[0]).min() == pytest.approx(4.0, abs=1e-4)  # to the cube's upper side
    assert sorted(path.name for path in (tmp_path / "apart").iterdir()) == [
        "depth", "images", "transforms.json"
    ]  # fmt: skip


def test_cancel_ends_the_second_blender(cameras: list[Any], tmp_path: Path) -> None:
    bpy.context.scene.cycles.samples = 100_000
    bpy.context.scene.render.resolution_x = bpy.context.scene.render.resolution_y = 512
    task = protocol.Resample(tmp_path, tmp_path)
    run = Run(
        "t", tmp_path, tmp_path, task, bpy.context.scene.session_uid, preparation=steps(cameras, tmp_path)
    )
    end = time.monotonic() + 3.0
    while time.monotonic() < end:
        assert run.advance().stage == CAPTURE_STAGE
        time.sleep(0.02)
    run.cancel()
    run.cancel()
    end = time.monotonic() + SECONDS
    while not run.advance().ended:
        assert run.state.phase is Phase.CANCELLING
        assert time.monotonic() < end
        time.sleep(0.02)
    assert isinstance(run.state.error, Cancelled)
    assert not list(tmp_path.glob("second_blender"))


def test_it_ends_with_the_blender_that_started_it(cameras: list[Any], tmp_path: Path) -> None:
    bpy.context.scene.cycles.samples = 2
    uids = [camera.session_uid for camera in cameras] * 500
    request = capture_apart.write_scene(uids, bpy.context.scene.session_uid, tmp_path, 1024)
    tree = capture_apart.start(request)
    while not (tmp_path / "images").is_dir():
        assert tree.exit_code() is None
        time.sleep(0.02)
    tree.stdin.close()
    assert tree.head.wait(SECONDS) == 1
    for stream in (tree.stdout, tree.stderr):
        stream.close()
    assert not (tmp_path / "transforms.json").exists()


def test_what_fails_there_is_raised_here(cameras: list[Any], tmp_path: Path) -> None:
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(OutputError, match="can't be written"):
        finish(steps(cameras, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["images"]


@pytest.mark.parametrize(
    ("command", "error", "sentence"),
    [
        ([sys.executable, "-c", "import sys; sys.exit('no memory')"], EngineError, "exit code 1.: no memory"),
        ([sys.executable, "-c", "pass"], EngineError, "ended early"),
        (["/nowhere/blender"], EngineError, "“/nowhere/blender”, No such file"),
    ],
)
def test_a_second_blender_that_fails_is_one_sentence(
    cameras: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    error: type[Uner3dError],
    sentence: str,
) -> None:
    monkeypatch.setattr(capture_apart, "command", lambda program, request: command)
    with pytest.raises(error, match=sentence) as raised:
        finish(steps(cameras, tmp_path))
    assert raised.value.hint
    assert not (tmp_path / "second_blender").exists()


def test_a_deleted_camera_is_one_sentence(cameras: list[Any], tmp_path: Path) -> None:
    preparation = steps(cameras, tmp_path)
    next(preparation)
    bpy.data.objects.remove(cameras[1])
    with pytest.raises(CameraError, match="camera was deleted"):
        next(preparation)


def test_a_painted_image_that_the_copy_would_lose_is_named(cameras: list[Any], tmp_path: Path) -> None:
    unused, used = (bpy.data.images.new(name, 4, 4) for name in ("unused", "used"))
    material = bpy.data.materials.new("painted")
    if material.node_tree is None:
        material.use_nodes = True
    material.node_tree.nodes.new("ShaderNodeTexImage").image = used
    bpy.data.objects["Cube"].data.materials.append(material)
    unused.pixels[0] = used.pixels[0] = 0.5
    with pytest.raises(CameraError, match="“used” has been painted and not saved"):
        finish(steps(cameras, tmp_path))
    used.pack()
    finish(steps(cameras, tmp_path))


def test_scripts_that_may_not_run_there_are_one_sentence(cameras: list[Any], tmp_path: Path) -> None:
    driver = bpy.data.objects["Cube"].driver_add("location", 0).driver
    driver.expression = "1.0 if bpy.data.objects else 0.0"  # plain sums are always allowed
    uids = [camera.session_uid for camera in cameras]
    path = capture_apart.write_scene(uids, bpy.context.scene.session_uid, tmp_path, 1024)
    request = capture_script.CaptureRequest(**json.loads(path.read_text()))
    replace(request, scripts=False, scripts_ran=True).write(path)
    with pytest.raises(CameraError, match="may not run by themselves"):
        finish(capture_apart.render_apart(capture_apart.start(path), tmp_path, len(uids)))
    replace(request, scripts=True, scripts_ran=True).write(path)
    finish(capture_apart.render_apart(capture_apart.start(path), tmp_path, len(uids)))
    assert (tmp_path / "transforms.json").is_file()


def test_the_command_line_names_this_blender(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    made = capture_apart.command("/opt/a b/blender", tmp_path / "request.json")
    assert made[0] == "/opt/a b/blender"
    assert "--background" in made
    assert made[made.index("--python") + 1] == capture_script.__file__
    assert made[-2:] == ["--", str(tmp_path / "request.json")]
    assert not capture_apart.can_render_apart()  # no window here
