# SPDX-License-Identifier: Apache-2.0
"""Size and alpha of an image from its first bytes, with the standard library alone.

Inside Blender there is no Pillow, and Blender's own reader unpacks the whole image. Formats: PNG (ISO/IEC
15948), JPEG (ITU-T T.81) with Exif, WebP (RFC 9649), TIFF 6.0 and BigTIFF, BMP, HEIC (ISO/IEC 23008-12).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from uner3d_core.errors import UnreadableImageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAXIMUM_PIXELS = 100_000_000
"""Larger images are refused before they are unpacked: a small file may claim any size."""

SWAPS_SIZE = (5, 6, 7, 8)
"""Exif orientations in which a picture lies on its side."""

_MOST_STEPS = 10_000  # chunks or segments before the one that is sought
_EXIF = b"Exif\0\0"
_ORIENTATION, _WIDTH, _HEIGHT, _EXTRA_SAMPLES = 0x0112, 256, 257, 338
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")
_HEIC_ALPHA = (b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")
_LARGEST_META = 16 << 20
_TIFF_NUMBERS = {1: "B", 3: "H", 4: "I", 16: "Q"}  # the types that sizes have


@dataclass(frozen=True)
class Header:
    """What the first bytes of an image tell.

    Parameters
    ----------
    width, height : int
        Size in pixels, as the picture is seen upright.
    has_alpha : bool
        Whether its pixels can be transparent; they may all be opaque nevertheless.
    """

    width: int
    height: int
    has_alpha: bool


def read_header(path: Path) -> Header:
    """Read the header of a PNG, JPEG, WebP, TIFF, BMP or HEIC file.

    Raises
    ------
    UnreadableImageError
        If the file can't be read, is no such image, or claims more pixels than are read.
    """
    try:
        with path.open("rb") as file:
            header = _parse(file)
    except OSError as problem:
        raise UnreadableImageError(
            f"“{path}” can't be read: {problem.strerror}.", "Choose images that exist and are readable."
        ) from problem
    except (struct.error, LookupError, StopIteration, ValueError) as problem:
        raise UnreadableImageError(
            f"“{path.name}” is not an image that can be read.", "Use PNG, JPEG, WebP, TIFF or BMP."
        ) from problem
    if header.width * header.height > MAXIMUM_PIXELS:
        raise UnreadableImageError(
            f"“{path.name}” claims more than {MAXIMUM_PIXELS // 1_000_000} million pixels.",
            "Scale the image down; if it is no such large image, do not trust the file.",
        )
    return header


def same_proportions(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two sizes are the same or those of a picture scaled, up to rounding to whole pixels."""
    (width, height), (other_width, other_height) = size, other
    if size == other:
        return True
    if width == other_width or height == other_height:
        return False  # cut, not scaled
    return abs(width * other_height - height * other_width) <= max(width, height, other_width, other_height)


def _parse(file: BinaryIO) -> Header:
    start = file.read(16)
    file.seek(0)
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height, has_alpha, orientation = _png(file)
    elif start.startswith(b"\xff\xd8\xff"):
        width, height, has_alpha, orientation = _jpeg(file)
    elif start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        width, height, has_alpha, orientation = _webp(file)
    elif start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        tags = _tiff_tags(file, 0)
        width, height = tags[_WIDTH], tags[_HEIGHT]
        has_alpha, orientation = tags.get(_EXTRA_SAMPLES, 0) in (1, 2), tags.get(_ORIENTATION, 1)
    elif start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS:
        width, height, has_alpha, orientation = _heic(file)
    elif start.startswith(b"BM"):
        width, height, has_alpha, orientation = _bmp(file)
    else:
        raise ValueError("no known format")
    if width <= 0 or height <= 0:
        raise ValueError("no pixels")
    if orientation in SWAPS_SIZE:
        width, height = height, width
    return Header(width, height, has_alpha)


def _png(file: BinaryIO) -> tuple[int, int, bool, int]:
    file.seek(8)
    width, height, has_alpha, orientation = 0, 0, False, 1
    for _ in range(_MOST_STEPS):
        length, kind = struct.unpack(">I4s", file.read(8))
        body = file.tell()
        if kind == b"IHDR":
            width, height, _, colours = struct.unpack(">IIBB", file.read(10))
            has_alpha = colours in (4, 6)
        elif kind == b"tRNS":
            has_alpha = True
        elif kind == b"eXIf":
            orientation = _exif_orientation(file, body)
        elif kind in (b"IDAT", b"IEND"):
            return width, height, has_alpha, orientation
        file.seek(body + length + 4)
    raise ValueError("no pixels")


def _jpeg(file: BinaryIO) -> tuple[int, int, bool, int]:
    file.seek(2)
    orientation = 1
    for _ in range(_MOST_STEPS):
        byte, marker = struct.unpack("BB", file.read(2))
        if byte != 0xFF:
            raise ValueError("no marker")
        if marker == 0xFF:  # filling
            file.seek(-1, 1)
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # without a length
            continue
        body = file.tell()
        (length,) = struct.unpack(">H", file.read(2))
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            _, height, width = struct.unpack(">BHH", file.read(5))
            return width, height, False, orientation
        if marker == 0xE1 and file.read(len(_EXIF)) == _EXIF:
            orientation = _exif_orientation(file, body + 2 + len(_EXIF))
        file.seek(body + length)
    raise ValueError("no frame")


def _webp(file: BinaryIO) -> tuple[int, int, bool, int]:
    file.seek(12)
    width, height, has_alpha, orientation = 0, 0, False, 1
    for _ in range(_MOST_STEPS):
        head = file.read(8)
        if len(head) < 8 and width:
            break
        kind, length = struct.unpack("<4sI", head)
        body = file.tell()
        if kind == b"VP8X":
            flags, width, width_high, height, height_high = struct.unpack("<B3xHBHB", file.read(10))
            has_alpha = bool(flags & 0x10)
            width, height = (width | width_high << 16) + 1, (height | height_high << 16) + 1
            if not flags & 0x08:  # no Exif follows
                break
        elif kind == b"VP8L" and not width:
            _, bits = struct.unpack("<BI", file.read(5))
            width, height, has_alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
            break
        elif kind == b"VP8 " and not width:
            width, height = (value & 0x3FFF for value in struct.unpack("<6xHH", file.read(10)))
            break
        elif kind == b"EXIF":
            offset = len(_EXIF) if file.read(len(_EXIF)) == _EXIF else 0
            orientation = _exif_orientation(file, body + offset)
            break
        file.seek(body + length + length % 2)
    return width, height, has_alpha, orientation


def _bmp(file: BinaryIO) -> tuple[int, int, bool, int]:
    file.seek(14)
    (size,) = struct.unpack("<I", file.read(4))
    if size == 12:
        width, height = struct.unpack("<HH", file.read(4))
        return width, height, False, 1
    width, height, _, bits, compression = struct.unpack("<iiHHI", file.read(16))
    has_alpha = False
    if size >= 56 and bits == 32 and compression == 3:
        file.seek(14 + 52)
        has_alpha = struct.unpack("<I", file.read(4)) != (0,)
    return width, abs(height), has_alpha, 1


def _heic(file: BinaryIO) -> tuple[int, int, bool, int]:
    """Read the properties of a HEIC file's items; the largest is the picture, the others tiles of it."""
    boxes = _boxes(file.read(_LARGEST_META))
    _, meta = next((kind, body) for kind, body in boxes if kind == b"meta")
    properties = next(body for kind, body in _boxes(meta[4:]) if kind == b"iprp")
    container = next(body for kind, body in _boxes(properties) if kind == b"ipco")
    width, height, cut, orientation = 0, 0, (0, 0), 1
    for kind, body in _boxes(container):
        if kind == b"ispe":
            width, height = max(
                (width, height), struct.unpack(">4xII", body), key=lambda size: size[0] * size[1]
            )
        elif kind == b"clap":
            across, across_parts, down, down_parts = struct.unpack(">4I", body[:16])
            cut = across // max(across_parts, 1), down // max(down_parts, 1)
        elif kind == b"irot":
            orientation = SWAPS_SIZE[-1] if body[0] % 2 else 1
    if 0 < cut[0] <= width and 0 < cut[1] <= height:
        width, height = cut
    return width, height, any(mark in container for mark in _HEIC_ALPHA), orientation


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the boxes that lie one after the other in an ISO base media file (ISO/IEC 14496-12)."""
    position = 0
    for _ in range(_MOST_STEPS):
        if position + 8 > len(content):
            return
        size, kind = struct.unpack_from(">I4s", content, position)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, position + 8)
            head = 16
        end = len(content) if size == 0 else position + size
        if end < position + head:
            raise ValueError("a box that ends before it begins")
        yield kind, content[position + head : end]
        position = end


def _exif_orientation(file: BinaryIO, start: int) -> int:
    """Read the orientation; 1, upright, where the block is damaged, as it is no part of the picture."""
    try:
        return _tiff_tags(file, start).get(_ORIENTATION, 1)
    except (struct.error, ValueError):
        return 1


def _tiff_tags(file: BinaryIO, start: int) -> dict[int, int]:
    """Read the whole numbers in the first directory of a TIFF block; of several the first."""
    file.seek(start)
    mark = file.read(4)
    order = {b"II": "<", b"MM": ">"}.get(mark[:2])
    if order is None or mark[2:] not in (b"*\0", b"\0*", b"+\0", b"\0+"):
        raise ValueError("no TIFF block")
    big = b"+" in mark
    if big:
        file.seek(start + 8)
    (directory,) = struct.unpack(order + "IQ"[big], file.read(4 + 4 * big))
    file.seek(start + directory)
    (count,) = struct.unpack(order + "HQ"[big], file.read(2 + 6 * big))
    tags = {}
    for _ in range(min(count, _MOST_STEPS)):
        entry = file.read(12 + 8 * big)
        tag, kind = struct.unpack_from(order + "HH", entry)
        if kind in _TIFF_NUMBERS:
            (tags[tag],) = struct.unpack_from(order + _TIFF_NUMBERS[kind], entry, 12 if big else 8)
    if not {_WIDTH, _HEIGHT, _ORIENTATION} & tags.keys():
        raise ValueError("no size")
    return tags
