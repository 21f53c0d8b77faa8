# SPDX-License-Identifier: Apache-2.0
"""Images of every kind become 8-bit sRGB with or without alpha; what is none has a sentence."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uner3d_core.errors import ImageError, InputError
from uner3d_core.inputs.headers import same_proportions
from uner3d_core.inputs.images import image_size, read_image
from uner3d_core.inputs.places import find_images

Picture = Callable[..., Image.Image]
ORIENTATION = 0x0112


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ["a b.png", "ü.webp", "日本.tif", "A.BMP"])
def test_colours_are_kept(tmp_path: Path, make_picture: Picture, name: str) -> None:
    expected = make_picture()
    expected.save(tmp_path / name, lossless=True)
    image, alpha = read_image(tmp_path / name)
    np.testing.assert_array_equal(image, np.asarray(expected))
    assert alpha is None
    assert image.flags.c_contiguous
    assert image.flags.writeable


def test_alpha_is_kept_beside_straight_colours(tmp_path: Path, make_picture: Picture) -> None:
    expected = np.asarray(make_picture(mode="RGBA"))
    Image.fromarray(expected).save(tmp_path / "a.png")
    image, alpha = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image, expected[..., :3])
    np.testing.assert_array_equal(alpha, expected[..., 3])


def test_opaque_alpha_is_none(tmp_path: Path, make_picture: Picture) -> None:
    opaque = make_picture(mode="RGB").convert("RGBA")
    opaque.save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[1] is None


def test_palette_with_a_transparent_entry(tmp_path: Path) -> None:
    indices = Image.new("P", (4, 2), 0)
    indices.putpalette([10, 20, 30, 40, 50, 60])
    indices.putpixel((1, 0), 1)
    indices.save(tmp_path / "a.png", transparency=0)
    image, alpha = read_image(tmp_path / "a.png")
    assert alpha is not None
    np.testing.assert_array_equal(alpha, [[0, 255, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(image[0, 1], [40, 50, 60])


def test_sixteen_bit_grey_is_scaled_not_cut(tmp_path: Path) -> None:
    values = np.array([[0, 257, 25700, 65535]], np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    image, _ = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image[0], np.repeat([[0], [1], [100], [255]], 3, axis=1))


def test_cmyk_jpeg_has_its_colours(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=95)
    image, alpha = read_image(tmp_path / "a.jpg")
    assert alpha is None
    np.testing.assert_allclose(image[4, 4], [255, 0, 0], atol=6)


def test_jpeg_with_several_pictures_as_telephones_write(tmp_path: Path) -> None:
    first, second = Image.new("RGB", (8, 8), "white"), Image.new("RGB", (8, 8), "black")
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    np.testing.assert_array_equal(read_image(tmp_path / "a.jpg")[0], 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_shows_the_picture_upright(tmp_path: Path, orientation: int) -> None:
    """The stored picture is turned such that a viewer that follows EXIF sees the same one each time."""
    upright = np.zeros((2, 3, 3), np.uint8)
    upright[0, 0] = 255, 0, 0
    upright[0, 2] = 0, 255, 0
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: upright.transpose(1, 0, 2)[::-1],
        7: upright.transpose(1, 0, 2)[::-1, ::-1],
        8: upright.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(np.ascontiguousarray(turned)).save(tmp_path / "a.png", exif=exif)
    image, _ = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image, upright)
    assert image_size(tmp_path / "a.png") == (3, 2)


def test_camera_for_the_stored_picture_keeps_it_as_stored(tmp_path: Path, make_picture: Picture) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    make_picture(12, 8).save(tmp_path / "a.png", exif=exif)
    assert read_image(tmp_path / "a.png", camera_size=(8, 12))[0].shape == (12, 8, 3)
    assert read_image(tmp_path / "a.png", camera_size=(1200, 800))[0].shape == (8, 12, 3)
    assert read_image(tmp_path / "a.png", camera_size=(7, 7))[0].shape == (12, 8, 3)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp"])
def test_cut_short(tmp_path: Path, make_picture: Picture, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    make_picture(64, 64).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ImageError, match="“a") as caught:
        read_image(path)
    assert caught.value.hint


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(ImageError, match=r"“a\.png” is empty"):
        read_image(tmp_path / "a.png")


def test_text_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("not an image")
    with pytest.raises(ImageError, match="is not an image"):
        read_image(tmp_path / "a.png")


def test_format_that_runs_a_program_is_not_read(tmp_path: Path, make_picture: Picture) -> None:
    make_picture().save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.png")
    with pytest.raises(ImageError, match="is not an image"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("size", [(10_001, 10_000), (50_000, 50_000)])
def test_decompression_bomb(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(png_of_size(*size))
    for read in (image_size, read_image):
        with pytest.raises(ImageError, match="claims more than 100 million pixels"):
            read(tmp_path / "a.png")


def test_floating_point_image(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(ImageError, match="floating-point"):
        read_image(tmp_path / "a.tif")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="can't be read"):
        read_image(tmp_path / "a.png")


def test_images_are_found_by_ending_and_sorted(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpeg", ".hidden.png", "c.txt", "日本.webp"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in find_images(tmp_path)] == ["a.jpeg", "b.PNG", "日本.webp"]
    with pytest.raises(InputError, match="can't be read"):
        find_images(tmp_path / "no")


@pytest.mark.parametrize(
    ("size", "other", "same"),
    [
        ((800, 533), (4000, 2667), True),
        ((4000, 2667), (800, 533), True),
        ((1, 1), (1, 1), True),
        ((540, 960), (1080, 1920), True),
        ((1080, 1080), (1080, 1920), False),
        ((1080, 1919), (1080, 1920), False),
        ((1920, 1080), (1080, 1920), False),
        ((800, 600), (1920, 1080), False),
    ],
)
def test_proportions(size: tuple[int, int], other: tuple[int, int], same: bool) -> None:
    assert same_proportions(size, other) is same
