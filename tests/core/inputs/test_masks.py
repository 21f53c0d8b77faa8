# SPDX-License-Identifier: Apache-2.0
"""Masks are found by their image's name and read from whatever they are painted as."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uner3d_core.errors import ImageError
from uner3d_core.inputs.masks import is_black, read_mask
from uner3d_core.inputs.places import find_mask

LEFT_HALF = np.repeat([[255, 255, 0, 0]], 3, axis=0).astype(np.uint8)


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA", "LA", "P"])
def test_white_is_the_object(tmp_path: Path, mode: str) -> None:
    Image.fromarray(LEFT_HALF).convert(mode).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", (4, 3)), LEFT_HALF)


def test_alpha_is_the_object(tmp_path: Path) -> None:
    black = np.zeros((3, 4, 4), np.uint8)
    black[..., 3] = LEFT_HALF
    Image.fromarray(black).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", (4, 3)), LEFT_HALF)


def test_labels_zero_and_one(tmp_path: Path) -> None:
    Image.fromarray(LEFT_HALF // 255).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", (4, 3)), LEFT_HALF)


def test_another_size_is_named(tmp_path: Path) -> None:
    Image.fromarray(LEFT_HALF).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match=r"“a\.png” has 4 × 3 pixels, its image 8 × 6"):
        read_mask(tmp_path / "a.png", (8, 6))


def test_black_is_what_covers_no_pixel_by_half() -> None:
    assert is_black(np.full((2, 2), 127, np.uint8))
    assert not is_black(np.array([[0, 128]], np.uint8))


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("0001.jpg", "0001.png"),
        ("0001.png", "0001.png"),
        ("frame.0001.jpg", "frame.0001.png"),
        ("0001.jpg", "0001.jpg.png"),
        ("images/0001.jpg", "0001.PNG"),
        ("left/0001.jpg", "left/0001.png"),
        ("ü 日本.jpg", "ü 日本.jpg"),
    ],
)
def test_mask_has_its_images_name(tmp_path: Path, image: str, mask: str) -> None:
    for name in (mask, "0002.png", "other/0001.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find_mask(Path(image), tmp_path) == tmp_path / mask


def test_no_mask(tmp_path: Path) -> None:
    (tmp_path / "0001.txt").touch()
    assert find_mask(Path("0001.jpg"), tmp_path) is None
