# SPDX-License-Identifier: Apache-2.0
"""Undistorted pictures are those a pinhole camera would have taken."""

from typing import Any

import numpy as np
import pytest

from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError
from uner3d_core.inputs.undistortion import distort, undistort

# A real lens of a telephone, held upright, for a picture of 1/4 of its size.
TELEPHONE = {"width": 270, "height": 480, "fx": 343.88, "fy": 343.62, "cx": 138.64, "cy": 241.32}
TELEPHONE_LENS = (0.0578421, -0.0805099, -0.000980296, 0.00015575)
LENSES = {
    "telephone": TELEPHONE_LENS,
    "barrel": (-0.3, 0.08, 0.0, 0.0),
    "pincushion": (0.2, 0.05, 0.002, -0.003),
}


def camera_with(distortion: tuple[float, float, float, float], **change: Any) -> Camera:
    return Camera(**{**TELEPHONE, **change}, world_to_camera=np.eye(4), distortion=distortion)


def pixel_grid(camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    return np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)


def pattern(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Smooth colours over the whole plane."""
    waves = [np.sin(x / 17) * np.cos(y / 23), np.cos(x / 31 + y / 19), np.sin(y / 13 - x / 41)]
    return np.stack(waves, axis=-1) * 110 + 128


def taken_by(camera: Camera) -> np.ndarray:
    """The pattern as the lens shows it: each pixel looks where the lens bends it from, found by iteration."""
    x, y = pixel_grid(camera)
    ideal_x, ideal_y = x.copy(), y.copy()
    for _ in range(60):
        lens_x, lens_y, _ = distort(camera, ideal_x, ideal_y)
        ideal_x, ideal_y = ideal_x + (x - lens_x) * 0.8, ideal_y + (y - lens_y) * 0.8
    assert np.abs(lens_x - x).max() < 1e-6
    return pattern(ideal_x, ideal_y).round().astype(np.uint8)


def test_formula_against_numbers_worked_out_by_hand() -> None:
    """x = 0.5, y = -0.25: r² = 0.3125, r⁴ = 0.09765625."""
    camera = Camera(100, 100, 100.0, 200.0, 10.0, 20.0, np.eye(4), (0.1, 0.2, 0.01, 0.02))
    radial = 1 + 0.1 * 0.3125 + 0.2 * 0.09765625
    x = 0.5 * radial + 2 * 0.01 * 0.5 * -0.25 + 0.02 * (0.3125 + 2 * 0.25)
    y = -0.25 * radial + 0.01 * (0.3125 + 2 * 0.0625) + 2 * 0.02 * 0.5 * -0.25
    lens_x, lens_y, _ = distort(camera, np.array([60.0]), np.array([-30.0]))
    np.testing.assert_allclose([lens_x[0], lens_y[0]], [100 * x + 10, 200 * y + 20], rtol=1e-12)


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES.keys())
def test_picture_is_the_pinholes(lens: tuple[float, float, float, float]) -> None:
    camera = camera_with(lens)
    image, mask, pinhole = undistort(taken_by(camera), None, camera)
    assert mask is None
    assert not pinhole.has_distortion
    assert image.shape == (pinhole.height, pinhole.width, 3)
    # A pixel of the result stands for a ray; that ray's pixel in the uncut picture is where the pattern is.
    x, y = pixel_grid(pinhole)
    expected = pattern(x + camera.cx - pinhole.cx, y + camera.cy - pinhole.cy)
    error = np.abs(image - expected)
    assert error.mean() < 0.6
    assert error.max() < 3.5
    assert np.abs(taken_by(camera) - pattern(*pixel_grid(camera))).max() > 20


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES.keys())
def test_result_without_mask_is_cut_to_what_was_shown(lens: tuple[float, float, float, float]) -> None:
    camera = camera_with(lens)
    _, _, pinhole = undistort(taken_by(camera), None, camera)
    left, top = round(camera.cx - pinhole.cx), round(camera.cy - pinhole.cy)
    shown = distort(camera, *pixel_grid(camera))[2]
    assert shown[top : top + pinhole.height, left : left + pinhole.width].all()
    assert pinhole.width * pinhole.height > 0.93 * shown.sum()
    assert (pinhole.fx, pinhole.fy) == (camera.fx, camera.fy)


def test_result_with_mask_keeps_its_size_and_is_empty_where_nothing_was_shown() -> None:
    camera = camera_with(LENSES["pincushion"])
    full = np.full((camera.height, camera.width), 255, np.uint8)
    image, mask, pinhole = undistort(taken_by(camera), full, camera)
    shown = distort(camera, *pixel_grid(camera))[2]
    assert not shown.all()
    np.testing.assert_array_equal(mask, np.where(shown, 255, 0))
    np.testing.assert_array_equal(pinhole.intrinsics, camera.intrinsics)
    assert image.shape == (camera.height, camera.width, 3)


def test_mask_moves_with_its_image() -> None:
    """A small disc moves to where a pinhole shows its centre."""
    camera = camera_with(LENSES["barrel"])
    x, y = pixel_grid(camera)
    lens_x, lens_y, _ = distort(camera, *(np.array([value]) for value in (60.0, 90.0)))
    disc = (np.hypot(x - lens_x, y - lens_y) < 6).astype(np.uint8) * 255
    _, mask, _ = undistort(np.zeros((480, 270, 3), np.uint8), disc, camera)
    assert mask is not None
    weight = mask / mask.sum()
    assert (weight * x).sum() == pytest.approx(60, abs=0.2)
    assert (weight * y).sum() == pytest.approx(90, abs=0.2)
    assert mask[90, 60] == 255


def test_colours_under_transparency_do_not_bleed_in() -> None:
    camera = camera_with(TELEPHONE_LENS)
    image = np.zeros((480, 270, 3), np.uint8)
    mask = np.zeros((480, 270), np.uint8)
    image[100:300, 50:200] = 200
    mask[100:300, 50:200] = 255
    image, new_mask, _ = undistort(image, mask, camera)
    assert new_mask is not None
    assert ((new_mask > 10) & (new_mask < 245)).any()
    assert (image[new_mask > 10] > 190).all()


def test_beyond_the_turning_point_nothing_is_shown() -> None:
    """r (1 - r²) turns at r² = 1/3 and comes back to the picture's centre at r = 1."""
    camera = camera_with((-1.0, 0.0, 0.0, 0.0), fx=100.0, fy=100.0, cx=135.0, cy=240.0)
    radius = np.array([0.0, 0.55, 0.6, 1.0])
    lens_x, _, shown = distort(camera, 135 + 100 * radius, np.full(4, 240.0))
    assert lens_x[3] == pytest.approx(135)
    np.testing.assert_array_equal(shown, [True, True, False, False])


def test_distortion_that_leaves_nothing() -> None:
    camera = camera_with((0.0, 0.0, 1e6, 0.0))
    with pytest.raises(CameraError, match="leaves nothing"):
        undistort(np.zeros((480, 270, 3), np.uint8), None, camera)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    width, height = size
    camera = Camera(width, height, 5.0, 5.0, width / 2, height / 2, np.eye(4), (1e-3, 0.0, 0.0, 0.0))
    image = np.full((height, width, 3), 77, np.uint8)
    result, mask, _ = undistort(image, np.full((height, width), 255, np.uint8), camera)
    assert mask is not None
    np.testing.assert_array_equal(result, image)
