# SPDX-License-Identifier: Apache-2.0
"""Volume rendering of a signed distance near its surface (NeuS, Wang et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rendered:
    """What rays see.

    Parameters
    ----------
    opacity : tensor (R,)
        Share of each ray that the object stops.
    colour : tensor (R, 3)
        0 to 1, of the part that it stops.
    depth : tensor (R,)
        Mean depth of the part that it stops.
    """

    opacity: Tensor
    colour: Tensor
    depth: Tensor


def render(distance: Tensor, colour: Tensor, depth: Tensor, sharpness: Tensor | float) -> Rendered:
    """Accumulate samples along rays.

    The opacity between two samples is the relative fall of the logistic function of their distances,
    ``max((Φ(d₀) - Φ(d₁)) / Φ(d₀), 0)`` with ``Φ(d) = 1 / (1 + exp(-sharpness d))``: it is unbiased where the
    ray crosses the surface, and never depends on the viewing direction otherwise.

    Parameters
    ----------
    distance : tensor (R, S)
        Signed distances of the samples in grid spacings, positive outside.
    colour : tensor (R, S, 3)
        Colours of the samples.
    depth : tensor (R, S)
        Their depths, growing.
    sharpness : float
        Steepness of the logistic function per grid spacing.
    """
    share = torch.sigmoid(distance * sharpness)
    alpha = ((share[:, :-1] - share[:, 1:]) / share[:, :-1].clamp_min(1e-5)).clamp(0, 1)
    through = torch.cumprod(1 - alpha + 1e-7, dim=1)
    through = torch.cat([torch.ones_like(through[:, :1]), through[:, :-1]], dim=1)
    weight = alpha * through
    opacity = weight.sum(1)
    normal = opacity.clamp_min(1e-4)
    middle_colour = (colour[:, :-1] + colour[:, 1:]) / 2
    middle_depth = (depth[:, :-1] + depth[:, 1:]) / 2
    return Rendered(
        opacity,
        (weight[..., None] * middle_colour).sum(1) / normal[:, None],
        (weight * middle_depth).sum(1) / normal,
    )
