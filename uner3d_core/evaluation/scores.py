# SPDX-License-Identifier: Apache-2.0
"""How near a cloud is to the true surface, and how much of the surface it covers.

Precision, recall and F-score follow Knapitsch et al., "Tanks and Temples" (2017); accuracy, completeness
and Chamfer-L1 are mean Euclidean distances. Every distance is told in percent of the diagonal of the true
surface's bounding box.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

Points = npt.NDArray[np.floating[Any]]

THRESHOLDS = (0.5, 1.0, 2.0)
"""Distances that count as a hit, in percent of the diagonal."""

CLOUD_POINTS = 100_000
"""How many points of a cloud are scored."""


@dataclass(frozen=True)
class Scores:
    """Scores of a cloud against points of the true surface.

    Parameters
    ----------
    precision, recall, f_score : dict of float to float
        For each of :data:`THRESHOLDS`, 0 to 1: the share of cloud points near the true surface, the share of
        true points near the cloud, and their harmonic mean.
    accuracy, completeness : float
        Mean distance from cloud to true points, and back, in percent of the diagonal.
    chamfer_l1 : float
        Mean of the two.
    """

    precision: dict[float, float]
    recall: dict[float, float]
    f_score: dict[float, float]
    accuracy: float
    completeness: float
    chamfer_l1: float

    def to_json(self) -> dict[str, object]:
        """Turn the scores into what JSON can hold."""
        shares = {"precision": self.precision, "recall": self.recall, "f_score": self.f_score}
        return {
            **{
                name: {f"{key:g}": round(share, 4) for key, share in of.items()}
                for name, of in shares.items()
            },
            "accuracy": round(self.accuracy, 4),
            "completeness": round(self.completeness, 4),
            "chamfer_l1": round(self.chamfer_l1, 4),
        }


def choose(points: Points, count: int, seed: int = 0) -> Points:
    """Choose ``count`` of ``points`` (N, 3) at random; all of them where there are no more."""
    if len(points) <= count:
        return points
    chosen = np.random.default_rng(seed).choice(len(points), count, replace=False)
    return np.asarray(points[chosen])


def score(
    cloud: Points,
    truth: Points,
    diagonal: float,
    count: int = CLOUD_POINTS,
    seed: int = 0,
) -> Scores:
    """Score a cloud against points of the true surface.

    Parameters
    ----------
    cloud : array (N, 3)
        Positions.
    truth : array (M, 3)
        True points, uniform by area, in the same frame.
    diagonal : float
        Length of the diagonal of the true surface's bounding box, in the same units.
    count : int
        How many of the cloud's points are scored: clouds are compared at equal counts.
    seed : int
        Decides which, where the cloud has more.

    Raises
    ------
    ValueError
        If a side has no points, or a number is not finite.
    """
    cloud = choose(cloud, count, seed)
    if len(cloud) == 0 or len(truth) == 0:
        raise ValueError("A cloud can't be scored without points on both sides.")
    to_truth = cKDTree(truth).query(cloud, workers=-1)[0] * (100.0 / diagonal)
    to_cloud = cKDTree(cloud).query(truth, workers=-1)[0] * (100.0 / diagonal)
    precision = {threshold: float((to_truth <= threshold).mean()) for threshold in THRESHOLDS}
    recall = {threshold: float((to_cloud <= threshold).mean()) for threshold in THRESHOLDS}
    f_score = {at: _harmonic_mean(precision[at], recall[at]) for at in THRESHOLDS}
    accuracy, completeness = float(to_truth.mean()), float(to_cloud.mean())
    return Scores(precision, recall, f_score, accuracy, completeness, (accuracy + completeness) / 2.0)


def _harmonic_mean(a: float, b: float) -> float:
    return 2.0 * a * b / (a + b) if a + b > 0.0 else 0.0


def spacing_variation(points: Points) -> float:
    """Tell how uneven the spacing of points (N, 3) is.

    Returns
    -------
    float
        Standard deviation of the distances to the nearest neighbour divided by their mean: 0 for a lattice,
        0.52 for points spread over a surface at random.
    """
    nearest = cKDTree(points).query(points, k=2, workers=-1)[0][:, 1]
    return float(nearest.std() / nearest.mean())
