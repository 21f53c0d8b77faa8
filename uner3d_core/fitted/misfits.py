# SPDX-License-Identifier: Apache-2.0
"""Views that contradict all others: a wrong camera, or the mask of something else.

Silhouettes that belong together explain each other: where one shows the object, the hull of the others is
there to be seen. One that does not belong cuts away from the hull what the others show. So a view is a misfit
if without it the others explain each other far better.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.fitted.hull import hull_distance, nearest_point_to_rays, ray_distances, silhouette_radius
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures, shrunk_view
from uner3d_core.views import View

LEAST_VIEWS = 6
"""Fewer views can't outvote one."""
MOST = 0.2
"""Share of the views that may be misfits."""
TOLERATED = 0.0004
"""Mean share of the silhouettes, but for their contours, that may be unexplained."""
RELIEF = 0.6
"""A view is a misfit if without it the unexplained share falls below this part of it."""
SIDE = 64
"""Longest side of the silhouettes that are compared, in pixels."""
GRID = 48
"""Points along each side of the grid that stands for the hull."""
EXTENT = 1.2
"""Half the width of that grid, in median radii of the silhouettes."""
FAR_RAY = 4.0
"""Views whose line of sight passes the object's middle at more than so many median distances have no say in
where that is."""
CONTOUR = 1.5
"""Pixels inside a silhouette's contour that are not asked."""


def find_misfits(views: list[View]) -> list[int]:
    """Find the views that contradict the others.

    Parameters
    ----------
    views : list of View
        All views; those without a silhouette say nothing here.

    Returns
    -------
    list of int
        Their places in the list, the worst first.

    Raises
    ------
    ReconstructionError
        If no point lies in front of most cameras.
    """
    masked = [index for index, view in enumerate(views) if view.has_silhouette]
    if len(masked) < LEAST_VIEWS:
        return []
    shrunk = [shrunk_view(view, SIDE) for view in views]
    small = load_pictures(shrunk, _provisional_frame(shrunk), torch.device("cpu"), SIDE)
    axis = torch.linspace(-EXTENT, EXTENT, GRID)
    points = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1).reshape(-1, 3)
    spacing = 2 * EXTENT / (GRID - 1)
    cut = {index: hull_distance([small[index]], points) > spacing for index in masked}
    places = {index: _pixels(small[index], points) for index in masked}
    misfits: list[int] = []
    while len(misfits) < MOST * len(masked):
        kept = [index for index in masked if index not in misfits]
        cuts = torch.stack([cut[index] for index in kept]).sum(0)
        now = _unexplained(cuts == 0, kept, small, places)
        if now < TOLERATED:
            break
        without = [
            _unexplained(cuts == cut[index], [other for other in kept if other != index], small, places)
            for index in kept
        ]
        least = min(range(len(kept)), key=without.__getitem__)
        if without[least] > RELIEF * now:
            break
        misfits.append(kept[least])
    return misfits


def _provisional_frame(views: list[View]) -> Frame:
    """Where the object is by most of the views, though some may be wrong."""
    centre = nearest_point_to_rays(views)
    for _ in range(3):
        distances = ray_distances(views, centre)
        near = distances <= FAR_RAY * max(float(np.median(distances)), 1e-12)
        centre = nearest_point_to_rays([view for view, kept in zip(views, near, strict=True) if kept])
    return Frame(centre, float(np.median([silhouette_radius(view, centre) for view in views])))


def _pixels(picture: Picture, points: Tensor) -> Tensor:
    """Index (N,) of the pixel in which each point is seen; one past the last where it is not shown."""
    pixels, depth = picture.project(points)
    column, row = pixels.floor().long().unbind(1)
    shown = (depth > 0) & (column >= 0) & (row >= 0) & (column < picture.width) & (row < picture.height)
    return torch.where(shown, row * picture.width + column, picture.width * picture.height)


def _unexplained(
    inside: Tensor, kept: list[int], pictures: list[Picture], places: dict[int, Tensor]
) -> float:
    """Mean share of the views' silhouettes in which a hull of grid points (N,) is not to be seen."""
    total = 0.0
    for index in kept:
        picture = pictures[index]
        seen = torch.zeros(picture.width * picture.height + 1, device=inside.device)
        seen[places[index][inside]] = 1.0
        drawn = seen[:-1].view(1, 1, picture.height, picture.width)
        drawn = functional.max_pool2d(drawn, 5, stride=1, padding=2)[0, 0] > 0
        core = picture.outside < -CONTOUR
        total += float((core & ~drawn).sum() / core.sum().clamp_min(1))
    return total / len(kept)
