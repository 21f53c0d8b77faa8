# SPDX-License-Identifier: Apache-2.0
"""Colours by inverse-distance weighting (Shepard 1968), in a form that colours can be trained through.

UNeR3D (arXiv 2312.06706) renders with it and says neither how many neighbours nor which power. Our reading:
a ray shows the colour that the cloud of all rays' surface points has where the ray is stopped, so that
neighbouring rays, of whatever view, share their colours. Neighbours, power and the local form of the weights
are those of :mod:`uner3d_core.colouring`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from uner3d_core import colouring


@dataclass(frozen=True)
class InverseDistance:
    """Settings of the weighting.

    Parameters
    ----------
    neighbours : int
        Nearest points that have a say.
    power : float
        Power of the inverse distance.
    """

    neighbours: int = colouring.NEIGHBOURS
    power: float = colouring.POWER

    def __call__(self, places: Tensor, points: Tensor, colours: Tensor, valid: Tensor) -> Tensor:
        """Interpolate colours.

        ``wᵢ = ((1 - rᵢ) / rᵢ)^power`` with ``rᵢ`` the distance of neighbour i relative to a reach just beyond
        the last neighbour (Franke and Nielson 1980). No gradient reaches the positions: colours shall not
        move the surface.

        Parameters
        ----------
        places : tensor (B, N, 3)
            Where colours are wanted.
        points, colours : tensors (B, M, 3)
            Points of the cloud and their colours.
        valid : bool tensor (B, M)
            Points that have a say; where an object has none, all have.

        Returns
        -------
        tensor (B, N, 3)
        """
        with torch.no_grad():
            distance = torch.cdist(places, points)
            far = 2 * distance.amax(dim=(1, 2), keepdim=True) + 1
            distance = distance + far * ~(valid | ~valid.any(dim=1, keepdim=True)).unsqueeze(1)
            count = min(self.neighbours, points.shape[1])
            distance, index = distance.topk(count, dim=2, largest=False)
            relative = distance / (1.01 * distance[..., -1:] + 1e-12)
            weight = ((1 - relative) / (relative + 1e-4)) ** self.power * (distance < far)
            weight = weight / weight.sum(dim=2, keepdim=True).clamp_min(1e-12)
        flat = index.flatten(1).unsqueeze(-1).expand(-1, -1, colours.shape[-1])
        near = colours.gather(1, flat).reshape(*index.shape, colours.shape[-1])
        return (weight.unsqueeze(-1) * near).sum(dim=2)
