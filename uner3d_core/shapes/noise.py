# SPDX-License-Identifier: Apache-2.0
"""Random functions of space: smooth noise, sums of it, and cells around scattered points."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

_LATTICE = 16
_MIX = (73856093, 19349663, 83492791)  # primes that spread a cell's three indices over the integers
_MODULUS = 2_147_483_647


class ValueNoise:
    """Smooth noise: random values on a lattice of unit cells, interpolated between, repeated beyond.

    Parameters
    ----------
    random : numpy Generator
        Where the values come from.
    """

    def __init__(self, random: np.random.Generator) -> None:
        values = random.uniform(-1.0, 1.0, (_LATTICE, _LATTICE, _LATTICE)).astype(np.float32)
        # One more layer, equal to the first, lets interpolation cross the seam.
        self._values = torch.from_numpy(np.pad(values, (0, 1), mode="wrap"))[None, None]

    def __call__(self, points: Tensor) -> Tensor:
        """Noise, (N,), within [-1, 1], at points (N, 3) in cells."""
        cells = torch.remainder(points, _LATTICE)
        whole = cells.floor()
        part = cells - whole
        eased = whole + part * part * (3.0 - 2.0 * part)
        grid = (eased * (2.0 / _LATTICE) - 1.0).view(1, -1, 1, 1, 3)
        values = self._values.to(points.device)
        return torch.nn.functional.grid_sample(values, grid, align_corners=True).view(-1)

    def fractal(self, points: Tensor, octaves: int = 3) -> Tensor:
        """Noise, (N,), within about [-1, 1]: each further octave is twice as fine and half as strong."""
        total = torch.zeros(len(points), device=points.device)
        for octave in range(octaves):
            total += self(points * 2.0**octave + 5.3 * octave) * 0.5**octave
        return total / (2.0 - 0.5 ** (octaves - 1))


def nearest_cell(points: Tensor, salt: int) -> tuple[Tensor, Tensor, Tensor]:
    """Find the nearest of points scattered one to each unit cell (Worley, SIGGRAPH 1996).

    Parameters
    ----------
    points : Tensor (N, 3)
        In cells.
    salt : int
        Another number scatters other points.

    Returns
    -------
    nearest, second : Tensor (N,)
        Distances to the nearest point and to the second nearest, in cells, as far as the eight cells around
        can tell.
    key : Tensor (N,)
        A number in [0, 1) that belongs to the nearest point.
    """
    corner = (points - 0.5).floor()
    best = torch.full((len(points),), 9.0, device=points.device)
    second = best.clone()
    key = torch.zeros_like(best)
    for index in range(8):
        offset = torch.tensor([index & 1, index >> 1 & 1, index >> 2], device=points.device)
        cell = corner + offset
        mark = _hash(cell.long(), salt)
        jitter = torch.stack([_unit(mark, turn) for turn in range(3)], dim=1)
        distance = (cell + 0.2 + 0.6 * jitter - points).norm(dim=1)
        nearer = distance < best
        second = torch.where(nearer, best, torch.minimum(second, distance))
        key = torch.where(nearer, _unit(mark, 3), key)
        best = torch.where(nearer, distance, best)
    return best, second, key


def _hash(cell: Tensor, salt: int) -> Tensor:
    mixed = cell[:, 0] * _MIX[0] + cell[:, 1] * _MIX[1] + cell[:, 2] * _MIX[2] + salt * 104729
    mixed = mixed.abs() % _MODULUS
    return (mixed * 48271 + 11) % _MODULUS


def _unit(mark: Tensor, turn: int) -> Tensor:
    """Draw a number in [0, 1) from a hash; each ``turn`` gives another."""
    return ((mark * (16807 + 2 * turn) + 7919 * turn) % _MODULUS % 65536).float() / 65536.0
