# SPDX-License-Identifier: Apache-2.0
"""What the reconstruction is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from uner3d_core.field import Anchors, Field
from uner3d_core.fitted.hull import find_frame, hull_grid
from uner3d_core.fitted.pictures import load_pictures

if TYPE_CHECKING:
    from uner3d_core.views import View

HULL_RESOLUTION = 160
"""Voxels along the longest side: finer than the pixels of 256², so that the grid limits nothing."""


def visual_hull(views: list[View]) -> Field:
    """Make the visual hull of the silhouettes: the largest shape that explains them all, without colours.

    Raises
    ------
    ReconstructionError
        If the silhouettes have nothing in common.
    """
    frame = find_frame(views)
    pictures = load_pictures(
        views, frame, torch.device("cpu"), longest_side=max(view.camera.width for view in views)
    )
    corner = torch.full((3,), 1.1)
    grid = hull_grid(pictures, -corner, corner, HULL_RESOLUTION)
    origin = frame.centre + frame.scale * grid.origin.double().numpy()
    nothing = Anchors(np.empty((0, 3), np.float32), np.empty((0, 3), np.uint8), np.empty(0, np.float32))
    return Field(tuple(origin), grid.voxel * frame.scale, grid.values * frame.scale, nothing)
