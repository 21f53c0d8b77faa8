# SPDX-License-Identifier: Apache-2.0
"""Parts of the plane sweep beside plain formulas."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from uner3d_core.fitted.stereo import box_mean, window_sums


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 11])
def test_window_sums_are_sums_of_windows(size: int) -> None:
    values = torch.rand(3, 12, 5, generator=torch.Generator().manual_seed(0))
    expected = torch.stack([values[:, i : i + size].sum(1) for i in range(13 - size)], dim=1)
    torch.testing.assert_close(window_sums(values, 1, size), expected)


def test_box_mean_is_average_pooling() -> None:
    images = torch.rand(2, 3, 9, 14, generator=torch.Generator().manual_seed(0))
    expected = functional.avg_pool2d(images, 7, stride=1, padding=3)
    torch.testing.assert_close(box_mean(images, 3), expected)
