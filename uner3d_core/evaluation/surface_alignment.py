# SPDX-License-Identifier: Apache-2.0
"""Points brought to a surface that they nearly lie on: iterated closest points (Besl and McKay 1992)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from uner3d_core.evaluation.camera_agreement import align

FloatArray = npt.NDArray[np.float64]

ROUNDS = 30
SAMPLES = 20_000
"""Points that tell the movement."""
NEAREST = 0.9
"""Share of these, the nearest to the surface, that count: outliers and what is missing do not pull."""


def aligned_to(points: FloatArray, surface: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """Bring points to a surface by the similarity that fits best, near where they are.

    Parameters
    ----------
    points : array (N, 3)
        Already aligned roughly.
    surface : array (M, 3)
        Points on it.

    Returns
    -------
    array (N, 3)
        The points, moved.
    """
    tree = cKDTree(surface)
    step = max(1, len(points) // SAMPLES)
    moved = np.asarray(points, dtype=np.float64)
    for _ in range(ROUNDS):
        some = moved[::step]
        distances, nearest = tree.query(some)
        kept = distances <= np.quantile(distances, NEAREST)
        moved = align(some[kept], surface[nearest[kept]].astype(np.float64)).apply(moved)
    return moved
