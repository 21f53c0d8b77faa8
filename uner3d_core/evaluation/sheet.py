# SPDX-License-Identifier: Apache-2.0
"""A sheet of pictures: what cameras saw, and below it the cloud, in its colours and by its normals.

Run as ``python -m uner3d_core.evaluation.sheet sheet.png CASE CLOUD [CASE CLOUD ...]``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageOps

from uner3d_core.cloud_files import read_npz, read_ply
from uner3d_core.evaluation.splatting import splat
from uner3d_core.inputs import load_views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.point_cloud import PointCloud
    from uner3d_core.views import View

ByteArray = npt.NDArray[np.uint8]

VIEWS = 5
"""How many views stand side by side."""

BACKGROUND = (58, 66, 82)
_LABEL_HEIGHT = 18


@dataclass(frozen=True)
class Row:
    """One cloud's part of a sheet.

    Parameters
    ----------
    label : str
        What stands above it.
    lines : list of lists of uint8 array (H, W, 4)
        Pictures that stand in a line, line below line: all of them show the same views in the same order.
    """

    label: str
    lines: list[list[ByteArray]]


def by_normals(cloud: PointCloud) -> PointCloud:
    """Colour a cloud by its normals, which shows dents that its own colours hide."""
    colours = np.clip(np.rint(127.5 + 127.5 * cloud.normals), 0.0, 255.0).astype(np.uint8)
    return replace(cloud, colours=colours)


def make_row(label: str, cloud: PointCloud, views: Sequence[View], drawings: Sequence[ByteArray]) -> Row:
    """Put what the first ``VIEWS`` views saw above ``drawings`` of the cloud, and those above its normals."""
    chosen = views[:VIEWS]
    shape = [splat(by_normals(cloud), view.camera) for view in chosen]
    return Row(label, [[with_alpha(view) for view in chosen], list(drawings[:VIEWS]), shape])


def with_alpha(view: View) -> ByteArray:
    """Join the picture and the mask of a view: (H, W, 4)."""
    mask = np.full(view.image.shape[:2], 255, np.uint8) if view.mask is None else view.mask
    return np.dstack([view.image, mask])


def make_sheet(rows: Sequence[Row], tile: int = 256) -> Image.Image:
    """Lay rows below each other, each with its label.

    Parameters
    ----------
    rows : sequence of Row
        At least one.
    tile : int
        Width and height of a picture on the sheet, in pixels.
    """
    columns = max(len(row.lines[0]) for row in rows)
    heights = [_LABEL_HEIGHT + len(row.lines) * tile for row in rows]
    sheet = Image.new("RGB", (columns * tile, sum(heights)), BACKGROUND)
    pen = ImageDraw.Draw(sheet)
    top = 0
    for row, height in zip(rows, heights, strict=True):
        pen.text((6, top + 3), row.label, fill=(255, 255, 255))
        for line, pictures in enumerate(row.lines):
            for column, picture in enumerate(pictures):
                image = Image.fromarray(picture)
                image = ImageOps.contain(image, (tile, tile), Image.Resampling.LANCZOS)
                sheet.paste(image, (column * tile, top + _LABEL_HEIGHT + line * tile), image)
        top += height
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
        views = load_views(held_out if held_out.is_dir() else case)
        drawings = [splat(cloud, view.camera) for view in views[:VIEWS]]
        rows.append(make_row(f"{case.name}: {len(cloud):,} points", cloud, views, drawings))
    make_sheet(rows).save(options.sheet)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
