# SPDX-License-Identifier: Apache-2.0
"""Clouds of any number of points from several pictures with depth.

Where several pictures show the same surface, their pixels share it, so that the points to choose from are
equally many everywhere. The most crowded of them then go, round by round, until an even cloud is left in
progressive order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uner3d_core.depth.agreement import Witness, ask, colours_of
from uner3d_core.depth.pixels import BoolArray, FloatArray, Pixels, find_pixels
from uner3d_core.depth_view import DepthView
from uner3d_core.errors import ReconstructionError
from uner3d_core.ordering import Pairs, close_pairs, eliminate
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Progress, Silent

CHOICE = 4
"""Points to choose from for each that is wanted; with fewer the cloud is less even."""

MOST_CHOICE = 8_000_000
"""Points to choose from at most, unless more are wanted: then none is left out, and the cloud is uneven."""

_CELLS = 3.0
"""Of the points in a cell the most certain stays; there are so many cells for each point that is wanted."""

_SURE = 0.1
"""Points that may be off by so many pixels' widths are as good as the centres of pixels."""

_ENOUGH = 1.5
"""Points to choose from for each that is wanted, for which less certain ones are taken too."""

_FINEST = (1 << 20) - 1
"""Cells along an axis at most: three such numbers and one of six ways fit into 63 bits."""

_LEAST_FACING = 0.05
"""Cosine below which a pixel has no more say than that."""


@dataclass(frozen=True)
class _Choice:
    """Points to choose from: M in world coordinates, normals, and doubts as :meth:`.Pixels.doubts` tells."""

    positions: FloatArray
    normals: FloatArray
    doubts: FloatArray


def merge(
    shown: Sequence[DepthView],
    count: int,
    seed: int,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> PointCloud:
    """Make one even cloud of the surface that pictures with depth show.

    As long as there are more pixels than points to choose from, the points are the pixels' own: each at the
    depth that was rendered for its centre. Further points lie between neighbouring pixels of one surface.

    Parameters
    ----------
    shown : sequence of DepthView
        At least one, without lens distortion.
    count : int
        Number of points, above zero.
    seed : int
        The same pictures, count and seed give the same cloud.
    progress : Progress
        Is told the pictures, and of those that show nothing.

    Returns
    -------
    PointCloud
        Exactly ``count`` points in progressive order, in world coordinates, with confidence 1.

    Raises
    ------
    ReconstructionError
        If no picture shows any surface.
    """
    random = np.random.default_rng(seed)
    surfaces = []
    for done, each in enumerate(shown):
        progress.stage("unproject", done, len(shown))
        surfaces.append(find_pixels(each))
        if not len(surfaces[-1]):
            progress.log(f"“{each.view.name}” shows no surface, and is left out.")
    progress.stage("unproject", len(shown), len(shown))
    if not any(map(len, surfaces)):
        raise ReconstructionError(
            "None of the pictures shows a surface.",
            "See that the object is in the cameras' view, and that depth and masks belong to the images.",
        )
    witnesses = [Witness.of(each) for each in shown]
    shares = _shares(surfaces, witnesses, progress)
    wanted = max(count, min(CHOICE * count, MOST_CHOICE))
    choice = _candidates(surfaces, shares, wanted, random)
    area = sum(float(share.sum()) for share in shares)
    progress.stage("choose points", 0, 1)
    order = _order(choice, count, area, random)
    progress.stage("choose points", 1, 1)
    positions, normals = choice.positions[order], choice.normals[order]
    colours = colours_of(positions, normals, witnesses, progress)
    return PointCloud(
        positions.astype(np.float32),
        colours,
        normals.astype(np.float32),
        np.ones(len(order), np.float32),
    )


def _shares(surfaces: Sequence[Pixels], witnesses: Sequence[Witness], progress: Progress) -> list[FloatArray]:
    """Share the surface out among the pixels that show it.

    Returns
    -------
    list of float64 arrays (P,)
        Area in square world units that each pixel answers for: what several pictures see, they share by how
        squarely they face it. Zero for pixels on edges that no other picture confirms: their depth may be
        a mean of near and far.

    Raises
    ------
    ReconstructionError
        If nothing is left.
    """

    def work(surface: Pixels) -> FloatArray:
        centres = surface.positions(np.arange(len(surface)), np.zeros((len(surface), 2)))
        facing, votes = ask(centres, surface.normals, witnesses)
        own = np.maximum(surface.facing, _LEAST_FACING)
        share = surface.area * own / np.maximum(facing, own)
        unconfirmed = surface.on_edge & (votes < min(2, len(witnesses)))  # one is its own
        return np.where(unconfirmed, 0.0, share)

    shares: list[FloatArray] = []
    with ThreadPoolExecutor() as pool:
        for share in pool.map(work, surfaces):
            progress.stage("compare", len(shares), len(surfaces))
            shares.append(share)
    progress.stage("compare", len(surfaces), len(surfaces))
    if not any(share.any() for share in shares):
        raise ReconstructionError(
            "The pictures contradict each other everywhere.",
            "See that all of them show the same object, with cameras and depth of the same scale.",
        )
    return shares


def _candidates(
    surfaces: Sequence[Pixels], shares: Sequence[FloatArray], wanted: int, random: np.random.Generator
) -> _Choice:
    """Deal out at least ``wanted`` points by the pixels' shares; the first in each pixel is its centre."""
    ends = np.cumsum([share.sum() for share in shares])
    ends *= (wanted + 1) / ends[-1]  # one more, as rounding may take one
    begin, start = 0.0, random.random()
    positions, normals, doubts = [], [], []
    for surface, share, end in zip(surfaces, shares, ends.tolist(), strict=True):
        if end > begin:
            run = begin + np.cumsum(share) * ((end - begin) / share.sum())
            numbers = np.diff(np.floor(run + start), prepend=np.floor(begin + start)).astype(np.int64)
            which = np.repeat(np.arange(len(surface)), np.maximum(numbers, 0))
            offset = random.random((len(which), 2)) - 0.5
            offset[np.diff(which, prepend=-1) != 0] = 0.0
            positions.append(surface.positions(which, offset))
            normals.append(surface.normals[which])
            doubts.append(surface.doubts(which, offset))
        begin = end
    return _Choice(np.concatenate(positions), np.concatenate(normals), np.concatenate(doubts))


def _order(choice: _Choice, count: int, area: float, random: np.random.Generator) -> npt.NDArray[np.intp]:
    """Choose ``count`` of the points, as many of them certain as can be, in progressive order."""
    positions, normals, doubts = choice.positions, choice.normals, choice.doubts
    shuffled: npt.NDArray[np.intp] = random.permutation(len(positions))
    shuffled = shuffled[np.argsort(doubts[shuffled], kind="stable")]
    # The surface crosses 1.5 times as many cells as its area would fill, averaged over its directions.
    width = math.sqrt(1.5 * area / (_CELLS * count))
    leads = _is_first_in_cell(positions[shuffled], normals[shuffled], width)
    first = shuffled[leads]
    sure = int(np.searchsorted(doubts[first], _SURE, side="right"))
    chosen = np.sort(first[: max(sure, math.ceil(_ENOUGH * count))])  # neighbours in memory are fast
    points, ways = (positions[chosen] - positions.min(axis=0)).astype(np.float32), normals[chosen]

    def find_pairs(kept: npt.NDArray[np.intp], radius: float) -> Pairs:
        first, second, distance = close_pairs(points.take(kept, axis=0), radius)
        # The two sides of a thin wall are near each other, and not the same surface.
        cosine = np.einsum(
            "pc,pc->p", ways.take(kept.take(first), axis=0), ways.take(kept.take(second), axis=0)
        )
        same = cosine > 0
        return first[same], second[same], distance[same]

    even = chosen[eliminate(len(chosen), area, random, find_pairs)]
    order: npt.NDArray[np.intp] = np.concatenate([even, shuffled[~leads]])[:count]
    return order


def _is_first_in_cell(positions: FloatArray, normals: FloatArray, width: float) -> BoolArray:
    """Tell which points are the first in their cell that face that way, of six."""
    low = positions.min(axis=0)
    width = max(width, float(np.ptp(positions, axis=0).max()) / _FINEST)
    cells = ((positions - low) / width).astype(np.int64)
    axis = np.abs(normals).argmax(axis=1)
    way = 2 * axis + (np.take_along_axis(normals, axis[:, None], axis=1)[:, 0] > 0)
    keys = (cells[:, 0] << 43 | cells[:, 1] << 23 | cells[:, 2] << 3) | way
    first: BoolArray = np.zeros(len(keys), bool)
    first[np.unique(keys, return_index=True)[1]] = True
    return first
