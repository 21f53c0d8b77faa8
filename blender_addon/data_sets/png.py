# SPDX-License-Identifier: GPL-3.0-or-later
"""PNG files without what Blender writes into them: when, from which file and how fast they were rendered."""

from __future__ import annotations

import struct
from pathlib import Path

from uner3d_core.atomic_file import atomic_file

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_METADATA = {b"eXIf", b"iTXt", b"tEXt", b"tIME", b"zTXt"}


def remove_metadata(path: Path) -> None:
    """Leave out of a PNG file what is no part of the picture, so that the same picture is the same file."""
    content = path.read_bytes()
    kept = [_SIGNATURE]
    place = len(_SIGNATURE)
    while place < len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length  # with length, kind and check sum
        if kind not in _METADATA:
            kept.append(content[place:end])
        place = end
    with atomic_file(path) as file:
        file.write(b"".join(kept))
