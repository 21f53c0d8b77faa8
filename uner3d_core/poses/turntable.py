# SPDX-License-Identifier: Apache-2.0
"""Turntables: the object turns, the camera and what is behind stand still.

Then matches on the background say that the camera never moved, and contradict those on the object. At each
pixel the background is the grey that comes back most often; what differs from it is the object.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage  # type: ignore[import-untyped]

ByteArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]

LEAST_PICTURES = 8
SIDE = 400
"""Longest side in pixels of the pictures that are compared."""
SHARE = 0.25
"""Share of the pictures in which the background must be seen at a pixel to be known there."""
NOISE = 8.0
"""Grey levels, of 255, by which the background may flicker."""
LEAST_STILL = 0.35
"""Share of the pixels at which most pictures show the same for it to be a turntable."""
MOST_PICTURES = 0.8
"""Share of the pictures that show the same at a pixel that stands still."""
LEAST_TEXTURE = 6.0
"""Grey levels between neighbours, in the strongest tenth of what stands still: a plain wall has none."""
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
    background, spread = most_frequent(stack)
    same = (np.abs(stack - background) < NOISE).mean(0)
    still = (same >= MOST_PICTURES) & (spread < NOISE)
    if still.mean() < LEAST_STILL:
        return None
    texture = np.hypot(*np.gradient(background))[still]
    if np.quantile(texture, 0.9) < LEAST_TEXTURE:
        return None
    moving = [_object(np.abs(picture - background) > 1.5 * NOISE, spread) for picture in stack]
    covered = float(np.median([mask.mean() for mask in moving]))
    if not SMALLEST <= covered <= LARGEST:
        return None
    return [
        np.asarray(
            Image.fromarray(mask.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BILINEAR)
        )
        for mask in moving
    ]


def most_frequent(stack: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Find the grey that most pictures (N, H, W) agree on, and the width of the values around it.

    Of all windows that hold :data:`SHARE` of a pixel's sorted values, the narrowest.
    """
    count = len(stack)
    held = max(3, round(SHARE * count))
    values = np.sort(stack, axis=0)
    widths = values[held - 1 :] - values[: count - held + 1]
    narrowest = widths.argmin(0)[None]
    middle = np.take_along_axis(values, narrowest + held // 2, 0)[0]
    return middle, np.take_along_axis(widths, narrowest, 0)[0]


def _object(differs: npt.NDArray[np.bool_], spread: FloatArray) -> npt.NDArray[np.bool_]:
    """Make one whole part of the pixels that differ; where no background is known all belong to it."""
    found = differs | (spread > NOISE)
    found = ndimage.binary_closing(ndimage.binary_opening(found, iterations=1), iterations=3)
    parts, count = ndimage.label(ndimage.binary_fill_holes(found))
    if count == 0:
        return np.zeros_like(found)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    whole: npt.NDArray[np.bool_] = (sizes > 0.05 * sizes.max())[parts]
    return whole
