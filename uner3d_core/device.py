# SPDX-License-Identifier: Apache-2.0
"""Which device computes."""

from __future__ import annotations

import torch

from uner3d_core.errors import DeviceError


def available_devices() -> list[str]:
    """Names of the devices that torch can use here, the fastest first; ``cpu`` is always there."""
    names = []
    if torch.cuda.is_available():
        names.append("cuda")
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        names.append("xpu")
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def choose_device(name: str) -> torch.device:
    """Find the device called ``name``; ``auto`` takes the fastest.

    Raises
    ------
    DeviceError
        If this machine, or this build of torch, has no such device.
    """
    available = available_devices()
    if name == "auto":
        return torch.device(available[0])
    if name not in available:
        raise DeviceError(
            f"There is no device “{name}” for torch {torch.__version__} here.",
            f"Choose one of auto, {', '.join(available)}.",
        )
    return torch.device(name)
