# SPDX-License-Identifier: Apache-2.0
"""Pictures without masks: the scene itself is reconstructed, as far as several views saw it.

Where there are no silhouettes nothing bounds the object. A sweep through all depths finds where the views
agree on anything, and the box around that takes the place of the hull. In the end the surface is open: what
is not near to a place on which views agreed is unknown, not wall.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from scipy import ndimage  # type: ignore[import-untyped]
from torch import Tensor
from torch.nn import functional

from uner3d_core.errors import ReconstructionError
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.hull import nearest_point_to_rays
from uner3d_core.fitted.labelling import surface_density
from uner3d_core.fitted.matching import match
from uner3d_core.fitted.patches import SurfacePoints, visibility
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures, shrunk_view
from uner3d_core.fitted.stereo import DepthMap, choose_neighbours
from uner3d_core.fitted.tracing import FAR, depth_of
from uner3d_core.memory import Memory
from uner3d_core.progress import Progress
from uner3d_core.views import View

LEAST_VIEWS = 3
"""Fewer views agree on nothing that a third could confirm."""
SIDE = 104
"""Longest side of the pictures in which the scene is looked for."""
DEPTHS = 72
"""Depths tried for each of their pixels."""
NEAREST, FARTHEST = 0.2, 4.0
"""Range of these depths, in median distances of the cameras to what they look at."""
AGREEMENT = 0.015
"""Depths of two views, in the same unit, that differ by less are of the same point."""
NEIGHBOURS = 4
"""Other views that each is matched with."""
LEAST_CONFIDENCE = 0.3
"""Of a depth that counts: that of one that two other views confirm."""
LEAST_POINTS = 20
"""Pixels of each view, on average, on which others must agree."""
OUTLIERS = 0.01
"""Share of the points, at either end of each axis, that the box need not hold."""
MARGIN = 0.05
"""What the box is larger on each side, beside its largest extent."""
REACH = 0.06
"""Working units from a place on which views agreed within which the surface is known."""
LEAST_DENSITY = 0.15
"""Confidence, times the share of a grid point's area that it covers, that makes such a place."""
LEAST_PART = 0.02
"""Detached pieces of the surface with a smaller share of the largest one's size are taken for errors."""
LEAST_VIEWS_OF_A_PLACE = 2
"""Views that must see a place of the surface."""
BORDER = 2.0
"""Grid spacings to the border of the box within which no surface is believed."""
NEAR = 3.0
"""Grid spacings from the surface in which it matters what is known."""


def shows_scene(views: list[View]) -> bool:
    """Tell whether no view has a silhouette, and there are enough of them to agree on anything."""
    return len(views) >= LEAST_VIEWS and not any(view.has_silhouette for view in views)


def find_scene(views: list[View], memory: Memory, progress: Progress) -> tuple[Frame, Tensor]:
    """Find the box of what several views agree on.

    Parameters
    ----------
    views : list of View
        Pictures without masks.
    memory : Memory
        Says where and how much can be compared at once.
    progress : Progress
        Is told the stage ``overview``.

    Returns
    -------
    frame : Frame
        With the box's centre as its origin; its longest side is two working units long.
    half : tensor (3,)
        Half of the box's sides in working units.

    Raises
    ------
    ReconstructionError
        If the views agree on next to nothing.
    """
    small = [shrunk_view(view, SIDE) for view in views]
    centre = nearest_point_to_rays(small)
    distance = float(np.median([np.linalg.norm(view.camera.centre - centre) for view in views]))
    pictures = load_pictures(small, Frame(centre, distance), memory.device, SIDE)
    corner = torch.zeros(3, device=memory.device)
    everywhere = Grid(corner, 1.0, torch.full((2, 2, 2), -FARTHEST, device=memory.device))
    depths = 1 / torch.linspace(1 / NEAREST, 1 / FARTHEST, DEPTHS, device=memory.device)[:, None, None]
    maps = match(
        pictures,
        choose_neighbours(pictures, NEIGHBOURS),
        everywhere,
        [depths] * len(pictures),
        agreement=AGREEMENT,
        memory=memory,
        stage="overview",
        progress=progress,
    )
    found = [
        each.points(picture, each.confidence > LEAST_CONFIDENCE)
        for picture, each in zip(pictures, maps, strict=True)
    ]
    points = torch.cat(found).cpu().numpy().astype(np.float64)
    if len(points) < LEAST_POINTS * len(views):
        raise ReconstructionError(
            "The pictures have no masks, and there is next to nothing in them on which several agree.",
            "Check that the cameras belong to the images, or give masks of the object.",
        )
    low, high = np.quantile(points, [OUTLIERS, 1 - OUTLIERS], axis=0)
    margin = MARGIN * float((high - low).max())
    scale = float((high - low).max()) / 2 + margin
    half = torch.tensor((high - low) / 2 + margin, device=memory.device) / scale
    return Frame(centre + (low + high) / 2 * distance, scale * distance), half.float()


def box_grid(half: Tensor, resolution: int) -> Grid:
    """Signed distance to a box around the origin, with so many grid points along its longest side."""
    voxel = 2 * float(half.max()) / (resolution - 1)
    low = -half - 2 * voxel
    shape = [int(count) for count in torch.ceil(-2 * low / voxel).long() + 1]
    grid = Grid(low, voxel, torch.empty(shape, device=half.device))
    values = (grid.points(0, shape[0]).abs() - half).amax(1)
    return grid.with_values(values.reshape(shape))


def unknown_places(surface: Grid, box: Grid, pictures: list[Picture], maps: list[DepthMap]) -> Tensor:
    """Find the grid points (X, Y, Z) at the surface about which the views say nothing.

    Known is what two views see and what is near to a place on which views agreed, but for the border of the
    box, which is no surface, and for small detached pieces.

    Parameters
    ----------
    surface, box : Grid
        Signed distances of the surface and of the box that it was looked for in, on the same grid points.
    pictures, maps : lists
        Views with what each found.

    Returns
    -------
    bool tensor (X, Y, Z)
        Away from the surface false.
    """
    agreed = (surface_density(surface, pictures, maps) > LEAST_DENSITY).cpu().numpy()
    reached = torch.from_numpy(ndimage.distance_transform_edt(~agreed)).to(surface.values.device)
    near = surface.values.abs() < NEAR * surface.voxel
    candidates = near & (reached * surface.voxel < REACH) & (box.values < -BORDER * surface.voxel)
    index = candidates.nonzero()
    positions = index.float() * surface.voxel + surface.origin
    points = SurfacePoints(positions, functional.normalize(surface.gradient(positions), dim=-1))
    small = [picture.shrunk(SIDE) for picture in pictures]
    depths = [depth_of(surface, picture) for picture in small]
    views = (visibility(small, depths, points, 2 * NEAR * surface.voxel) > 0).sum(0)
    known = torch.zeros_like(near)
    known[index.unbind(1)] = views >= LEAST_VIEWS_OF_A_PLACE
    pieces, count = ndimage.label(known.cpu().numpy())
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    kept = sizes >= LEAST_PART * sizes.max()
    return near & ~torch.from_numpy(kept[pieces]).to(near.device)


def known_parts(surface: Grid, unknown: Tensor, pictures: list[Picture]) -> list[Picture]:
    """Give pictures a coverage that is 1 where they show a known part of the surface and 0 elsewhere."""
    doubtful = surface.with_values(unknown.to(surface.values))
    shown = []
    for picture in pictures:
        depth = depth_of(surface, picture)
        points = picture.centre + picture.directions(picture.pixel_centres()) * depth[..., None]
        known = (depth < FAR / 2) & (doubtful.sample(points) < 0.5)
        shown.append(replace(picture, coverage=known.to(picture.coverage)))
    return shown
