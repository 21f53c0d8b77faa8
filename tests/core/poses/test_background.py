# SPDX-License-Identifier: Apache-2.0
"""Even backgrounds are keyed out; uneven ones are left alone."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from uner3d_core.poses.background import keyed

HEIGHT, WIDTH = 180, 240


def studio(noise: float = 2.0, gradient: float = 30.0) -> npt.NDArray[np.float64]:
    """Light grey with a soft gradient and a camera's noise."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    shade = 190.0 - gradient * ((x / WIDTH - 0.4) ** 2 + (y / HEIGHT) ** 2)
    picture = np.repeat(shade[..., None], 3, -1) * [1.0, 0.99, 0.97]
    return picture + np.random.default_rng(0).normal(0.0, noise, picture.shape)


def ring() -> npt.NDArray[np.bool_]:
    """A ring, which has a hole, in the middle."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    radius = np.hypot(x - 120, y - 90)
    return (radius < 60) & (radius > 25)


def as_bytes(picture: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("gradient", [0.0, 30.0])
def test_object_with_a_hole(gradient: float) -> None:
    picture = studio(gradient=gradient)
    picture[ring()] = [150, 40, 30]
    found = keyed(as_bytes(picture))
    assert found is not None
    assert (found & ring()).sum() / (found | ring()).sum() > 0.97


def test_object_that_touches_the_border() -> None:
    picture = studio()
    picture[60:, 90:150] = [40, 60, 120]
    found = keyed(as_bytes(picture))
    assert found is not None
    assert found[100:, 95:145].all()
    assert not found[:50].any()


def test_patch_of_the_object_that_is_like_the_background_stays() -> None:
    picture = studio(gradient=0.0)
    picture[40:140, 60:180] = [150, 40, 30]
    picture[80:90, 100:110] = picture[0, 0] + 6.0  # like it, but not it
    found = keyed(as_bytes(picture))
    assert found is not None
    assert found[42:138, 62:178].mean() > 0.99


def test_nothing_before_the_background() -> None:
    assert keyed(as_bytes(studio())) is None


def test_room() -> None:
    picture = studio()
    picture[:, :100] = np.random.default_rng(1).integers(0, 255, (HEIGHT, 100, 3))
    picture[ring()] = [150, 40, 30]
    assert keyed(as_bytes(picture)) is None


@pytest.mark.parametrize(
    ("name", "covered"),
    [("teapot.png", 0.25), ("corgi.jpg", 0.15), ("house2.jpg", 0.58), ("coffee.png", None)],
)
def test_shared_images(name: str, covered: float | None) -> None:
    beside = Path(__file__).parents[4] / "shared"
    path = Path(os.environ.get("UNER3D_SHARED", beside)) / "data" / "images" / name
    if not path.is_file():
        pytest.skip("the shared images are not here")
    found = keyed(np.asarray(Image.open(path).convert("RGB")))
    if covered is None:
        assert found is None
    else:
        assert found is not None
        assert found.mean() == pytest.approx(covered, abs=0.03)
