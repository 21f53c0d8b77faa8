# SPDX-License-Identifier: Apache-2.0
"""Where silhouettes contradict each other.

Silhouettes of one object are coherent: the ray of any contour pixel touches the object, so it passes
through what all other silhouettes allow (Hernández, Schmitt and Cipolla 2007). By how many pixels it misses
that tells how far cameras or masks are off, whatever the object looks like.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Picture, sample_image
from uner3d_core.fitted.tracing import box_range, trace

MOST_CONTOURS, MOST_OF_A_VIEW = 4000, 120
"""Contour pixels that are asked, of all views and of one."""
BORDER = 2
"""Pixels at a picture's border that belong to no contour: the border itself may cut the object there."""
FARTHEST = 8.0
"""Pixels; what is missed by more says nothing."""
REACH = 2.0
"""Grid spacings from where a ray comes closest to the hull in which the place is looked for."""
PLACES = 9
"""Places along it."""


@dataclass(frozen=True)
class Contours:
    """C pixels of the views' contours: their view (C,), in order, and their coordinates (C, 2)."""

    view: Tensor
    pixels: Tensor


@dataclass(frozen=True)
class Contradictions:
    """K contour pixels whose rays miss what the other silhouettes allow.

    Parameters
    ----------
    view, other : long tensors (K,)
        Whose contour it is, and whose silhouette is missed by the most.
    places : tensor (K, 3)
        Where the ray comes closest.
    residual : tensor (K,)
        By how many pixels it is missed there.
    slope : tensor (K, 2)
        How fast that grows across the other view's pixels.
    """

    view: Tensor
    other: Tensor
    places: Tensor
    residual: Tensor
    slope: Tensor


def trace_contours(pictures: list[Picture], generator: torch.Generator) -> Contours:
    """Choose pixels on the contours of all views, but for those at the pictures' borders."""
    most = min(MOST_OF_A_VIEW, MOST_CONTOURS // len(pictures))
    views, places = [], []
    for index, picture in enumerate(pictures):
        slope = _slope(picture.outside)
        near = picture.outside.abs() < 0.75
        near[:BORDER], near[-BORDER:], near[:, :BORDER], near[:, -BORDER:] = False, False, False, False
        found = near.nonzero()
        found = found[torch.randperm(len(found), generator=generator)[:most].to(found.device)]
        row, column = found.unbind(1)
        centre = torch.stack([column, row], dim=1) + 0.5
        across = slope[:, row, column].T
        across = across / (across**2).sum(1, keepdim=True).clamp_min(0.25)
        places.append(centre - picture.outside[row, column][:, None] * across)
        views.append(torch.full((len(found),), index))
    return Contours(torch.cat(views), torch.cat(places))


def contradictions(pictures: list[Picture], contours: Contours, hull: Grid) -> Contradictions:
    """Find the contours' rays that miss what the other silhouettes allow."""
    if not len(contours.view):
        none, nothing = torch.zeros(0, dtype=torch.long), torch.zeros(0, dtype=torch.float64)
        return Contradictions(none, none, nothing.view(0, 3), nothing, nothing.view(0, 2))
    points = _near_hull(pictures, contours, hull)
    shape, device = points.shape[:2], points.device
    own = contours.view.to(device)[:, None]
    worst = torch.full(shape, -torch.inf, device=device)
    slopes = torch.zeros((*shape, 2), device=device)
    whose = torch.zeros(shape, dtype=torch.long, device=device)
    for other, picture in enumerate(pictures):
        where, _ = picture.project(points.reshape(-1, 3))
        plane = torch.cat([picture.outside[None], _slope(picture.outside)])
        value, *slope = sample_image(plane, where).reshape(3, *shape)
        size = torch.tensor([picture.width, picture.height], device=device)
        shown = ((where > BORDER) & (where < size - BORDER)).all(1).reshape(shape)
        more = (value > worst) & shown & (own != other)
        worst, whose = torch.where(more, value, worst), torch.where(more, other, whose)
        slopes = torch.where(more[..., None], torch.stack(slope, dim=-1), slopes)
    least, place = worst.min(1)
    rows = ((least > 0) & (least < FARTHEST)).nonzero()[:, 0]
    at = rows, place[rows]
    return Contradictions(
        own[rows, 0].cpu(),
        whose[at].cpu(),
        points[at].double().cpu(),
        least[rows].double().cpu(),
        slopes[at].double().cpu(),
    )


def _near_hull(pictures: list[Picture], contours: Contours, hull: Grid) -> Tensor:
    """Find places (C, PLACES, 3) on the contours' rays around where these come closest to the hull."""
    origins, directions = [], []
    for index, picture in enumerate(pictures):
        pixels = contours.pixels[contours.view == index]
        directions.append(picture.directions(pixels))
        origins.append(picture.centre.expand(len(pixels), 3))
    origin, direction = torch.cat(origins), torch.cat(directions)
    near, far = box_range(hull, origin, direction)
    _, closest = trace(hull, origin, direction, near, far.maximum(near + hull.voxel))
    reach = REACH * hull.voxel / direction.norm(dim=1, keepdim=True)
    depth = closest[:, None] + reach * torch.linspace(-1, 1, PLACES, device=closest.device)
    places: Tensor = origin[:, None] + direction[:, None] * depth[..., None]
    return places


def _slope(values: Tensor) -> Tensor:
    """Differentiate an image (H, W) along x and y: (2, H, W)."""
    down, across = torch.gradient(values)
    return torch.stack([across, down])
