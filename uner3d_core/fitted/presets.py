# SPDX-License-Identifier: Apache-2.0
"""What draft, balanced and final mean for this method."""

from __future__ import annotations

from dataclasses import dataclass, field

from uner3d_core.fitted.fitting import Weights


@dataclass(frozen=True)
class Preset:
    """How much work to spend.

    Parameters
    ----------
    longest_side : int
        Pictures in which what shows the object is larger are scaled down to this many pixels.
    coarse_side : int
        The same for the first sweep.
    resolution : int
        Grid points along the longest side of the object's box.
    planes : int
        Depths tried for each pixel in the first sweep, through the whole hull.
    sweeps : tuple of (float, int)
        The finer sweeps around the surface: reach in working units, and depths tried.
    steps : int
        Steps of the fit.
    batch : int
        Rays in each.
    anchors : int
        Coloured points that are kept for the colours.
    weights : Weights
        Of the fit's losses.
    """

    longest_side: int
    coarse_side: int
    resolution: int
    planes: int
    sweeps: tuple[tuple[float, int], ...]
    steps: int
    batch: int
    anchors: int
    weights: Weights = field(default_factory=Weights)


PRESETS = {
    "draft": Preset(256, 92, 96, 48, (), 0, 2048, 100_000),
    "balanced": Preset(512, 104, 144, 64, ((0.06, 17),), 200, 4096, 250_000),
    "final": Preset(1024, 156, 208, 80, ((0.08, 25), (0.04, 17)), 500, 8192, 400_000),
}
