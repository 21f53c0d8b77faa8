# SPDX-License-Identifier: Apache-2.0
"""Pictures of even contrast, in which faint detail can be recognised as strong detail is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage  # type: ignore[import-untyped]

SURROUNDINGS = 8.0
"""Pixels, the width of the Gaussian around a pixel within which contrast is made even."""
NOISE = 2.0
"""Grey levels, of 255, that are no contrast."""
CONTRAST = 40.0
"""Grey levels that stand for one standard deviation of the surroundings."""


def even_contrast(grey: npt.NDArray[np.uint8], mask: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.uint8]:
    """Give faint detail the contrast that strong detail has: offset from the surroundings over their spread.

    Parameters
    ----------
    grey : uint8 array (height, width)
        A picture.
    mask : bool array (height, width), optional
        What counts as surroundings; None: everything.

    Returns
    -------
    uint8 array (height, width)
        128 on the average, and outside the mask.
    """
    picture = grey.astype(np.float32)
    counts = np.ones_like(picture) if mask is None else mask.astype(np.float32)
    weight = ndimage.gaussian_filter(counts, SURROUNDINGS) + 1e-3
    offset = counts * (picture - ndimage.gaussian_filter(counts * picture, SURROUNDINGS) / weight)
    variance = ndimage.gaussian_filter(offset**2, SURROUNDINGS) / weight
    even = 128.0 + CONTRAST * offset / np.sqrt(variance + NOISE**2)
    return np.asarray(np.clip(np.rint(even), 0, 255), dtype=np.uint8)
