# SPDX-License-Identifier: Apache-2.0
"""The colours of the surface, from the views that see it.

Colours averaged over the pictures are sharper than any that a network or a grid learns from them. They are
kept as coloured anchors on the surface; between these, colours are weighted by inverse distance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.fitted.pictures import Picture, sample_image

SHARPNESS = 4.0
"""Power of a view's resolution on the surface in its weight: near views that look straight at it win."""
SPREAD = 0.12
"""Colours, from 0 to 1, that differ by this much from the others count little: a highlight, a wrong pixel."""
POINTS_AT_ONCE = 1 << 17
ROUNDS = 3
"""Times that the mean is taken, with less weight each time for what is far from it."""


def colour_points(
    pictures: list[Picture],
    depths: list[Tensor],
    points: Tensor,
    normals: Tensor,
    slack: float,
    *,
    at_once: int = POINTS_AT_ONCE,
) -> tuple[Tensor, Tensor]:
    """Colours of surface points from all views that see them.

    Parameters
    ----------
    pictures : list of Picture
        The views.
    depths : list of tensors (height, width)
        Depth of the surface in each, which hides points.
    points, normals : tensors (N, 3)
        Points on the surface with outward unit normals, working frame.
    slack : float
        Working units that a point may lie behind the surface.
    at_once : int
        How many of them are coloured together.

    Returns
    -------
    colours : tensor (N, 3)
        0 to 1.
    confidence : tensor (N,)
        0 where no view sees the point; grows with the number of views and with how well they agree.
    """
    parts = zip(torch.split(points, at_once), torch.split(normals, at_once), strict=True)
    blended = [_blend_views(pictures, depths, *part, slack) for part in parts]
    return torch.cat([colours for colours, _ in blended]), torch.cat([sure for _, sure in blended])


def _blend_views(
    pictures: list[Picture], depths: list[Tensor], points: Tensor, normals: Tensor, slack: float
) -> tuple[Tensor, Tensor]:
    found = [
        view_of_points(picture, surface, points, normals, slack)
        for picture, surface in zip(pictures, depths, strict=True)
    ]
    colours = torch.stack([colour for colour, _ in found])
    weights = torch.stack([weight for _, weight in found])
    agreement = torch.ones_like(weights)
    mean = torch.zeros_like(points)
    for _ in range(ROUNDS):
        robust = (weights * agreement)[..., None]
        mean = (robust * colours).sum(0) / robust.sum(0).clamp_min(1e-12)
        agreement = 1 / (1 + ((colours - mean) / SPREAD).square().sum(-1))
    seen = weights > 0
    votes = (agreement * seen).sum(0)
    return mean, votes / (votes + 1) * votes / seen.sum(0).clamp_min(1)


def view_of_points(
    picture: Picture, surface: Tensor, points: Tensor, normals: Tensor, slack: float
) -> tuple[Tensor, Tensor]:
    """Colour (N, 3) that one view shows of each point, and its weight (N,), 0 where the point is hidden."""
    pixels, depth = picture.project(points)
    # The farthest of the pixels around: at a contour the point itself must not hide behind its neighbour.
    farthest = functional.max_pool2d(surface.clamp_max(1e3)[None, None], 3, stride=1, padding=1)[0, 0]
    blocked = sample_image(torch.stack([surface.clamp_max(1e3), farthest]), pixels)
    cosine = (functional.normalize(picture.centre - points, dim=-1) * normals).sum(-1)
    reach = slack * (1.0 + 1.0 / cosine.clamp_min(0.2))
    inside = (pixels[:, 0] > 0) & (pixels[:, 1] > 0)
    inside &= (pixels[:, 0] < picture.width) & (pixels[:, 1] < picture.height)
    visible = inside & (depth > 0) & (cosine > 0.1) & (depth < blocked[0] + reach)
    looked = sample_image(torch.cat([picture.colours * picture.coverage, picture.coverage[None]]), pixels)
    coverage = looked[3]
    colour = (looked[:3] / coverage.clamp_min(1e-3)).T
    weight = (picture.focal * cosine.clamp_min(0) / depth.clamp_min(1e-6) / 100) ** SHARPNESS * coverage**2
    return colour, torch.where(visible & (coverage > 0.3), weight, torch.zeros_like(weight))


def to_bytes(colours: Tensor) -> npt.NDArray[np.uint8]:
    """Round colours from 0 to 1 to bytes."""
    levels: npt.NDArray[np.uint8] = (colours.clamp(0, 1) * 255 + 0.5).byte().cpu().numpy()
    return levels
