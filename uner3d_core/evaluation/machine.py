# SPDX-License-Identifier: Apache-2.0
"""What the machine can do, so that times from different ones can be read together."""

from __future__ import annotations

import sys
import time

import torch

if sys.platform != "win32":
    import resource

MATRIX_SIDE = 2048
REPEATS = 5


def matrix_rate(device: torch.device) -> float:
    """Measure products of two fixed float32 matrices on a device: the best of five, in GFLOP a second."""
    generator = torch.Generator().manual_seed(0)
    one, two = (torch.rand((MATRIX_SIDE, MATRIX_SIDE), generator=generator).to(device) for _ in range(2))
    best = float("inf")
    for _ in range(REPEATS + 1):  # the first one also sets the library up
        start = time.perf_counter()
        float((one @ two)[0, 0])  # reading a number waits for the device
        best = min(best, time.perf_counter() - start)
    return 2 * MATRIX_SIDE**3 / best / 1e9


def peak_memory(device: torch.device) -> dict[str, float]:
    """Tell the most memory held at once since the process began, in GiB.

    Returns
    -------
    dict
        ``process``, where the system tells it (not on Windows), and ``device``, where that is a CUDA device.
    """
    peaks = {}
    if sys.platform != "win32":
        unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
        peaks["process"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
    if device.type == "cuda":
        peaks["device"] = torch.cuda.max_memory_allocated(device) / 2**30
    return peaks
