# SPDX-License-Identifier: Apache-2.0
"""Headers tell what Pillow tells of the same files, and a file that is none has a sentence."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from uner3d_core.errors import ImageError
from uner3d_core.inputs.headers import read_header
from uner3d_core.inputs.images import read_image

ORIENTATION = 0x0112


def picture(mode: str, size: tuple[int, int] = (37, 23)) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    return Image.fromarray(values).convert(mode)


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.png", "RGB", {}),
        ("a.png", "RGBA", {}),
        ("a.png", "LA", {}),
        ("a.png", "I;16", {}),
        ("a.png", "P", {"transparency": 3}),
        ("a.png", "P", {}),
        ("a.jpg", "RGB", {}),
        ("a.jpg", "L", {"progressive": True}),
        ("a.jpg", "CMYK", {"comment": b"x" * 60_000}),
        ("a.webp", "RGB", {}),
        ("a.webp", "RGBA", {}),
        ("a.webp", "RGB", {"lossless": True}),
        ("a.webp", "RGBA", {"lossless": True}),
        ("a.tif", "RGB", {}),
        ("a.tif", "RGBA", {"compression": "tiff_lzw"}),
        ("a.tif", "RGB", {"big_tiff": True}),
        ("a.tif", "RGBA", {"big_tiff": True}),
        ("a.bmp", "RGB", {}),
        ("a.bmp", "P", {}),
    ],
)
def test_size_and_alpha_are_those_of_the_picture(
    tmp_path: Path, name: str, mode: str, options: dict[str, Any]
) -> None:
    source = picture("L").convert("I;16") if mode == "I;16" else picture(mode)
    source.save(tmp_path / name, **options)
    header = read_header(tmp_path / name)
    assert (header.width, header.height) == (37, 23)
    assert header.has_alpha == (read_image(tmp_path / name)[1] is not None)


@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 7, 8])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_the_size_is_that_of_the_picture_upright(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture("RGB").save(tmp_path / name, exif=exif)
    header = read_header(tmp_path / name)
    image, _ = read_image(tmp_path / name)
    assert (header.height, header.width) == image.shape[:2]
    expected = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / name)))
    assert np.abs(image.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "bmp"])
def test_a_header_cut_anywhere_is_one_sentence_or_whole(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"ü a.{ending}"
    picture("RGB").save(path)
    content = path.read_bytes()
    whole = read_header(path)
    failed = 0
    for length in range(min(len(content), 800)):
        path.write_bytes(content[:length])
        try:
            assert read_header(path) == whole
        except ImageError:
            failed += 1
    assert failed > 10


def test_noise_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    path = tmp_path / "a.png"
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"II*\0", b"MM\0+", b"BM"):
        for _ in range(50):
            path.write_bytes(start + generator.bytes(300))
            with contextlib.suppress(ImageError):
                read_header(path)
    with pytest.raises(ImageError, match="can't be read"):
        read_header(tmp_path / "none.png")


def test_a_claim_of_many_pixels_is_refused(tmp_path: Path) -> None:
    picture("RGB").save(tmp_path / "a.png")
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[16:24] = b"\0\1\0\0\0\1\0\0"
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ImageError, match="million pixels"):
        read_header(tmp_path / "a.png")
