# SPDX-License-Identifier: Apache-2.0
"""Which frames of a video are worth keeping: evenly spread over what moves, the sharpest of each stretch.

Where the camera rests no frame is wasted, and where it hurries more are taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import ndimage  # type: ignore[import-untyped]

ByteArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]

BLOCK = 32
"""Side in pixels of the blocks whose movement is measured."""
LEAST_TEXTURE = 4.0
"""Standard deviation, in grey levels, of a block whose movement can be seen."""
MOVING = 0.75
"""Quantile of the blocks' movements that counts: on a turntable the background stands still."""
FAR = 5.0
"""Pixels of movement after which another frame is compared with: less is measured badly, more gets lost."""
STEP = 0.06
"""Movement between neighbouring choices, in longest sides: about 8 degrees of a walk around an object."""
STILL = 0.25
"""Movement of a whole video, in longest sides, below which it shows one side only."""
FEWEST, MOST = 24, 100
"""Frames that are chosen, where there are so many."""


class Path:
    """How far the picture has moved, and how sharp it is, frame by frame."""

    def __init__(self) -> None:
        self.travelled: list[float] = []
        self.sharpness: list[float] = []
        self._reference: ByteArray | None = None
        self._at_reference = 0.0

    def add(self, small: ByteArray) -> None:
        """Add the next frame, grey and small (height, width), all of one size."""
        self.sharpness.append(_sharpness(small))
        if self._reference is None or self._reference.shape != small.shape:
            self._reference = small
            self.travelled.append(self._at_reference)
            return
        moved = movement(self._reference, small)
        self.travelled.append(max(self._at_reference + moved / max(small.shape), self.travelled[-1]))
        if moved >= FAR:
            self._reference, self._at_reference = small, self.travelled[-1]


def movement(one: ByteArray, other: ByteArray) -> float:
    """Measure how far most of a picture has moved, in pixels, by phase correlation (Kuglin and Hines 1975).

    Parameters
    ----------
    one, other : uint8 arrays (height, width)
        Grey.

    Returns
    -------
    float
        At most half a block's diagonal.
    """
    blocks, others = _blocks(one), _blocks(other)
    textured = blocks.std(axis=(1, 2)) > LEAST_TEXTURE
    if not textured.any():
        return 0.0
    window = np.outer(np.hanning(BLOCK), np.hanning(BLOCK))
    before, after = (
        np.fft.rfft2((each[textured] - each[textured].mean(axis=(1, 2), keepdims=True)) * window)
        for each in (blocks, others)
    )
    product = after * np.conj(before)
    correlation = np.fft.irfft2(product / np.maximum(np.abs(product), 1e-9), s=(BLOCK, BLOCK))
    best = correlation.reshape(len(correlation), -1).argmax(1)
    shift = np.stack(np.divmod(best, BLOCK), 1)
    shift = np.where(shift > BLOCK // 2, shift - BLOCK, shift)
    return float(np.quantile(np.hypot(*shift.T), MOVING))


def choose(travelled: Sequence[float], sharpness: Sequence[float]) -> list[int]:
    """Choose frames.

    Parameters
    ----------
    travelled : sequence of float
        How far the picture had moved at each frame, in longest sides; never falling.
    sharpness : sequence of float
        Of each frame, comparable between neighbours.

    Returns
    -------
    list of int
        Ascending places; one for each stretch of the way in which there is a frame.
    """
    way, sharp = np.asarray(travelled), np.asarray(sharpness)
    count = int(np.clip(round(way[-1] / STEP), FEWEST, MOST))
    stretch = np.minimum((way / max(way[-1], 1e-9) * count).astype(int), count - 1)
    return [int(members[sharp[members].argmax()]) for members in map(np.flatnonzero, _each(stretch, count))]


def _each(stretch: npt.NDArray[np.int_], count: int) -> list[npt.NDArray[np.bool_]]:
    return [stretch == number for number in range(count) if (stretch == number).any()]


def _blocks(picture: ByteArray) -> FloatArray:
    rows, columns = picture.shape[0] // BLOCK, picture.shape[1] // BLOCK
    cut = picture[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return cut.swapaxes(1, 2).reshape(-1, BLOCK, BLOCK).astype(np.float64)


def _sharpness(picture: ByteArray) -> float:
    """Strength of the finest detail, where there is most of it."""
    return float(np.quantile(np.abs(ndimage.laplace(picture.astype(np.float32))), 0.99))
