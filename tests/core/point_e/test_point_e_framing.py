# SPDX-License-Identifier: Apache-2.0
"""The object is put alone on white, in the middle of a square."""

import numpy as np
import pytest

from uner3d_core.errors import ImageError
from uner3d_core.point_e.framing import SHARE, framed


def test_the_object_is_in_the_middle_on_white() -> None:
    image = np.full((100, 200, 3), 40, np.uint8)
    mask = np.zeros((100, 200), np.uint8)
    mask[10:40, 120:180] = 255
    mask[10, 120:180] = 128
    square = framed(image, mask)
    assert square.shape == (80, 80, 3)  # 60 pixels are three quarters
    coloured = (square < 255).any(axis=-1)
    assert np.flatnonzero(coloured.any(axis=0)).tolist() == list(range(10, 70))
    assert np.flatnonzero(coloured.any(axis=1)).tolist() == list(range(25, 55))
    assert (square[26:55, 10:70] == 40).all()
    assert (square[25, 10:70] == 147).all()  # half covered
    assert pytest.approx(60 / 80) == SHARE


def test_without_a_mask_the_picture_stays() -> None:
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    assert framed(image, None) is image


def test_a_black_mask() -> None:
    with pytest.raises(ImageError, match="mask is black"):
        framed(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8))
