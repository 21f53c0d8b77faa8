# SPDX-License-Identifier: Apache-2.0
"""Images from files, read as what they are: data that nobody has checked."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError

from uner3d_core.errors import UnreadableImageError
from uner3d_core.inputs.frames import reads_heic
from uner3d_core.inputs.headers import MAXIMUM_PIXELS, SWAPS_SIZE, read_header, same_proportions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ByteArray = npt.NDArray[np.uint8]

# What cameras and renderers write; Pillow also knows formats that run other programs.
_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What to do for each EXIF orientation to see the picture upright."""


def image_size(path: Path) -> tuple[int, int]:
    """Read width and height of an image in pixels, as it is seen upright, from its first bytes.

    Raises
    ------
    UnreadableImageError
        If the file is no image or its size is out of range.
    """
    header = read_header(path)
    return header.width, header.height


def read_image(path: Path, camera_size: tuple[int, int] | None = None) -> tuple[ByteArray, ByteArray | None]:
    """Read an image as sRGB.

    An EXIF orientation is followed. Programs that estimate cameras often ignore it: where only the picture
    as it is stored has the proportions of ``camera_size``, it is left as stored.

    Parameters
    ----------
    path : Path
        PNG, JPEG, WebP, TIFF, BMP or, with the package pi-heif, HEIC, of 8 or 16 bit, in grey, colour,
        palette or CMYK.
    camera_size : tuple of int, optional
        Width and height that the image's camera was made for.

    Returns
    -------
    image : uint8 array (height, width, 3)
        sRGB, row 0 at the top, not premultiplied.
    alpha : uint8 array (height, width) or None
        None where the image has no alpha or is opaque everywhere.

    Raises
    ------
    UnreadableImageError
        If the file is no image, cut short, damaged, too large or holds floating-point numbers.
    """
    with _opened(path) as picture:
        picture.load()  # Pillow turns TIFF files upright itself, and forgets their orientation
        orientation = _orientation(picture)
        pixels = _eight_bit(picture, path)
        if orientation in _TURNS and not _only_stored_fits(picture.size, orientation, camera_size):
            pixels = pixels.transpose(_TURNS[orientation])
        if not pixels.has_transparency_data:
            return np.array(pixels.convert("RGB")), None
        array = np.array(pixels.convert("RGBA"))
    alpha = array[..., 3]
    image = np.ascontiguousarray(array[..., :3])
    return image, None if (alpha == 255).all() else np.ascontiguousarray(alpha)


def read_exif(path: Path) -> dict[int, Any]:
    """Read what an image's EXIF says, by tag, as the camera wrote it; empty where it has none.

    Raises
    ------
    UnreadableImageError
        If the file is no image.
    """
    with _opened(path) as picture:
        exif = picture.getexif()
        return {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Open an image, with one error type for all that Pillow raises inside the block."""
    try:
        if path.stat().st_size == 0:
            raise UnreadableImageError(f"“{path.name}” is empty (0 bytes).", "Copy the image again.")
        with warnings.catch_warnings():
            # Warnings would reach standard error; MAXIMUM_PIXELS decides instead of Pillow's lower mark.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_formats()) as picture:
                if picture.width * picture.height > MAXIMUM_PIXELS:
                    raise _too_large(path)
                yield picture
    except UnreadableImageError:
        raise
    except Image.DecompressionBombError as problem:
        raise _too_large(path) from problem
    except UnidentifiedImageError as problem:
        raise UnreadableImageError(
            f"“{path.name}” is not an image that can be read.", "Use PNG, JPEG, WebP, TIFF or BMP."
        ) from problem
    except MemoryError as problem:
        raise UnreadableImageError(
            f"“{path.name}” needs more memory than there is.", "Scale it down."
        ) from problem
    except Exception as problem:  # Pillow raises nearly every type for damaged files
        if isinstance(problem, OSError) and problem.errno is not None:
            raise UnreadableImageError(
                f"“{path}” can't be read: {problem.strerror}.", "Choose images that exist and are readable."
            ) from problem
        raise UnreadableImageError(
            f"“{path.name}” can't be read: it is cut short or damaged ({problem}).",
            "Copy or export it again.",
        ) from problem


@lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    """Name the formats that Pillow may read: HEIC too, where the package for it is installed."""
    if not reads_heic():
        return _FORMATS
    from pi_heif import register_heif_opener  # noqa: PLC0415 -- an extra

    register_heif_opener()
    return (*_FORMATS, "HEIF")


def _too_large(path: Path) -> UnreadableImageError:
    return UnreadableImageError(
        f"“{path.name}” claims more than {MAXIMUM_PIXELS // 1_000_000} million pixels.",
        "Scale the image down; if it is no such large image, do not trust the file.",
    )


def _orientation(picture: Image.Image) -> int:
    orientation = picture.getexif().get(_ORIENTATION, 1)
    return orientation if orientation in _TURNS else 1


def _only_stored_fits(stored: tuple[int, int], orientation: int, camera: tuple[int, int] | None) -> bool:
    if camera is None or orientation not in SWAPS_SIZE:
        return False
    return same_proportions(stored, camera) and not same_proportions((stored[1], stored[0]), camera)


def _eight_bit(picture: Image.Image, path: Path) -> Image.Image:
    """Bring 16-bit grey to 8 bit, which Pillow would cut off instead of scaling."""
    if picture.mode == "F":
        raise UnreadableImageError(
            f"“{path.name}” holds floating-point numbers.", "Save it with 8 or 16 bit."
        )
    if picture.mode.startswith("I"):
        values = np.asarray(picture).astype(np.int64)
        return Image.fromarray((np.clip(values, 0, 65535) // 257).astype(np.uint8))
    picture.load()
    return picture
