# SPDX-License-Identifier: Apache-2.0
"""Any number of points on the zero set of a field: evenly spaced, coloured, in a progressive order.

Up to :data:`DIRECT` points push each other apart until they are evenly spread. More points stand halfway
between the neighbours of such a cloud: these being nearly equally far apart, so are the points between them,
at a tenth of the cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from uner3d_core.colouring import Colours
from uner3d_core.errors import ReconstructionError
from uner3d_core.field import Field
from uner3d_core.ordering import Pairs, densest_count, densest_spacing, eliminate
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Progress, Silent
from uner3d_core.spreading import in_matchings, neighbours, pairs_on_surface, project, random_points, spread
from uner3d_core.surface import Mesh, extract_surface

DIRECT = 2_000_000
"""Up to so many points are spread one by one; of larger clouds about a quarter is."""

CHUNK = 1 << 19
"""Largest number of points in one piece of a stream."""

_PAIRS_PER_POINT = 2.7
"""Pairs of neighbours per evenly spread point that can be counted on: a closed triangulation has three."""

_STEPS = 6
"""Steps of repulsion; with six the spacing is more even than that of Poisson disks."""

_STEPS_OF_LARGE = 4
"""Steps of repulsion where other points will stand between; more would not make those more even."""

_COARSEST = 2.0
"""Points are never spread with more than so many voxels between them, as they could not find back to the
surface from where the distance is unknown. Fewer points are the first of a finer cloud."""


def sample(
    field: Field,
    count: int,
    seed: int,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> PointCloud:
    """Spread points evenly over the zero set of a field.

    Parameters
    ----------
    field : Field
        Distances are read on its device; the spacing is worked out on the CPU.
    count : int
        Number of points, above zero.
    seed : int
        The same field, count, seed and device give the same cloud.
    progress : Progress
        Is told the stages ``sampling`` (steps) and, for large clouds, ``densifying`` (points).

    Returns
    -------
    PointCloud
        Exactly ``count`` points in progressive order, with unit normals along the gradient, and colours and
        confidence by inverse-distance weighting over the field's anchors.

    Raises
    ------
    ReconstructionError
        If the field has no zero set.
    """
    cloud = PointCloud(
        np.empty((count, 3), np.float32),
        np.empty((count, 3), np.uint8),
        np.empty((count, 3), np.float32),
        np.empty(count, np.float32),
    )
    start = 0
    for part in stream(field, count, seed, progress):
        place = slice(start, start + len(part))
        cloud.positions[place] = part.positions
        cloud.colours[place] = part.colours
        cloud.normals[place] = part.normals
        cloud.confidence[place] = part.confidence
        start += len(part)
    return cloud


def stream(
    field: Field,
    count: int,
    seed: int,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> Iterator[PointCloud]:
    """Spread points as :func:`sample` does, and hand them out in pieces that follow each other in its order.

    Of more than :data:`DIRECT` points about a quarter is held in memory, the others while they are made.

    Parameters
    ----------
    field, count, seed, progress
        As for :func:`sample`.

    Yields
    ------
    PointCloud
        At most :data:`CHUNK` points.

    Raises
    ------
    ReconstructionError
        If the field has no zero set.
    """
    if count < 1:
        raise ValueError(f"count must be above zero, not {count}")
    random = np.random.default_rng(seed)
    mesh = extract_surface(field)
    if not mesh.area > 0:
        raise ReconstructionError(
            "The field has no surface: it is empty or full everywhere.",
            "Check that the masks show the object and that the cameras look at it.",
        )
    surface = _Surface(field, mesh, Colours(field))
    fewest = math.ceil(densest_count(mesh.area, _COARSEST * field.voxel))
    first = max(math.ceil(count / (1 + _PAIRS_PER_POINT)), fewest)
    if count > max(DIRECT, first):
        yield from _halfway_cloud(surface, first, count, random, progress)
    else:
        yield from _in_pieces(_even_cloud(surface, count, fewest, random, progress))


@dataclass(frozen=True)
class _Surface:
    """What points are spread on, and what gives them their colours."""

    field: Field
    mesh: Mesh
    colours: Colours


def _even_cloud(
    surface: _Surface, count: int, fewest: int, random: np.random.Generator, progress: Progress
) -> PointCloud:
    """Spread points one by one; less than ``fewest`` are the first of a finer cloud."""
    # The order is most even where its number of points has been halved.
    halvings = math.ceil(math.log2(max(1, fewest / count)))
    points, normals = spread(surface.field, surface.mesh, count << halvings, random, progress, steps=_STEPS)
    order = _progressive(points, normals, surface.mesh.area, random)[:count]
    # Whatever follows is faster for points that lie next to each other in memory and space.
    in_space = np.sort(order)
    return _coloured(surface, points[in_space]).taken(np.searchsorted(in_space, order))


def _halfway_cloud(
    surface: _Surface, first: int, count: int, random: np.random.Generator, progress: Progress
) -> Iterator[PointCloud]:
    """Spread the first points one by one, and put the others halfway between them."""
    field, mesh = surface.field, surface.mesh
    spacing = densest_spacing(mesh.area, first)
    points, normals = spread(field, mesh, first, random, progress, steps=_STEPS_OF_LARGE)
    with ThreadPoolExecutor(1) as beside:
        # Finding the order is mostly work for one core; this is what the others can do meanwhile.
        found = beside.submit(neighbours, points, normals, spacing)
        base = beside.submit(_coloured, surface, points)
        order = _progressive(points, normals, mesh.area, random)
    yield from _in_pieces(base.result().taken(order))

    pairs = in_matchings(found.result(), first, random)[: count - first]
    steps = 1 if spacing < field.voxel / 2 else 2
    # Where anchors are further apart than neighbours, the mean of two colours is as good as weighting anew.
    recolour = len(field.anchors) > first
    for start in range(0, len(pairs), CHUNK):
        progress.stage("densifying", first + start, count)
        part = _halfway(field, base.result(), pairs[start : start + CHUNK], steps)
        yield _coloured(surface, part.positions) if recolour else part
    for start in range(first + len(pairs), count, CHUNK):
        progress.stage("densifying", start, count)
        points, _ = project(field, random_points(mesh, min(CHUNK, count - start), random), steps=2)
        yield _coloured(surface, points)
    progress.stage("densifying", count, count)


def _in_pieces(cloud: PointCloud) -> Iterator[PointCloud]:
    for start in range(0, len(cloud), CHUNK):
        yield cloud.between(start, start + CHUNK)


def _progressive(
    points: npt.NDArray[np.float32],
    normals: npt.NDArray[np.float32],
    area: float,
    random: np.random.Generator,
) -> npt.NDArray[np.intp]:
    """Find the progressive order of points on a surface."""

    def find_pairs(kept: npt.NDArray[np.intp], radius: float) -> Pairs:
        return pairs_on_surface(points.take(kept, axis=0), normals.take(kept, axis=0), radius)

    return eliminate(len(points), area, random, find_pairs)


def _coloured(surface: _Surface, points: npt.NDArray[np.float32]) -> PointCloud:
    """Give points on the surface their normals, colours and confidence."""
    there = torch.from_numpy(points).to(surface.field.device)
    normals = surface.field.normal(there).cpu().numpy()
    colour, confidence = surface.colours.at(points, normals)
    return PointCloud(points, colour, normals, confidence)


def _halfway(field: Field, base: PointCloud, pairs: npt.NDArray[np.int32], steps: int) -> PointCloud:
    """Put a point on the surface between each pair of neighbours, with the mean of their attributes."""
    one, other = (base.taken(end) for end in pairs.T)
    points, _ = project(field, (one.positions + other.positions) / 2, steps)
    normals = one.normals + other.normals
    normals /= np.maximum(np.sqrt(np.einsum("nc,nc->n", normals, normals)), 1e-12)[:, None]
    colours = (one.colours.astype(np.uint16) + other.colours + 1) // 2
    confidence = (one.confidence + other.confidence) / 2
    return PointCloud(points, colours.astype(np.uint8), normals, confidence)
