# SPDX-License-Identifier: Apache-2.0
"""What a person can choose for a reconstruction."""

from __future__ import annotations

from dataclasses import dataclass

from uner3d_core.errors import InputError
from uner3d_core.methods import METHODS

PRESETS = ("draft", "balanced", "final")
NO_NETWORK = "none"
"""The network that is not asked: the pictures alone are fitted."""
DEVICES = ("auto", "cpu", "cuda", "mps", "xpu")
MAXIMUM_POINTS = 100_000_000
FACES = 200_000
"""Triangles of a mesh unless another number is asked for: about as many vertices as a cloud has points."""
MINIMUM_FACES, MAXIMUM_FACES = 4, 20_000_000


@dataclass(frozen=True)
class Settings:
    """The choices of one run.

    Parameters
    ----------
    points : int
        Number of points in the cloud.
    preset : str
        ``draft``, ``balanced`` or ``final``: how much time to spend.
    device : str
        ``auto``, ``cpu``, ``cuda``, ``mps`` or ``xpu``; ``auto`` takes the fastest there is.
    method : str
        Name of the reconstruction method.
    seed : int
        Not negative. The same input, settings, seed and device give the same cloud.
    network : str
        Which of the method's trained networks is used; empty for the best that is there. Methods that learn
        from the pictures alone have none.
    weights : str
        Folder of the trained networks' weights; empty for the usual one.
    refine_cameras : bool
        Whether the errors of cameras that are a little off are corrected; exact cameras stay as they are.

    Raises
    ------
    InputError
        If a value is not one of those named, or the number of points is out of range.
    """

    points: int = 100_000
    preset: str = "balanced"
    device: str = "auto"
    method: str = "uner3d"
    seed: int = 0
    network: str = ""
    weights: str = ""
    refine_cameras: bool = True

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("preset", self.preset, PRESETS),
            ("device", self.device, DEVICES),
            ("method", self.method, tuple(METHODS)),
        ):
            if value not in allowed:
                raise InputError(f"“{value}” is no {name}.", f"Choose one of {', '.join(allowed)}.")
        if not 1 <= self.points <= MAXIMUM_POINTS:
            raise InputError(f"{self.points} points can't be made.", f"Choose from 1 to {MAXIMUM_POINTS:,}.")
        if not 0 <= self.seed < 2**63:
            raise InputError(f"{self.seed} is no seed.", "Choose a whole number that is not negative.")
