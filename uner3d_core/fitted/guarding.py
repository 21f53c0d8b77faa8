# SPDX-License-Identifier: Apache-2.0
"""What was carved without support, or too far, is filled again.

Where a surface is glossy, several views may agree on depths that are wrong: on the reflections in it. A
cavity is kept if the views agree on the texture of its walls, and otherwise filled as a whole, since the
hull is the better guess. That the views' agreement decides is space carving's idea (Kutulakos and Seitz
2000); that it does so for a whole cavity is ours: a piece of wall alone tells too little.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from uner3d_core.fitted.fusion import BAND
from uner3d_core.fitted.grid import Grid, blur, distance_outwards
from uner3d_core.fitted.patches import SurfacePoints, agreement, best_views, surface_points, visibility
from uner3d_core.fitted.pictures import Picture, pixel_size
from uner3d_core.fitted.tracing import FAR, box_range, depth_of

SUPPORT = 0.25
"""Mean correlation of the views on the walls of a cavity that is real."""
SUPPORT_FAR_APART = 0.1
"""The same for views far apart, which see patches at low angles."""
GRAIN = 1.4
"""Median pixels that a judgement needs at least to be worth something: the unit of what follows, unless grid
spacings are wider."""
LEAST_WALL = 60
"""Square grains: cavities with less wall than this are judged all together."""
MARGIN = 4.0
"""Grains around a cavity that are filled with it."""
DEEP = 1.5
"""Grains inside the hull from which on a surface is a cavity's wall."""
AROUND = 24
"""Square grains of the wall over which is averaged."""
OFFSETS = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""Moves along the normal, in grid spacings, the best of which counts: the surface is not yet exact."""
MOST_VIEWS = 6
"""Views that are compared for each point: those that see it best."""
TRACED_SIDE = 104
"""Longest side of the depth maps that tell which view sees what."""
CHORD_SAMPLES = 160
"""Samples along a ray through the grid's box where the hull is filled again."""
NEARNESS = 4.0
"""How much a distance to the shape that is left counts beside the same depth in the hull: a hole in a thin
wall is closed in the wall, a dent in a bulky shape is filled."""


def fill_unsupported(grid: Grid, hull: Grid, pictures: list[Picture], *, far_apart: bool = False) -> Grid:
    """Fill the cavities on whose walls the views do not agree.

    Parameters
    ----------
    grid, hull : Grid
        What was carved, and from what, on the same grid points.
    pictures : list of Picture
        The views.
    far_apart : bool
        Whether the views are too far apart to agree well.
    """
    grain = max(1.0, GRAIN * pixel_size(pictures) / grid.voxel)  # in grid spacings
    walls = wall_points(grid, hull, DEEP * grain)
    around = round(AROUND * grain**2)
    if len(walls.positions) < around:
        return grid
    gone = ((hull.values < -grain * hull.voxel) & (grid.values > 0.5 * grain * grid.voxel)).cpu().numpy()
    # Cavities that only touch are told apart by what remains of them a grain farther in.
    cavities, count = ndimage.label(ndimage.distance_transform_edt(gone) > grain)
    cavities = spread(cavities, MARGIN * grain)
    crumbs = count + 1
    cavities = np.where(cavities == 0, spread(crumbs * (gone & (cavities == 0)), MARGIN * grain), cavities)
    index = ((walls.positions - grid.origin) / grid.voxel).round().long()
    cavity = torch.from_numpy(cavities).to(index.device)[index.unbind(1)]
    small = torch.bincount(cavity, minlength=crumbs + 1) < LEAST_WALL * grain**2
    small[0] = False
    cavity[small[cavity]] = crumbs
    points = torch.bincount(cavity, minlength=crumbs + 1)
    support = torch.bincount(cavity, wall_support(grid, walls, pictures, around), minlength=crumbs + 1)
    unsupported = support < (SUPPORT_FAR_APART if far_apart else SUPPORT) * points
    unsupported[small] = unsupported[crumbs].clone()
    unsupported[0] = False
    fill = unsupported[torch.from_numpy(cavities).to(index.device)] & (hull.values < 0)
    filled = torch.where(fill, torch.minimum(grid.values, hull.values), grid.values)
    return grid.with_values(torch.where(fill, blur(filled, 0.5), filled))


def spread(cavities: npt.NDArray[np.int_], margin: float) -> npt.NDArray[np.int_]:
    """Let labels grow by so many grid spacings where there is none (0)."""
    distance, nearest = ndimage.distance_transform_edt(cavities == 0, return_indices=True)
    return np.asarray(cavities[tuple(nearest)] * (distance <= margin))


def wall_points(grid: Grid, hull: Grid, depth: float) -> SurfacePoints:
    """Points of the surface that lie so many grid spacings inside the hull."""
    points = surface_points(grid)
    deep = hull.sample(points.positions) < -depth * grid.voxel
    return SurfacePoints(points.positions[deep], points.normals[deep])


def wall_support(grid: Grid, walls: SurfacePoints, pictures: list[Picture], around: int) -> torch.Tensor:
    """How well the views agree on the texture around each point (N,), -1 to 1; 0 where few see it.

    It is averaged over ``around`` points of the wall.
    """
    depths = [depth_of(grid, picture.shrunk(TRACED_SIDE)) for picture in pictures]
    seen = best_views(visibility(pictures, depths, walls, 2 * grid.voxel), MOST_VIEWS)
    offsets = grid.voxel * torch.tensor(OFFSETS, device=grid.values.device)
    found = agreement(pictures, walls, seen, offsets)
    best = torch.where(found.count >= 2, found.correlation.amax(1), torch.zeros_like(found.count))
    places = walls.positions.cpu().numpy()
    return best[torch.from_numpy(cKDTree(places).query(places, k=around)[1]).to(best.device)].mean(1)


def fill_missed(grid: Grid, hull: Grid, pictures: list[Picture], *, few: bool = False) -> Grid:
    """Fill the hull along the rays of pixels that show the object but meet no surface any more.

    Silhouettes must be explained: a ray well inside of one that passes through the carved shape says that
    too much was carved. It is filled where it lies deep in the hull and near what is left of the shape; of
    ``few`` views, whose hull is deep everywhere, only at the place that is nearest to the shape.
    """
    values = grid.values.clone()
    shares = torch.linspace(0, 1, CHORD_SAMPLES, device=values.device)
    limit = torch.tensor(values.shape, device=values.device) - 1
    outwards = distance_outwards((grid.values < 0).cpu().numpy()) if few else np.zeros(values.shape)
    away = grid.with_values(torch.from_numpy(outwards).to(values) * grid.voxel)
    for picture in (picture.shrunk(TRACED_SIDE) for picture in pictures):
        missed = (depth_of(grid, picture) > FAR / 2) & (picture.outside < -1.5)
        if not missed.any():
            continue
        directions = picture.directions(picture.pixel_centres()[missed])
        near, far = box_range(grid, picture.centre, directions)
        depth = near[:, None] + (far - near)[:, None] * shares
        points = picture.centre + directions[:, None] * depth[..., None]
        inside = hull.sample(points)
        # The surface's own distances end at ``BAND``.
        cost = away.sample(points) if few else inside + NEARNESS * grid.sample(points).clamp(0, BAND)
        cost = torch.where(inside < 0, cost, torch.inf)
        reach = (0.5 if few else 2) * grid.voxel
        core = (cost < cost.amin(1, keepdim=True) + reach) & (inside < 0)
        base = ((points[core] - grid.origin) / grid.voxel).floor().long()
        for corner in range(8):
            step = torch.tensor([corner >> 2, (corner >> 1) & 1, corner & 1], device=values.device)
            x, y, z = torch.minimum((base + step).clamp_min(0), limit).unbind(1)
            values[x, y, z] = torch.minimum(values[x, y, z], hull.values[x, y, z])
    return grid.with_values(values)
