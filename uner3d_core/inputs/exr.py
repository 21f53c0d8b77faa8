# SPDX-License-Identifier: Apache-2.0
"""Depth from OpenEXR files as renderers write them: scan lines in one part, not compressed or by ZIP.

The format is described in openexr.com's “OpenEXR File Layout”. Numpy and zlib are all that this module needs,
so Blender can use it, and nothing compiled reads files that nobody has checked.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uner3d_core.errors import ImageError
from uner3d_core.inputs.headers import MAXIMUM_PIXELS

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"\x76\x2f\x31\x01"
_TILED, _DEEP, _PARTS = 0x200, 0x800, 0x1000
_LINES_IN_BLOCK = {0: 1, 2: 1, 3: 16}
"""Scan lines that are compressed together: without compression, ZIPS, ZIP."""
_TYPES: dict[int, np.dtype[Any]] = {0: np.dtype("<u4"), 1: np.dtype("<f2"), 2: np.dtype("<f4")}


@dataclass(frozen=True)
class _Header:
    """What is needed of a file's header; ``start`` is where the table of blocks begins."""

    channels: list[tuple[str, np.dtype[Any]]]
    compression: int
    left: int
    top: int
    width: int
    height: int
    display: tuple[int, int, int, int]
    start: int


def read_depth(path: Path) -> npt.NDArray[np.float32]:
    """Read the depth channel of an EXR file.

    It is the channel called ``Z``, of whatever layer, as Blender's is called ``ViewLayer.Depth.Z``; else the
    only one.

    Parameters
    ----------
    path : Path
        Half or float.

    Returns
    -------
    float32 array (height, width)
        Of the whole picture, as it is in the file; infinite outside of what was rendered.

    Raises
    ------
    ImageError
        If the file can't be read, is of a kind that is not read, or has no or several depth channels.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise ImageError(
            f"“{path}” can't be read: {problem.strerror}.", "Choose files that are readable."
        ) from problem
    try:
        return _read(content, path.name)
    except (ValueError, KeyError, IndexError, OverflowError, struct.error, zlib.error) as problem:
        raise ImageError(
            f"“{path.name}” can't be read: it is cut short, damaged, or no EXR file.", "Render it again."
        ) from problem


def _read(content: bytes, name: str) -> npt.NDArray[np.float32]:
    header = _read_header(content, name)
    found = [channel for channel, _ in header.channels if channel.rpartition(".")[2] == "Z"]
    if not found and len(header.channels) == 1:
        found = [header.channels[0][0]]
    # A pass called Position or Normal has a Z too.
    found = [channel for channel in found if f"{channel[:-1]}X" not in dict(header.channels)]
    hint = "Render it with the pass Z of one view layer."
    if not found:
        raise ImageError(f"“{name}” has no depth.", hint)
    if len(found) > 1:
        raise ImageError(f"“{name}” has several depth channels.", hint)
    rendered = _channel(content, header, found[0])
    left, top, right, bottom = header.display
    whole = np.full((bottom - top + 1, right - left + 1), np.inf, np.float32)
    x, y = header.left - left, header.top - top
    if min(x, y) < 0 or x + header.width > whole.shape[1] or y + header.height > whole.shape[0]:
        raise ValueError("the data reaches out of the picture")
    whole[y : y + header.height, x : x + header.width] = rendered
    return whole


def _read_header(content: bytes, name: str) -> _Header:
    if content[:4] != _MAGIC:
        raise ValueError("no EXR file")
    version = struct.unpack_from("<I", content, 4)[0]
    if version & (_TILED | _DEEP | _PARTS):
        raise ImageError(
            f"“{name}” is tiled, deep, or of several parts.", "Render it as OpenEXR MultiLayer, interleaved."
        )
    attributes: dict[str, bytes] = {}
    place = 8
    while content[place]:
        key, place = _text(content, place)
        _, place = _text(content, place)
        size = struct.unpack_from("<I", content, place)[0]
        attributes[key] = content[place + 4 : place + 4 + size]
        place += 4 + size
    compression = attributes["compression"][0]
    if compression not in _LINES_IN_BLOCK:
        raise ImageError(f"“{name}” has a compression that is not read.", "Choose ZIP, ZIPS or none.")
    left, top, right, bottom = struct.unpack("<4i", attributes["dataWindow"])
    display = struct.unpack("<4i", attributes["displayWindow"])
    sizes = (right - left + 1, bottom - top + 1, display[2] - display[0] + 1, display[3] - display[1] + 1)
    if min(sizes) < 1 or max(sizes[0] * sizes[1], sizes[2] * sizes[3]) > MAXIMUM_PIXELS:
        raise ValueError("a size out of range")
    channels = _channels(attributes["channels"])
    return _Header(channels, compression, left, top, sizes[0], sizes[1], display, place + 1)


def _channels(content: bytes) -> list[tuple[str, np.dtype[Any]]]:
    channels = []
    place = 0
    while content[place]:
        name, place = _text(content, place)
        kind, _, across, down = struct.unpack_from("<4i", content, place)
        if (across, down) != (1, 1):
            raise ValueError("a channel with fewer samples")
        channels.append((name, _TYPES[kind]))
        place += 16
    return channels


def _text(content: bytes, place: int) -> tuple[str, int]:
    end = content.index(b"\0", place)
    return content[place:end].decode(), end + 1


def _channel(content: bytes, header: _Header, wanted: str) -> npt.NDArray[np.float32]:
    """Read one channel; a block holds its lines one after the other, each channel by channel."""
    lines = _LINES_IN_BLOCK[header.compression]
    sizes = [kind.itemsize * header.width for _, kind in header.channels]
    index = [name for name, _ in header.channels].index(wanted)
    first, kind = sum(sizes[:index]), header.channels[index][1]
    result = np.empty((header.height, header.width), np.float32)
    blocks = math.ceil(header.height / lines)
    for offset in struct.unpack_from(f"<{blocks}Q", content, header.start):
        top, size = struct.unpack_from("<ii", content, offset)
        row = top - header.top
        if not 0 <= row < header.height or row % lines or size < 0:
            raise ValueError("a block out of range")
        number = min(lines, header.height - row)
        data = _unpacked(content[offset + 8 : offset + 8 + size], number * sum(sizes))
        there = np.frombuffer(data, np.uint8).reshape(number, sum(sizes))[:, first : first + sizes[index]]
        result[row : row + number] = np.ascontiguousarray(there).view(kind)
    return result


def _unpacked(data: bytes, size: int) -> bytes:
    """Undo ZIP: what was packed are the differences of the bytes, the even ones first."""
    if len(data) == size:  # what would not shrink is not packed
        return data
    unpacker = zlib.decompressobj()
    packed = np.frombuffer(unpacker.decompress(data, size), np.uint8)
    if len(packed) != size:
        raise ValueError("a block of another size")
    steps = packed.copy()
    steps[1:] += 128  # modulo 256, as all sums here
    values = np.cumsum(steps, dtype=np.uint8)
    half = (size + 1) // 2
    result = np.empty(size, np.uint8)
    result[0::2], result[1::2] = values[:half], values[half:]
    return result.tobytes()
