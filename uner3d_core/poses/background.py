# SPDX-License-Identifier: Apache-2.0
"""A background that keys itself: one even colour behind the object, up to a soft gradient, as in a studio.

The colour is fitted to the picture's border as a polynomial of second order, robustly; what the border leaves
over is its noise. Background is what is like it and joined to the border, and holes of the object through
which it is seen.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage  # type: ignore[import-untyped]

ByteArray = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

BORDER = 0.03
"""Width of the border, as a share of the longest side."""
LEAST_EVEN = 0.8
"""Share of the border that must have one colour: the object may touch it in places."""
EVEN = 10.0
"""Difference of colour, of 255, within which the border is even."""
NOISE = 5.0
"""Medians of the border's own deviation within which a pixel is background."""
LEAST_TOLERANCE = 7.0
"""Of 255; JPEG alone makes so much."""
HOLE = 0.0008
"""Share of the picture of the smallest hole through which the background is seen."""
SMALLEST, LARGEST = 0.005, 0.9
"""Shares of the picture that an object may cover."""
SPECK = 0.02
"""Parts with a smaller share of the largest one's size are dust."""
ROUNDS = 6


def keyed(picture: ByteArray) -> BoolArray | None:
    """Find the object before an even background.

    Parameters
    ----------
    picture : uint8 array (height, width, 3)
        sRGB.

    Returns
    -------
    bool array (height, width) or None
        True where the object is; None where the background is not even, or nothing stands before it.
    """
    height, width = picture.shape[:2]
    band = max(2, round(BORDER * max(height, width)))
    border = np.ones((height, width), dtype=bool)
    border[band:-band, band:-band] = False
    colours = picture.astype(np.float64)
    terms = _terms(height, width)
    like = border.copy()
    like[border] = _near_the_most(colours[border])
    for _ in range(ROUNDS):
        if like.sum() < LEAST_EVEN * border.sum():
            return None
        fitted, *_ = np.linalg.lstsq(terms[like], colours[like], rcond=None)
        difference = np.abs(colours - terms @ fitted).max(-1)
        like = border & (difference < EVEN)
    deviation = float(np.median(difference[like]))
    alike = difference < max(LEAST_TOLERANCE, NOISE * deviation)
    parts, count = ndimage.label(alike)
    outside = np.zeros(count + 1, dtype=bool)
    outside[np.unique(parts[border & alike])] = True
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    # A hole shows the background exactly; a patch of the object that is merely like it does not.
    means = np.bincount(parts.ravel(), difference.ravel(), count + 1) / np.maximum(sizes, 1)
    outside |= (sizes >= HOLE * alike.size) & (means < max(0.35 * LEAST_TOLERANCE, 1.5 * deviation))
    outside[0] = False
    inside = ~outside[parts]
    inside = ndimage.binary_opening(inside, iterations=1)
    pieces, count = ndimage.label(inside)
    if count == 0:
        return None
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    inside = (sizes >= SPECK * sizes.max())[pieces]
    return inside if SMALLEST <= inside.mean() <= LARGEST else None


def _near_the_most(colours: FloatArray) -> BoolArray:
    """Tell which of some colours (N, 3) are near to their median, a soft gradient's width around it."""
    near: BoolArray = np.abs(colours - np.median(colours, axis=0)).max(-1) < 4.0 * EVEN
    return near


def _terms(height: int, width: int) -> FloatArray:
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
