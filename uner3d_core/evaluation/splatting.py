# SPDX-License-Identifier: Apache-2.0
"""Draw a cloud into a camera as discs, and compare the drawing with a picture.

Surface splatting after Zwicker et al. (2001) in its plain form: every point is a disc that lies in its
tangent plane; the nearest discs of a pixel are blended with a Gaussian weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.camera import Camera
    from uner3d_core.point_cloud import PointCloud
    from uner3d_core.views import View

FloatArray = npt.NDArray[np.float64]

SUPERSAMPLING = 2
"""Sub-pixels along each axis of a pixel."""

_RADIUS = 0.75  # in distances to the sixth neighbour: random points leave few holes, edges stay sharp
_SMALLEST_RADIUS = 0.75  # sub-pixels: a smaller disc may fall between the centres of all of them
_STEEPEST_SINE = 0.99  # of the angle between ray and normal


def disc_radius(points: npt.NDArray[np.floating[Any]]) -> float:
    """Radius, in world units, at which discs at ``points`` (N, 3) close the surface between them."""
    if len(points) < 2:
        return 0.0
    some = points[:: max(1, len(points) // 20_000)]
    # The sixth neighbour stands at about the same distance whether points are spread evenly or at random.
    sixth = cKDTree(points).query(some, k=min(7, len(points)), workers=-1)[0][:, -1]
    return float(_RADIUS * np.median(sixth))


def splat(cloud: PointCloud, camera: Camera, radius: float | None = None) -> npt.NDArray[np.uint8]:
    """Draw a cloud as a camera sees it.

    Parameters
    ----------
    cloud : PointCloud
        Points without a normal are drawn as discs that face the camera.
    camera : Camera
        Pinhole camera without distortion.
    radius : float, optional
        Radius of the discs in world units; by default :func:`disc_radius` of the cloud.

    Returns
    -------
    uint8 array (height, width, 4)
        sRGB, not premultiplied, and alpha.
    """
    radius = disc_radius(cloud.positions) if radius is None else radius
    fine = camera.resized(camera.width * SUPERSAMPLING, camera.height * SUPERSAMPLING)
    pixel, depth, weight, colour = _fragments(cloud, fine, radius)
    pixels = fine.width * fine.height
    nearest = np.full(pixels, np.inf)
    np.minimum.at(nearest, pixel, depth)
    front = depth <= nearest[pixel] + 2.0 * radius
    pixel, weight, colour = pixel[front], weight[front], colour[front]
    total = np.bincount(pixel, weight, pixels)
    premultiplied = (
        np.stack([np.bincount(pixel, weight * colour[:, channel], pixels) for channel in range(3)], axis=1)
        / np.maximum(total, 1e-12)[:, None]
    )
    both = np.concatenate([premultiplied, (total > 0.0)[:, None] * 255.0], axis=1)
    blocks = both.reshape(camera.height, SUPERSAMPLING, camera.width, SUPERSAMPLING, 4).mean(axis=(1, 3))
    blocks[..., :3] /= np.maximum(blocks[..., 3:] / 255.0, 1e-12)
    return np.asarray(np.clip(np.rint(blocks), 0.0, 255.0), dtype=np.uint8)


def _fragments(
    cloud: PointCloud, camera: Camera, radius: float
) -> tuple[npt.NDArray[np.int64], FloatArray, FloatArray, FloatArray]:
    """Find the pixels whose rays meet the discs: pixel index, depth, weight and colour of each meeting."""
    pixels, depths = camera.project(cloud.positions)
    local = cloud.positions @ camera.world_to_camera[:3, :3].T + camera.world_to_camera[:3, 3]
    normals = cloud.normals @ camera.world_to_camera[:3, :3].T
    ray = local / np.linalg.norm(local, axis=1, keepdims=True).clip(1e-12)
    # A disc seen edge-on is tilted a little towards the camera, or no ray would meet it.
    across = normals - (normals * ray).sum(axis=1, keepdims=True) * ray
    across *= np.minimum(1.0, _STEEPEST_SINE / np.linalg.norm(across, axis=1, keepdims=True).clip(1e-12))
    normals = across - np.sqrt(1.0 - (across**2).sum(axis=1, keepdims=True)) * ray
    in_front = depths > 1e-9
    scale = camera.fx / np.where(in_front, depths, 1.0)
    reach = np.maximum(radius * scale, _SMALLEST_RADIUS)
    inside = in_front & (pixels > -reach[:, None]).all(axis=1)
    inside &= (pixels < np.array([camera.width, camera.height]) + reach[:, None]).all(axis=1)
    keep = np.flatnonzero(inside)
    pixels, local, normals, reach, scale = (array[keep] for array in (pixels, local, normals, reach, scale))
    colours = cloud.colours[keep].astype(np.float64)
    corner = np.floor(pixels).astype(np.int64)
    steps = int(np.ceil(reach.max())) if len(keep) else 0
    found: list[tuple[npt.NDArray[np.int64], FloatArray, FloatArray, FloatArray]] = []
    for down in range(-steps, steps + 1):
        for right in range(-steps, steps + 1):
            x, y = corner[:, 0] + right, corner[:, 1] + down
            direction = np.stack(
                [(x + 0.5 - camera.cx) / camera.fx, (y + 0.5 - camera.cy) / camera.fy, np.ones(len(x))],
                axis=1,
            )
            depth = (normals * local).sum(axis=1) / (normals * direction).sum(axis=1)
            distance = np.linalg.norm(direction * depth[:, None] - local, axis=1) * scale
            hit = (
                (distance <= reach)
                & (x >= 0)
                & (x < camera.width)
                & (y >= 0)
                & (y < camera.height)
                & (depth > 0)
            )
            share = distance[hit] / reach[hit]
            found.append((y[hit] * camera.width + x[hit], depth[hit], np.exp(-4.0 * share**2), colours[hit]))
    if not found:
        return np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty((0, 3))
    pixel, depth, weight, colour = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return pixel, depth, weight, colour


def draw(cloud: PointCloud, views: Sequence[View]) -> list[npt.NDArray[np.uint8]]:
    """Splat a cloud into views, (H, W, 4) each, with discs that its spacing tells the size of."""
    radius = disc_radius(cloud.positions)
    return [splat(cloud, view.camera, radius) for view in views]


def premultiplied(picture: npt.NDArray[np.uint8]) -> FloatArray:
    """Lay an sRGB picture with alpha (H, W, 4) over black: (H, W, 3), 0 to 1."""
    return np.asarray(picture[..., :3] / 255.0 * (picture[..., 3:] / 255.0))


def over_white(picture: npt.NDArray[np.uint8]) -> FloatArray:
    """Lay an sRGB picture with alpha (H, W, 4) over white: (H, W, 3), 0 to 1."""
    return np.asarray(premultiplied(picture) + 1.0 - picture[..., 3:] / 255.0)


def decibels(squared_errors: FloatArray) -> float:
    """Peak signal-to-noise ratio, in dB, of the mean of squared errors of values from 0 to 1."""
    return float(-10.0 * np.log10(max(float(np.mean(squared_errors)), 1e-10)))


def psnr(drawn: npt.NDArray[np.uint8], true: npt.NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio, in dB, of two pictures with alpha (H, W, 4) over white, whole frame."""
    return decibels((over_white(drawn) - over_white(true)) ** 2)


def psnr_in_silhouette(drawn: npt.NDArray[np.uint8], true: npt.NDArray[np.uint8]) -> float:
    """Like :func:`psnr`, over the pixels alone that either picture covers."""
    covered = (drawn[..., 3] > 0) | (true[..., 3] > 0)
    error = np.square(over_white(drawn)[covered] - over_white(true)[covered])
    return decibels(error if covered.any() else np.zeros(1))


def silhouette_iou(drawn: npt.NDArray[np.uint8], true: npt.NDArray[np.uint8]) -> float:
    """Intersection over union, 0 to 1, of what two pictures (H, W, 4) cover by at least a half."""
    a, b = drawn[..., 3] >= 128, true[..., 3] >= 128
    union = int((a | b).sum())
    return float((a & b).sum() / union) if union else 1.0
