# SPDX-License-Identifier: Apache-2.0
"""Objects and pictures from a seed."""

import numpy as np
import pytest

from uner3d_core.shapes import random_cameras, random_object, render


def test_same_seed_same_pictures() -> None:
    first, again, other = (render(random_object(seed), random_cameras(seed, 2, 24)) for seed in (5, 5, 6))
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(one.image, two.image)
        assert np.array_equal(one.mask, two.mask)
        assert np.array_equal(one.camera.world_to_camera, two.camera.world_to_camera)
    assert not np.array_equal(first[0].mask, other[0].mask)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_object_in_picture(seed: int) -> None:
    for view in render(random_object(seed), random_cameras(seed, 3, 32)):
        assert view.mask is not None
        assert view.mask.max() == 255
        assert view.mask.min() == 0
        assert view.image[view.mask > 0].std() > 0.0
