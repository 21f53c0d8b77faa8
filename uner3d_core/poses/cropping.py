# SPDX-License-Identifier: Apache-2.0
"""Pictures of a still camera that were cropped, each elsewhere, as when the crop follows a turning object.

How far two pictures are shifted against each other is where their gradients correlate best (Fitch, Kadyrov,
Christmas and Kittler 2002). Pictures far apart in the turn are compared: the object looks different in them,
and only the background stays. The shifts of one still background add up; those of anything else do not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage  # type: ignore[import-untyped]

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

FAINT = 20.0
"""Grey levels between neighbours, from which a gradient counts by its direction alone."""
PRECISE = 2.0
"""Pixels of the halved pictures within which a shift is that which all others tell."""
LEAST_AGREEING = 0.8
"""Share of the shifts that must agree."""
FARTHEST = 0.3
"""Shift, as a share of the pictures' size, beyond which too little of the background is common."""
ROUNDS = 20


def find_crops(pictures: FloatArray) -> IntArray | None:
    """Find where in the view of one still camera each picture lies.

    Parameters
    ----------
    pictures : float32 array (N, height, width)
        Grey levels, 0 to 255.

    Returns
    -------
    int64 array (N, 2) or None
        Row and column of each picture's first pixel in the whole view, the least of which are 0; None where
        no shifts of the pictures let their backgrounds lie on each other.
    """
    count, height, width = pictures.shape
    halved = np.stack([_directions(picture[::2, ::2]) for picture in pictures])
    room = tuple(fft.next_fast_len(2 * side) for side in halved.shape[1:])
    spectra = fft.fft2(halved, s=room)
    # The last two steps follow each other: so all pictures are joined, whatever their number.
    steps = max(1, count // 8), count // 4, count // 2, count // 2 + 1
    pairs = [(i, (i + step) % count) for step in steps for i in range(count)]
    shifts = np.array([_shift(spectra[i], spectra[j]) for i, j in pairs], dtype=np.float64)
    places, agreeing = _added_up(count, pairs, shifts)
    extent = np.ptp(2.0 * places, axis=0)
    if agreeing < LEAST_AGREEING or (extent > FARTHEST * np.array([height, width])).any():
        return None
    found: IntArray = np.rint(2.0 * (places.max(0) - places)).astype(np.int64)
    return found


def _directions(picture: FloatArray) -> npt.NDArray[np.complex64]:
    """Give the gradient as complex numbers of about unit length, faint ones shorter."""
    gradient = ndimage.sobel(picture, 1) + 1j * ndimage.sobel(picture, 0)
    return np.asarray(gradient / (np.abs(gradient) + FAINT), dtype=np.complex64)


def _shift(one: npt.NDArray[np.complex64], other: npt.NDArray[np.complex64]) -> tuple[int, int]:
    """Tell by how many rows and columns what both show lies farther down and right in the first."""
    alike = fft.ifft2(one * np.conj(other)).real
    row, column = np.unravel_index(int(alike.argmax()), alike.shape)
    rows, columns = alike.shape
    return (
        int(row) - rows * (int(row) > rows // 2),
        int(column) - columns * (int(column) > columns // 2),
    )


def _added_up(
    count: int, pairs: Sequence[tuple[int, int]], shifts: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], float]:
    """Find places (N, 2) whose differences are the shifts, and the share of the shifts that agree.

    Least absolute differences, by weighted least squares, so that single wrong shifts count little.
    """
    system = np.zeros((len(pairs), count))
    for row, (i, j) in enumerate(pairs):
        system[row, i], system[row, j] = 1.0, -1.0
    weights = np.ones(len(pairs))
    places = np.zeros((count, 2))
    for _ in range(ROUNDS):
        places, *_ = np.linalg.lstsq(system * weights[:, None], shifts * weights[:, None], rcond=None)
        off = np.abs(system @ places - shifts).max(1)
        weights = 1.0 / np.sqrt(np.maximum(off, 0.5))
    return places, float((off <= PRECISE).mean())
