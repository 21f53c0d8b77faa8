# SPDX-License-Identifier: Apache-2.0
"""Short of memory, work goes on in smaller batches and says so."""

from typing import Any

import pytest
import torch

from uner3d_core.memory import SMALLEST_SHARE, Memory


def test_batches_halve_until_they_fit_and_stay_small(told: Any) -> None:
    memory = Memory(torch.device("cpu"), told)
    tried = []

    def work(share: float) -> float:
        tried.append(share)
        if share > 0.3:
            raise RuntimeError("MPS backend out of memory")
        return share

    assert memory.attempt(work) == 0.25
    assert memory.attempt(work) == 0.25
    assert tried == [1.0, 0.5, 0.25, 0.25]
    assert told.texts[-1] == "The memory of “cpu” ran short: going on with batches of 1/4."


def test_what_never_fits_is_raised(told: Any) -> None:
    tried = []

    def work(share: float) -> None:
        tried.append(share)
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        Memory(torch.device("cpu"), told).attempt(work)
    assert tried[-1] == SMALLEST_SHARE


def test_other_faults_are_raised_at_once(told: Any) -> None:
    def work(share: float) -> None:
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        Memory(torch.device("cpu"), told).attempt(work)
    assert told.texts == []
