# SPDX-License-Identifier: Apache-2.0
"""What silhouettes leave of space."""

from __future__ import annotations

import torch
from torch import Tensor

from uner3d_core.network.projection import project, sample_maps
from uner3d_core.network.view_batch import ViewBatch


def kept_by_all(views: ViewBatch, points: Tensor) -> Tensor:
    """Tell what the views leave: the least of their masks at points (B, P, 3), as (B, P).

    A view says nothing of what lies behind its camera, and beyond its border the border's pixels go on.
    """
    seen = project(points, views)
    masks = sample_maps(views.masks, seen.pixels, views.size)[..., 0]
    return torch.where(seen.ahead, masks, torch.ones_like(masks)).amin(1)
