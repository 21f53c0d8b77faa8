# SPDX-License-Identifier: Apache-2.0
"""What was carved without support is filled again.

Where a surface is glossy or plain, stereo may agree on depths that are wrong. Carving into the hull must make
the pictures agree: the views must show more alike colours on the carved surface than on the hull before it
(the test of space carving, Kutulakos and Seitz 2000), or the same texture. Otherwise, and where hardly a view
sees the carved surface, the hull is the better guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.spatial import cKDTree  # type: ignore[import-untyped]
from torch import Tensor

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.patches import (
    agreement,
    best_views,
    colour_variation,
    surface_points,
    visibility,
)
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.tracing import FAR, box_range, depth_of

SUPPORT = 0.15
"""Mean correlation of the views that is support enough by itself."""
STRICT = 0.01
"""How much less than on the hull the colours must vary, from 0 to 1, on a surface that is final."""
LOOSE = -0.05
"""The same for a surface that a finer sweep will still correct: it may even be somewhat worse."""
DEEP = 0.7
"""Grid spacings inside the hull from which on a surface needs support."""
AROUND = 24
"""Points of the surface over which is averaged."""
MOST_VIEWS = 6
"""Views that are compared for each point: those that see it best."""
TRACED_SIDE = 128
"""Longest side of the depth maps that tell which view sees what."""
CHORD_SAMPLES = 160
"""Samples along a ray through the grid's box where the hull is filled again."""
UNSEEN = 0.3
"""Variation of colours that is assumed where fewer than two views see a point."""


@dataclass(frozen=True)
class Consistency:
    """How well the pictures agree on a surface.

    Parameters
    ----------
    positions : tensor (N, 3)
        Points on the surface.
    tree : cKDTree
        Of the positions.
    seen, correlation, variation : tensors (N,)
        Averages around each point: share of points that two views see, correlation of textures,
        variation of colours.
    """

    positions: Tensor
    tree: cKDTree
    seen: Tensor
    correlation: Tensor
    variation: Tensor


def consistency(grid: Grid, pictures: list[Picture]) -> Consistency | None:
    """Measure how well the pictures agree on a surface; None where there is hardly any surface."""
    points = surface_points(grid)
    if len(points.positions) < AROUND:
        return None
    depths = [depth_of(grid, picture.shrunk(TRACED_SIDE)) for picture in pictures]
    seen = best_views(visibility(pictures, depths, points, 2 * grid.voxel), MOST_VIEWS)
    score, count = agreement(pictures, points, seen, torch.zeros(1, device=grid.values.device), radius=2)
    places = points.positions.cpu().numpy()
    tree = cKDTree(places)
    nearest = torch.from_numpy(tree.query(places, k=AROUND)[1]).to(count.device)
    enough = count >= 2
    correlation = torch.where(enough, score[:, 0], torch.zeros_like(count))
    variation = colour_variation(pictures, points, seen)
    variation = torch.where(enough, variation, torch.full_like(count, UNSEEN))
    return Consistency(
        points.positions,
        tree,
        enough.float()[nearest].mean(1),
        correlation[nearest].mean(1),
        variation[nearest].mean(1),
    )


def fill_unsupported(
    grid: Grid, hull: Grid, pictures: list[Picture], on_hull: Consistency, margin: float
) -> tuple[Grid, float]:
    """Fill the hull where carving it did not make the pictures agree.

    Parameters
    ----------
    grid, hull : Grid
        What was carved, and from what, on the same grid points.
    pictures : list of Picture
        The views.
    on_hull : Consistency
        How well the pictures agree on the hull's surface.
    margin : float
        :data:`STRICT` or :data:`LOOSE`.

    Returns
    -------
    Grid
        The surface with those parts filled.
    float
        Share of the carved space that was filled.
    """
    carved = consistency(grid, pictures)
    gone = ((hull.values < 0) & (grid.values > -0.5 * grid.voxel)).nonzero()
    if carved is None:
        return hull, 1.0
    if len(gone) == 0:
        return grid, 0.0
    where = (gone.float() * grid.voxel + grid.origin).cpu().numpy()
    inner = torch.from_numpy(carved.tree.query(where)[1]).to(gone.device)
    outer = torch.from_numpy(on_hull.tree.query(where)[1]).to(gone.device)
    deep = hull.sample(carved.positions)[inner] < -DEEP * grid.voxel
    alike = carved.variation[inner] < on_hull.variation[outer] - margin
    supported = (carved.seen[inner] > 0.5) & (alike | (carved.correlation[inner] > SUPPORT))
    fill = gone[deep & ~supported]
    values = grid.values.clone()
    values[fill[:, 0], fill[:, 1], fill[:, 2]] = hull.values[fill[:, 0], fill[:, 1], fill[:, 2]]
    return grid.with_values(values), len(fill) / len(gone)


def fill_missed(grid: Grid, hull: Grid, pictures: list[Picture]) -> Grid:
    """Fill the hull along the rays of pixels that show the object but meet no surface any more.

    Silhouettes must be explained: a ray well inside of one that passes through the carved shape says that
    too much was carved. It is filled where it lies deepest in the hull.
    """
    values = grid.values.clone()
    shares = torch.linspace(0, 1, CHORD_SAMPLES, device=values.device)
    limit = torch.tensor(values.shape, device=values.device) - 1
    for picture in (picture.shrunk(TRACED_SIDE) for picture in pictures):
        missed = (depth_of(grid, picture) > FAR / 2) & (picture.outside < -1.5)
        if not missed.any():
            continue
        directions = picture.directions(picture.pixel_centres()[missed])
        near, far = box_range(grid, picture.centre, directions)
        depth = near[:, None] + (far - near)[:, None] * shares
        points = picture.centre + directions[:, None] * depth[..., None]
        inside = hull.sample(points)
        core = inside < (inside.amin(1, keepdim=True) + 2 * grid.voxel).clamp_max(0)
        base = ((points[core] - grid.origin) / grid.voxel).floor().long()
        for corner in range(8):
            step = torch.tensor([corner >> 2, (corner >> 1) & 1, corner & 1], device=values.device)
            x, y, z = torch.minimum((base + step).clamp_min(0), limit).unbind(1)
            values[x, y, z] = torch.minimum(values[x, y, z], hull.values[x, y, z])
    return grid.with_values(values)
