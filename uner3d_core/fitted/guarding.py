# SPDX-License-Identifier: Apache-2.0
"""What was carved without support is filled again.

Where a surface is glossy or plain, stereo may agree on depths that are wrong. A surface deep inside the hull
must show itself: the views that would see it must agree on its texture. Where they don't, the silhouettes'
hull is the better guess.
"""

from __future__ import annotations

import torch
from scipy.spatial import cKDTree

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.patches import agreement, best_views, surface_points, visibility
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.tracing import depth_of

SUPPORT = 0.15
"""Least mean correlation of the views on a carved surface."""
DEEP = 0.7
"""Grid spacings inside the hull from which on a surface needs support."""
TRACED_SIDE = 128
"""Longest side of the depth maps that tell which view sees what."""
AROUND = 24
"""Points of the surface whose correlations are averaged."""


def fill_unsupported(grid: Grid, hull: Grid, pictures: list[Picture]) -> tuple[Grid, float]:
    """Fill the hull where what was carved from it shows no texture that the views agree on.

    Returns
    -------
    Grid
        The surface with those parts filled.
    float
        Share of the surface that was replaced.
    """
    points = surface_points(grid)
    if len(points.positions) < AROUND:
        return hull, 1.0
    depths = [depth_of(grid, picture.shrunk(TRACED_SIDE)) for picture in pictures]
    seen = best_views(visibility(pictures, depths, points, 2 * grid.voxel), 6)
    score, count = agreement(pictures, points, seen, torch.zeros(1, device=grid.values.device), radius=2)
    supported = torch.where(count >= 2, score[:, 0], torch.zeros_like(score[:, 0]))
    places = points.positions.cpu().numpy()
    tree = cKDTree(places)
    nearest = torch.from_numpy(tree.query(places, k=AROUND)[1]).to(supported.device)
    deep = hull.sample(points.positions) < -DEEP * grid.voxel
    bad = deep & (supported[nearest].mean(1) < SUPPORT)
    carved = ((hull.values < 0) & (grid.values > -0.5 * grid.voxel)).nonzero()
    where = (carved.float() * grid.voxel + grid.origin).cpu().numpy()
    fill = carved[bad[torch.from_numpy(tree.query(where)[1]).to(bad.device)]]
    values = grid.values.clone()
    values[fill[:, 0], fill[:, 1], fill[:, 2]] = hull.values[fill[:, 0], fill[:, 1], fill[:, 2]]
    return grid.with_values(values), float(bad.float().mean())
