# SPDX-License-Identifier: Apache-2.0
"""The method “depth”: every pixel of pictures whose depth is known, put back where it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uner3d_core.depth.merging import merge

if TYPE_CHECKING:
    import torch

    from uner3d_core.depth_view import DepthView
    from uner3d_core.point_cloud import PointCloud
    from uner3d_core.progress import Progress
    from uner3d_core.reconstruct import Stopwatch
    from uner3d_core.settings import Settings


def fit(
    shown: list[DepthView], settings: Settings, device: torch.device, progress: Progress, stopwatch: Stopwatch
) -> tuple[PointCloud, dict[str, float]]:
    """Make the cloud itself; there is nothing to learn.

    Parameters
    ----------
    shown : list of DepthView
        Pictures, cameras and depth.
    settings : Settings
        Number of points and seed.
    device : torch.device
        Unused: the CPU does it in less time than rendering took.
    progress : Progress
        Is told every stage.
    stopwatch : Stopwatch
        Takes the time.

    Returns
    -------
    PointCloud
        In progressive order, in world coordinates.
    dict
        Empty: nothing was measured.

    Raises
    ------
    ReconstructionError
        If the pictures show no surface.
    """
    with stopwatch.stage("merging"):
        return merge(shown, settings.points, settings.seed, progress), {}
