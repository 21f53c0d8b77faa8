# SPDX-License-Identifier: Apache-2.0
"""A cloud holds arrays of one length and of the stated types."""

import numpy as np
import pytest

from uner3d_core.point_cloud import PointCloud


def make_cloud(count: int, colour_count: int | None = None) -> PointCloud:
    return PointCloud(
        np.arange(count * 3, dtype=np.float32).reshape(count, 3),
        np.zeros((count if colour_count is None else colour_count, 3), np.uint8),
        np.zeros((count, 3), np.float32),
        np.ones(count, np.float32),
    )


def test_first_points_are_a_cloud() -> None:
    first = make_cloud(10).first(4)
    assert len(first) == 4
    np.testing.assert_array_equal(first.positions, make_cloud(4).positions)
    assert first.progressive
    assert len(make_cloud(3).first(99)) == 3


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="colours"):
        make_cloud(3, colour_count=2)


def test_types_must_agree() -> None:
    cloud = make_cloud(3)
    with pytest.raises(ValueError, match="positions must be float32"):
        PointCloud(cloud.positions.astype(np.float64), cloud.colours, cloud.normals, cloud.confidence)
