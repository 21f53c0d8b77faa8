# SPDX-License-Identifier: Apache-2.0
"""Where each view sees the texture of a patch of the surface, to a fraction of a pixel.

A patch looks as the view that sees it best shows it. In every other view it is warped by the surface's
tangent plane and then moved until it fits (Lucas and Kanade 1981, with the contrast evened). Where cameras
are exact it hardly moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.fitted.patches import SurfacePoints, tangents
from uner3d_core.fitted.pictures import Picture, sample_image

RADIUS = 3
"""Patches have (2 · 3 + 1)² samples, a pixel apart."""
ROUNDS = 6
"""Times that a patch is moved."""
FARTHEST = 3.0
"""Pixels; a patch that moves farther is lost."""
SETTLED = 0.1
"""Pixels that the last move may have."""
LEAST_CORRELATION = 0.85
"""Of a patch with what it is found at."""
LEAST_COVERED = 0.7
"""Share of a patch that both views must cover."""
NOISE = 4e-4
"""Variance, of colours from 0 to 1, that noise has at least."""
FINEST = 0.25
"""Pixels to which a patch is found at best."""


@dataclass(frozen=True)
class Tracks:
    """O observations of surface points.

    Parameters
    ----------
    point, view : long tensors (O,)
        Which point, and in which view.
    pixels : tensor (O, 2)
        Where it is seen.
    information : tensor (O, 2, 2)
        Inverse covariance of that, in 1 / pixel².
    """

    point: Tensor
    view: Tensor
    pixels: Tensor
    information: Tensor


@dataclass(frozen=True)
class Patches:
    """N patches as the views that see them best show them.

    Parameters
    ----------
    view : long tensor (N,)
        Which that is.
    pixels : tensor (N, 2)
        Where their centres are in it.
    samples : tensor (N, S, 3)
        Where their samples are, in the working frame.
    colours : tensor (3, N, S)
        What it shows there.
    covered : tensor (N, S)
        Coverage there.
    """

    view: Tensor
    pixels: Tensor
    samples: Tensor
    colours: Tensor
    covered: Tensor


def follow(pictures: list[Picture], points: SurfacePoints, seen: Tensor) -> Tracks:
    """Find patches again in all views that see them.

    Parameters
    ----------
    pictures : list of Picture
        The V views.
    points : SurfacePoints
        Centres and normals of the N patches.
    seen : tensor (V, N)
        How well each view sees each patch, 0 where it does not.

    Returns
    -------
    Tracks
        Of the patches that were found in at least one view beside the one that sees them best.
    """
    planes = [_planes(picture) for picture in pictures]
    patches = _cut_patches(pictures, planes, points, seen.argmax(0))
    parts = []
    for index, picture in enumerate(pictures):
        chosen = ((seen[index] > 0) & (patches.view != index)).nonzero()[:, 0]
        if len(chosen):
            point, pixels, information = _find(picture, planes[index], patches, chosen)
            parts.append((point, torch.full_like(point, index), pixels, information))
    tracked = torch.zeros_like(patches.view, dtype=torch.bool)
    for point, *_ in parts:
        tracked[point] = True
    known = tracked.nonzero()[:, 0]
    exact = torch.eye(2, device=seen.device).expand(len(known), 2, 2) / FINEST**2
    parts.append((known, patches.view[known], patches.pixels[known], exact))
    return Tracks(*(torch.cat(column) for column in zip(*parts, strict=True)))


def _cut_patches(
    pictures: list[Picture], planes: list[Tensor], points: SurfacePoints, view: Tensor
) -> Patches:
    """Take each patch from its view (N,), its samples a pixel of that view apart."""
    first, second = tangents(points.normals)
    side = torch.arange(-RADIUS, RADIUS + 1, device=view.device, dtype=torch.float32)
    u, v = (axis.reshape(-1, 1) for axis in torch.meshgrid(side, side, indexing="ij"))
    count = len(points.positions)
    patches = Patches(
        view,
        torch.zeros((count, 2), device=view.device),
        torch.zeros((count, len(u), 3), device=view.device),
        torch.zeros((3, count, len(u)), device=view.device),
        torch.zeros((count, len(u)), device=view.device),
    )
    for index, picture in enumerate(pictures):
        mine = (view == index).nonzero()[:, 0]
        if not len(mine):
            continue
        centres = points.positions[mine]
        patches.pixels[mine], depth = picture.project(centres)
        size = (depth / picture.focal)[:, None, None]
        patches.samples[mine] = centres[:, None] + size * (u * first[mine, None] + v * second[mine, None])
        where, _ = picture.project(patches.samples[mine].reshape(-1, 3))
        shown = sample_image(planes[index][:4], where).reshape(4, len(mine), -1)
        patches.colours[:, mine], patches.covered[mine] = shown[:3], shown[3]
    return patches


def _planes(picture: Picture) -> Tensor:
    """Colours, coverage, and the colours' derivatives along x and y: (10, height, width)."""
    padded = functional.pad(picture.colours[None], (1, 1, 1, 1), mode="replicate")[0]
    across = (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) / 2
    down = (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) / 2
    return torch.cat([picture.colours, picture.coverage[None], across, down])


def _find(
    picture: Picture, planes: Tensor, patches: Patches, chosen: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Find the chosen patches in one view: which are found, where (K, 2), and how exactly (K, 2, 2)."""
    start, _ = picture.project(patches.samples[chosen])
    move = torch.zeros((len(chosen), 1, 2), device=start.device)
    look, weight_there = patches.colours[:, chosen], patches.covered[chosen]
    for _ in range(ROUNDS):
        sampled = sample_image(planes, (start + move).reshape(-1, 2)).reshape(10, *start.shape[:2])
        weight = ((sampled[3] > 0.5) & (weight_there > 0.5)).to(start)
        total = weight.sum(-1).clamp_min(1)
        centred = [_centred(part, weight, total) for part in (sampled[:3], look, sampled[4:7], sampled[7:])]
        here, there, across, down = centred
        variance, variance_there = ((part**2).sum((0, 2)) / total for part in (here, there))
        gain = torch.sqrt((variance + NOISE) / (variance_there + NOISE))
        residual = here - gain[:, None] * there
        slopes = torch.stack([across, down])  # (2, 3, K, S)
        normal = torch.einsum("acks,bcks->kab", slopes, slopes)
        right = torch.einsum("acks,cks->ka", slopes, residual)
        step = -_solve(normal + NOISE * torch.eye(2, device=start.device), right)
        step = step.clamp(-1, 1)
        move = move + step[:, None]
    correlation = (here * there).sum((0, 2)) / total
    correlation = correlation / torch.sqrt((variance + NOISE) * (variance_there + NOISE))
    good = (correlation > LEAST_CORRELATION) & (total > LEAST_COVERED * start.shape[1])
    good &= (move[:, 0].norm(dim=1) < FARTHEST) & (step.norm(dim=1) < SETTLED)
    noise = ((residual**2).sum((0, 2)) / total).clamp_min(NOISE)
    information = normal[good] / noise[good, None, None]
    middle = start.shape[1] // 2
    return chosen[good], start[good, middle] + move[good, 0], _capped(information)


def _centred(values: Tensor, weight: Tensor, total: Tensor) -> Tensor:
    """Subtract from values (3, K, S) the weighted mean of each patch and channel, and weight them."""
    mean = (values * weight).sum(-1) / total
    return (values - mean[..., None]) * weight


def _solve(matrix: Tensor, right: Tensor) -> Tensor:
    """Solve symmetric systems (K, 2, 2) for (K, 2)."""
    a, b, d = matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 1]
    scale = 1 / (a * d - b * b).clamp_min(1e-20)
    return torch.stack(
        [scale * (d * right[:, 0] - b * right[:, 1]), scale * (a * right[:, 1] - b * right[:, 0])], dim=1
    )


def _capped(information: Tensor) -> Tensor:
    """Let no direction be known better than :data:`FINEST`: ``(information⁻¹ + FINEST² 1)⁻¹``."""
    one = torch.eye(2, device=information.device)
    capped: Tensor = torch.linalg.solve(one + FINEST**2 * information, information)
    return capped
