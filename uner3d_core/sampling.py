# SPDX-License-Identifier: Apache-2.0
"""Any number of points on the zero set of a field: evenly spaced, coloured, in a progressive order.

Up to :data:`DIRECT` points push each other apart until they are evenly spread. More points stand halfway
between the neighbours of such a cloud: these being nearly equally far apart, so are the points between them,
at a tenth of the cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from uner3d_core.colouring import Colours
from uner3d_core.errors import ReconstructionError
from uner3d_core.field import Field
from uner3d_core.ordering import densest_spacing, eliminate
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
    colours = Colours(field)
    first, steps = count, _STEPS
    if count > DIRECT:
        first, steps = math.ceil(count / (1 + _PAIRS_PER_POINT)), _STEPS_OF_LARGE
    points, order = _even_points(field, mesh, first, random, progress, steps=steps)
    base = _coloured(field, points, colours).taken(order)
    for start in range(0, first, CHUNK):
        yield base.taken(slice(start, start + CHUNK))
    if first == count:
        return

    spacing = densest_spacing(mesh.area, first)
    pairs = in_matchings(neighbours(base.positions, base.normals, spacing), first, random)[: count - first]
    steps = 1 if spacing < field.voxel / 2 else 2
    # Where anchors are further apart than neighbours, the mean of two colours is as good as weighting anew.
    recolour = len(field.anchors) > first
    for start in range(0, len(pairs), CHUNK):
        progress.stage("densifying", first + start, count)
        part = _halfway(field, base, pairs[start : start + CHUNK], steps)
        yield _coloured(field, part.positions, colours) if recolour else part
    for start in range(first + len(pairs), count, CHUNK):
        progress.stage("densifying", start, count)
        points, _ = project(field, random_points(mesh, min(CHUNK, count - start), random), steps=2)
        yield _coloured(field, points, colours)
    progress.stage("densifying", count, count)


def _even_points(
    field: Field, mesh: Mesh, count: int, random: np.random.Generator, progress: Progress, *, steps: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.intp]]:
    """Spread points one by one; the points as they lie in space, and the progressive order of them."""
    finest = 2 / math.sqrt(3) * mesh.area / (_COARSEST * field.voxel) ** 2
    # The order is most even where its number of points has been halved.
    halvings = math.ceil(math.log2(max(1, finest / count)))
    points, normals = spread(field, mesh, count << halvings, random, progress, steps=steps)
    order = eliminate(
        len(points),
        mesh.area,
        random,
        lambda kept, radius: pairs_on_surface(points[kept], normals[kept], radius),
    )[:count]
    # Whatever follows is faster for points that lie next to each other in memory and space.
    in_space = np.sort(order)
    return points[in_space], np.searchsorted(in_space, order)


def _coloured(field: Field, points: npt.NDArray[np.float32], colours: Colours) -> PointCloud:
    """Give points on the surface their normals, colours and confidence."""
    normals = field.normal(torch.from_numpy(points).to(field.device)).cpu().numpy()
    colour, confidence = colours.at(points, normals)
    return PointCloud(points, colour, normals, confidence)


def _halfway(field: Field, base: PointCloud, pairs: npt.NDArray[np.int32], steps: int) -> PointCloud:
    """Put a point on the surface between each pair of neighbours, with the mean of their attributes."""
    first, second = pairs.T
    middle = (base.positions[first] + base.positions[second]) / 2
    points, _ = project(field, middle, steps)
    normals = base.normals[first] + base.normals[second]
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    colours = (base.colours[first].astype(np.uint16) + base.colours[second] + 1) // 2
    confidence = (base.confidence[first] + base.confidence[second]) / 2
    return PointCloud(points, colours.astype(np.uint8), normals, confidence)
