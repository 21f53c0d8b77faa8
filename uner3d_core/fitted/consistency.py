# SPDX-License-Identifier: Apache-2.0
"""Where in the hull the views agree on a surface that is not known yet.

Plane sweeps need views near each other. Of a handful of views all around an object, hardly two see a place
from the same side, and windows that lie parallel to the picture match nothing. A patch that lies in the
surface is foreshortened rightly in each view, and its tangent plane is much the same for the surface and for
what is known of it from the silhouettes. So each place inside is judged by the patch there that is parallel
to the surface above it: photo-consistency in the volume, after Vogiatzis, Torr and Cipolla (2005), with
oriented patches.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.fitted.grid import Grid, blur, distance_outwards
from uner3d_core.fitted.patches import SurfacePoints, agreement, best_views
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.stereo import view_angles
from uner3d_core.fitted.tracing import FAR, depth_of

WIDE_ANGLE = 45.0
"""Degrees from a view to the next, in the middle of all views, above which this is worth its while."""
PATCH_RADIUS = 3
"""Patches have (2 · 3 + 1)² samples, a pixel apart."""
PATCH_NOISE = 1e-3
"""Variance, of colours from 0 to 1, below which a patch is plain."""
MOST_VIEWS = 3
"""Views that are compared at each place: those that look at it most directly."""
LEAST_COSINE = 0.3
"""Views that look at a patch at a lower angle are not asked."""
SMOOTHNESS = 6.0
"""Sigma, in grid spacings, of the blur that gives the patches their directions."""
DEEPEST = 0.5
"""Working units below the surface known so far beyond which nothing is looked for."""
SLANT = 2.5
"""How much longer than its depth the way to a place through the object may be, seen under no angle."""


@dataclass(frozen=True)
class Consistency:
    """What the views say of each grid point, as if it were on the surface; zero where fewer than two look.

    Parameters
    ----------
    correlation : tensor (X, Y, Z)
        Of the patches that they see there, -1 to 1.
    texture : tensor (X, Y, Z)
        0 to 1; where it is 0 the patches are plain, and that they differ or agree says nothing.
    """

    correlation: Tensor
    texture: Tensor


def are_far_apart(pictures: list[Picture]) -> bool:
    """Tell whether the views stand so far from each other that plane sweeps find little."""
    if len(pictures) < 2:
        return False
    nearest = view_angles(pictures).fill_diagonal_(180).amin(1)
    return float(nearest.median()) > WIDE_ANGLE


def photo_consistency(surface: Grid, hull: Grid, pictures: list[Picture]) -> Consistency:
    """Judge every grid point inside the hull and not too deep inside the surface known so far.

    Parameters
    ----------
    surface, hull : Grid
        Signed distances of what is known of the surface, and of the visual hull, on the same grid points.
    pictures : list of Picture
        The views.
    """
    voxel = surface.voxel
    outwards = distance_outwards((surface.values < 0).cpu().numpy())
    below = torch.from_numpy(-outwards).to(surface.values) * voxel
    near = (hull.values < 0.5 * voxel) & (below < DEEPEST) & (below > -3 * voxel)
    index = near.nonzero()
    places = index.float() * voxel + surface.origin
    normals = surface.with_values(blur(-below, SMOOTHNESS)).gradient(places)
    points = SurfacePoints(places, functional.normalize(normals, dim=-1))
    depth_below = below[index.unbind(1)].clamp_min(0)
    seen = torch.stack([_may_see(surface, picture, points, depth_below) for picture in pictures])
    here = torch.zeros(1, device=places.device)
    found = agreement(
        pictures, points, best_views(seen, MOST_VIEWS), here, radius=PATCH_RADIUS, noise=PATCH_NOISE
    )
    several = found.count >= 2
    correlation, texture = torch.zeros_like(below), torch.zeros_like(below)
    correlation[index.unbind(1)] = found.correlation[:, 0] * several
    texture[index.unbind(1)] = found.texture[:, 0] * several
    return Consistency(correlation, texture)


def _may_see(surface: Grid, picture: Picture, points: SurfacePoints, below: Tensor) -> Tensor:
    """Cosine (N,) at which a view would look at each patch; 0 where more is before it than what is above."""
    pixels, depth = picture.project(points.positions)
    cosine = (functional.normalize(picture.centre - points.positions, dim=-1) * points.normals).sum(-1)
    first = depth_of(surface, picture)
    column = pixels[:, 0].long().clamp(0, picture.width - 1)
    row = pixels[:, 1].long().clamp(0, picture.height - 1)
    before = depth - first[row, column]
    reach = SLANT * below / cosine.clamp_min(LEAST_COSINE) + 2 * surface.voxel
    seen = (cosine > LEAST_COSINE) & (before < reach) & (first[row, column] < FAR / 2)
    return torch.where(seen, cosine, torch.zeros_like(cosine))
