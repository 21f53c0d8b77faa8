# SPDX-License-Identifier: Apache-2.0
"""What the bench says of the machine."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from uner3d_core.evaluation.machine import matrix_rate, peak_memory


def test_products_take_some_time() -> None:
    assert 0.01 < matrix_rate(torch.device("cpu")) < 1e6


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_memory_that_was_held_counts_when_it_is_gone() -> None:
    large = np.ones(int(0.5 * 2**27))  # half a GiB
    del large
    assert 0.5 < peak_memory(torch.device("cpu"))["process"] < 1000
