# SPDX-License-Identifier: Apache-2.0
"""What the field is asked to explain. Only pictures, masks and cameras go in."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def silhouette_loss(opacity: Tensor, coverage: Tensor) -> Tensor:
    """Binary cross-entropy between the opacity (R,) of rays and the mask's coverage (R,).

    Pixels on the contour are left out: their coverage is that of an area, the opacity that of one ray.
    """
    sure = ((coverage < 0.02) | (coverage > 0.98)).float()
    loss = functional.binary_cross_entropy(opacity.clamp(1e-4, 1 - 1e-4), coverage, reduction="none")
    return (loss * sure).sum() / len(opacity)


def depth_loss(depth: Tensor, matched: Tensor, confidence: Tensor, voxel: float) -> Tensor:
    """Distance, in grid spacings, of rendered depths (R,) to those that several views agreed on.

    Huber's loss: a depth that is wrong by much, a false match, pulls no harder than one a spacing away.
    ``confidence`` (R,) is 0 where no views agreed.
    """
    error = functional.smooth_l1_loss(depth / voxel, matched / voxel, reduction="none")
    return (error * confidence).sum() / len(depth)


def geometric_loss(
    opacity: Tensor, coverage: Tensor, depth: Tensor, matched: Tensor, confidence: Tensor, voxel: float
) -> Tensor:
    """Multi-view geometric loss: silhouettes explained, and surfaces where the views agree on them.

    Our reading of the loss of that name in UNeR3D (arXiv 2312.06706), which gives no formula:
    ``silhouette_loss + depth_loss``.
    """
    return silhouette_loss(opacity, coverage) + depth_loss(depth, matched, confidence, voxel)


def colour_loss(colour: Tensor, picture: Tensor, coverage: Tensor) -> Tensor:
    """Mean absolute difference between rendered and true colours (R, 3), weighted by coverage (R,).

    Since the colour of a place is the same for all views, this is the agreement of the views on it too.
    """
    return ((colour - picture).abs().mean(1) * coverage).sum() / coverage.sum().clamp_min(1.0)


def eikonal_loss(gradient: Tensor) -> Tensor:
    """How far gradients (N, 3), per grid spacing of distances in spacings, are from unit length."""
    return (gradient.norm(dim=1) - 1).square().mean()


def smoothness_loss(laplacian: Tensor) -> Tensor:
    """Mean absolute Laplacian (N,): creases stay, noise goes."""
    return (laplacian.square() + 1e-4).sqrt().mean()


def total_variation(values: Tensor, neighbours: Tensor) -> Tensor:
    """Mean absolute difference of colours (N, 3) to the next grid points' (N, 3)."""
    return (values - neighbours).abs().mean()

