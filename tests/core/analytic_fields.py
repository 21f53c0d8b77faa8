# SPDX-License-Identifier: Apache-2.0
"""Fields of shapes whose distance is known exactly."""

from collections.abc import Callable

import numpy as np
import torch

from uner3d_core.field import Anchors, Field

Distance = Callable[[torch.Tensor], torch.Tensor]

NO_ANCHORS = Anchors(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.uint8), np.zeros(0, np.float32))


def sphere(points: torch.Tensor) -> torch.Tensor:
    return points.norm(dim=-1) - 1


def torus(points: torch.Tensor) -> torch.Tensor:
    ring = torch.hypot(points[..., 0], points[..., 1]) - 0.7
    return torch.hypot(ring, points[..., 2]) - 0.3


def two_boxes(points: torch.Tensor) -> torch.Tensor:
    def box(centre: list[float], half: float) -> torch.Tensor:
        outside = (points - torch.tensor(centre)).abs() - half
        return outside.clamp(min=0).norm(dim=-1) + outside.amax(dim=-1).clamp(max=0)

    return torch.minimum(box([-0.6, 0, 0], 0.3), box([0.6, 0.1, 0.2], 0.25))


def thin_rod(points: torch.Tensor) -> torch.Tensor:
    along = points[..., 2].clamp(-0.9, 0.9)
    axis = torch.stack([torch.zeros_like(along), torch.zeros_like(along), along], dim=-1)
    return (points - axis).norm(dim=-1) - 0.05


def field_of(distance: Distance, size: int = 64, anchors: Anchors = NO_ANCHORS) -> Field:
    """Sample a distance on a grid from -1.2 to 1.2, truncated at four voxels."""
    ticks = torch.linspace(-1.2, 1.2, size)
    voxel = float(ticks[1] - ticks[0])
    points = torch.stack(torch.meshgrid(ticks, ticks, ticks, indexing="ij"), dim=-1)
    grid = distance(points).float().clamp(-4 * voxel, 4 * voxel)
    return Field((-1.2, -1.2, -1.2), voxel, grid, anchors, {"preset": "draft"})
