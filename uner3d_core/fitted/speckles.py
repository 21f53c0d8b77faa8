# SPDX-License-Identifier: Apache-2.0
"""Masks with single wrong pixels all over, as bad keying leaves them: a median filter takes them away.

Only masks that have many are filtered: of one without them it would take the thinnest parts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage  # type: ignore[import-untyped]

from uner3d_core.views import View

SPECKLED = 0.003
"""Share of pixels, unlike all eight around them, from which on a mask is filtered; where a tenth of them is
wrong 0.04, on clean masks of thin rods below 0.0001."""
ROUNDS = 2
"""Times that each pixel takes the median of the nine around it."""
SOFTNESS = 0.6
"""Sigma, in pixels, of the blur that gives the contour back its partly covered pixels."""


def speckled(mask: npt.NDArray[np.uint8]) -> bool:
    """Tell whether a mask (height, width) has many single pixels that are unlike all around them."""
    inside = mask >= 128
    like = inside.astype(np.uint8)
    for axis in (0, 1):
        like = ndimage.correlate1d(like, np.ones(3, np.uint8), axis, mode="nearest")
    return float(np.mean(np.where(inside, like == 1, like == 8))) > SPECKLED


def without_speckles(view: View) -> View:
    """Filter the mask of a view, whatever it is like; ``view.mask`` must not be None."""
    inside = np.asarray(view.mask) >= 128
    for _ in range(ROUNDS):
        inside = ndimage.median_filter(inside, size=3, mode="nearest")
    soft = ndimage.gaussian_filter(inside.astype(np.float32), SOFTNESS)
    return replace(view, mask=np.rint(255 * soft).astype(np.uint8))
