# SPDX-License-Identifier: Apache-2.0
"""A sheet of small pictures of generated objects, to look at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from uner3d_core.shapes.cameras import random_cameras
from uner3d_core.shapes.generation import random_object
from uner3d_core.shapes.rendering import render

_COLUMNS = 8
_BACKDROP = np.array([118.0, 138.0, 158.0])  # behind objects that are cut out


def draw_sheet(seeds: range, size: int, views: int = 1, kind: str | None = None) -> npt.NDArray[np.uint8]:
    """Picture objects side by side.

    Parameters
    ----------
    seeds : range
        Of the objects.
    size : int
        Width and height of each picture in pixels.
    views : int
        How many pictures of each object, side by side.
    kind : str, optional
        Draw this kind of object only.

    Returns
    -------
    uint8 array (height, width, 3)
        As many lines as it takes.
    """
    tiles = []
    for seed in seeds:
        subject = random_object(seed, kind)
        for view in render(subject, random_cameras(seed, views, size)):
            picture = view.image.astype(np.float64)
            if subject.surroundings.colours is None and view.mask is not None:
                share = view.mask[..., None] / 255.0
                picture = picture * share + _BACKDROP * (1.0 - share)
            tiles.append(picture.astype(np.uint8))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % _COLUMNS)
    lines = [np.concatenate(tiles[at : at + _COLUMNS], axis=1) for at in range(0, len(tiles), _COLUMNS)]
    return np.concatenate(lines, axis=0)
