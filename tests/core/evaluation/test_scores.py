# SPDX-License-Identifier: Apache-2.0
"""Scores of clouds whose distance to the truth is known."""

import json

import numpy as np
import pytest

from uner3d_core.evaluation.scores import choose, score, spacing_variation


def lattice(steps: int = 41) -> np.ndarray:
    """Points of a unit square in the plane z = 0."""
    axis = np.linspace(0.0, 1.0, steps)
    x, y = np.meshgrid(axis, axis)
    return np.stack([x.ravel(), y.ravel(), np.zeros(steps**2)], axis=1)


def test_the_truth_itself_scores_one() -> None:
    scores = score(lattice(), lattice(), diagonal=1.0)
    assert scores.precision == scores.recall == scores.f_score == {0.5: 1.0, 1.0: 1.0, 2.0: 1.0}
    assert scores.accuracy == scores.completeness == scores.chamfer_l1 == 0.0


def test_distances_are_in_percent_of_the_diagonal() -> None:
    truth = lattice()
    scores = score(np.add(truth, (0.0, 0.0, 0.03)), truth, diagonal=2.0)
    assert scores.accuracy == pytest.approx(1.5)
    assert scores.chamfer_l1 == pytest.approx(1.5)
    assert scores.f_score == {0.5: 0.0, 1.0: 0.0, 2.0: 1.0}


def test_what_is_missing_costs_recall_alone() -> None:
    truth = lattice()
    scores = score(truth[truth[:, 0] <= 0.5], truth, diagonal=1.0)
    assert scores.precision[0.5] == 1.0
    assert scores.recall[1.0] == pytest.approx(21 / 41)
    assert scores.f_score[1.0] == pytest.approx(2 * 21 / (21 + 41))


def test_floaters_cost_precision_alone() -> None:
    truth = lattice()
    scores = score(np.concatenate([truth, np.add(truth, (0.0, 0.0, 5.0))]), truth, diagonal=1.0)
    assert scores.recall[0.5] == 1.0
    assert scores.precision[2.0] == 0.5


def test_clouds_are_compared_at_equal_counts() -> None:
    truth = lattice()
    dense, sparse = score(truth, truth, 1.0, count=1681), score(truth, truth, 1.0, count=100)
    assert sparse.recall[1.0] < dense.recall[1.0]
    assert len(choose(truth, 100)) == len(np.unique(choose(truth, 100), axis=0)) == 100
    assert np.array_equal(choose(truth, 100), choose(truth, 100))


def test_an_empty_side_is_an_error() -> None:
    with pytest.raises(ValueError, match="without points"):
        score(np.empty((0, 3)), lattice(), 1.0)


def test_scores_fit_into_json() -> None:
    described = json.loads(json.dumps(score(lattice(), lattice(), 1.0).to_json()))
    assert described["f_score"] == {"0.5": 1.0, "1": 1.0, "2": 1.0}


def test_a_lattice_is_even_and_random_points_are_not() -> None:
    assert spacing_variation(lattice()) < 1e-6
    random = np.random.default_rng(0).random((4000, 3)) * [1.0, 1.0, 0.0]
    assert spacing_variation(random) == pytest.approx(0.52, abs=0.03)
