# SPDX-License-Identifier: Apache-2.0
"""What the field is asked to explain. Only pictures, masks and cameras go in.

The abstract of UNeR3D (arXiv 2312.06706) names a multi-view geometric loss and a colour loss and gives no
formulas. Our reading: the geometric loss is :func:`silhouette_loss` plus :func:`depth_loss`, silhouettes
explained and surfaces where several views agree on them; the colour loss is :func:`colour_loss`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def silhouette_loss(opacity: Tensor, coverage: Tensor) -> Tensor:
    """Binary cross-entropy between the opacity (R,) of rays and the mask's coverage (R,).

    Pixels on the contour are left out: their coverage is that of an area, the opacity that of one ray.
    """
    sure = ((coverage < 0.02) | (coverage > 0.98)).float()
    loss = functional.binary_cross_entropy(opacity.clamp(1e-4, 1 - 1e-4), coverage, reduction="none")
    return torch.mean(loss * sure)


def depth_loss(depth: Tensor, matched: Tensor, confidence: Tensor, voxel: float) -> Tensor:
    """Distance, in grid spacings, of rendered depths (R,) to those that several views agreed on.

    Huber's loss: a depth that is wrong by much, a false match, pulls no harder than one a spacing away.
    ``confidence`` (R,) is 0 where no views agreed.
    """
    error = functional.smooth_l1_loss(depth / voxel, matched / voxel, reduction="none")
    return torch.mean(error * confidence)


def colour_loss(colour: Tensor, picture: Tensor, coverage: Tensor) -> Tensor:
    """Mean absolute difference between rendered and true colours (R, 3), weighted by coverage (R,).

    Since the colour of a place is the same for all views, this is the agreement of the views on it too.
    """
    error = (colour - picture).abs().mean(1)
    mean: Tensor = torch.sum(error * coverage) / coverage.sum().clamp_min(1.0)
    return mean


def eikonal_loss(gradient: Tensor) -> Tensor:
    """How far gradients (N, 3), per grid spacing of distances in spacings, are from unit length."""
    return torch.mean(torch.square(torch.linalg.vector_norm(gradient, dim=1) - 1))


def smoothness_loss(laplacian: Tensor) -> Tensor:
    """Mean absolute Laplacian (N,): creases stay, noise goes."""
    return (laplacian.square() + 1e-4).sqrt().mean()
