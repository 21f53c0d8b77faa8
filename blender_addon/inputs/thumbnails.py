# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of the images in the list; Blender loads each beside its work when it is first drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy.utils.previews

_MOST = 2000
"""More thumbnails than this are forgotten together, and loaded anew where they are still drawn."""

_collections: list[Any] = []  # one, while the add-on is registered and has drawn any


def icon(image: Path, stamp: tuple[int, int]) -> int:
    """Give the icon of an image.

    Parameters
    ----------
    image : Path
        A file that is known to be an image.
    stamp : tuple of int
        What changes when the file does; another one loads it anew.

    Returns
    -------
    int
        For ``icon_value``.
    """
    if not _collections:
        _collections.append(bpy.utils.previews.new())
    thumbnails = _collections[0]
    key = f"{image} {stamp}"
    if key not in thumbnails:
        if len(thumbnails) >= _MOST:
            thumbnails.clear()
        thumbnails.load(key, str(image), "IMAGE")
    return int(thumbnails[key].icon_id)


def unregister() -> None:
    """Free them."""
    while _collections:
        bpy.utils.previews.remove(_collections.pop())
