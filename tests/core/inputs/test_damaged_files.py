# SPDX-License-Identifier: Apache-2.0
"""Files with random damage are read or refused with a sentence; nothing else comes out of any parser."""

import io
import json
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uner3d_core.cloud_files import read_npz, read_ply, write_npz, write_ply
from uner3d_core.errors import Uner3dError
from uner3d_core.inputs.colmap import read_colmap
from uner3d_core.inputs.images import image_size, read_image
from uner3d_core.inputs.transforms import read_transforms
from uner3d_core.point_cloud import PointCloud

ROUNDS = 60
EYE = np.eye(4).tolist()


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut the content short, or flip, replace, remove or insert a few bytes, often near its beginning."""
    if chance.random() < 0.25:
        return content[: chance.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(min(len(changed), chance.choice((len(changed), 300))))
        match chance.randrange(4):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at] = chance.choice((0, 10, 32, 45, 57, 127, 128, 255))
            case 2 if len(changed) > 10:
                del changed[at : at + chance.randrange(1, 9)]
            case _:
                changed[at:at] = chance.randbytes(chance.randrange(1, 9))
    return bytes(changed)


def every_damage(content: bytes) -> Iterator[bytes]:
    chance = random.Random(len(content))
    return (damaged(content, chance) for _ in range(ROUNDS))


def refused(read: Callable[[], object]) -> bool:
    """Whether ``read`` refuses its file, as it should: with a sentence and a hint."""
    try:
        read()
    except Uner3dError as error:
        return bool(error.message and error.hint) or pytest.fail("an error without a sentence or a hint")
    return False


def assert_only_refused(path: Path, content: bytes, read: Callable[[Path], object]) -> None:
    path.write_bytes(content)
    assert not refused(lambda: read(path))
    results = []
    for spoilt in every_damage(content):
        path.write_bytes(spoilt)
        results.append(refused(lambda: read(path)))
    assert any(results)


def cloud() -> PointCloud:
    return PointCloud(
        np.linspace(0, 1, 60, dtype=np.float32).reshape(20, 3),
        np.full((20, 3), 9, np.uint8),
        np.zeros((20, 3), np.float32),
        np.ones(20, np.float32),
    )


def test_own_ply(tmp_path: Path) -> None:
    write_ply(tmp_path / "a", cloud())
    assert_only_refused(tmp_path / "a", (tmp_path / "a").read_bytes(), read_ply)


def test_npz(tmp_path: Path) -> None:
    write_npz(tmp_path / "a", cloud())
    assert_only_refused(tmp_path / "a", (tmp_path / "a").read_bytes(), read_npz)


@pytest.mark.parametrize("order", ["ascii", "binary_big_endian"])
def test_ply_with_lists(tmp_path: Path, order: str) -> None:
    header = (
        f"ply\nformat {order} 1.0\nelement face 2\nproperty list uchar int v\nelement vertex 2\n"
        "property double x\nproperty double y\nproperty double z\nproperty list int float w\n"
        "property short confidence\nend_header\n"
    )
    rows: list[tuple[str, *tuple[float, ...]]] = [
        ("B3i", 3, 0, 1, 0),
        ("Bi", 1, 0),
        ("3di2fh", 1, 2, 3, 2, 0, 1, 4),
        ("3dih", 4, 5, 6, 0, 1),
    ]
    if order == "ascii":
        content = "".join(" ".join(map(str, row[1:])) + "\n" for row in rows).encode()
    else:
        content = b"".join(struct.pack(">" + row[0], *row[1:]) for row in rows)
    assert_only_refused(tmp_path / "a", header.encode() + content, read_ply)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("L", "PNG"),
        ("CMYK", "JPEG"),
        ("RGB", "WEBP"),
        ("RGB", "TIFF"),
        ("L", "BMP"),
    ],
)
def test_image(tmp_path: Path, make_picture: Callable[..., Image.Image], mode: str, kind: str) -> None:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    make_picture(17, 13, mode="RGBA").convert(mode).save(file, kind, exif=exif)
    assert_only_refused(tmp_path / "a", file.getvalue(), lambda path: (image_size(path), read_image(path)))


def test_transforms(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "b.png").touch()
    frames = [
        {"file_path": "a.png", "transform_matrix": EYE, "mask_path": "m.png"},
        {"file_path": "./b", "transform_matrix": EYE, "fl_x": 1e3},
    ]
    content = {"fl_x": 20, "fl_y": 21.5, "cx": 8, "w": 17, "h": 13, "k1": 0.1, "frames": frames}
    assert_only_refused(
        tmp_path / "transforms.json",
        json.dumps(content).encode(),
        lambda path: read_transforms(path, lambda _: (17, 13)),
    )


COLMAP = {
    "cameras.txt": b"# cameras\n1 OPENCV 17 13 20 20 8 6 .1 0 0 0\n",
    "images.txt": b"# images\n1 1 0 0 0 1 2 3 1 a.png\n\n2 1 0 0 0 1 2 3 1 b.png\n1 2 -1\n",
    "cameras.bin": struct.pack("<QIiQQ8d", 1, 1, 4, 17, 13, 20, 20, 8, 6, 0.1, 0, 0, 0),
    "images.bin": struct.pack("<QI7dI", 1, 1, 1, 0, 0, 0, 1, 2, 3, 1)
    + b"a.png\0"
    + struct.pack("<Q2dq", 1, 1, 2, 3),
}


@pytest.mark.parametrize("name", COLMAP)
def test_colmap(tmp_path: Path, name: str) -> None:
    for file, content in COLMAP.items():
        if file.endswith(name[-4:]):
            (tmp_path / file).write_bytes(content)
    (tmp_path / "a.png").touch()
    assert_only_refused(tmp_path / name, COLMAP[name], lambda path: read_colmap(path.parent, [tmp_path]))
