# SPDX-License-Identifier: Apache-2.0
"""A picture as Point-E's training pictures were: the object alone, in the middle, on white."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from uner3d_core.errors import ImageError

SHARE = 0.75
"""Of the picture's side that the object's longest side takes."""

ByteArray = npt.NDArray[np.uint8]


def framed(image: ByteArray, mask: ByteArray | None) -> ByteArray:
    """Put the object on white, in the middle of a square.

    Parameters
    ----------
    image : uint8 array (height, width, 3)
        sRGB, not premultiplied.
    mask : uint8 array (height, width), optional
        How much of each pixel the object covers. Without one the picture is taken as it is.

    Returns
    -------
    uint8 array (side, side, 3), or the image itself
        sRGB.

    Raises
    ------
    ImageError
        If the mask shows nothing.
    """
    if mask is None:
        return image
    rows, columns = (np.flatnonzero((mask >= 128).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise ImageError("The picture's mask is black.", "Make the object white or opaque in it.")
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    height, width = bottom - top, right - left
    side = int(np.ceil(max(height, width) / SHARE))
    share = mask[top:bottom, left:right, None].astype(np.float32) / 255
    over_white = image[top:bottom, left:right] * share + 255 * (1 - share)
    square = np.full((side, side, 3), 255, np.uint8)
    y, x = (side - height) // 2, (side - width) // 2
    square[y : y + height, x : x + width] = np.rint(over_white)
    return square
