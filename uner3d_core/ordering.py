# SPDX-License-Identifier: Apache-2.0
"""Progressive order: the first k points of a cloud are spread evenly, for every k.

The order is found backwards, by sample elimination (Yuksel, “Sample elimination for generating Poisson disk
sample sets”, 2015): the most crowded points go first, and what stays to the end leads the order. Where he
takes one point at a time from a heap, a round here takes many, no two of them neighbours.

Numpy is all that this module needs, so that Blender can order clouds that other programs made.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Pairs = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float32]]
"""Both ends of each pair of points that are close to each other, each pair once, and their distance."""

PairSearch = Callable[[npt.NDArray[np.intp], float], Pairs]
"""Given the indices of some points and a radius, finds the pairs among them that are closer than the
radius; the ends of the pairs are places in the list of indices."""

_SHARPNESS = 8
"""Exponent of a neighbour's weight, as in Yuksel's paper: near neighbours count far more than others."""

_ROUND_SHARE = 0.5
"""Share of the locally most crowded points that one round takes. Less is slower and hardly more even; with
all of them the order is half as even."""

_NOISE = 0.3
"""Random change of the weights. In a perfect lattice all points are equally crowded, and without it one
region after the other would be thinned."""

_SMALLEST = 32
"""So few points are in random order."""

_DEEPEST = 20
"""Cells are at least the cloud's extent divided by two to this power; three such indices fit into 63 bits."""

_QUICK = 200_000
"""Foreign clouds have up to this many points ordered by elimination, or a quarter of their points if that is
more; the rest follows cell by cell, which is less even and much faster."""


def progressive_order(positions: npt.NDArray[np.float32], seed: int = 0) -> npt.NDArray[np.intp]:
    """Order any cloud's points so that each prefix is spread evenly over what the cloud covers.

    Parameters
    ----------
    positions : float32 array (N, 3)
        Finite points on a surface, in any unit and any order.
    seed : int
        The same positions and seed give the same order.

    Returns
    -------
    int array (N,)
        Indices of the points; ``positions[order[:k]]`` is an even subset for every k.
    """
    random = np.random.default_rng(seed)
    shuffled: npt.NDArray[np.intp] = random.permutation(len(positions))
    if len(positions) <= _SMALLEST or np.ptp(positions, axis=0).max() == 0:
        return shuffled
    points = positions[shuffled] - positions.min(axis=0)
    cell_size, area = _cells_and_area(points, int(min(0.7 * len(points), max(_QUICK, len(points) / 4))))
    place = _place_in_cell(_cell_keys(points, cell_size))
    leaders = np.flatnonzero(place == 0)
    led = points[leaders]
    order = eliminate(len(leaders), area, random, lambda kept, radius: close_pairs(led[kept], radius))
    # The shuffle at the start makes the order among points of the same place random.
    followers = np.argsort(place, kind="stable")[len(leaders) :]
    order = np.concatenate([leaders[order], followers])
    return shuffled[order]


def eliminate(
    count: int, area: float, random: np.random.Generator, find_pairs: PairSearch
) -> npt.NDArray[np.intp]:
    """Order points by taking the most crowded away, round by round, halving their number again and again.

    Parameters
    ----------
    count : int
        Number of points.
    area : float
        Area of the surface that they lie on, in square world units; it sets how far neighbours are sought.
    random : numpy random generator
        Breaks ties and orders the points of one round.
    find_pairs : callable
        Finds the neighbours among some of the points; see :data:`PairSearch`.

    Returns
    -------
    int array (count,)
        Indices of the points in progressive order.
    """
    kept: npt.NDArray[np.intp] = np.arange(count)
    gone: list[npt.NDArray[np.intp]] = []
    while len(kept) > _SMALLEST:
        wanted = len(kept) // 2
        radius = densest_spacing(area, wanted)
        first, second, distance = find_pairs(kept, radius)
        noise = 1 + _NOISE * random.random(len(distance))
        weight = np.maximum(1 - distance / radius, 0) ** _SHARPNESS * noise
        tie = random.random(len(kept)) * 1e-6
        stays = np.ones(len(kept), dtype=bool)
        crowding = tie + _sums(first, second, weight, len(kept))
        while (surplus := np.count_nonzero(stays) - wanted) > 0:
            beaten = ~stays
            beaten[np.where(crowding.take(first) < crowding.take(second), first, second)] = True
            peaks = np.flatnonzero(~beaten)
            most = peaks[np.argsort(-crowding[peaks])[: max(1, int(len(peaks) * _ROUND_SHARE))]][:surplus]
            stays[most] = False
            gone.append(kept[random.permutation(most)])
            both = stays.take(first) & stays.take(second)
            ended = ~both
            crowding -= _sums(first[ended], second[ended], weight[ended], len(kept))
            first, second, weight = first[both], second[both], weight[both]
        kept = kept[stays]
    gone.append(random.permutation(kept))
    order: npt.NDArray[np.intp] = np.concatenate(gone[::-1])
    return order


def _sums(
    first: npt.NDArray[np.intp], second: npt.NDArray[np.intp], weight: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float64]:
    """Add up the weights of the pairs that each point is in."""
    sums: npt.NDArray[np.float64] = np.zeros(count)
    for end in (first, second):
        sums += np.bincount(end, weight, count)
    return sums


def densest_spacing(area: float, count: int) -> float:
    """Distance between neighbours if ``count`` points cover ``area`` as densely as can be, in a honeycomb."""
    return math.sqrt(2 / math.sqrt(3) * area / count)


def densest_count(area: float, spacing: float) -> float:
    """Tell how many points so far from their neighbours cover ``area`` as densely as can be."""
    return 2 / math.sqrt(3) * area / spacing**2


def close_pairs(positions: npt.NDArray[np.float32], radius: float) -> Pairs:
    """Find all pairs of points that are closer than a radius, by sorting the points into cells of that size.

    Parameters
    ----------
    positions : float32 array (N, 3)
        Their extent may be up to a million times the radius.
    radius : float
        In the same unit, above zero.

    Returns
    -------
    first, second : int array (P,)
        Indices of each pair's points.
    distance : float32 array (P,)
    """
    cells = np.floor((positions - positions.min(axis=0)) / radius).astype(np.int64) + 1
    _, height, depth = (cells.max(axis=0) + 2).tolist()
    keys = (cells[:, 0] * height + cells[:, 1]) * depth + cells[:, 2]
    order = np.argsort(keys, kind="stable")
    keys, points, place = keys[order], positions[order], np.arange(len(keys))
    found: list[Pairs] = []
    # Cells that differ in z alone are neighbours in the sorted row, so half of the 27 cells are five runs.
    for dx, dy in ((0, 0), (0, 1), (1, -1), (1, 0), (1, 1)):
        offset = (dx * height + dy) * depth
        start = np.searchsorted(keys, keys + offset - 1) if offset else place + 1
        length = np.searchsorted(keys, keys + offset + 1, side="right") - start
        first = np.repeat(place, length)
        second = np.arange(len(first)) + np.repeat(start - (np.cumsum(length) - length), length)
        difference = points[first] - points[second]
        squared = np.einsum("pc,pc->p", difference, difference)
        close = squared < radius**2
        found.append((order[first[close]], order[second[close]], np.sqrt(squared[close])))
    first, second, distance = (np.concatenate(part) for part in zip(*found, strict=True))
    return first, second, distance


def _cells_and_area(points: npt.NDArray[np.float32], wanted: int) -> tuple[float, float]:
    """Size of the cells of which the points occupy about ``wanted``, and area of the surface they lie on."""
    size = extent = float(points.max())
    area = extent**2
    for _ in range(_DEEPEST):
        size /= 2
        occupied = len(np.unique(_cell_keys(points, size)))
        if occupied <= len(points) / 8:
            # With several points to a cell, no cell of the surface is empty by chance. A plane cuts 1.5 times
            # as many cells as its area would fill, averaged over its directions.
            area = occupied * size**2 / 1.5
        if occupied >= wanted:
            size *= math.sqrt(occupied / wanted)
            break
    return size, area


def _cell_keys(points: npt.NDArray[np.float32], size: float) -> npt.NDArray[np.int64]:
    """One number for the cubic cell that each point (all coordinates ≥ 0) lies in."""
    cells = (points / size).astype(np.int64)
    keys: npt.NDArray[np.int64] = (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2]
    return keys


def _place_in_cell(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Count for each point how many earlier points share its cell."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    place = np.arange(len(keys))
    begins = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
    place -= np.repeat(begins, np.diff(begins, append=len(keys)))
    result = np.empty_like(place)
    result[order] = place
    return result
