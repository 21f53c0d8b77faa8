# SPDX-License-Identifier: Apache-2.0
"""Gaussian diffusion in 1,024 steps whose network tells the noise and a variance within a range.

Ho et al. 2020 (arXiv 2006.11239) for the chain, Nichol and Dhariwal 2021 (arXiv 2102.09672) for the cosine
schedule and the learned variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

TIMESTEPS = 1024
_LARGEST_BETA = 0.999
_COSINE_OFFSET = 0.008


@dataclass(frozen=True)
class Reverse:
    """One step back: a normal distribution of the points one timestep earlier.

    Parameters
    ----------
    mean, log_variance : float tensor (B, N, C)
        Of that distribution.
    clean : float tensor (B, N, C)
        What the points are expected to be without noise, -1 to 1.
    """

    mean: torch.Tensor
    log_variance: torch.Tensor
    clean: torch.Tensor


class Diffusion:
    """A chain in which noise is added to points.

    Parameters
    ----------
    betas : float64 array (T,)
        Variance of the noise that each timestep adds.
    """

    def __init__(self, betas: npt.NDArray[np.float64]) -> None:
        self.betas = betas
        self.kept = np.cumprod(1 - betas)
        """Share of the signal's variance that is left at each timestep, ᾱ."""
        self._kept_before = np.append(1.0, self.kept[:-1])
        variance = betas * (1 - self._kept_before) / (1 - self.kept)
        variance[0] = variance[1]  # the first is zero, which has no logarithm
        self._least_log_variance = np.log(variance)

    def timestep(self, sigma: float) -> int:
        """Find the timestep whose noise beside its signal is ``sigma``: interpolated, then cut to an integer.

        The published sampler works out ᾱ in 32 bits, which decides where it lies near a whole timestep.
        """
        kept = 1 / (np.float32(sigma) ** 2 + np.float32(1))
        # np.interp wants rising numbers, and ᾱ falls; beyond the ends it stays at them.
        return int(np.interp(-np.float64(kept), -self.kept, np.arange(len(self.kept))))

    def clean(self, noise: torch.Tensor, noisy: torch.Tensor, timestep: int) -> torch.Tensor:
        """Take the noise off points (..., C) of variance one; the result is cut to -1 … 1."""
        signal = math.sqrt(1 / self.kept[timestep])
        return (signal * noisy - math.sqrt(1 / self.kept[timestep] - 1) * noise).clamp(-1, 1)

    def reverse(self, output: torch.Tensor, noisy: torch.Tensor, timestep: int) -> Reverse:
        """Tell how the points were one timestep earlier.

        Parameters
        ----------
        output : float tensor (B, N, 2C)
            The network's: noise, and place of the log variance in its range, -1 to 1.
        noisy : float tensor (B, N, C)
            The points at this timestep.
        timestep : int
            0 to 1023.
        """
        noise, place = output.chunk(2, dim=-1)
        clean = self.clean(noise, noisy, timestep)
        beta, kept, before = self.betas[timestep], self.kept[timestep], self._kept_before[timestep]
        of_clean = beta * math.sqrt(before) / (1 - kept)
        of_noisy = (1 - before) * math.sqrt(1 - beta) / (1 - kept)
        share = (place + 1) / 2
        log_variance = share * math.log(beta) + (1 - share) * self._least_log_variance[timestep]
        return Reverse(of_clean * clean + of_noisy * noisy, log_variance, clean)


def cosine_betas(timesteps: int = TIMESTEPS) -> npt.NDArray[np.float64]:
    """Betas with which ᾱ falls as a squared cosine."""
    time = np.arange(timesteps + 1) / timesteps
    kept = np.cos((time + _COSINE_OFFSET) / (1 + _COSINE_OFFSET) * math.pi / 2) ** 2
    betas: npt.NDArray[np.float64] = np.minimum(1 - kept[1:] / kept[:-1], _LARGEST_BETA)
    return betas


def linear_betas(timesteps: int = TIMESTEPS) -> npt.NDArray[np.float64]:
    """Betas that rise linearly, as in 1,000 steps from 1e-4 to 0.02."""
    betas: npt.NDArray[np.float64] = np.linspace(1e-4, 0.02, timesteps) * (1000 / timesteps)
    return betas


BASE = Diffusion(cosine_betas())
"""Of the base networks."""
UPSAMPLING = Diffusion(linear_betas())
"""Of the upsampler."""
