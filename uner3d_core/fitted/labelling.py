# SPDX-License-Identifier: Apache-2.0
"""What is inside and what outside: the smallest surface that explains the depth maps.

Every depth says that the ray before it is empty and that a little behind it is full. Where depths are wrong
or missing these votes contradict each other or are absent; the labels that minimise the area of the surface
plus what it costs to overrule the votes close such gaps. This is the minimal cut of Vogiatzis, Torr and
Cipolla (2005) in its continuous form: total variation, solved by the primal-dual method of Chambolle and
Pock (2011). The votes, weights and the pull of the hull are ours.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage  # type: ignore[import-untyped]
from torch import Tensor

from uner3d_core.fitted.consistency import Consistency
from uner3d_core.fitted.grid import Grid, distance_outwards
from uner3d_core.fitted.pictures import Picture, pixel_size
from uner3d_core.fitted.prior import Prior
from uner3d_core.fitted.stereo import DepthMap

THICKNESS = 6.0
"""Details behind a depth that it says are full: what lies farther behind it can't know."""
MOST_EVIDENCE = 1.0
"""Where votes sum up to more than this, more of them change nothing."""
MANY_VIEWS = 32
"""Of more views than these the votes are weighted down in proportion: errors add up as they do."""
FULLNESS = 0.15
"""Evidence that all of the hull of an object is full."""
TENSION = 1.0
"""Cost of a unit of area, beside a unit of evidence in a unit of space, in details, away from where depths or
silhouettes put the surface."""
TENSION_ON_HULL = 0.05
"""Share of it on the hull: a surface that the silhouettes show needs no other reason."""
CHEAPNESS = 2.0
"""How much cheaper the surface gets with each depth that ends there."""
LEAST_TENSION = 1e-3
FULLNESS_FAR_APART = 0.02
"""The same where views are far apart: whatever was not seen agreeing is less likely to be there."""
FULLNESS_OPEN = 0.02
"""The same for the box around an open scene: what is behind a surface is full, whatever that means."""
AGREED = 50.0
"""``CHEAPNESS`` of a place where such views correlate fully, from ``AGREED_FROM`` by ``AGREED_OVER``."""
LIKELY = 10.0
"""``CHEAPNESS`` of a place that a network holds for the border of the object."""
AGREED_FROM, AGREED_OVER = 0.3, 0.5
DISAGREED = 0.5
"""Cost of the surface on the hull, beside what it is inside, where textures there differ, from
``UNLIKE_FROM`` by ``UNLIKE_OVER``: the object is not there."""
UNLIKE_FROM, UNLIKE_OVER = 0.2, 0.5
LEAST_PART = 2e-4
"""Detached parts with a smaller share of the object's volume are taken for errors."""
ITERATIONS = 150
CHUNK = 1_000_000


def label(
    hull: Grid,
    pictures: list[Picture],
    maps: list[DepthMap],
    fullness: float,
    *,
    consistency: Consistency | None = None,
    prior: Prior | None = None,
) -> Grid:
    """Find which part of the hull is full.

    Parameters
    ----------
    hull : Grid
        Signed distance of the visual hull, outside of which nothing is full.
    pictures, maps : lists
        Views with what each found.
    fullness : float
        Evidence that all of the hull is full, against which votes have to prevail.
    consistency : Consistency, optional
        What views far from each other say of every place, where they are so far that depths are few.
    prior : Prior, optional
        What a trained network expects where the pictures say too little.

    Returns
    -------
    Grid
        Signed distance, positive outside, to the border between the labels; as coarse as the grid, but where
        a trained network sees the same border.
    """
    detail = finest_detail(hull, pictures)
    free, full = cast_votes(hull, pictures, maps, THICKNESS * detail)
    share = min(1.0, MANY_VIEWS / len(pictures))
    force = ((free - full) * share).clamp(-MOST_EVIDENCE, MOST_EVIDENCE) - fullness
    if prior is not None:
        force = force - prior.evidence
    highest = TENSION * detail / hull.voxel  # in grid spacings, as evidence is
    likely = CHEAPNESS * surface_density(hull, pictures, maps)
    at_hull = torch.full_like(likely, TENSION_ON_HULL)
    if prior is not None:
        at_hull = at_hull + prior.weight * (1 - at_hull)
        likely = likely + LIKELY * prior.weight * prior.uncertainty
    if consistency is not None:
        agreed = AGREED * ((consistency.correlation - AGREED_FROM) / AGREED_OVER).clamp(0, 1)
        unlike = consistency.texture - consistency.correlation
        at_hull = (at_hull + DISAGREED * ((unlike - UNLIKE_FROM) / UNLIKE_OVER).clamp(0, 1)) / (1 + agreed)
        likely = likely + agreed
    tension = highest / (1 + likely)
    on_hull = hull.values.abs() < 1.2 * hull.voxel
    tension = torch.where(on_hull, torch.minimum(tension, highest * at_hull), tension)
    inside = minimise(force, tension.clamp_min(LEAST_TENSION), hull.values > 0.3 * hull.voxel) > 0.5
    labels = drop_specks(inside.cpu().numpy())
    distance = torch.from_numpy(distance_outwards(labels)).to(hull.values)
    border = hull.with_values((distance - 0.5 * distance.sign()) * hull.voxel)
    return border if prior is None else prior.evened(border, hull)


def drop_specks(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Leave out parts that touch nothing else and are next to nothing in volume."""
    parts, count = ndimage.label(inside)
    volumes = np.bincount(parts.ravel(), minlength=count + 1)
    kept = volumes >= LEAST_PART * inside.sum()
    kept[0] = False
    return np.asarray(kept[parts])


def finest_detail(grid: Grid, pictures: list[Picture]) -> float:
    """Size of the smallest thing that pictures and grid can tell, in working units: a pixel or a spacing."""
    return max(grid.voxel, pixel_size(pictures))


def cast_votes(
    grid: Grid, pictures: list[Picture], maps: list[DepthMap], thickness: float
) -> tuple[Tensor, Tensor]:
    """Sum what the depths say of each grid point.

    Returns
    -------
    free, full : tensors (X, Y, Z)
        Sums of the confidences of the depths behind the point, and of those less than ``thickness``,
        in working units, before it.
    """
    free = torch.zeros_like(grid.values)
    full = torch.zeros_like(grid.values)
    shape = grid.values.shape
    slabs = max(1, CHUNK // (shape[1] * shape[2]))
    for start in range(0, shape[0], slabs):
        stop = min(start + slabs, shape[0])
        points = grid.points(start, stop)
        before, behind = torch.zeros_like(points[:, 0]), torch.zeros_like(points[:, 0])
        for picture, found in zip(pictures, maps, strict=True):
            ahead, confidence = found.seen_from(picture, points)
            # Votes grow over half a grid spacing: the surface is not known more exactly than that.
            steps = ahead / (0.5 * grid.voxel)
            before += confidence * steps.clamp(0, 1)
            near = ahead > -thickness
            behind += confidence * torch.where(near, (-steps).clamp(0, 1), torch.zeros_like(steps))
        free[start:stop] = before.reshape(stop - start, *shape[1:])
        full[start:stop] = behind.reshape(stop - start, *shape[1:])
    return free, full


def surface_density(grid: Grid, pictures: list[Picture], maps: list[DepthMap]) -> Tensor:
    """Density (X, Y, Z) of the depths' points: confidence times area, in squared grid spacings."""
    density = torch.zeros_like(grid.values)
    shape = torch.tensor(grid.values.shape, device=density.device)
    for picture, found in zip(pictures, maps, strict=True):
        known = found.confidence > 0
        depth, points = found.depth[known], found.points(picture, known)
        index = ((points - grid.origin) / grid.voxel).round().long().clamp_min(0)
        x, y, z = torch.minimum(index, shape - 1).unbind(1)
        area = (depth / picture.focal / grid.voxel) ** 2
        density.view(-1).index_add_(0, (x * shape[1] + y) * shape[2] + z, found.confidence[known] * area)
    return density


def minimise(force: Tensor, tension: Tensor, outside: Tensor) -> Tensor:
    """Minimise ``∫ tension |∇u| + ∫ force u`` over ``u`` from 0 (outside) to 1 (inside).

    Parameters
    ----------
    force, tension : tensors (X, Y, Z)
        Evidence against being inside; cost of the surface's area.
    outside : bool tensor (X, Y, Z)
        Where ``u`` is 0.

    Returns
    -------
    tensor (X, Y, Z)
        Nearly everywhere 0 or 1: the relaxed problem has the solutions of the discrete one (Chan,
        Esedoḡlu and Nikolova 2006).
    """
    label = ((force < 0) & ~outside).to(force)
    leading = label
    flow = [torch.zeros_like(force) for _ in range(3)]
    step = 1 / 12**0.5
    for _ in range(ITERATIONS):
        for axis, part in enumerate(flow):
            length = force.shape[axis] - 1
            difference = leading.narrow(axis, 1, length) - leading.narrow(axis, 0, length)
            part.narrow(axis, 0, length).add_(difference, alpha=step)
        strength = torch.sqrt(flow[0] ** 2 + flow[1] ** 2 + flow[2] ** 2) / tension
        strength.clamp_min_(1)
        divergence = -force
        for axis, part in enumerate(flow):
            length = force.shape[axis] - 1
            part.div_(strength)
            divergence.add_(part)
            divergence.narrow(axis, 1, length).sub_(part.narrow(axis, 0, length))
        before = label
        label = (before + step * divergence).clamp_(0, 1).masked_fill_(outside, 0)
        leading = 2 * label - before
    return label
