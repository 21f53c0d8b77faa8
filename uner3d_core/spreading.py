# SPDX-License-Identifier: Apache-2.0
"""Even spacing on the zero set of a field: points that push each other apart, and points halfway between."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from uner3d_core.field import Field
from uner3d_core.ordering import Pairs, densest_spacing
from uner3d_core.progress import Progress
from uner3d_core.surface import Mesh

_REACH = 1.3
"""Radius of repulsion, in distances between neighbours of the densest packing."""

_FORCE = 0.6
"""Length of a step, in the same unit, that one neighbour at distance zero would cause."""

_FURTHEST = 0.4
"""Longest step, in the same unit."""

_OPPOSITE = -0.3
"""Points whose normals' cosine is below this lie on two sides of a thin wall and are no neighbours."""

_ON_SURFACE = 0.05
"""A point further from the zero set than so many voxels has lost its way."""

_LONGEST = 1.5
"""Neighbours with a point halfway between them are at most so many densest spacings apart."""

_FREE = 0.92
"""No third point may be nearer to the point halfway than this share of half the distance of the two."""

_MATCHING_ROUNDS = 3
"""After so many draws hardly a pair is left that could join a matching."""

_BLOCK = 1 << 16

_LEVELS = (1 << 16) - 1
"""Heights by which points are sorted into slices."""

_PROJECTED = 1 << 20

# Blocks are slices across a direction in which hardly any made thing is flat.
_ACROSS = np.array([0.7548, 0.5698, 0.3247], dtype=np.float32)

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.intp]
Result = TypeVar("Result")


def random_points(mesh: Mesh, count: int, random: np.random.Generator) -> FloatArray:
    """Draw points on a mesh, by area.

    The triangles, laid in a row by their area, are cut into ``count`` equal shares with one point in each,
    which is more even than independent draws.

    Parameters
    ----------
    mesh : Mesh
        With an area above zero.
    count : int
    random : numpy random generator

    Returns
    -------
    float32 array (count, 3)
    """
    ends = torch.cumsum(mesh.areas().double(), 0).cpu().numpy()
    share = (np.arange(count) + random.random(count)) / count
    chosen = np.minimum(np.searchsorted(ends, share * ends[-1]), len(ends) - 1)
    corners = mesh.vertices.cpu().numpy()[mesh.triangles.cpu().numpy()[chosen]]
    u, v = random.random((2, count, 1), dtype=np.float32)
    outside = u + v > 1
    u, v = np.where(outside, 1 - u, u), np.where(outside, 1 - v, v)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    points: FloatArray = a + u * (b - a) + v * (c - a)
    return points


def project(field: Field, points: FloatArray, steps: int) -> tuple[FloatArray, FloatArray]:
    """Move points onto the zero set by Newton's steps along the gradient, each at most one voxel long.

    Parameters
    ----------
    field : Field
    points : float32 array (N, 3)
        Within a few voxels of the zero set, in world coordinates.
    steps : int
        At least one.

    Returns
    -------
    points : float32 array (N, 3)
        Where the steps have led.
    normals : float32 array (N, 3)
        Unit gradients before the last step.
    """
    moved, normals = np.empty_like(points), np.empty_like(points)
    for start in range(0, len(points), _PROJECTED):
        part = slice(start, start + _PROJECTED)
        there = torch.from_numpy(points[part]).to(field.device)
        for _ in range(steps):
            distance, gradient = field.distance_and_gradient(there)
            squared = gradient.square().sum(dim=1)
            length = (distance / squared.sqrt().clamp(min=1e-3)).clamp(-field.voxel, field.voxel)
            gradient /= squared.sqrt().clamp(min=1e-12)[:, None]
            there = torch.addcmul(there, gradient, length[:, None], value=-1)
        moved[part], normals[part] = there.cpu().numpy(), gradient.cpu().numpy()
    return moved, normals


def spread(
    field: Field, mesh: Mesh, count: int, random: np.random.Generator, progress: Progress, *, steps: int
) -> tuple[FloatArray, FloatArray]:
    """Let points that lie at random push each other apart along the surface.

    Parameters
    ----------
    field : Field
    mesh : Mesh
        The field's zero set.
    count : int
        Number of points. Neighbours must end up at most a few voxels apart, as a step must not leave the
        shell in which the distance is known.
    random : numpy random generator
    progress : Progress
        Is told the stage ``sampling``.
    steps : int
        How often to push; three leave the distances to the nearest point varying by 11 %, six by 7.5 %.

    Returns
    -------
    positions : float32 array (count, 3)
        On the zero set; neighbours in space are mostly neighbours in the array.
    normals : float32 array (count, 3)
        Unit gradients.
    """
    spacing = densest_spacing(mesh.area, count)
    start = random_points(mesh, count, random)
    points, normals = project(field, start, steps=1)
    for step in range(steps):
        progress.stage("sampling", step, steps)
        before, pushes = points, _pushes(points, normals, spacing)
        points, normals = project(field, before + pushes, steps=1)
        # Where the surface ends, points stay rather than leave it.
        ended = field.is_unknown(torch.from_numpy(points).to(field.device)).cpu().numpy()
        points[ended] = before[ended]
    points, normals = project(field, points, steps=1)
    there = torch.from_numpy(points).to(field.device)
    # What was drawn on the mesh lies on the zero set: a place for each point that has lost its way.
    found = (field.distance(there).abs() <= _ON_SURFACE * field.voxel) & ~field.is_unknown(there)
    lost = ~found.cpu().numpy()
    points[lost] = start[lost]
    progress.stage("sampling", steps, steps)
    return points, normals


def pairs_on_surface(points: FloatArray, normals: FloatArray, radius: float) -> Pairs:
    """Find pairs of points that are closer than a radius and not on two sides of a thin wall.

    Parameters
    ----------
    points, normals : float32 array (N, 3)
    radius : float
        In world units.

    Returns
    -------
    first, second : int array (P,)
        Indices of each pair's points.
    distance : float32 array (P,)
    """

    def find(part: IntArray, begin: int, end: int) -> Pairs:
        first, second, distance = _own_pairs(
            points.take(part, axis=0), normals.take(part, axis=0), radius, begin, end
        )
        return part[first], part[second], distance

    first, second, distance = (
        np.concatenate(found) for found in zip(*_by_blocks(points, radius, find), strict=True)
    )
    return first, second, distance


def neighbours(points: FloatArray, normals: FloatArray, spacing: float) -> npt.NDArray[np.int32]:
    """Find the pairs of evenly spread points that have nothing between them.

    A pair counts if no third point lies in the ball around the point halfway: a Gabriel graph with a slightly
    smaller ball, so that of nearly square quadrilaterals one or both diagonals are in it too.

    Parameters
    ----------
    points, normals : float32 array (N, 3)
    spacing : float
        Distance between neighbours of the densest packing, in world units.

    Returns
    -------
    int32 array (E, 2)
        Indices of each pair's points.
    """

    def find(part: IntArray, begin: int, end: int) -> npt.NDArray[np.int32]:
        near = points.take(part, axis=0)
        first, second, distance = _own_pairs(near, normals.take(part, axis=0), _LONGEST * spacing, begin, end)
        # Points so close have no room for a third between them.
        free = distance < spacing
        far = np.flatnonzero(~free)
        halfway = (near.take(first[far], axis=0) + near.take(second[far], axis=0)) / 2
        nearest, _ = cKDTree(near, balanced_tree=False).query(halfway)
        free[far] = nearest >= _FREE / 2 * distance[far]
        kept: npt.NDArray[np.int32] = np.stack([part[first[free]], part[second[free]]], axis=1).astype(
            np.int32
        )
        return kept

    found: npt.NDArray[np.int32] = np.concatenate(_by_blocks(points, _LONGEST * spacing, find))
    return found


def in_matchings(
    pairs: npt.NDArray[np.int32], count: int, random: np.random.Generator
) -> npt.NDArray[np.int32]:
    """Order pairs of neighbours so that the points halfway between the first of them are spread evenly.

    The order is a row of matchings: sets in which no point occurs twice, so that two points halfway are not
    next to each other. Each is found as Luby (1986) finds independent sets: every pair draws a number, and
    those that have the lowest at both ends are in.

    Parameters
    ----------
    pairs : int32 array (E, 2)
    count : int
        Number of the points that are paired.
    random : numpy random generator

    Returns
    -------
    int32 array (E, 2)
        The same pairs in another order.
    """
    ordered = []
    while len(pairs) > count // 50:
        matched = np.zeros(len(pairs), dtype=bool)
        candidates = np.arange(len(pairs))
        used = np.zeros(count, dtype=bool)
        for _ in range(_MATCHING_ROUNDS):
            first, second = pairs[candidates].T
            number = random.random(len(candidates), dtype=np.float32)
            lowest = np.ones(count, dtype=np.float32)
            np.minimum.at(lowest, first, number)
            np.minimum.at(lowest, second, number)
            wins = (lowest[first] == number) & (lowest[second] == number)
            matched[candidates[wins]] = True
            used[first[wins]] = used[second[wins]] = True
            candidates = candidates[~(used[first] | used[second])]
        ordered.append(random.permutation(pairs[matched]))
        pairs = pairs[~matched]
    ordered.append(random.permutation(pairs))
    result: npt.NDArray[np.int32] = np.concatenate(ordered)
    return result


def _pushes(points: FloatArray, normals: FloatArray, spacing: float) -> FloatArray:
    """Work out by how much each point is pushed away by those around it."""
    radius = _REACH * spacing
    pushes = np.empty_like(points)

    def push(part: IntArray, begin: int, end: int) -> None:
        near = points.take(part, axis=0)
        first, second, distance = _pairs(near, normals.take(part, axis=0), radius)
        strength = (1 - distance / radius) ** 2 * (_FORCE * spacing) / np.maximum(distance, 1e-6 * spacing)
        force = (near.take(first, axis=0) - near.take(second, axis=0)) * strength[:, None]
        total = np.empty_like(near)
        for axis in range(3):
            total[:, axis] = np.bincount(first, force[:, axis], len(near))
            total[:, axis] -= np.bincount(second, force[:, axis], len(near))
        total = total[begin:end]
        total *= np.minimum(1, _FURTHEST * spacing / np.maximum(_lengths(total), 1e-6 * spacing))[:, None]
        pushes[part[begin:end]] = total

    _by_blocks(points, radius, push)
    return pushes


def _own_pairs(points: FloatArray, normals: FloatArray, radius: float, begin: int, end: int) -> Pairs:
    """Find the pairs that belong to a block: as margins overlap, those whose earlier point is in it."""
    first, second, distance = _pairs(points, normals, radius)
    earlier = np.minimum(first, second)
    own = (earlier >= begin) & (earlier < end)
    return first[own], second[own], distance[own]


def _pairs(points: FloatArray, normals: FloatArray, radius: float) -> Pairs:
    """Find pairs of points of one block that are close to each other on the same side of a wall."""
    tree = cKDTree(points, balanced_tree=False, compact_nodes=False)
    pairs = tree.query_pairs(radius, output_type="ndarray")
    first, second = pairs[:, 0].copy(), pairs[:, 1].copy()
    cosine = np.einsum("pc,pc->p", normals.take(first, axis=0), normals.take(second, axis=0))
    same_side = cosine > _OPPOSITE
    first, second = first[same_side], second[same_side]
    return first, second, _lengths(points.take(first, axis=0) - points.take(second, axis=0))


def _by_blocks(
    points: FloatArray, margin: float, work: Callable[[IntArray, int, int], Result]
) -> list[Result]:
    """Cut a cloud into slices and work on several at once, each with a margin of the points around it.

    ``work`` gets the indices of a slice and its margin, and which of these (from, to) are the slice itself.
    """
    height = points @ _ACROSS
    height -= height.min()
    # Numbers of sixteen bits are sorted digit by digit, five times as fast as floats are by comparing them.
    scale = _LEVELS / max(float(height.max()), margin)
    level = (height * scale).astype(np.uint16)
    order = np.argsort(level, kind="stable")
    level = level[order].astype(np.int64)
    reach = int(margin * scale) + 1
    begins = np.arange(0, len(points), _BLOCK)
    ends = np.minimum(begins + _BLOCK, len(points))
    lows = np.searchsorted(level, level[begins] - reach)
    highs = np.searchsorted(level, level[ends - 1] + reach, side="right")
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        return list(
            pool.map(
                lambda begin, end, low, high: work(order[low:high], begin - low, end - low),
                *(array.tolist() for array in (begins, ends, lows, highs)),
            )
        )


def _lengths(vectors: FloatArray) -> FloatArray:
    lengths: FloatArray = np.sqrt(np.einsum("nc,nc->n", vectors, vectors))
    return lengths
