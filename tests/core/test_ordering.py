# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
import time

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial import cKDTree

from uner3d_core.ordering import close_pairs, progressive_order

FloatArray = npt.NDArray[np.float32]


def _variation(points: FloatArray) -> float:
    nearest = cKDTree(points).query(points, k=2)[0][:, 1]
    return float(nearest.std() / nearest.mean())


def _random_sphere(count: int) -> FloatArray:
    points = np.random.default_rng(0).normal(size=(count, 3))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def _lattice(count: int) -> FloatArray:
    side = int(count**0.5)
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    return np.stack([x.ravel(), y.ravel(), np.zeros(side**2)], axis=1).astype(np.float32)


def _spiral(count: int) -> FloatArray:
    index = np.arange(count) + 0.5
    height, turn = 1 - 2 * index / count, np.pi * (1 + 5**0.5) * index
    radius = np.sqrt(1 - height**2)
    return np.stack([np.cos(turn) * radius, np.sin(turn) * radius, height], axis=1).astype(np.float32)


@pytest.mark.parametrize("make", [_random_sphere, _lattice, _spiral])
def test_prefixes_are_more_even_than_a_random_subset(make: object) -> None:
    points = make(40_000)
    order = progressive_order(points)
    assert (np.sort(order) == np.arange(len(points))).all()
    for share in (0.01, 0.05, 0.1, 0.25):
        assert _variation(points[order[: int(share * len(points))]]) < 0.2


def test_prefixes_of_a_large_cloud_are_even_and_quick() -> None:
    points = _random_sphere(500_000)
    start = time.process_time()
    order = progressive_order(points)
    assert time.process_time() - start < 5
    for share in (0.01, 0.1):
        assert _variation(points[order[: int(share * len(points))]]) < 0.15
    assert _variation(points[order[:250_000]]) < 0.46


def test_order_depends_on_the_seed_alone() -> None:
    points = _random_sphere(5000)
    assert (progressive_order(points, 3) == progressive_order(points, 3)).all()
    assert (progressive_order(points, 3) != progressive_order(points, 4)).any()


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((0, 3), np.float32),
        np.zeros((1, 3), np.float32),
        np.zeros((5000, 3), np.float32),
        np.repeat(_random_sphere(100), 100, axis=0),
        np.vstack([_random_sphere(3000) * 1e-3, [[1e6, 0, 0]]]).astype(np.float32),
        np.linspace([0, 0, 0], [1, 2, 3], 3000, dtype=np.float32),
        np.random.default_rng(0).random((5000, 3), dtype=np.float32) - 100,
    ],
    ids=["none", "one", "all the same", "repeated", "one far away", "line", "volume"],
)
def test_strange_clouds_are_ordered_too(points: FloatArray) -> None:
    order = progressive_order(points)
    assert (np.sort(order) == np.arange(len(points))).all()


def test_close_pairs_are_those_of_a_tree() -> None:
    points = np.random.default_rng(2).random((2000, 3), dtype=np.float32)
    first, second, distance = close_pairs(points, 0.1)
    found = {(min(a, b), max(a, b)) for a, b in zip(first.tolist(), second.tolist(), strict=True)}
    assert len(found) == len(first)
    assert found == cKDTree(points).query_pairs(0.1)
    assert np.allclose(distance, np.linalg.norm(points[first] - points[second], axis=1))


def test_importing_needs_numpy_alone() -> None:
    code = "import sys, uner3d_core.ordering; assert not {'torch', 'scipy', 'PIL'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)
