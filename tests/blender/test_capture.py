# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Euler, Matrix, Vector

from blender_addon import api, capture
from uner3d_core.errors import CameraError, OutputError
from uner3d_core.inputs.transforms import read_transforms

TARGETS = [(0.0, 0.0, 0.0), (0.4, 0.1, 0.2), (-0.35, -0.3, 0.1), (0.2, -0.4, 0.3)]

CAMERAS = {
    "plain": {},
    "shift": {"shift_x": 0.1, "shift_y": -0.2},
    "fit width": {"sensor_fit": "HORIZONTAL", "sensor_width": 20.0, "sensor_height": 30.0},
    "fit height": {"sensor_fit": "VERTICAL", "sensor_width": 50.0, "sensor_height": 24.0, "shift_x": -0.15},
    "long lens": {"lens": 85.0, "shift_y": 0.1},
}


def add_camera(scale: float = 1.0, **values: Any) -> Any:
    data = bpy.data.cameras.new("camera")
    for name, value in values.items():
        setattr(data, name, value)
    camera = bpy.data.objects.new("camera", data)
    bpy.context.scene.collection.objects.link(camera)
    turn = Euler((1.1, 0.2, 0.7)).to_matrix().to_4x4()
    camera.matrix_world = turn @ Matrix.Translation((0, 0, 4)) @ Matrix.Scale(scale, 4)
    bpy.context.view_layer.update()
    return camera


def set_resolution(width: int, height: int, percentage: int = 100, aspect: float = 1.0) -> Any:
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, percentage
    render.pixel_aspect_x = aspect
    return render


def use_fast_cycles() -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 16
    scene.cycles.use_denoising = False


def add_emitter(location: Any, radius: float, colour: float) -> None:
    bpy.ops.mesh.primitive_uv_sphere_add(radius=radius, location=location, segments=16, ring_count=8)
    material = bpy.data.materials.new("light")
    if material.node_tree is None:
        material.use_nodes = True
    nodes = material.node_tree.nodes
    emission = nodes.new("ShaderNodeEmission")
    emission.inputs["Color"].default_value = (colour, colour, colour, 1)
    output = next(node for node in nodes if node.bl_idname == "ShaderNodeOutputMaterial")
    material.node_tree.links.new(emission.outputs[0], output.inputs[0])
    bpy.context.object.data.materials.append(material)


@pytest.mark.parametrize("resolution", [(640, 480, 50, 1.0), (300, 500, 100, 1.0), (400, 600, 25, 1.5)])
@pytest.mark.parametrize("name", CAMERAS)
def test_intrinsics_and_pose_are_blenders(name: str, resolution: Any) -> None:
    render = set_resolution(*resolution)
    scene = bpy.context.scene
    scene.camera = add_camera(scale=2.5, **CAMERAS[name])
    camera = capture.exact_camera(scene)
    assert (camera.width, camera.height) == capture.rendered_size(render)
    pixels, depth = camera.project(TARGETS)
    for target, pixel, distance in zip(TARGETS, pixels, depth, strict=True):
        x, y, z = world_to_camera_view(scene, scene.camera, Vector(target))
        assert distance == pytest.approx(z, abs=1e-5)
        np.testing.assert_allclose(pixel, (x * camera.width, (1 - y) * camera.height), atol=1e-3)


@pytest.mark.parametrize("name", ["shift", "fit height"])
def test_points_are_where_the_camera_says_in_the_picture(name: str, tmp_path: Path, read_pixels: Any) -> None:
    use_fast_cycles()
    set_resolution(400, 240, 50)
    camera = add_camera(**CAMERAS[name])
    for target in TARGETS:
        add_emitter(target, 0.03, 1.0)
    captured = api.capture_cameras([camera], tmp_path)[0]
    alpha = read_pixels(tmp_path / "images" / "000_camera.png")[:, :, 3] / 255
    assert alpha.shape == (120, 200)
    rows, columns = np.mgrid[:120, :200] + 0.5
    for pixel in captured.project(TARGETS)[0]:
        near = alpha * (np.hypot(columns - pixel[0], rows - pixel[1]) < 6)
        centroid = (near * columns).sum() / near.sum(), (near * rows).sum() / near.sum()
        np.testing.assert_allclose(centroid, pixel, atol=0.1)


def test_colours_are_the_surfaces_whatever_the_scenes_view(tmp_path: Path, read_pixels: Any) -> None:
    use_fast_cycles()
    set_resolution(32, 32)
    add_emitter((0, 0, 0), 0.8, 0.2140411)  # linear for sRGB 0.5
    view = bpy.context.scene.view_settings
    view.view_transform, view.exposure, view.gamma = "AgX", 1.5, 1.2
    api.capture_cameras([add_camera()], tmp_path)
    pixels = read_pixels(tmp_path / "images" / "000_camera.png")
    assert abs(pixels[16, 16] - (128, 128, 128, 255)).max() <= 1
    assert pixels[0, 0, 3] == 0


def test_camera_file_is_what_the_engine_reads(tmp_path: Path) -> None:
    bpy.context.scene.render.engine = "CYCLES"
    bpy.context.scene.cycles.samples = 1
    set_resolution(40, 30)
    cameras = [add_camera(**values) for values in CAMERAS.values()]
    captured = api.capture_cameras(cameras, tmp_path / "ü 日本 {frame}")
    frames = read_transforms(tmp_path / "ü 日本 {frame}" / "transforms.json", lambda path: (40, 30))
    assert [frame.image.name for frame in frames][:2] == ["000_camera.png", "001_camera.001.png"]
    for frame, camera in zip(frames, captured, strict=True):
        np.testing.assert_allclose(frame.camera.intrinsics, camera.intrinsics)
        np.testing.assert_allclose(frame.camera.world_to_camera, camera.world_to_camera, atol=1e-12)


def test_large_scenes_are_rendered_no_larger_than_asked(tmp_path: Path) -> None:
    bpy.context.scene.render.engine = "CYCLES"
    bpy.context.scene.cycles.samples = 1
    set_resolution(1920, 1080)
    bpy.context.scene.camera = camera = add_camera(**CAMERAS["shift"])
    full = capture.exact_camera(bpy.context.scene)
    captured = api.capture_cameras([camera], tmp_path, maximum_side=64)[0]
    assert (captured.width, captured.height) == (64, 36)
    np.testing.assert_allclose(captured.intrinsics, full.resized(64, 36).intrinsics, rtol=1e-6)


def settings_of(scene: Any) -> dict[str, Any]:
    """Everything that a scene's render, output and colour settings say."""
    owners = [scene, scene.render, scene.render.image_settings, scene.view_settings, scene.display_settings]
    owners += [scene.cycles, *scene.view_layers]
    values = {}
    for owner in owners:
        for entry in owner.bl_rna.properties:
            if entry.type != "COLLECTION" and entry.identifier not in ("rna_type", "use_nodes"):
                value = getattr(owner, entry.identifier)
                values[f"{owner.rna_type.identifier}.{entry.identifier}"] = (
                    tuple(value) if getattr(entry, "is_array", False) else value
                )
    return values


def untidy_scene() -> Any:
    """A scene with settings that capturing needs otherwise, animated, with a marker, border and stamp."""
    scene = bpy.context.scene
    render = set_resolution(64, 48, 50)
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    render.filepath = "//elsewhere/picture"
    render.image_settings.file_format = "JPEG"
    render.use_border = render.use_crop_to_border = render.use_stamp = render.use_motion_blur = True
    render.use_multiview = render.use_overwrite = False
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.exposure = 2.0
    render.film_transparent = False
    render.keyframe_insert("film_transparent", frame=1)
    marker = scene.timeline_markers.new("m", frame=1)
    marker.camera = scene.camera = add_camera(lens=20.0)
    return scene


def test_no_setting_of_the_scene_changes(tmp_path: Path) -> None:
    scene = untidy_scene()
    other = add_camera(lens=60.0)
    before, data = (
        settings_of(scene),
        {name: len(getattr(bpy.data, name)) for name in ("scenes", "actions", "objects", "cameras")},
    )
    captured = api.capture_cameras([other], tmp_path)
    assert (captured[0].width, captured[0].height) == (32, 24)
    assert captured[0].fx == pytest.approx(60.0 / 36.0 * 32, rel=1e-5)
    assert settings_of(scene) == before
    assert data == {name: len(getattr(bpy.data, name)) for name in data}
    assert [item.camera for item in scene.timeline_markers] == [scene.camera]


@pytest.mark.parametrize("failure", [RuntimeError("Error: out of memory\n"), KeyboardInterrupt()])
def test_no_setting_changes_when_rendering_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    scene = untidy_scene()
    before = settings_of(scene)

    def fail(*_: Any) -> None:
        raise failure

    # Blender only prints what a handler raises inside a render: the operator itself has to fail.
    class Render:
        render = staticmethod(lambda **_: fail())

    monkeypatch.setattr(
        capture, "bpy", type("Bpy", (), {**vars(bpy), "ops": type("Ops", (), {"render": Render})})
    )
    expected = CameraError if isinstance(failure, RuntimeError) else KeyboardInterrupt
    with pytest.raises(expected, match="out of memory" if expected is CameraError else None):
        api.capture_cameras([scene.camera], tmp_path)
    assert settings_of(scene) == before
    assert len(bpy.data.scenes) == 1
    assert not list((tmp_path / "images").iterdir())


@pytest.mark.parametrize("name", ["first", "second"])
def test_hidden_and_animated_cameras_are_where_the_frame_puts_them(tmp_path: Path, name: str) -> None:
    bpy.context.scene.render.engine = "CYCLES"
    bpy.context.scene.cycles.samples = 1
    set_resolution(16, 16)
    camera = add_camera()
    for frame in (1, 11):
        camera.location = (frame, 0, 0)
        camera.keyframe_insert("location", frame=frame)
    if name == "first":
        camera.hide_viewport = True
    bpy.context.scene.frame_set(6)
    captured = api.capture_cameras([camera], tmp_path)[0]
    np.testing.assert_allclose(captured.centre, (6, 0, 0), atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "sentence"), [("ORTHO", "an orthographic camera"), ("PANO", "a panoramic camera")]
)
def test_other_lenses_are_refused(tmp_path: Path, kind: str, sentence: str) -> None:
    with pytest.raises(CameraError, match=sentence):
        api.capture_cameras([add_camera(type=kind)], tmp_path / "job")
    assert not (tmp_path / "job").exists()


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="can't be written"):
        api.capture_cameras([add_camera()], tmp_path / "file")
    assert json.dumps(len(bpy.data.scenes)) == "1"
