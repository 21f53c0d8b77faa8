# SPDX-License-Identifier: GPL-3.0-or-later
"""What the mesh of a cloud is filled with, found by numpy alone, and so in any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from uner3d_core.blocks import in_blocks
from uner3d_core.ordering import progressive_order
from uner3d_core.point_cloud import PointCloud

_BYTES = np.arange(256) / 255.0
SRGB_TO_LINEAR = np.where(_BYTES <= 0.04045, _BYTES / 12.92, ((_BYTES + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
"""IEC 61966-2-1, for each of the 256 values of a byte."""
_BELOW_ONE = np.nextafter(np.float32(1), np.float32(0))

_STRETCH = 1024
"""So many points that follow each other in a file are ordered alike."""

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

    def decode(rows: slice) -> None:
        for channel in range(3):  # three small look-ups are twice as fast as one of all
            colours[rows, channel] = np.take(SRGB_TO_LINEAR, cloud.colours[rows, channel])
        colours[rows, 3] = 1.0

    in_blocks(len(cloud), decode)
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
        ordered evenly if it is small; a large one gets an order that takes as many from each stretch of the
        file as from any other, so that importing it takes no longer than reading it.

    Returns
    -------
    float32 array (N,)
        (k + 1/2) / N for the point that stands at k, above 0 and below 1.
    """
    count = len(cloud)
    if not cloud.progressive and count > EVENLY_ORDERED:
        return _stratified_ranks(count)
    rank = np.empty(count, np.float32)

    def number(rows: slice) -> None:
        place = np.arange(rows.start + 0.5, rows.stop)
        place /= count
        if place[-1] > _BELOW_ONE:
            np.minimum(place, _BELOW_ONE, out=place)
        rank[rows] = place

    in_blocks(count, number)
    if not cloud.progressive:
        ordered = rank.copy()
        rank[progressive_order(cloud.positions)] = ordered
    return rank


def _stratified_ranks(count: int) -> npt.NDArray[np.float32]:
    """Rank points at random, yet evenly along their file: a share of each stretch of it is a share of all.

    A stretch has its points in one and the same random order, begun elsewhere in each, so that what lies in
    rows is not shown in columns. Shuffling all points would take ten times as long.
    """
    generator = np.random.default_rng(0)
    stretches = count // _STRETCH
    rest = count - stretches * _STRETCH
    # Of each stretch, one point stands in the first `stretches` places, one in the next, and so on; a point
    # of what is left over stands behind those of some.
    longer = np.zeros(_STRETCH, np.int64)
    longer[generator.choice(_STRETCH, rest, replace=False)] = 1
    begin = np.arange(_STRETCH) * stretches + np.cumsum(longer) - longer
    order = generator.permutation(_STRETCH)
    begins = np.concatenate((begin[order], begin[order])) + 0.5
    turned = np.lib.stride_tricks.sliding_window_view(begins / count, _STRETCH)
    starts = generator.integers(0, _STRETCH, stretches)
    among = generator.permutation(stretches) / count
    ranks = np.empty(count, np.float32)
    whole = ranks[: stretches * _STRETCH].reshape(stretches, _STRETCH)

    def place(rows: slice) -> None:
        some = slice(rows.start // _STRETCH, rows.stop // _STRETCH)
        np.add(turned[starts[some]], among[some, None], out=whole[some])

    in_blocks(stretches * _STRETCH, place)
    ranks[stretches * _STRETCH :] = (begin[longer > 0] + stretches + 0.5) / count
    return np.minimum(ranks, _BELOW_ONE, out=ranks)


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
