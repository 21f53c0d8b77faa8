# SPDX-License-Identifier: Apache-2.0
"""A view's picture, mask and camera are of one size."""

import numpy as np
import pytest

from uner3d_core.camera import Camera
from uner3d_core.errors import ImageError
from uner3d_core.views import View

CAMERA = Camera(6, 4, 5.0, 5.0, 3.0, 2.0, np.eye(4))
IMAGE = np.zeros((4, 6, 3), np.uint8)


def test_sizes_agree() -> None:
    mask = np.full((4, 6), 255, np.uint8)
    view = View("a.png", IMAGE, CAMERA, mask)
    assert view.mask is mask
    assert View("a.png", IMAGE, CAMERA).mask is None


def test_image_of_another_size_is_named() -> None:
    with pytest.raises(ImageError, match=r"“a\.png” has 4 × 6 pixels, its camera 6 × 4"):
        View("a.png", IMAGE.transpose(1, 0, 2), CAMERA)


def test_mask_of_another_size_is_named() -> None:
    with pytest.raises(ImageError, match=r"The mask of “a\.png” has 5 × 4 pixels, the image 6 × 4"):
        View("a.png", IMAGE, CAMERA, np.zeros((4, 5), np.uint8))
