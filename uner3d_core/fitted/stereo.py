# SPDX-License-Identifier: Apache-2.0
"""Depth of each view by plane-sweep stereo inside the hull.

The sweep follows Collins 1996 with normalised cross-correlation over small windows; the choice among the
planes is made smooth by semi-global matching (Hirschmüller 2008); a depth counts when other views found
the same point.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Picture, sample_image
from uner3d_core.fitted.tracing import FAR

NOISE = 1e-3
"""Variance, of colours from 0 to 1, that noise may have."""
TRUST = (0.0, 0.3, 0.7, 0.9, 1.0)
"""What a depth counts that no, one, two, three, four or more other views confirm."""
PIXELS_AT_ONCE = 200_000
"""Pixels times depths that are compared together, so that they stay in the processor's cache."""
BEST_ANGLE = 30.0
"""Degrees between views that are matched with each other."""
WINDOW_RADIUS = 3
"""Windows have (2 · 3 + 1)² pixels."""
SMALL_STEP, LARGE_STEP = 0.05, 0.4
"""Costs of a step of one depth, and of more than one, between neighbouring pixels."""
WORST_MATCH = 0.6
"""Depths whose cost is above this are not believed."""
FARTHEST_TO_NEAREST = 20.0
"""Ratio of the depths that are tried, at most: a camera may stand in the box of the scene."""
LARGEST_COST = 1.0
"""Cost of a plane that no other view can judge; a perfect match costs 0, no correlation 1."""


@dataclass(frozen=True)
class DepthMap:
    """What one view found.

    Parameters
    ----------
    depth : tensor (height, width)
        Distance along the viewing direction in the working frame; 0 where nothing was found.
    confidence : tensor (height, width)
        0 to 1; 0 where nothing was found.
    """

    depth: Tensor
    confidence: Tensor

    def points(self, picture: Picture, known: Tensor) -> Tensor:
        """Points (K, 3) of the pixels that the bool tensor ``known`` (height, width) chooses."""
        directions = picture.directions(picture.pixel_centres()[known])
        return picture.centre + directions * self.depth[known][:, None]

    def seen_from(self, picture: Picture, points: Tensor) -> tuple[Tensor, Tensor]:
        """Look the view's depth up at points (N, 3).

        Returns
        -------
        ahead : tensor (N,)
            How far each point lies before what the view found there, in depth; negative behind it.
        confidence : tensor (N,)
            Of what was found; 0 where that is nothing, or the view does not show the point.
        """
        pixels, depth = picture.project(points)
        column, row = pixels.floor().long().unbind(1)
        inside = (column >= 0) & (column < picture.width) & (row >= 0) & (row < picture.height)
        index = row.clamp(0, picture.height - 1) * picture.width + column.clamp(0, picture.width - 1)
        confidence = self.confidence.reshape(-1)[index]
        shown = inside & (depth > 0)
        return self.depth.reshape(-1)[index] - depth, torch.where(
            shown, confidence, torch.zeros_like(confidence)
        )


def view_angles(pictures: list[Picture]) -> Tensor:
    """Angles (V, V), in degrees, between the views as seen from the origin, where the object stands."""
    directions = functional.normalize(torch.stack([p.centre for p in pictures]), dim=-1)
    return torch.rad2deg(torch.arccos((directions @ directions.T).clamp(-1, 1)))


def choose_neighbours(pictures: list[Picture], count: int) -> list[list[int]]:
    """For each view the views best suited to match it with.

    The angle between two views, seen from the origin of the working frame where the object stands, should
    be near :data:`BEST_ANGLE`: smaller and the depth is vague, and highlights pass for texture behind the
    surface; larger and the pictures differ too much.
    """
    angles = view_angles(pictures)
    badness = torch.where(angles < BEST_ANGLE, (BEST_ANGLE - angles) * 2, angles - BEST_ANGLE)
    badness = badness + 1e6 * (angles < 2) + 1e6 * (angles > 85)
    badness.fill_diagonal_(torch.inf)
    chosen = []
    for row in badness:
        order = row.argsort()[:count]
        chosen.append([int(index) for index in order if row[index] < 1e6])
    return chosen


def plane_depths(picture: Picture, hull: Grid, count: int) -> Tensor:
    """Depths (count,) that sweep the hull's box as seen from a view, evenly spaced in inverse depth."""
    inside = (hull.values < 0).nonzero().float() * hull.voxel + hull.origin
    _, depth = picture.project(inside[:: max(1, len(inside) // 200_000)])
    far = float(depth.max()) + hull.voxel
    near = max(float(depth.min()) - hull.voxel, far / FARTHEST_TO_NEAREST)
    return 1 / torch.linspace(1 / near, 1 / far, count, device=hull.values.device)


def depths_around(depth: Tensor, reach: float, count: int) -> Tensor:
    """Depths (count, H, W) from ``reach`` before a surface's depth (H, W) to ``reach`` behind it.

    Pixels without a surface take the depth of those beside them. Windows of equal offset follow the
    surface, so that its slant does not blur the correlation.
    """
    known = (depth < FAR / 2).float()
    filled = depth * known
    for _ in range(6):
        around = box_mean(torch.stack([filled, known])[:, None], 2)[:, 0]
        fresh = (known == 0) & (around[1] > 1e-3)
        filled = torch.where(fresh, around[0] / around[1].clamp_min(1e-6), filled)
        known = torch.where(fresh, torch.ones_like(known), known)
    filled = torch.where(known > 0, filled, torch.full_like(filled, float(filled.max())))
    offsets = torch.linspace(-reach, reach, count, device=depth.device)
    return (filled + offsets[:, None, None]).clamp_min(1e-3)


def box_mean(images: Tensor, radius: int) -> Tensor:
    """Mean over windows of (2 radius + 1)² pixels of images (N, C, H, W), zero beyond the border."""
    size = 2 * radius + 1
    padded = functional.pad(images, (radius, radius, radius, radius))
    return window_sums(window_sums(padded, -2, size), -1, size) / size**2


def window_sums(values: Tensor, axis: int, size: int) -> Tensor:
    """Sum ``size`` neighbours along an axis, which gets ``size - 1`` shorter.

    By doubling: sums of two, of four and so on, joined as the binary digits of ``size`` say. Five times as
    fast on a CPU as pooling.
    """
    count = values.shape[axis] - size + 1
    total: Tensor | None = None
    done, width = 0, 1
    while True:
        if size & width:
            part = values.narrow(axis, done, count)
            total = part if total is None else total + part
            done += width
        if done == size and total is not None:
            return total
        length = values.shape[axis] - width
        values = values.narrow(axis, 0, length) + values.narrow(axis, width, length)
        width *= 2


def matching_cost(
    reference: Picture, others: list[Picture], pixels: Tensor, depths: Tensor, at_once: int
) -> Tensor:
    """Cost volume (D, H, W) of the depths (D, H, W) for the reference's pixels (H, W, 2).

    One minus the normalised cross-correlation of colours, over windows weighted by both silhouettes, mean
    of the better half of the other views: a view in which the point is hidden has no say. ``at_once`` pixels
    times depths are compared together.
    """
    height, width = pixels.shape[:2]
    columns = pixels.reshape(-1, 2)
    colours = sample_image(reference.colours, columns).reshape(3, height, width)
    weight = sample_image(reference.coverage[None], columns).reshape(1, height, width)
    directions = reference.directions(pixels)
    chunk = max(1, at_once // (height * width))
    costs = torch.empty((len(others), *depths.shape), device=depths.device)
    for index, other in enumerate(others):
        a = directions @ other.rotation.T
        b = other.rotation @ reference.centre + other.translation
        source = torch.cat([other.colours * other.coverage, other.coverage[None]])[None]
        for start in range(0, len(depths), chunk):
            d = depths[start : start + chunk]
            # A point at depth d lies at (a d + b) before the other camera.
            behind = (a[..., 2] * d + b[2]).clamp_min(1e-6)
            x = (a[..., 0] * d + b[0]) / behind * (2 * other.fx / other.width) + (
                2 * other.cx / other.width - 1
            )
            y = (a[..., 1] * d + b[1]) / behind * (2 * other.fy / other.height) + (
                2 * other.cy / other.height - 1
            )
            grid = torch.stack([x, y], dim=-1).reshape(1, -1, width, 2)
            warped = functional.grid_sample(
                source, grid, mode="bilinear", padding_mode="zeros", align_corners=False
            )[0].reshape(4, len(d), height, width)
            costs[index, start : start + chunk] = correlation_cost(colours, weight, warped, WINDOW_RADIUS)
    best = costs.topk(max(1, (len(others) + 1) // 2), dim=0, largest=False).values
    return best.mean(0)


def correlation_cost(colours: Tensor, weight: Tensor, warped: Tensor, radius: int) -> Tensor:
    """Cost (D, H, W) of the warped colours and coverage (4, D, H, W) beside the reference (3, H, W)."""
    share = warped[3]
    found = warped[:3] / share.clamp_min(1e-4)
    joint = share * weight
    weighted = found * joint
    sums = box_mean(
        torch.stack(
            [
                joint,
                *(joint * colours[:, None]),
                *weighted,
                joint * (colours**2).sum(0),
                (weighted * found).sum(0),
                (weighted * colours[:, None]).sum(0),
            ],
        ),
        radius,
    )
    total = sums[0].clamp_min(1e-4)
    means = sums[1:7] / total
    variance_colours = sums[7] / total - (means[:3] ** 2).sum(0)
    variance_found = sums[8] / total - (means[3:] ** 2).sum(0)
    covariance = sums[9] / total - (means[:3] * means[3:]).sum(0)
    # The constant keeps noise on plain surfaces from looking like a match.
    correlation = covariance / torch.sqrt(
        (variance_colours.clamp_min(0) + NOISE) * (variance_found.clamp_min(0) + NOISE)
    )
    cost = (1 - correlation).clamp(0, LARGEST_COST)
    covered = (share > 0.5) & (sums[0] > 0.15)
    return torch.where(covered, cost, torch.full_like(cost, LARGEST_COST))


def smooth_costs(cost: Tensor, small: float, large: float) -> Tensor:
    """Semi-global aggregation of a cost volume (D, H, W) along four directions (Hirschmüller 2008)."""
    total = torch.zeros_like(cost)
    for axis in (1, 2):
        lines = cost.movedim(axis, 0)  # (length, D, across)
        for order in (range(lines.shape[0]), range(lines.shape[0] - 1, -1, -1)):
            aggregated = torch.zeros_like(lines)
            previous: Tensor | None = None
            for index in order:
                current = lines[index]
                if previous is not None:
                    floor = previous.amin(0, keepdim=True)
                    padded = functional.pad(previous[None], (0, 0, 1, 1), value=1e3)[0]
                    step = torch.minimum(padded[:-2], padded[2:]) + small
                    current = current + torch.minimum(torch.minimum(previous, step), floor + large) - floor
                aggregated[index] = current
                previous = current
            total += aggregated.movedim(0, axis)
    return total / 4


def sweep(
    reference: Picture,
    others: list[Picture],
    hull: Grid,
    depths: Tensor,
    share: float = 1.0,
) -> DepthMap:
    """Find the depth of one view against its neighbours, inside the hull.

    Parameters
    ----------
    reference, others : Picture
        The view and those it is matched with.
    hull : Grid
        Where the object can be at all.
    depths : tensor (D, height, width) or (D, 1, 1)
        What to try for each pixel.
    share : float
        How much of :data:`PIXELS_AT_ONCE` is possible.
    """
    rows = (reference.coverage > 0.5).any(1).nonzero()
    columns = (reference.coverage > 0.5).any(0).nonzero()
    top, bottom = int(rows.min()), int(rows.max()) + 1
    left, right = int(columns.min()), int(columns.max()) + 1
    pixels = reference.pixel_centres()[top:bottom, left:right]
    depths = depths.expand(-1, reference.height, reference.width)[:, top:bottom, left:right]
    cost = matching_cost(reference, others, pixels, depths, int(share * PIXELS_AT_ONCE))
    points = reference.centre + reference.directions(pixels)[::2, ::2] * depths[:, ::2, ::2, None]
    outside = functional.interpolate(
        hull.sample(points)[:, None], size=pixels.shape[:2], mode="bilinear", align_corners=False
    )[:, 0]
    cost = torch.where(outside < 1.5 * hull.voxel, cost, torch.full_like(cost, 2 * LARGEST_COST))
    smooth = smooth_costs(cost, SMALL_STEP, LARGE_STEP)
    best = smooth.argmin(0, keepdim=True)
    inner = best.clamp(1, len(depths) - 2)
    before, middle, after = (smooth.gather(0, inner + shift)[0] for shift in (-1, 0, 1))
    curvature = (before - 2 * middle + after).clamp_min(1e-6)
    shift = ((before - after) / (2 * curvature)).clamp(-0.5, 0.5)
    near, at, far = (depths.gather(0, inner + step)[0] for step in (-1, 0, 1))
    depth = at + torch.where(shift > 0, shift * (far - at), shift * (at - near))
    found = cost.gather(0, best)[0]
    sure = (found < WORST_MATCH) & (reference.coverage[top:bottom, left:right] > 0.5)
    full_depth = torch.zeros_like(reference.coverage)
    full_confidence = torch.zeros_like(reference.coverage)
    full_depth[top:bottom, left:right] = torch.where(sure, depth, torch.zeros_like(depth))
    full_confidence[top:bottom, left:right] = torch.where(sure, 1 - found, torch.zeros_like(found))
    return DepthMap(full_depth, full_confidence)


def keep_consistent(
    pictures: list[Picture], maps: list[DepthMap], candidates: list[list[int]], tolerance: float
) -> list[DepthMap]:
    """Keep the depths that other views confirm to ``tolerance`` (working units).

    The confidence that remains grows with the number of views that agree, as :data:`TRUST` says.
    """
    trust = torch.tensor(TRUST, device=maps[0].depth.device)
    kept = []
    for index, (picture, found) in enumerate(zip(pictures, maps, strict=True)):
        mask = found.depth > 0
        depth, points = found.depth[mask], found.points(picture, mask)
        agree = torch.zeros_like(depth, dtype=torch.long)
        for other in candidates[index]:
            theirs = pictures[other]
            seen, there = theirs.project(points)
            column, row = seen.floor().long().unbind(1)
            inside = (column >= 0) & (row >= 0) & (column < theirs.width) & (row < theirs.height)
            at = maps[other].depth[row.clamp(0, theirs.height - 1), column.clamp(0, theirs.width - 1)]
            agree += inside & (at > 0) & ((at - there).abs() < tolerance)
        weight = trust[agree.clamp_max(len(TRUST) - 1)]
        kept_depth, confidence = torch.zeros_like(found.depth), torch.zeros_like(found.depth)
        kept_depth[mask] = torch.where(weight > 0, depth, torch.zeros_like(depth))
        confidence[mask] = found.confidence[mask] * weight
        kept.append(DepthMap(kept_depth, confidence))
    return kept
