# SPDX-License-Identifier: Apache-2.0
"""Which part of photographs is the object: masks given, alpha, a network's, an even or a still background.

Features are looked for there alone, and masks that are made here serve the reconstruction too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from uner3d_core.errors import UnreadableImageError
from uner3d_core.inputs.frames import listed
from uner3d_core.inputs.images import read_image
from uner3d_core.inputs.masks import all_black, is_black, read_mask
from uner3d_core.poses.turntable import moving_parts
from uner3d_core.progress import Progress, Silent

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.inputs.segmentation import Segment
    from uner3d_core.poses.photographs import Photograph

ByteArray = npt.NDArray[np.uint8]

LEAST_MASKED = 0.8
"""Share of the photographs that must have an alpha or an even background; the others are then left out."""


@dataclass(frozen=True)
class Foreground:
    """Where the object is.

    Parameters
    ----------
    photographs : list of Photograph
        Those that the masks are of: all, or those in which the object was found.
    masks : list of uint8 arrays, optional
        255 on the object, each of the size of the photograph's ``grey``; None where all that the photographs
        show stands as still as the object.
    made : dict of Path to uint8 array
        By file, masks of the photographs' own size that no file held.
    turntable : bool
        Whether the object turned before a camera and a background that stood still.
    said : str
        How it was chosen.
    exact : bool
        Whether the masks are the object's outlines, against which cameras can be checked: what moves, or what
        a network finds, is near them at best.
    """

    photographs: list[Photograph]
    masks: list[ByteArray] | None
    made: dict[Path, ByteArray]
    turntable: bool
    said: str
    exact: bool = True


def find_foreground(
    photographs: Sequence[Photograph],
    files: Sequence[Path | None],
    segment: Segment | None = None,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> Foreground:
    """Choose how the object is told from what is around it, the surest way first.

    Parameters
    ----------
    photographs : sequence of Photograph
        All.
    files : sequence of Path or None
        Their mask files.
    segment : callable, optional
        Makes the masks of photographs that have none; see :mod:`uner3d_core.inputs.segmentation`.
    progress : Progress
        Is told how many of these are made.

    Raises
    ------
    ImageError
        If all mask files can't be read, one has another size than its photograph, or there is no object in
        any.
    """
    photographs, files, given, left_out = _with_usable_masks(photographs, files)
    if segment is not None and any(mask is None for mask in given):
        return _segmented(photographs, given, left_out, segment, progress)
    everything = list(photographs)
    in_files = any(file is not None for file in files)
    masks = (
        given
        if in_files
        else [each.keyed if mask is None else mask for each, mask in zip(photographs, given, strict=True)]
    )
    with_mask = [(each, mask) for each, mask in zip(photographs, masks, strict=True) if mask is not None]
    if with_mask and (in_files or len(with_mask) >= LEAST_MASKED * len(everything)):
        known = sum(mask is not None for mask in given)
        said = f"Masks: those given, or alpha, in {known} of {len(everything)} pictures." if known else ""
        if len(with_mask) > known:
            said += " " * bool(said) + "Masks: the background is even and was keyed out."
        lacking = [each.name for each, mask in zip(photographs, masks, strict=True) if mask is None]
        if lacking:
            said += f" Left out, as they have none: {listed(lacking)}."
        said += left_out
        chosen = [each for each, _ in with_mask]
        made = [(each, mask) for each, mask in with_mask if not in_files and each.alpha is None]
        return Foreground(
            chosen, [mask for _, mask in with_mask], _enlarged(made), turntable=False, said=said
        )
    moving = moving_parts([each.grey for each in photographs])
    if moving is not None:
        said = (
            "A turntable: the background stands still in all pictures while the object turns. Masks: what "
            "moves. Masks of your own, or a plain backdrop, would be more exact."
        )
        made = list(zip(photographs, moving, strict=True))
        return Foreground(everything, moving, _enlarged(made), turntable=True, said=said, exact=False)
    said = "Masks: none are given, and the background is not even; all that the pictures show is used."
    return Foreground(everything, None, {}, turntable=False, said=said)


def _segmented(
    photographs: Sequence[Photograph],
    given: Sequence[ByteArray | None],
    left_out: str,
    segment: Segment,
    progress: Progress,
) -> Foreground:
    """Let a network make the masks that are not given; leave out in which photographs it finds nothing."""
    chosen: list[Photograph] = []
    masks: list[ByteArray] = []
    made: dict[Path, ByteArray] = {}
    black: list[str] = []
    lacking = sum(mask is None for mask in given)
    done = 0
    for photograph, own in zip(photographs, given, strict=True):
        mask = own
        if mask is None:
            progress.stage("make masks", done, lacking)
            done += 1
            whole = segment(read_image(photograph.path)[0])
            size = photograph.grey.shape[1], photograph.grey.shape[0]
            small = Image.fromarray(whole).resize(size, Image.Resampling.BOX)
            mask = _sharp(np.asarray(small))
            if is_black(mask):
                black.append(photograph.name)
                continue
            made[photograph.path] = whole
        chosen.append(photograph)
        masks.append(mask)
    progress.stage("make masks", lacking, lacking)
    if not chosen:
        raise all_black(black)
    said = (
        f"Masks: a trained network found the object in {len(made)} of {len(photographs)} pictures."
        if lacking == len(photographs)
        else f"Masks: a trained network found the object in {len(made)} of {len(photographs)} pictures, the "
        "others have theirs."
    )
    if black:
        said += f" Left out, as it found nothing there: {listed(black)}."
    return Foreground(chosen, masks, made, turntable=False, said=said + left_out, exact=False)


def _with_usable_masks(
    photographs: Sequence[Photograph], files: Sequence[Path | None]
) -> tuple[list[Photograph], list[Path | None], list[ByteArray | None], str]:
    """Read the masks that are given; leave out what has one that can't be read, or that shows no object."""
    kept: list[tuple[Photograph, Path | None, ByteArray | None]] = []
    black: list[str] = []
    unreadable: list[UnreadableImageError] = []
    for photograph, file in zip(photographs, files, strict=True):
        try:
            mask = _given(photograph, file)
        except UnreadableImageError as problem:
            unreadable.append(problem)
            continue
        if mask is not None and is_black(mask):
            black.append(photograph.name)
        else:
            kept.append((photograph, file, mask))
    if not kept:
        raise all_black(black) if black else unreadable[0]
    said = "".join(f" Left out: {problem.message}" for problem in unreadable)
    if black:
        said += f" Left out, as no object is in their masks: {listed(black)}."
    return [one[0] for one in kept], [one[1] for one in kept], [one[2] for one in kept], said


def _given(photograph: Photograph, file: Path | None) -> ByteArray | None:
    """Give the mask that a file or the alpha holds, in the size of ``grey``."""
    if file is None:
        return None if photograph.alpha is None else _sharp(photograph.alpha)
    mask = Image.fromarray(read_mask(file, photograph.size))
    size = photograph.grey.shape[1], photograph.grey.shape[0]
    return _sharp(np.asarray(mask.resize(size, Image.Resampling.BOX)))


def _sharp(coverage: ByteArray) -> ByteArray:
    return np.where(coverage > 127, np.uint8(255), np.uint8(0))


def _enlarged(masks: Sequence[tuple[Photograph, ByteArray]]) -> dict[Path, ByteArray]:
    """Give masks the size of their photographs."""
    return {
        each.path: np.asarray(Image.fromarray(mask).resize(each.size, Image.Resampling.BICUBIC))
        for each, mask in masks
    }
