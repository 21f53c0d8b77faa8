# SPDX-License-Identifier: Apache-2.0
"""Masks that are wrong here and there: a hull that lets some views dissent.

The visual hull is what all silhouettes allow, so whatever one of them misses is missing. Where they
contradict each other, a point is kept though some views deny it: as many as it takes until the hull explains
what the silhouettes show. The silhouettes are then drawn anew from it, which averages their errors. That
silhouettes vote on each place is an old idea (Landabaso, Pardàs and Casas 2008 give the votes error rates);
that the contradiction itself tells how many may be wrong is ours.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from scipy import ndimage  # type: ignore[import-untyped]

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.hull import find_box, hull_grid
from uner3d_core.fitted.pictures import Picture, silhouette_distance
from uner3d_core.fitted.tracing import FAR, depth_of

CONTRADICTED = 0.027
"""Share of the silhouettes, but for their contours, that the hull leaves unexplained where masks are wrong.
On rendered objects it is at most 0.002; with cameras that are a pixel off 0.025, but up to 0.25 on rods that
are a few pixels wide; with a twentieth of the masks' pixels wrong along the contours 0.03 to 0.08."""
EXPLAINED = 0.035
"""Share that a hull with dissenting views may leave: what masks show too much, no hull explains."""
NARROW = 2
"""Half the width, in grid spacings, of channels that don't make a cavity a part of the outside."""
VIEWS_PER_DISSENT = 8
"""One of so many views may be wrong about a point."""
CONTOUR = 0.7
"""Pixels inside a silhouette's contour that are not asked."""
SIDE = 128
"""Longest side of the silhouettes that are asked, in pixels."""


def tolerant_hull(pictures: list[Picture], resolution: int) -> tuple[Grid, int]:
    """Find the hull that explains the silhouettes, with as few dissenting views as can be.

    Parameters
    ----------
    pictures : list of Picture
        Views with silhouettes.
    resolution : int
        Grid points along the longest side of the hull's box.

    Returns
    -------
    hull : Grid
        Signed distances.
    dissent : int
        Number of views that may deny a point inside; 0 where the silhouettes agree.
    """
    small = [picture.shrunk(SIDE) for picture in pictures]
    hull = hull_grid(pictures, *find_box(pictures), resolution)
    most = len(pictures) // VIEWS_PER_DISSENT
    if most == 0 or unexplained(hull, small) < CONTRADICTED:
        return hull, 0
    for dissent in range(1, most + 1):
        hull = without_cavities(hull_grid(pictures, *find_box(pictures, dissent), resolution, dissent))
        if unexplained(hull, small) < EXPLAINED:
            break
    return hull, dissent


def without_cavities(hull: Grid) -> Grid:
    """Fill what nothing but narrow channels joins to the outside.

    A silhouette empties whole rays, up to the border of the space. What is empty deep inside a hull that
    lets views dissent lies where the errors of several happen to cross.
    """
    inside = (hull.values < 0).cpu().numpy()
    wide = np.pad(inside, NARROW + 1)
    closed = ndimage.binary_fill_holes(ndimage.binary_dilation(wide, iterations=NARROW))
    full = (
        ndimage.binary_erosion(closed, iterations=NARROW + 1)[(slice(NARROW + 1, -NARROW - 1),) * 3] | inside
    )
    depth = torch.from_numpy(ndimage.distance_transform_edt(full)).to(hull.values)
    filled = torch.minimum(hull.values, (1 - depth) * hull.voxel)
    return hull.with_values(torch.where(depth > 0, filled, hull.values))


def unexplained(hull: Grid, pictures: list[Picture]) -> float:
    """Mean share of the silhouettes, but for their contours, in which the hull is not to be seen."""
    shares = []
    for picture in pictures:
        core = picture.outside < -CONTOUR
        missed = core & (depth_of(hull, picture) > FAR / 2)
        shares.append(missed.sum() / core.sum().clamp_min(1))
    return float(torch.stack(shares).mean())


def redrawn(pictures: list[Picture], hull: Grid) -> list[Picture]:
    """Give pictures the silhouettes that a hull has in them."""
    drawn = []
    for picture in pictures:
        everywhere = replace(picture, coverage=torch.ones_like(picture.coverage))
        covered = (depth_of(hull, everywhere) < FAR / 2).to(picture.coverage)
        outside = torch.from_numpy(silhouette_distance(covered.cpu().numpy())).to(covered.device)
        drawn.append(replace(picture, coverage=covered, outside=outside))
    return drawn
