# SPDX-License-Identifier: Apache-2.0
"""Where the network's frame lies for given views: the sphere that their silhouettes tell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from uner3d_core.fitted.hull import distances_to_rays, nearest_point_to_rays, shown_pixels
from uner3d_core.network.projection import project, sample_maps
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.views import View

RESOLUTION = 32
"""Points a side of the cube in which the hull's middle is looked for."""

REACH = 1.3
"""Half the side of that cube, in radii."""

SIZE = 64
"""Pixels a side of the pictures in which it is looked for."""


def find_sphere(views: list[View]) -> tuple[npt.NDArray[np.float64], float]:
    """Find centre (3,) and radius, in world units, of the sphere that just holds the object.

    The centre is that of the box of the visual hull near the point at which the views look. The radius is
    the median over the views of the largest distance between the centre and the rays of a silhouette: unlike
    the hull's corners, it does not depend on how many views there are. Of one view alone the depth is not
    known: then the centre lies where its line of sight passes nearest to the world's origin.

    Raises
    ------
    ReconstructionError
        If the cameras look away from each other.
    """
    centre = nearest_point_to_rays(views)
    along = torch.linspace(-REACH, REACH, RESOLUTION)
    points = torch.cartesian_prod(along, along, along)
    for _ in range(2 if len(views) > 1 else 0):
        radius = _radius(views, centre)
        batch = ViewBatch.from_views([views], SIZE, torch.device("cpu"), [centre], [radius])
        seen = project(points[None], batch)
        masks = sample_maps(batch.masks, seen.pixels, batch.size)[0, ..., 0]
        inside = points[torch.where(seen.ahead[0], masks, 1.0).amin(0) > 0.25]
        if len(inside) == 0:  # thinner than the grid is fine
            break
        middle = (inside.amin(0) + inside.amax(0)) / 2
        centre = centre + radius * middle.numpy().astype(np.float64)
    return centre, _radius(views, centre)


def _radius(views: list[View], centre: npt.NDArray[np.float64]) -> float:
    return float(np.median([_reach(view, centre) for view in views]))


def _reach(view: View, centre: npt.NDArray[np.float64]) -> float:
    """Largest distance between a point and the rays of a silhouette's pixels, in world units."""
    rows, columns = shown_pixels(view)
    pixels = np.stack([columns, rows], axis=1) + 0.5
    return float(distances_to_rays(view, pixels, centre).max())
