# SPDX-License-Identifier: Apache-2.0
"""What was carved without support, or too far, is filled again.

Where a surface is glossy, several views may agree on depths that are wrong: on the reflections in it. A
cavity is kept if the views agree on the texture of its walls, and otherwise filled as a whole, since the
hull is the better guess. That the views' agreement decides is space carving's idea (Kutulakos and Seitz
2000); that it does so for a whole cavity is ours: a piece of wall alone tells too little.
"""

from __future__ import annotations

import torch
from scipy import ndimage  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from uner3d_core.fitted.fusion import SOFTNESS, blur
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.patches import SurfacePoints, agreement, best_views, surface_points, visibility
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.tracing import FAR, box_range, depth_of

SUPPORT = 0.25
"""Mean correlation of the views on the walls of a cavity that is real."""
LEAST_WALL = 300
"""Cavities with fewer points of wall than this are not judged."""
DEEP = 1.5
"""Grid spacings inside the hull from which on a surface is a cavity's wall."""
AROUND = 24
"""Points of the wall over which is averaged."""
OFFSETS = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""Moves along the normal, in grid spacings, the best of which counts: the surface is not yet exact."""
MOST_VIEWS = 6
"""Views that are compared for each point: those that see it best."""
TRACED_SIDE = 128
"""Longest side of the depth maps that tell which view sees what."""
CHORD_SAMPLES = 160
"""Samples along a ray through the grid's box where the hull is filled again."""


def fill_unsupported(grid: Grid, hull: Grid, pictures: list[Picture]) -> Grid:
    """Fill the cavities on whose walls the views do not agree.

    Parameters
    ----------
    grid, hull : Grid
        What was carved, and from what, on the same grid points.
    pictures : list of Picture
        The views.
    """
    gone = ((hull.values < -hull.voxel) & (grid.values > 0.5 * grid.voxel)).cpu().numpy()
    # Cavities that only touch are told apart by what remains of them a grid spacing farther in.
    cavities, count = ndimage.label(ndimage.binary_erosion(gone))
    walls = wall_points(grid, hull)
    if count == 0 or len(walls.positions) < AROUND:
        return grid
    distance, nearest = ndimage.distance_transform_edt(cavities == 0, return_indices=True)
    cavities = torch.from_numpy(cavities[tuple(nearest)] * (distance <= 4)).to(grid.values.device).long()
    index = ((walls.positions - grid.origin) / grid.voxel).round().long()
    cavity = cavities[index.unbind(1)]
    points = torch.bincount(cavity, minlength=count + 1)
    support = torch.bincount(cavity, wall_support(grid, walls, pictures), minlength=count + 1)
    unsupported = (points >= LEAST_WALL) & (support < SUPPORT * points)
    unsupported[0] = False
    fill = unsupported[cavities] & (hull.values < 0)
    filled = torch.where(fill, torch.minimum(grid.values, hull.values), grid.values)
    return grid.with_values(torch.where(fill, blur(filled, SOFTNESS / grid.voxel), filled))


def wall_points(grid: Grid, hull: Grid) -> SurfacePoints:
    """Points of the surface that lie deep inside the hull."""
    points = surface_points(grid)
    deep = hull.sample(points.positions) < -DEEP * grid.voxel
    return SurfacePoints(points.positions[deep], points.normals[deep])


def wall_support(grid: Grid, walls: SurfacePoints, pictures: list[Picture]) -> torch.Tensor:
    """How well the views agree on the texture around each point (N,), -1 to 1; 0 where few see it."""
    depths = [depth_of(grid, picture.shrunk(TRACED_SIDE)) for picture in pictures]
    seen = best_views(visibility(pictures, depths, walls, 2 * grid.voxel), MOST_VIEWS)
    offsets = grid.voxel * torch.tensor(OFFSETS, device=grid.values.device)
    correlation, count = agreement(pictures, walls, seen, offsets)
    best = torch.where(count >= 2, correlation.amax(1), torch.zeros_like(count))
    places = walls.positions.cpu().numpy()
    return best[torch.from_numpy(cKDTree(places).query(places, k=AROUND)[1]).to(best.device)].mean(1)


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
