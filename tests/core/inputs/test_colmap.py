# SPDX-License-Identifier: Apache-2.0
"""COLMAP's models, text and binary, give the same cameras; other lenses are refused by name."""

import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from uner3d_core.errors import CameraError
from uner3d_core.inputs.colmap import is_colmap_model, read_colmap

MODELS = {
    "SIMPLE_PINHOLE": (0, (500.0, 320.0, 240.0)),
    "PINHOLE": (1, (500.0, 510.0, 320.0, 240.0)),
    "SIMPLE_RADIAL": (2, (500.0, 320.0, 240.0, 0.1)),
    "RADIAL": (3, (500.0, 320.0, 240.0, 0.1, -0.2)),
    "OPENCV": (4, (500.0, 510.0, 320.0, 240.0, 0.1, -0.2, 0.01, -0.02)),
    "OPENCV_FISHEYE": (5, (500.0, 510.0, 320.0, 240.0, 0.1, 0.0, 0.0, 0.0)),
}
HALF = math.sqrt(0.5)
POSES = {"b.png": (1, 0, 0, 0, 0.5, 1.5, 2.5), "a ü.png": (HALF, 0, 0, HALF, 1, 2, 3)}  # a: 90° about z
Write = Callable[..., Path]


def write_text(folder: Path, model: str, poses: dict[str, Any], camera: int = 7) -> None:
    parameters = " ".join(map(str, MODELS[model][1]))
    (folder / "cameras.txt").write_text(f"# Camera list\n7 {model} 640 480 {parameters}\n", encoding="utf-8")
    lines = ["# Image list with two lines of data per image:\n"]
    for number, (name, pose) in enumerate(poses.items()):
        points = "" if number % 2 else "1.5 2.5 -1 3.5 4.5 12"
        lines.append(f"{number + 1} {' '.join(map(str, pose))} {camera} {name}\n{points}\n")
    (folder / "images.txt").write_text("".join(lines), encoding="utf-8")


def write_binary(folder: Path, model: str, poses: dict[str, Any], camera: int = 7) -> None:
    number, parameters = MODELS[model]
    (folder / "cameras.bin").write_bytes(
        struct.pack(f"<QIiQQ{len(parameters)}d", 1, 7, number, 640, 480, *parameters)
    )
    content = struct.pack("<Q", len(poses))
    for count, (name, pose) in enumerate(poses.items()):
        content += struct.pack("<I7dI", count + 1, *pose, camera) + name.encode() + b"\0"
        content += struct.pack("<Q", count) + struct.pack("<ddq", 1.5, 2.5, -1) * count
    (folder / "images.bin").write_bytes(content)


both = pytest.mark.parametrize("write", [write_text, write_binary])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in POSES:
        (tmp_path / name).touch()
    return tmp_path


@both
def test_poses_are_world_to_camera(folder: Path, write: Write) -> None:
    write(folder, "PINHOLE", POSES)
    assert is_colmap_model(folder)
    a, b = read_colmap(folder, [folder])
    assert (a.image.name, b.image.name) == ("a ü.png", "b.png")
    np.testing.assert_allclose(
        a.camera.world_to_camera, [[0, -1, 0, 1], [1, 0, 0, 2], [0, 0, 1, 3], [0, 0, 0, 1]], atol=1e-12
    )
    np.testing.assert_allclose(b.camera.world_to_camera[:3, 3], [0.5, 1.5, 2.5])


@both
@pytest.mark.parametrize(
    ("model", "focal_lengths", "distortion"),
    [
        ("SIMPLE_PINHOLE", (500, 500), (0, 0, 0, 0)),
        ("PINHOLE", (500, 510), (0, 0, 0, 0)),
        ("SIMPLE_RADIAL", (500, 500), (0.1, 0, 0, 0)),
        ("RADIAL", (500, 500), (0.1, -0.2, 0, 0)),
        ("OPENCV", (500, 510), (0.1, -0.2, 0.01, -0.02)),
    ],
)
def test_lens_models(folder: Path, write: Write, model: str, focal_lengths: Any, distortion: Any) -> None:
    write(folder, model, POSES)
    camera = read_colmap(folder, [folder])[0].camera
    assert (camera.fx, camera.fy) == focal_lengths
    assert (camera.width, camera.height, camera.cx, camera.cy) == (640, 480, 320, 240)
    assert camera.distortion == distortion


def test_rotation_agrees_with_an_axis_and_angle(folder: Path) -> None:
    """Rodrigues' formula for a turn about any axis, by a quaternion that is not of unit length."""
    axis, angle = np.array([2, -1, 0.5]) / np.linalg.norm([2, -1, 0.5]), 1.1
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    expected = np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross
    quaternion = 3 * np.r_[math.cos(angle / 2), math.sin(angle / 2) * axis]
    write_text(folder, "PINHOLE", {"b.png": (*quaternion, 0, 0, 0)})
    camera = read_colmap(folder, [folder])[0].camera
    np.testing.assert_allclose(camera.world_to_camera[:3, :3], expected, atol=1e-12)


@both
def test_lens_that_is_not_supported(folder: Path, write: Write) -> None:
    write(folder, "OPENCV_FISHEYE", POSES)
    with pytest.raises(
        CameraError, match=r"“cameras\.\w+” of COLMAP: the lens model .* is not supported"
    ) as caught:
        read_colmap(folder, [folder])
    assert "undistort" in caught.value.hint.lower()


@both
def test_missing_images_are_left_out_and_told(folder: Path, write: Write, told: Any) -> None:
    write(folder, "PINHOLE", {**POSES, "no.png": POSES["b.png"]})
    assert len(read_colmap(folder, [folder], told)) == 2
    assert ": 1 of 3, " in told.texts[0]
    assert "no.png" in told.texts[0]


@both
@pytest.mark.parametrize("entry", range(7))
def test_pose_that_is_not_finite_is_named(folder: Path, write: Write, entry: int) -> None:
    pose = list(POSES["b.png"])
    pose[entry] = math.nan
    write(folder, "PINHOLE", {"b.png": pose})
    with pytest.raises(CameraError, match=r"“b\.png”"):
        read_colmap(folder, [folder])


@both
def test_rotation_of_nothing(folder: Path, write: Write) -> None:
    write(folder, "PINHOLE", {"b.png": (0,) * 7})
    with pytest.raises(CameraError, match=r"“b\.png”: A camera's rotation"):
        read_colmap(folder, [folder])


@both
def test_image_without_its_camera(folder: Path, write: Write) -> None:
    write(folder, "PINHOLE", POSES, camera=8)
    with pytest.raises(CameraError, match="there is no camera 8"):
        read_colmap(folder, [folder])


@pytest.mark.parametrize("name", ["cameras.bin", "images.bin"])
@pytest.mark.parametrize(
    "change", [lambda content: content[:-9], lambda content: b"\xff" * len(content), lambda _: b""]
)
def test_damaged_binary_file_is_named(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    write_binary(folder, "OPENCV", POSES)
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    with pytest.raises(CameraError, match=f"“{name}”"):
        read_colmap(folder, [folder])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cameras.txt", "7"),
        ("cameras.txt", "7 PINHOLE 640 480 500 510 320"),
        ("cameras.txt", "seven PINHOLE 640 480 500 510 320 240"),
        ("cameras.txt", "7 THIN_PRISM_FISHEYE 640 480 1"),
        ("images.txt", "1 1 0 0 0 1 2 3 7"),
        ("images.txt", "1 1 0 0 0 1 2 x 7 b.png"),
        ("images.txt", "\udcff"),
    ],
)
def test_damaged_text_file_is_named(folder: Path, name: str, content: str) -> None:
    write_text(folder, "PINHOLE", POSES)
    (folder / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(CameraError, match=f"“{name}”"):
        read_colmap(folder, [folder])


def test_half_a_model_is_none(tmp_path: Path) -> None:
    (tmp_path / "cameras.txt").touch()
    (tmp_path / "images.bin").touch()
    assert not is_colmap_model(tmp_path)
