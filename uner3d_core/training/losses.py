# SPDX-License-Identifier: Apache-2.0
"""What the network is taught by. Only pictures, masks and cameras go in: no true surface.

The abstract of UNeR3D (arXiv 2312.06706) names a multi-view geometric loss and a colour loss and gives no
formulas. Our reading: the geometric loss is :func:`hull_loss`, :func:`silhouette_loss` and
:func:`cross_view_depth_loss`; the colour loss is :func:`photometric_loss` and
:func:`cross_view_colour_loss`. The network is given a few views of an object; the losses look at all.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def hull_loss(logits: Tensor, kept: Tensor, filled: float) -> Tensor:
    """Ask for emptiness where a view sees past a point, and for matter where none does.

    ``L = -Σ [(1 - m) log(1 - o) + f m log o] / N`` with ``o = sigmoid(logit)`` and
    ``m(x) = min_v M_v(π_v(x))``, the least of all views' masks at the point's projections. The first term is
    the outside-hull loss: no matter where any silhouette denies it. The second, weighted by ``f``, is a
    guess: what all views leave may be solid.

    Parameters
    ----------
    logits : tensor (...)
        The network's logits of occupancy.
    kept : tensor (...)
        ``m``, 0 to 1.
    filled : float
        ``f``.
    """
    empty = (1 - kept) * functional.softplus(logits)
    return (empty + filled * kept * functional.softplus(-logits)).mean()


def silhouette_loss(opacity: Tensor, coverage: Tensor) -> Tensor:
    """Ask that rays end where the mask is, and only there.

    ``L = -Σ w [M log A + (1 - M) log(1 - A)] / R``: binary cross-entropy between the accumulated opacity
    ``A`` of a ray and the mask ``M`` of its pixel. Pixels on the outline have ``w = 0``: their coverage is
    that of an area, the opacity that of one ray.

    Parameters
    ----------
    opacity, coverage : tensors (...)
        0 to 1.
    """
    sure = ((coverage < 0.02) | (coverage > 0.98)).float()
    opacity = opacity.float().clamp(1e-4, 1 - 1e-4)
    return (sure * functional.binary_cross_entropy(opacity, coverage.round(), reduction="none")).mean()


def cross_view_depth_loss(depth: Tensor, expected: Tensor, weight: Tensor, scale: float) -> Tensor:
    """Ask that a second view does not look through the surface that a first one sees.

    A ray of the first view ends at ``X``. The second view's ray through ``X`` may end before it, on what
    hides ``X``, but not beyond it: ``L = Σ w h(max(z₂ - d₂(X), 0) / s) / Σ w`` with the rendered depth
    ``z₂``, the depth ``d₂(X)`` of the point, and Huber's ``h``.

    Parameters
    ----------
    depth : tensor (...)
        ``z₂``.
    expected : tensor (...)
        ``d₂(X)``, same units.
    weight : tensor (...)
        ``w``: how surely the first ray ends at all, 0 to 1.
    scale : float
        ``s``: the distance at which the loss turns from square to linear.
    """
    beyond = ((depth - expected) / scale).clamp_min(0)
    loss = functional.smooth_l1_loss(beyond, torch.zeros_like(beyond), reduction="none")
    return (loss * weight).sum() / weight.sum().clamp_min(1)


def photometric_loss(colour: Tensor, pixel: Tensor, weight: Tensor) -> Tensor:
    """Ask that rendered colours are those of the picture: ``L = Σ w |c - C|₁ / 3 Σ w``.

    Parameters
    ----------
    colour, pixel : tensors (..., 3)
        Rendered and true sRGB, 0 to 1.
    weight : tensor (...)
        ``w``, the mask of the pixel.
    """
    error = (colour - pixel).abs().mean(-1)
    return (error * weight).sum() / weight.sum().clamp_min(1)


def cross_view_colour_loss(colour: Tensor, pixel: Tensor, seen: Tensor) -> Tensor:
    """Ask that the colour of a surface point is what a second view shows there.

    ``L = Σ v |c(X) - C₂(π₂(X))|₁ / 3 Σ v``, where ``v`` tells whether the second view sees ``X``:
    ``v = exp(-(max(d₂(X) - z₂, 0) / s)²)`` with rendered depth ``z₂``, times the mask; :func:`visibility`.

    Parameters
    ----------
    colour : tensor (..., 3)
        The network's colour of the point.
    pixel : tensor (..., 3)
        What the second view shows at its projection.
    seen : tensor (...)
        ``v``, no gradient.
    """
    return photometric_loss(colour, pixel, seen)


def visibility(depth: Tensor, expected: Tensor, scale: float) -> Tensor:
    """How surely a view that sees a surface at ``depth`` sees a point at ``expected``, 0 to 1."""
    return torch.exp(-(((expected - depth).clamp_min(0) / scale) ** 2)).detach()
