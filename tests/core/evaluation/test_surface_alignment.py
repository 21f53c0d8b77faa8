# SPDX-License-Identifier: Apache-2.0
"""A surface that is a little off in size, place and orientation is brought back, outliers or not."""

from __future__ import annotations

import numpy as np

from uner3d_core.evaluation.surface_alignment import aligned_to


def test_small_similarity_is_undone() -> None:
    generator = np.random.default_rng(0)
    surface = generator.normal(size=(20_000, 3))
    surface *= [1.0, 0.6, 0.3] / np.linalg.norm(surface, axis=1, keepdims=True)
    angle = 0.03
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    points = 1.02 * surface[:5000] @ turn.T + [0.01, -0.01, 0.02]
    outliers = 3.0 + generator.random((250, 3))
    moved = aligned_to(np.concatenate([points, outliers]), surface)[:5000]
    assert np.linalg.norm(points - surface[:5000], axis=1).mean() > 0.02
    assert np.linalg.norm(moved - surface[:5000], axis=1).mean() < 0.004
