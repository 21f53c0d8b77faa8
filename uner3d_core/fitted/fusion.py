# SPDX-License-Identifier: Apache-2.0
"""From labels and depth maps to one smooth surface.

The labels tell inside from outside to a grid spacing. Near their border the signed distances that the depth
maps tell are averaged as Curless and Levoy (1996) do.
"""

from __future__ import annotations

import torch
from torch import Tensor

from uner3d_core.fitted.grid import Grid, blur
from uner3d_core.fitted.labelling import finest_detail
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.stereo import DepthMap

BAND = 0.05
"""Distance from the surface, working units, at which the votes of depth maps are cut off."""
NEAR = 2.6
"""Distance from the border of the labels, in details, within which depth maps have a say."""
FAR_BEFORE = 0.5
"""Weight of a vote from more than ``BAND`` before a view's surface: it says empty, but not how far."""
FAR_BEHIND = 0.5
"""Weight of a vote from more than ``BAND`` behind a view's surface, where the labels are full all the way."""
MOST_BEHIND = 0.25
"""Largest weight of all these together: the few that look into a cavity must be able to outvote them. It
grows with the number of views beyond 24."""
BEHIND_REACH = 3.0
"""Depth inside the hull, in details, beyond which they have no say at all: views of the outside of a cup
know nothing of its inside."""
BEHIND_CHECKS = (0.33, 0.67)
"""Shares of the way from a view's surface to what is far behind it where the labels are looked up."""
ON_HULL = 1.0
"""Weight of the silhouettes' surface within ``HULL_REACH`` of it."""
HULL_REACH = 2.0
"""Details."""
HULL_REACH_FAR_APART = 1.5
"""The same for views far apart, whose hull is too large in most places."""
LABELLED = 0.05
"""Weight of the labels themselves, for where nothing else is known."""
LABELLED_FAR_APART = 1.0
"""The same for views far apart."""
EXPECTED = 4.0
"""What the labels weigh more where they are what a trained network expects."""
SOFTNESS = 0.5
"""Sigma, in details, of the blur that takes the steps off the votes."""


def join(
    hull: Grid,
    labels: Grid,
    pictures: list[Picture],
    maps: list[DepthMap],
    *,
    final: bool,
    far_apart: bool = False,
    expected: float = 0.0,
) -> Grid:
    """Join labels, silhouettes and depth maps to one signed distance, cut off at ``BAND``.

    A surface that finer sweeps still correct may rather lie too deep: they find what lies before it better
    than what lies behind. In a final one the silhouettes, and what is far behind the surface of other
    views, pull outwards again.

    Parameters
    ----------
    hull, labels : Grid
        Signed distances of the visual hull and of the border of the labels, on the same grid points.
    pictures, maps : lists
        Views with what each found.
    final : bool
        Whether no finer sweep follows.
    far_apart : bool
        Whether the views are so far apart that the labels know more than the depth maps, and the object fills
        its hull badly.
    expected : float
        0 to 1: how far the labels come from what a trained network expects, which fills no hull and knows
        more than depth maps of a few views.
    """
    labelled = (LABELLED_FAR_APART if far_apart else LABELLED) + EXPECTED * expected
    detail = finest_detail(hull, pictures)
    values = labels.values.clamp(-BAND, BAND)
    full = hull.values.clamp(-BAND, BAND)
    near = ((labels.values.abs() < NEAR * detail) & (hull.values < hull.voxel)).nonzero()
    at = near.unbind(1)
    points = near.float() * hull.voxel + hull.origin
    depth = -hull.values[at] / detail
    shallow = (depth < BEHIND_REACH) & (final and not far_apart)
    before = FAR_BEFORE if final else 1.0
    total, weight = gather_evidence(points, labels, pictures, maps, shallow=shallow, far_before=before)
    pull = (HULL_REACH_FAR_APART if far_apart else HULL_REACH) if final else 0.0
    silhouettes = ON_HULL * (1 - expected) * (depth < pull)
    values[at] = (total * BAND + labelled * values[at] + silhouettes * full[at]) / (
        weight + labelled + silhouettes
    )
    smooth = blur(torch.maximum(values, full), SOFTNESS * detail / hull.voxel)
    # Far outside the hull its true distance stays: rays cross empty space in few steps.
    return hull.with_values(torch.maximum(smooth, hull.values))


def gather_evidence(
    points: Tensor,
    labels: Grid,
    pictures: list[Picture],
    maps: list[DepthMap],
    *,
    shallow: Tensor,
    far_before: float,
) -> tuple[Tensor, Tensor]:
    """Sum the truncated signed distances that the depth maps tell of points (N, 3).

    Views that have a point far behind their surface are heard where ``shallow`` (N,) says so; those that
    have it far before theirs have the weight ``far_before``.

    Returns
    -------
    total : tensor (N,)
        Sum of the votes, each -1 (``BAND`` behind the surface) to 1 (in front), times their weights.
    weight : tensor (N,)
        Sum of the weights.
    """
    total, weight, behind = (torch.zeros_like(points[:, 0]) for _ in range(3))
    for picture, found in zip(pictures, maps, strict=True):
        ahead, confidence = found.seen_from(picture, points)
        far = ((ahead < -BAND) & (confidence > 0) & shallow).nonzero()[:, 0]
        centre, beyond = picture.centre, points[far]
        depth = picture.project(beyond)[1]
        solid = torch.ones_like(far, dtype=torch.bool)
        for share in BEHIND_CHECKS:
            # From the surface of the view, which is ``-ahead`` before the point, towards the point.
            reached = 1 + ahead[far] / depth * (1 - share)
            solid &= labels.sample(centre + (beyond - centre) * reached[:, None]) < 0
        behind[far] += confidence[far] * FAR_BEHIND * solid
        vote = (ahead / BAND).clamp_max(1)
        counts = confidence * (vote >= -1) * torch.where(vote == 1, far_before, 1.0)
        total += counts * vote
        weight += counts
    behind = behind.clamp_max(MOST_BEHIND * max(1.0, len(pictures) / 24))
    return total - behind, weight + behind
