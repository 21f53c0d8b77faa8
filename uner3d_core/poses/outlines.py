# SPDX-License-Identifier: Apache-2.0
"""Whether estimated cameras and the object's outlines tell of one object.

Features that look alike or shine deceive matching and mapping together; outlines are found in another way.
What lies inside nearly all outlines, the visual hull (Laurentini 1994), fills each of them if the cameras are
right, and leaves parts of them empty if they are not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage  # type: ignore[import-untyped]

from uner3d_core.camera import Camera

ByteArray = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]

CELLS = 72
"""Cells of the hull along each side of its box."""
DISSENT = 0.1
"""Share of the pictures whose outline may leave out a place of the hull: single masks may be wrong."""
MARGIN = 1.3
"""Side of the box, in sizes of the object as its outlines tell them."""


def filled_share(cameras: Sequence[Camera], masks: Sequence[ByteArray]) -> float:
    """Tell how much of the outlines their common hull fills.

    Parameters
    ----------
    cameras : sequence of Camera
        In any unit.
    masks : sequence of uint8 arrays
        255 on the object; each shows the whole picture of its camera, in any size.

    Returns
    -------
    float
        From 0 to 1, the median over the pictures.
    """
    centre, side = _box(cameras, masks)
    if side <= 0.0:
        return 0.0
    steps = (np.arange(CELLS) + 0.5) / CELLS - 0.5
    places = centre + side * np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    votes = np.zeros(len(places), dtype=np.int32)
    small = [_shrunk(camera, mask) for camera, mask in zip(cameras, masks, strict=True)]
    for camera, mask in small:
        row, column, shown = _seen_at(camera, places)
        # A place that a picture does not show is not spoken against by it.
        votes += np.where(shown, mask[row, column], True)
    hull = places[votes >= (1.0 - DISSENT) * len(small)]
    return float(np.median([_filled(camera, mask, hull) for camera, mask in small]))


def _box(cameras: Sequence[Camera], masks: Sequence[ByteArray]) -> tuple[FloatArray, float]:
    """Find the centre and side of a cube that holds the object, by where the outlines' middles meet."""
    rays, origins, sizes = [], [], []
    for camera, mask in zip(cameras, masks, strict=True):
        rows, columns = np.nonzero(mask > 127)
        if not len(rows):
            continue
        wide, high = camera.width / mask.shape[1], camera.height / mask.shape[0]
        x, y = (columns.mean() + 0.5) * wide, (rows.mean() + 0.5) * high
        ray = np.array([(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy, 1.0])
        rays.append(ray @ camera.world_to_camera[:3, :3] / np.linalg.norm(ray))
        origins.append(camera.centre)
        sizes.append(max(np.ptp(rows) * high, np.ptp(columns) * wide) / camera.fx)
    if len(rays) < 2:
        return np.zeros(3), 0.0
    across = np.eye(3) - np.einsum("ni,nj->nij", rays, rays)
    matrix = across.sum(0) + 1e-9 * np.eye(3)
    centre = np.linalg.solve(matrix, np.einsum("nij,nj->i", across, np.array(origins)))
    distances = np.linalg.norm(np.array(origins) - centre, axis=1)
    return centre, MARGIN * float(np.quantile(distances * sizes, 0.9))


def _shrunk(camera: Camera, mask: ByteArray) -> tuple[Camera, npt.NDArray[np.bool_]]:
    """Shrink a mask and its camera so that a cell of the hull is about a pixel."""
    share = min(1.0, 1.5 * CELLS / max(mask.shape))
    size = max(8, round(mask.shape[1] * share)), max(8, round(mask.shape[0] * share))
    picture = Image.fromarray(mask).resize(size, Image.Resampling.BOX)
    return camera.resized(*size), np.asarray(picture) > 127


def _seen_at(
    camera: Camera, places: FloatArray
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Tell row and column of places in a picture, and which it shows. Distortion is left out."""
    local = places @ camera.world_to_camera[:3, :3].T + camera.world_to_camera[:3, 3]
    ahead = local[:, 2] > 1e-9
    depth = np.where(ahead, local[:, 2], 1.0)
    column = np.floor(camera.fx * local[:, 0] / depth + camera.cx)
    row = np.floor(camera.fy * local[:, 1] / depth + camera.cy)
    shown = ahead & (column >= 0) & (column < camera.width) & (row >= 0) & (row < camera.height)
    return (
        np.where(shown, row, 0).astype(np.int64),
        np.where(shown, column, 0).astype(np.int64),
        shown,
    )


def _filled(camera: Camera, mask: npt.NDArray[np.bool_], hull: FloatArray) -> float:
    """Tell which share of a mask the hull covers."""
    if not mask.any():
        return 1.0
    drawn = np.zeros(mask.shape, dtype=bool)
    row, column, shown = _seen_at(camera, hull)
    drawn[row[shown], column[shown]] = True
    drawn = ndimage.binary_closing(ndimage.binary_dilation(drawn), iterations=2) | drawn
    return float((drawn & mask).sum() / mask.sum())
