# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mesh of a cloud is filled with, found by numpy alone, and so in any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from uner3d_core.ordering import progressive_order
from uner3d_core.point_cloud import PointCloud

_BYTES = np.arange(256) / 255.0
SRGB_TO_LINEAR = np.where(_BYTES <= 0.04045, _BYTES / 12.92, ((_BYTES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
"""IEC 61966-2-1, for each of the 256 values of a byte."""
_BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))

EVENLY_ORDERED = 50_000
"""Other programs' clouds of up to this many points are put into an order as even as our own."""


@dataclass(frozen=True)
class CloudArrays:
    """A cloud as Blender stores it.

    Parameters
    ----------
    positions, normals : float32 array (N, 3)
        As those of the :class:`~uner3d_core.point_cloud.PointCloud`.
    colours : float32 array (N, 4)
        Linear red, green and blue, and 1.
    confidence, ranks : float32 array (N,)
        The confidence, and where each point stands, see :func:`ranks`.
    spacing : float
        How far the points are apart, in metres, see :func:`spacing`.
    """

    positions: npt.NDArray[np.float32]
    normals: npt.NDArray[np.float32]
    colours: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]
    ranks: npt.NDArray[np.float32]
    spacing: float

    def __len__(self) -> int:
        return len(self.positions)


def cloud_arrays(cloud: PointCloud | CloudArrays) -> CloudArrays:
    """Turn a cloud into what Blender stores, unless that has been done."""
    if isinstance(cloud, CloudArrays):
        return cloud
    colours = np.empty((len(cloud), 4), np.float32)
    for channel in range(3):  # three small look-ups are twice as fast as one of all
        colours[:, channel] = np.take(SRGB_TO_LINEAR, cloud.colours[:, channel])
    colours[:, 3] = 1.0
    return CloudArrays(
        cloud.positions, cloud.normals, colours, cloud.confidence, ranks(cloud), spacing(cloud)
    )


def ranks(cloud: PointCloud) -> npt.NDArray[np.float32]:
    """Tell where each point stands in the order in which density adds points.

    The points with a rank below a share s are s × N points, rounded to the nearest number (exactly, up to 8
    million of them, where float32 ends), and every one of them is among those of any larger share.

    Parameters
    ----------
    cloud : PointCloud
        A progressive cloud's order is its own, of which every beginning is evenly spread. Any other cloud is
        ordered evenly if it is small; a large one gets a random order, so that importing it takes no longer
        than reading it.

    Returns
    -------
    float32 array (N,)
        (k + 1/2) / N for the point that stands at k, above 0 and below 1.
    """
    count = len(cloud)
    if cloud.progressive:
        place = np.arange(count, dtype=np.float64)
    elif count <= EVENLY_ORDERED:
        place = np.empty(count)
        place[progressive_order(cloud.positions)] = np.arange(count)
    else:
        place = np.random.default_rng(0).permutation(count).astype(np.float64)
    place += 0.5
    place /= max(count, 1)
    rank = place.astype(np.float32)
    return np.minimum(rank, _BELOW_ONE, out=rank)


def spacing(cloud: PointCloud) -> float:
    """Estimate how far the points of a cloud are apart, in metres.

    The distance to the nearest neighbour among a subset, scaled to the whole: on a surface the spacing falls
    with the root of the number of points.
    """
    subset = min(len(cloud), 300)
    if subset < 2:
        return 0.1
    chosen: Any = slice(subset)
    if not cloud.progressive:
        chosen = np.random.default_rng(0).choice(len(cloud), subset, replace=False, shuffle=False)
    positions = cloud.positions[chosen].astype(np.float64)
    positions -= positions.mean(axis=0)
    squares = (positions**2).sum(axis=1)
    distances = squares[:, None] + squares[None] - 2 * positions @ positions.T
    np.fill_diagonal(distances, np.inf)
    nearest = np.sqrt(np.maximum(distances.min(axis=1), 0.0))
    return float(np.median(nearest) * np.sqrt(subset / len(cloud))) or 0.1
