# SPDX-License-Identifier: Apache-2.0
"""Closed outlines in the plane, whose distances are kept in a table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy.interpolate import PchipInterpolator  # type: ignore[import-untyped]
from torch import Tensor

FloatArray = npt.NDArray[np.float64]

_CELLS = 192
_MARGIN = 0.15  # of the outline's larger side


class Outline:
    """The inside of a polygon.

    Parameters
    ----------
    corners : array (M, 2)
        Corners in order, without a repeated last one; the polygon must not cross itself.
    turned : bool
        Whether it is only asked where x is not below zero, as a lathe does.
    """

    def __init__(self, corners: npt.ArrayLike, *, turned: bool = False) -> None:
        polygon = np.asarray(corners, dtype=np.float64)
        low, high = polygon.min(axis=0), polygon.max(axis=0)
        margin = _MARGIN * (high - low).max()
        self._low, self._high = low - margin, high + margin
        if turned:
            self._low[0] = 0.0
        axes = [np.linspace(self._low[axis], self._high[axis], _CELLS) for axis in (0, 1)]
        x, y = np.meshgrid(*axes, indexing="xy")
        table = _polygon_distance(np.stack([x.ravel(), y.ravel()], axis=1), polygon)
        self._table = torch.from_numpy(table.reshape(_CELLS, _CELLS).astype(np.float32))[None, None]

    def distance(self, x: Tensor, y: Tensor) -> Tensor:
        """Signed distance, (N,), of points to the outline; outside of its table a lower bound."""
        points = torch.stack([x, y], dim=1)
        low, high = points.new_tensor(self._low), points.new_tensor(self._high)
        grid = ((points - low) * (2.0 / (high - low)) - 1.0).view(1, -1, 1, 2)
        table = self._table.to(points.device)
        inside = torch.nn.functional.grid_sample(table, grid, padding_mode="border", align_corners=True)
        apart = (points - points.clamp(low, high)).norm(dim=1)
        return torch.where(apart > 0.0, torch.maximum(inside.view(-1), apart), inside.view(-1))


def _polygon_distance(points: FloatArray, corners: FloatArray) -> FloatArray:
    """Exact signed distance to a polygon; inside, a ray to the right crosses it an odd number of times."""
    square = np.full(len(points), np.inf)
    inside = np.zeros(len(points), dtype=bool)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        step = end - start
        offset = points - start
        along = np.clip(offset @ step / max(step @ step, 1e-18), 0.0, 1.0)
        square = np.minimum(square, ((offset - along[:, None] * step) ** 2).sum(axis=1))
        if start[1] != end[1]:
            spans = (points[:, 1] >= min(start[1], end[1])) & (points[:, 1] < max(start[1], end[1]))
            inside ^= spans & (offset[:, 0] < offset[:, 1] * step[0] / step[1])
    distance: FloatArray = np.where(inside, -1.0, 1.0) * np.sqrt(square)
    return distance


def turned_solid(heights: npt.ArrayLike, radii: npt.ArrayLike, *, smooth: bool = True) -> Outline:
    """Outline of a solid lathe body that has ``radii`` at ``heights``, which rise."""
    z, r = _profile(heights, radii, smooth)
    return Outline(np.concatenate([np.stack([r, z], axis=1), np.stack([-r, z], axis=1)[::-1]]), turned=True)


def turned_vessel(
    heights: npt.ArrayLike, radii: npt.ArrayLike, wall: float, floor: float, *, smooth: bool = True
) -> Outline:
    """Outline of a hollow lathe body, open above: its wall and floor are ``wall`` and ``floor`` thick."""
    z, r = _profile(heights, radii, smooth)
    inner_z = np.linspace(z[-1], z[0] + floor, len(z))
    inner_r = np.maximum(np.interp(inner_z, z, r) - wall, 0.2 * wall)
    right = np.concatenate([np.stack([r, z], axis=1), np.stack([inner_r, inner_z], axis=1)])
    return Outline(np.concatenate([right, (right * [-1.0, 1.0])[::-1]]), turned=True)


def regular(sides: int, radius: float, inner: float | None = None) -> Outline:
    """Outline of a regular polygon, or of a star whose notches lie ``inner`` from the middle."""
    count = sides if inner is None else 2 * sides
    angles = 2.0 * np.pi * np.arange(count) / count
    lengths = np.full(count, radius)
    if inner is not None:
        lengths[1::2] = inner
    return Outline(np.stack([lengths * np.cos(angles), lengths * np.sin(angles)], axis=1))


def blob(random: np.random.Generator, radius: float, roughness: float) -> Outline:
    """Outline of a random smooth round shape whose radius varies by about ``roughness`` of itself."""
    angles = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    lengths = np.ones_like(angles)
    for wave in (2, 3, 4, 5):
        lengths += (
            roughness / wave * random.normal() * np.sin(wave * angles + random.uniform(0.0, 2.0 * np.pi))
        )
    lengths = radius * np.clip(lengths, 0.35, 1.6)
    return Outline(np.stack([lengths * np.cos(angles), lengths * np.sin(angles)], axis=1))


def _profile(heights: npt.ArrayLike, radii: npt.ArrayLike, smooth: bool) -> tuple[FloatArray, FloatArray]:
    z, r = np.asarray(heights, dtype=np.float64), np.asarray(radii, dtype=np.float64)
    if not smooth:
        return z, r
    fine = np.linspace(z[0], z[-1], 36)
    return fine, np.asarray(PchipInterpolator(z, r)(fine), dtype=np.float64)
