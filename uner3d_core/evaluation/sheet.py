# SPDX-License-Identifier: Apache-2.0
"""A sheet of pictures: what held-out cameras saw, and below it the cloud splatted into the same cameras.

Run as ``python -m uner3d_core.evaluation.sheet sheet.png CASE CLOUD [CASE CLOUD ...]``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from uner3d_core.cloud_files import read_npz, read_ply
from uner3d_core.evaluation.splatting import splat
from uner3d_core.inputs import load_views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.views import View

ByteArray = npt.NDArray[np.uint8]

BACKGROUND = (58, 66, 82)
_LABEL_HEIGHT = 18
_CHOSEN_VIEWS = 5


@dataclass(frozen=True)
class Row:
    """One cloud's part of a sheet.

    Parameters
    ----------
    label : str
        What stands above it.
    pictures : list of uint8 array (H, W, 4)
        What the cameras saw.
    drawings : list of uint8 array (H, W, 4)
        The cloud in the same cameras.
    """

    label: str
    pictures: list[ByteArray]
    drawings: list[ByteArray]


def with_alpha(view: View) -> ByteArray:
    """Join the picture and the mask of a view: (H, W, 4)."""
    mask = np.full(view.image.shape[:2], 255, np.uint8) if view.mask is None else view.mask
    return np.dstack([view.image, mask])


def make_sheet(rows: Sequence[Row], tile: int = 256) -> Image.Image:
    """Lay rows below each other: each a line of pictures with the drawings under them.

    Parameters
    ----------
    rows : sequence of Row
        At least one.
    tile : int
        Width and height of a picture on the sheet, in pixels.
    """
    columns = max(len(row.pictures) for row in rows)
    height = _LABEL_HEIGHT + 2 * tile
    sheet = Image.new("RGB", (columns * tile, len(rows) * height), BACKGROUND)
    pen = ImageDraw.Draw(sheet)
    for number, row in enumerate(rows):
        top = number * height
        pen.text((6, top + 3), row.label, fill=(255, 255, 255))
        for line, pictures in enumerate((row.pictures, row.drawings)):
            for column, picture in enumerate(pictures):
                image = Image.fromarray(picture)
                image.thumbnail((tile, tile), Image.Resampling.LANCZOS)
                sheet.paste(image, (column * tile, top + _LABEL_HEIGHT + line * tile), image)
    return sheet


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the sheet that the command line asks for."""
    parser = argparse.ArgumentParser(description="Draw clouds beside the pictures of their cases.")
    parser.add_argument("sheet", type=Path, help="the picture to write")
    parser.add_argument("pairs", type=Path, nargs="+", help="a case's folder and a cloud, in turn")
    options = parser.parse_args(arguments)
    if len(options.pairs) % 2:
        parser.error("every case needs its cloud")
    rows = []
    for case, file in zip(options.pairs[::2], options.pairs[1::2], strict=True):
        cloud = read_npz(file) if file.suffix.lower() == ".npz" else read_ply(file)
        held_out = case / "heldout"
        views = load_views(held_out if held_out.is_dir() else case)[:_CHOSEN_VIEWS]
        drawings = [splat(cloud, view.camera) for view in views]
        label = f"{case.name}: {len(cloud):,} points"
        rows.append(Row(label, [with_alpha(view) for view in views], drawings))
    make_sheet(rows).save(options.sheet)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
