# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras of files, shown in the scene, see what the core's cameras see."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from blender_addon import api, capture
from uner3d_core.camera import Camera
from uner3d_core.inputs.frames import Frame


def write_png(path: Path, width: int, height: int) -> Path:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x80" * (3 * width)) * height
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


def pose(number: int) -> Any:
    """Camera-to-world, OpenGL: some place and rotation around a point ahead of it."""
    generator = np.random.default_rng(number)
    rotation, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, generator.normal(size=3)
    return matrix


def camera(number: int, **values: float) -> Camera:
    chosen: dict[str, Any] = {
        "width": 640,
        "height": 480,
        "fx": 700,
        "fy": 700,
        "cx": 320,
        "cy": 240,
        **values,
    }
    return Camera.from_opengl(pose(number), **chosen)


CAMERAS = {
    "plain": camera(0),
    "off centre": camera(1, cx=250.5, cy=300.25),
    "portrait": camera(2, width=480, height=640, cx=230, cy=330),
    "oblong pixels": camera(3, fy=650, cx=300, cy=270),
    "tall pixels": camera(4, fx=650, width=480, height=640, cx=230, cy=330),
    "wide angle": camera(5, fx=15, fy=15, cx=310, cy=245),
}


@pytest.mark.parametrize("name", CAMERAS)
def test_they_project_as_the_cores(tmp_path: Path, name: str) -> None:
    expected = CAMERAS[name]
    scene = bpy.context.scene
    frame = Frame(write_png(tmp_path / "a.png", expected.width, expected.height), expected)
    (made,) = api.add_view_cameras([frame], scene, set_render_size=True)
    bpy.context.view_layer.update()
    generator = np.random.default_rng(0)
    size = np.array([expected.width, expected.height])
    points = expected.unproject(generator.random((50, 2)) * size, generator.uniform(1, 5, 50))
    pixels, _ = expected.project(points)
    seen = np.array([world_to_camera_view(scene, made, Vector(point)) for point in points])
    found = np.stack([seen[:, 0], 1 - seen[:, 1]], axis=1) * size
    assert np.abs(found - pixels).max() < 0.1
    scene.camera = made
    same = capture.exact_camera(scene)
    np.testing.assert_allclose(same.intrinsics, expected.intrinsics, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(same.world_to_camera, expected.world_to_camera, atol=1e-5)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (500, 1000)])
@pytest.mark.parametrize("name", ["plain", "off centre", "portrait"])
def test_images_lie_behind_in_any_render_size(tmp_path: Path, name: str, width: int, height: int) -> None:
    expected = CAMERAS[name]
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = width, height
    path = write_png(tmp_path / "ü 日本.png", expected.width, expected.height)
    (made,) = api.add_view_cameras([Frame(path, expected)], scene)
    assert (scene.render.resolution_x, scene.render.resolution_y) == (width, height)
    (background,) = made.data.background_images
    assert made.data.show_background_images
    assert Path(background.image.filepath) == path
    assert not background.image.has_data  # nothing is read before it is shown
    # The picture is drawn as wide as the frame, its middle in the frame's middle.
    picture, shown = expected.width / expected.height, width / height
    assert background.frame_method == ("CROP" if shown > picture else "FIT")
    bpy.context.view_layer.update()
    pixel = np.array([100.0, 400.0])
    point = expected.unproject(pixel[None], np.array([3.0]))[0]
    seen = world_to_camera_view(scene, made, Vector(point))
    scale = width / expected.width
    assert seen.x * width == pytest.approx(pixel[0] * scale, abs=0.1)
    middle = height / 2 + (pixel[1] - expected.height / 2) * scale
    assert (1 - seen.y) * height == pytest.approx(middle, abs=0.1)


def scene_on_disk(folder: Path, distortion: float = 0.0) -> Path:
    frames = []
    for number in range(4):
        write_png(folder / "images" / f"{number}.png", 64, 48)
        frames.append({"file_path": f"images/{number}.png", "transform_matrix": pose(number).tolist()})
    content = {"w": 64, "h": 48, "fl_x": 70, "k1": distortion, "frames": frames}
    (folder / "transforms.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_operator_shows_those_of_the_enabled_images(tmp_path: Path, capfd: Any) -> None:
    folder = scene_on_disk(tmp_path / "ü", distortion=0.1)
    bpy.ops.uner3d.add_images(directory=str(folder))
    scene = bpy.context.scene
    scene.uner3d.inputs[1].enabled = False
    before = scene.render.resolution_x, scene.render.resolution_y, scene.camera
    assert bpy.ops.uner3d.show_input_cameras() == {"FINISHED"}
    assert "lens distortion" in capfd.readouterr().out
    assert (scene.render.resolution_x, scene.render.resolution_y, scene.camera) == before
    collection = bpy.data.collections["UNeR3D Views"]
    assert [item.name for item in collection.objects] == ["0", "2", "3"]
    for item, number in zip(collection.objects, (0, 2, 3), strict=True):
        np.testing.assert_allclose(np.array(item.matrix_world), pose(number), atol=1e-6)
    assert len(scene.uner3d.inputs) == 4
    bpy.ops.uner3d.show_input_cameras(set_render_size=True)
    assert (scene.render.resolution_x, scene.render.resolution_y) == (64, 48)


def test_without_cameras_it_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="No file tells the cameras"):
        bpy.ops.uner3d.show_input_cameras()
    write_png(tmp_path / "a.png", 8, 8)
    bpy.ops.uner3d.add_images(directory=str(tmp_path))
    with pytest.raises(RuntimeError, match="No file tells the cameras"):
        bpy.ops.uner3d.show_input_cameras()
    assert not bpy.data.cameras
