# SPDX-License-Identifier: Apache-2.0
"""The sampler of Karras et al. 2022 (arXiv 2206.00364): their schedule, and Heun steps with churn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import torch

LEAST_SIGMA = 1e-3
RHO = 7.0
_MOST_CHURN = 2**0.5 - 1


def schedule(steps: int, largest: float) -> torch.Tensor:
    """Amounts of noise from ``largest`` down to :data:`LEAST_SIGMA`, then none: float32 (steps + 1,)."""
    ramp = torch.linspace(0, 1, steps)
    low, high = LEAST_SIGMA ** (1 / RHO), largest ** (1 / RHO)
    return torch.cat([(high + ramp * (low - high)) ** RHO, torch.zeros(1)])


def heun_steps(
    clean: Callable[[torch.Tensor, float], torch.Tensor],
    sigmas: torch.Tensor,
    churn: float,
    noise: Callable[[], torch.Tensor],
) -> Iterator[torch.Tensor]:
    """Take noise off step by step (their algorithm 2).

    Parameters
    ----------
    clean : callable
        Tells from noisy points and the amount of their noise what they are without it.
    sigmas : float32 tensor (steps + 1,)
        What :func:`schedule` made.
    churn : float
        How much new noise is added in all steps together; 0 makes the way determined by its start.
    noise : callable
        Draws standard normal numbers of the points' shape. Called once for the start and once in each step,
        whether its numbers are used or not, as published.

    Yields
    ------
    float tensor
        In each step, what the points are expected to be without noise. The last are the result.
    """
    gamma = min(churn / (len(sigmas) - 1), _MOST_CHURN)
    points = noise() * float(sigmas[0])
    for sigma, following in pairwise(sigmas):
        fresh = noise()
        raised = sigma * (gamma + 1)
        if gamma > 0:
            points = points + fresh * float((raised**2 - sigma**2) ** 0.5)
        found = clean(points, float(raised))
        yield found
        if following > 0:
            slope = (points - found) / float(raised)
            ahead = points + slope * float(following - raised)
            slope_ahead = (ahead - clean(ahead, float(following))) / float(following)
            points = points + (slope + slope_ahead) / 2 * float(following - raised)
