# SPDX-License-Identifier: Apache-2.0
"""Positional encoding of points, whose bands may come in one after the other."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class PositionalEncoding(nn.Module):
    """Sines and cosines of growing frequencies (Mildenhall et al. 2020), beside the numbers themselves.

    ``γ(x) = (x, w₀ sin(f₀x), w₀ cos(f₀x), …)`` with ``fₖ = factor · 2ᵏ``. The weights are those of a window
    that opens from coarse to fine (Park et al. 2021): ``wₖ = (1 - cos(π · clamp(α·bands - k, 0, 1))) / 2``.

    Parameters
    ----------
    bands : int
        Number of octaves.
    factor : float
        Lowest frequency, in radians per unit.
    """

    frequencies: Tensor
    phases: Tensor

    def __init__(self, bands: int, factor: float) -> None:
        super().__init__()
        self.bands = bands
        frequencies = factor * 2.0 ** torch.arange(bands).float()
        # Each frequency with both of its phases. Weights need not carry them: the config has all of it.
        self.register_buffer("frequencies", frequencies.repeat_interleave(2)[:, None], persistent=False)
        phases = torch.tensor([0.0, math.pi / 2]).repeat(bands)[:, None]
        self.register_buffer("phases", phases, persistent=False)

    def channels(self, dimensions: int) -> int:
        """Length of the encoding of so many numbers."""
        return dimensions * (1 + 2 * self.bands)

    def forward(self, points: Tensor, alpha: float = 1.0) -> Tensor:
        """Encode points.

        Parameters
        ----------
        points : tensor (..., D)
            Coordinates.
        alpha : float
            How far the window is open: 0 leaves the coordinates alone, 1 has all bands in full.

        Returns
        -------
        tensor (..., D (1 + 2 bands))
        """
        waves = torch.sin(torch.addcmul(self.phases, points.unsqueeze(-2), self.frequencies))
        if alpha < 1:
            opened = (alpha * self.bands - torch.arange(self.bands, device=points.device)).clamp(0, 1)
            window = (1 - torch.cos(math.pi * opened)) / 2
            waves = waves * window.repeat_interleave(2)[:, None]
        return torch.cat([points, waves.flatten(-2)], dim=-1)
