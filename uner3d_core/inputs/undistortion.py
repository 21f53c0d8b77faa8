# SPDX-License-Identifier: Apache-2.0
"""Lens distortion taken out of images, so that everything behind the door sees pinhole cameras.

The model is Brown's as OpenCV and COLMAP use it: with ideal coordinates x, y on the plane at depth 1 and
r² = x² + y², the lens shows the point at

    x (1 + k1 r² + k2 r⁴) + 2 p1 x y + p2 (r² + 2 x²)
    y (1 + k1 r² + k2 r⁴) + p1 (r² + 2 y²) + 2 p2 x y
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError

ByteArray = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]
WeightArray = npt.NDArray[np.float32]

_PIXELS_AT_ONCE = 1 << 16
_LEAST_WEIGHT = np.float32(1e-3)  # gives pixels outside the mask a colour too


def distort(camera: Camera, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Find where a camera's lens shows what a pinhole would show.

    Parameters
    ----------
    camera : Camera
        Intrinsics and distortion.
    x, y : arrays of one shape
        Pixel coordinates of the pinhole camera with the same intrinsics.

    Returns
    -------
    x, y : arrays
        Pixel coordinates in the picture as the lens took it.
    shown : bool array
        Whether that is inside the picture, and within the angle up to which the model describes a lens:
        beyond it the model turns back on itself.
    """
    k1, k2, p1, p2 = camera.distortion
    x = (x - camera.cx) / camera.fx
    y = (y - camera.cy) / camera.fy
    squared = x * x + y * y
    radial = 1.0 + squared * (k1 + squared * k2)
    across = 2.0 * x * y
    lens_x = camera.fx * (x * radial + p1 * across + p2 * (squared + 2.0 * x * x)) + camera.cx
    lens_y = camera.fy * (y * radial + p2 * across + p1 * (squared + 2.0 * y * y)) + camera.cy
    shown = (lens_x >= 0.0) & (lens_x <= camera.width) & (lens_y >= 0.0) & (lens_y <= camera.height)
    return lens_x, lens_y, shown & (squared < _turning_point(k1, k2))


def undistort(
    image: ByteArray, mask: ByteArray | None, camera: Camera
) -> tuple[ByteArray, ByteArray | None, Camera]:
    """Resample an image and its mask as a pinhole camera would have taken them.

    Focal lengths and principal ray stay. With a mask, the size stays too, and what the picture did not
    show is outside the mask. Without one, the result is cut to a rectangle that the picture shows
    completely.

    Parameters
    ----------
    image : uint8 array (height, width, 3)
        The picture as the lens took it.
    mask : uint8 array (height, width) or None
        Its mask; colours count by it, so that what lies under transparent pixels does not bleed in.
    camera : Camera
        Its camera, with distortion.

    Returns
    -------
    image, mask, camera
        The same without distortion.

    Raises
    ------
    CameraError
        If the distortion leaves nothing of the picture.
    """
    left, top, right, bottom = 0, 0, camera.width, camera.height
    if mask is None:
        left, top, right, bottom = _complete_rectangle(
            (camera.width, camera.height),
            (camera.fx, camera.fy),
            (camera.cx, camera.cy),
            camera.distortion,
        )
    new_image = np.empty((bottom - top, right - left, 3), np.uint8)
    new_mask = None if mask is None else np.empty(new_image.shape[:2], np.uint8)
    channels = [np.ascontiguousarray(image[..., channel]).ravel() for channel in range(3)]
    rows_at_once = max(1, _PIXELS_AT_ONCE // (right - left))
    for start in range(top, bottom, rows_at_once):
        stop = min(start + rows_at_once, bottom)
        x, y = np.meshgrid(np.arange(left, right) + 0.5, np.arange(start, stop) + 0.5)
        x, y, shown = distort(camera, x, y)
        corners = _bilinear(x, y, camera.width, camera.height)
        rows = slice(start - top, stop - top)
        if mask is not None and new_mask is not None:
            covered = [weight * (mask.ravel().take(index) + _LEAST_WEIGHT) for index, weight in corners]
            coverage = sum(covered)
            new_mask[rows] = np.where(shown, coverage + 0.5, 0.0)
            corners = [(index, part / coverage) for (index, _), part in zip(corners, covered, strict=True)]
        for number, channel in enumerate(channels):
            new_image[rows, :, number] = sum(weight * channel.take(index) for index, weight in corners) + 0.5
    pinhole = replace(
        camera,
        width=right - left,
        height=bottom - top,
        cx=camera.cx - left,
        cy=camera.cy - top,
        distortion=(0.0, 0.0, 0.0, 0.0),
    )
    return new_image, new_mask, pinhole


def _turning_point(k1: float, k2: float) -> float:
    """Find the r² at which the radius as the lens shows it, r (1 + k1 r² + k2 r⁴), stops growing."""
    roots = np.roots([5.0 * k2, 3.0 * k1, 1.0])  # of its derivative, in r²
    return min((root.real for root in roots if root.imag == 0.0 and root.real > 0.0), default=np.inf)


@lru_cache(maxsize=64)
def _complete_rectangle(
    size: tuple[int, int],
    focal_lengths: tuple[float, float],
    principal_point: tuple[float, float],
    distortion: tuple[float, float, float, float],
) -> tuple[int, int, int, int]:
    """Find left, top, right and bottom of a rectangle without pixels that the lens did not show."""
    width, height = size
    camera = Camera(*size, *focal_lengths, *principal_point, np.eye(4), distortion)
    columns = np.arange(width) + 0.5
    shown = np.stack([distort(camera, columns, np.full(width, row + 0.5))[2] for row in range(height)])
    left, top, right, bottom = 0, 0, width, height
    while left < right and top < bottom:
        # The side with the largest share of pixels that are not shown goes first.
        part = shown[top:bottom, left:right]
        lacking = [1.0 - side.mean() for side in (part[:, 0], part[0], part[:, -1], part[-1])]
        worst = int(np.argmax(lacking))
        if lacking[worst] == 0.0:
            return left, top, right, bottom
        left, top = left + (worst == 0), top + (worst == 1)
        right, bottom = right - (worst == 2), bottom - (worst == 3)
    raise CameraError("Its lens distortion leaves nothing of the picture.", "Check k1, k2, p1 and p2.")


def _bilinear(x: FloatArray, y: FloatArray, width: int, height: int) -> list[tuple[IndexArray, WeightArray]]:
    """Find the four pixels around each coordinate and their weights; clamped to the picture's edge."""
    x = np.clip(np.nan_to_num(x - 0.5), 0.0, width - 1.0)
    y = np.clip(np.nan_to_num(y - 0.5), 0.0, height - 1.0)
    column, row = x.astype(np.intp), y.astype(np.intp)
    x_share, y_share = (x - column).astype(np.float32), (y - row).astype(np.float32)
    index = row * width + column
    # At the last column and row the weight of the next one is zero, so that it may be the same.
    right = index + (column < width - 1)
    down = np.where(row < height - 1, width, 0)
    return [
        (index, (1.0 - x_share) * (1.0 - y_share)),
        (right, x_share * (1.0 - y_share)),
        (index + down, (1.0 - x_share) * y_share),
        (right + down, x_share * y_share),
    ]
