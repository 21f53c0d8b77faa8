# SPDX-License-Identifier: Apache-2.0
"""A sheet of the masks that a run would use, to be looked at before the run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage  # type: ignore[import-untyped]

from uner3d_core.errors import OutputError
from uner3d_core.inputs.images import read_image
from uner3d_core.inputs.load import find_known_cameras, find_photographs, find_posed, read_views
from uner3d_core.poses.estimate import read_photographs
from uner3d_core.poses.foreground import find_foreground
from uner3d_core.poses.hints import before_solving
from uner3d_core.poses.photographs import read_photograph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.inputs.segmentation import Segment
    from uner3d_core.progress import Progress

ByteArray = npt.NDArray[np.uint8]

TILE = 192
"""Width and height of a picture on the sheet, in pixels."""
COLUMNS = 8
LABEL = 16
"""Height in pixels of the line below each picture."""
CONTOUR = (255, 140, 0)
PAPER = (40, 40, 40)
INK = (230, 230, 230)
DIMMED = 0.25
"""Brightness of what is left out."""


@dataclass(frozen=True)
class Masked:
    """A picture on the sheet, small.

    Parameters
    ----------
    name : str
        The picture's.
    image : uint8 array (height, width, 3)
        sRGB.
    mask : uint8 array (height, width), optional
        None where all of the picture counts.
    """

    name: str
    image: ByteArray
    mask: ByteArray | None


def find_masks_of(
    input: Path,  # noqa: A002 -- the command line's word for it
    cameras: Path | None,
    masks: Path | None,
    progress: Progress,
    *,
    images: Sequence[Path] = (),
    segment: Segment | None = None,
) -> list[Masked]:
    """Find the masks that a run with this input would use.

    What they are is logged, and of photographs without cameras what can be told of them before the run:
    copies, blurred ones, changed zoom, few.

    Parameters
    ----------
    input, cameras, masks, progress, images
        As for :func:`~uner3d_core.inputs.load.find_posed`.
    segment : callable, optional
        Makes the masks of pictures that have none.

    Raises
    ------
    InputError
        If there are no images, or too few.
    ImageError
        If an image or a mask can't be read.
    CameraError
        If the cameras can't be understood.
    """
    if find_known_cameras(input, cameras, images) is not None:
        posed = find_posed(input, cameras, masks, progress, images=images)
        views = read_views(posed, masks, progress, segment)
        known = sum(view.has_silhouette for view in views)
        progress.log(f"Masks: {known} of {len(views)} pictures have one.")
        return [_small(view.name, view.image, view.mask) for view in views]
    _, paths, files = find_photographs(input, masks, progress, images=images)
    if len(paths) == 1:  # for which a camera is assumed
        photographs = [read_photograph(paths[0])]
    else:
        photographs, said = read_photographs(paths, progress)
        for text in (*said, *before_solving(photographs)):
            progress.log(text)
    mask_of = dict(zip(paths, files, strict=True))
    named = masks is not None
    foreground = find_foreground(
        photographs,
        [mask_of[each.path] if named or each.alpha is None else None for each in photographs],
        segment,
        progress,
    )
    progress.log(foreground.said)
    found = []
    for number, photograph in enumerate(foreground.photographs):
        progress.stage("draw masks", number, len(foreground.photographs))
        image, _ = read_image(photograph.path)
        mask = None if foreground.masks is None else foreground.masks[number]
        found.append(_small(photograph.name, image, mask))
    progress.stage("draw masks", len(found), len(found))
    return found


def _small(name: str, image: ByteArray, mask: ByteArray | None) -> Masked:
    share = TILE / max(image.shape[:2])
    size = max(1, round(image.shape[1] * share)), max(1, round(image.shape[0] * share))
    shrunk = None if mask is None else np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.BOX))
    return Masked(name, np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS)), shrunk)


def draw_sheet(pictures: Sequence[Masked]) -> Image.Image:
    """Lay pictures side by side, what is left out of them dark, with the object's contour and their names."""
    columns = min(COLUMNS, max(1, len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    sheet = Image.new("RGB", (columns * TILE, max(1, rows) * (TILE + LABEL)), PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        left, top = column * TILE, row * (TILE + LABEL)
        height, width = picture.image.shape[:2]
        drawn = Image.fromarray(_with_contour(picture))
        sheet.paste(drawn, (left + (TILE - width) // 2, top + (TILE - height) // 2))
        pen.text((left + 4, top + TILE + 2), _fitting(pen, picture.name), fill=INK)
    return sheet


def write_sheet(path: Path, pictures: Sequence[Masked]) -> None:
    """Draw the sheet and save it as PNG.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    try:
        draw_sheet(pictures).save(path, "PNG")
    except OSError as problem:
        raise OutputError(
            f"“{path}” can't be written: {problem.strerror or problem}.", "Choose another place."
        ) from problem


def _with_contour(picture: Masked) -> ByteArray:
    if picture.mask is None:
        return picture.image
    inside = picture.mask > 127
    drawn = np.where(inside[..., None], picture.image, (DIMMED * picture.image).astype(np.uint8))
    drawn[ndimage.binary_dilation(inside) & ~inside] = CONTOUR
    return np.asarray(drawn)


def _fitting(pen: ImageDraw.ImageDraw, name: str) -> str:
    """Shorten a name from its front to a picture's width."""
    text = name
    while pen.textlength(text) > TILE - 8 and len(text) > 2:
        text = "…" + text[2:]
    return text
