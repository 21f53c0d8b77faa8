# SPDX-License-Identifier: Apache-2.0
"""Turntables: the object turns, the camera and what is behind stand still.

Then matches on the background say that the camera never moved, and contradict those on the object. At each
pixel the background is the grey that comes back most often; what differs from it is the object. Pictures may
be cropped, each elsewhere, as long as the background can be laid on itself again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage  # type: ignore[import-untyped]

from uner3d_core.poses.cropping import find_crops

ByteArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]

LEAST_PICTURES = 8
SIDE = 400
"""Longest side in pixels of the pictures that are compared."""
SHARE = 0.25
"""Share of the pictures in which the background must be seen at a pixel to be known there."""
NOISE = 8.0
"""Grey levels, of 255, by which the background may flicker."""
LEAST_STILL = 0.25
"""Share of the pixels at which most pictures show the same for it to be a turntable."""
MOST_PICTURES = 0.8
"""Share of the pictures that show the same at a pixel that stands still."""
LEAST_SHOWN = 0.5
"""Share of the pictures in whose crop a pixel must lie for it to be known."""
LEAST_SEEN = 0.5
"""Share of these in which its background must be seen for it to be sure."""
LEAST_TEXTURE = 6.0
"""Grey levels between neighbours, in the strongest fiftieth of what stands still: a plain wall has none."""
SMALLEST, LARGEST = 0.005, 0.6
"""Shares of the picture that the object may cover, in the median."""


def moving_parts(pictures: Sequence[ByteArray]) -> list[ByteArray] | None:
    """Find what moves before a still background.

    Parameters
    ----------
    pictures : sequence of uint8 arrays (height, width)
        Grey.

    Returns
    -------
    list of uint8 arrays or None
        255 on what moves, each of its picture's size; None where the background does not stand still.
    """
    if len(pictures) < LEAST_PICTURES or len({picture.shape for picture in pictures}) > 1:
        return None
    height, width = pictures[0].shape
    share = min(1.0, SIDE / max(height, width))
    small = (max(1, round(width * share)), max(1, round(height * share)))
    stack = np.stack(
        [np.asarray(Image.fromarray(each).resize(small, Image.Resampling.BOX)) for each in pictures]
    ).astype(np.float32)
    places = find_crops(stack)
    if places is None:
        return None
    view = _laid_out(stack, places)
    background, spread = most_frequent(view)
    shown = np.isfinite(view).sum(0)
    same = (np.abs(view - background) < NOISE).sum(0) / np.maximum(shown, 1)
    known = (spread < NOISE) & (shown >= LEAST_SHOWN * len(pictures))
    still = known & (same >= MOST_PICTURES)
    if still.mean() < LEAST_STILL:
        return None
    texture = np.hypot(*np.gradient(background))[known]
    if np.quantile(texture, 0.98) < LEAST_TEXTURE:
        return None
    # Where it is seldom seen, what comes back most often may as well be the object.
    sure = known & (same >= LEAST_SEEN)
    moving = []
    for picture, (row, column) in zip(stack, places, strict=True):
        part = np.s_[row : row + picture.shape[0], column : column + picture.shape[1]]
        moving.append(_object((np.abs(picture - background[part]) > 1.5 * NOISE) | ~sure[part]))
    covered = float(np.median([mask.mean() for mask in moving]))
    if not SMALLEST <= covered <= LARGEST:
        return None
    return [
        np.asarray(
            Image.fromarray(mask.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BILINEAR)
        )
        for mask in moving
    ]


def _laid_out(stack: FloatArray, places: npt.NDArray[np.int64]) -> FloatArray:
    """Put pictures (N, h, w) where they lie in the whole view (N, H, W), which is NaN beside them."""
    count, height, width = stack.shape
    rows, columns = places.max(0)
    view = np.full((count, height + rows, width + columns), np.nan, dtype=np.float32)
    for whole, picture, (row, column) in zip(view, stack, places, strict=True):
        whole[row : row + height, column : column + width] = picture
    return view


def most_frequent(stack: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Find the grey that most pictures (N, H, W) agree on, and the width of the values around it.

    Of all windows that hold :data:`SHARE` of a pixel's sorted values, the narrowest. NaN is no value; where
    there are fewer than three, the width is infinite.
    """
    values = np.sort(stack, axis=0)
    counts = np.isfinite(values).sum(0)
    held = np.maximum(3, np.rint(SHARE * counts).astype(np.int64))
    middle = np.zeros(stack.shape[1:], dtype=np.float32)
    narrowest = np.full(stack.shape[1:], np.inf, dtype=np.float32)
    for first in range(len(values)):
        last = first + held - 1
        inside = last < counts
        at = np.where(inside, last, first)[None]
        width = np.where(inside, np.take_along_axis(values, at, 0)[0] - values[first], np.inf)
        centre = np.take_along_axis(values, np.where(inside, first + held // 2, first)[None], 0)[0]
        better = width < narrowest
        narrowest = np.where(better, width, narrowest)
        middle = np.where(better, centre, middle)
    return middle, narrowest


def _object(found: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Make whole parts of the pixels that are found, without specks."""
    found = ndimage.binary_closing(ndimage.binary_opening(found, iterations=1), iterations=3)
    parts, count = ndimage.label(ndimage.binary_fill_holes(found))
    if count == 0:
        return np.zeros_like(found)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    whole: npt.NDArray[np.bool_] = (sizes > 0.05 * sizes.max())[parts]
    return whole
