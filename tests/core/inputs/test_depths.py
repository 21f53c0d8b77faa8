# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uner3d_core.errors import CameraError, ImageError, InputError, Uner3dError
from uner3d_core.inputs.depths import load_depth_views, read_depth
from uner3d_core.inputs.segmentation import Segment

DEPTH = np.linspace(1.0, 4.0, 12 * 40, dtype=np.float32).reshape(40, 12)


def exr(channels: dict[str, np.ndarray], compression: int, version: int = 2) -> bytes:
    """Write float channels as the format's description says, line by line and byte by byte."""
    height, width = next(iter(channels.values())).shape
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    names = sorted(channels)
    listed = b"".join(name.encode() + b"\0" + struct.pack("<4i", 2, 0, 1, 1) for name in names) + b"\0"
    header = b"\x76\x2f\x31\x01" + struct.pack("<I", version)
    for name, kind, value in (
        (b"channels", b"chlist", listed),
        (b"compression", b"compression", bytes([compression])),
        (b"dataWindow", b"box2i", window),
        (b"displayWindow", b"box2i", window),
    ):
        header += name + b"\0" + kind + b"\0" + struct.pack("<I", len(value)) + value
    header += b"\0"
    lines = 16 if compression == 3 else 1
    blocks = []
    for top in range(0, height, lines):
        rows = range(top, min(top + lines, height))
        raw = b"".join(channels[name][row].astype("<f4").tobytes() for row in rows for name in names)
        if compression:
            mixed = raw[0::2] + raw[1::2]
            steps = bytes([mixed[0]]) + bytes(
                (mixed[i] - mixed[i - 1] + 128) % 256 for i in range(1, len(mixed))
            )
            packed = zlib.compress(steps)
            raw = packed if len(packed) < len(raw) else raw
        blocks.append(struct.pack("<ii", top, len(raw)) + raw)
    table, place = b"", len(header) + 8 * len(blocks)
    for block in blocks:
        table += struct.pack("<Q", place)
        place += len(block)
    return header + table + b"".join(blocks)


@pytest.mark.parametrize("compression", [0, 2, 3])
def test_an_exr_is_read_to_the_bit(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "a.exr"
    channels = {"V.Combined.R": DEPTH + 1, "V.Depth.Z": DEPTH, "V.Normal.X": DEPTH, "V.Normal.Z": DEPTH * 2}
    path.write_bytes(exr(channels, compression))
    np.testing.assert_array_equal(read_depth(path), DEPTH)


def test_where_nothing_is_seen_the_depth_is_infinite(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[1e10, np.nan, 0.0, -1.0, np.inf, 2.0]]))
    np.testing.assert_array_equal(read_depth(tmp_path / "a.npy"), np.float32([[np.inf] * 5 + [2.0]]))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exr", b"no EXR", "no EXR file"),
        ("a.exr", exr({"Z": DEPTH}, 3)[:-40], "cut short"),
        ("a.exr", exr({"R": DEPTH, "G": DEPTH}, 3), "has no depth"),
        ("a.exr", exr({"A.Z": DEPTH, "B.Z": DEPTH}, 3), "several depth channels"),
        ("a.exr", exr({"Z": DEPTH}, 4), "compression"),
        ("a.exr", exr({"Z": DEPTH}, 0, version=0x1002), "several parts"),
        ("a.npy", b"\x93NUMPY", "no NPY file"),
        ("a.npy", b"", "no NPY file"),
        ("a.png", b"", "no file of depth"),
    ],
)
def test_a_file_that_is_no_depth_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImageError, match=said):
        read_depth(tmp_path / name)


def test_pickled_and_odd_arrays_are_refused(tmp_path: Path) -> None:
    for number, array in enumerate((np.array([{}]), np.zeros((2, 2, 2)), np.zeros((2, 2), int))):
        np.save(tmp_path / f"{number}.npy", array, allow_pickle=True)
        with pytest.raises(ImageError):
            read_depth(tmp_path / f"{number}.npy")


def test_damaged_files_are_refused_and_never_crash(tmp_path: Path) -> None:
    whole = exr({"Z": DEPTH}, 3)
    random = np.random.default_rng(0)
    for _ in range(300):
        content = bytearray(whole)
        for place in random.integers(0, len(content), 3):
            content[place] = random.integers(256)
        (tmp_path / "a.exr").write_bytes(content)
        with contextlib.suppress(Uner3dError):
            assert read_depth(tmp_path / "a.exr").dtype == np.float32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "depth").mkdir()
    frames = []
    for number in range(2):
        picture = np.full((40, 12, 4), 255, np.uint8)
        picture[0, 0, 3] = 0
        Image.fromarray(picture).save(tmp_path / "images" / f"{number}.png")
        np.save(tmp_path / "depth" / f"{number}.npy", DEPTH + number)
        frames.append({"file_path": f"images/{number}.png", "transform_matrix": np.eye(4).tolist()})
    (tmp_path / "transforms.json").write_text(json.dumps({"camera_angle_x": 0.8, "frames": frames}))
    return tmp_path


def test_depth_beside_the_images_is_found(folder: Path) -> None:
    shown = load_depth_views(folder)
    np.testing.assert_array_equal(shown[1].depth, DEPTH + 1)
    assert not shown[0].seen[0, 0]
    assert shown[0].seen[1:].all()


def test_depth_that_the_cameras_name_is_found(folder: Path) -> None:
    content = json.loads((folder / "transforms.json").read_text())
    (folder / "depth").rename(folder / "elsewhere")
    for number, frame in enumerate(content["frames"]):
        frame["depth_file_path"] = f"elsewhere/{number}.npy"
    (folder / "transforms.json").write_text(json.dumps(content))
    np.testing.assert_array_equal(load_depth_views(folder)[0].depth, DEPTH)


def test_a_network_masks_images_that_have_none(folder: Path) -> None:
    for path in (folder / "images").iterdir():
        Image.new("RGB", (12, 40)).save(path)
    mask = np.zeros((40, 12), np.uint8)
    mask[:20] = 255
    assert load_depth_views(folder)[0].seen.all()
    seen = load_depth_views(folder, segment=Segment("", lambda _: mask))[0].seen
    assert seen[:20].all()
    assert not seen[20:].any()


def test_missing_depth_is_said(folder: Path) -> None:
    (folder / "depth" / "1.npy").unlink()
    with pytest.raises(InputError, match="no depth for “1"):
        load_depth_views(folder)


def test_depth_needs_cameras_without_distortion(folder: Path) -> None:
    content = json.loads((folder / "transforms.json").read_text())
    (folder / "transforms.json").write_text(json.dumps({**content, "k1": 0.1}))
    with pytest.raises(CameraError, match="distortion"):
        load_depth_views(folder)
    (folder / "transforms.json").unlink()
    with pytest.raises(CameraError, match="no cameras"):
        load_depth_views(folder)


def test_depth_of_another_size_is_refused(folder: Path) -> None:
    np.save(folder / "depth" / "0.npy", DEPTH[::2])
    with pytest.raises(ImageError, match="12 × 20 pixels, the image 12 × 40"):
        load_depth_views(folder)
