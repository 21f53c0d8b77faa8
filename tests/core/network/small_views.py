# SPDX-License-Identifier: Apache-2.0
"""Small networks with random numbers in all of their tensors, and views for them."""

from typing import TypeVar

import torch
from torch import nn

from uner3d_core.network.config import NetworkConfig
from uner3d_core.network.view_batch import ViewBatch

SMALL = NetworkConfig(
    image_size=32,
    stages=3,
    encoder_width=16,
    feature_channels=12,
    mlp_width=24,
    blocks=3,
    blocks_per_view=2,
    hidden_resolution=8,
)

Any = TypeVar("Any", bound=nn.Module)


def randomised(network: Any, seed: int = 0) -> Any:
    """Fill all tensors so that every one matters and numbers stay near one."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not tensor.is_floating_point():
                continue
            noise = torch.randn(tensor.shape, generator=generator)
            if name.endswith("running_var"):
                tensor.copy_(1 + 0.3 * noise.abs())
            elif tensor.dim() > 1:
                tensor.copy_(noise * (1.4 / tensor[0].numel()) ** 0.5)
            elif name.endswith("weight"):
                tensor.copy_(1 + 0.2 * noise)
            else:
                tensor.copy_(0.2 * noise)
    return network.eval().requires_grad_(False)


def posed(objects: int = 1, views: int = 3, size: int = 32, seed: int = 0) -> ViewBatch:
    """Random pictures of a ball with a radius of 0.7, from random places at a distance of 3."""
    generator = torch.Generator().manual_seed(seed)
    rotation = torch.linalg.qr(torch.randn(objects, views, 3, 3, generator=generator)).Q
    rotation = rotation * torch.linalg.det(rotation)[..., None, None].sign()
    translation = torch.tensor([0.05, -0.1, 3.0])
    focal = 1.3 * size
    intrinsics = torch.tensor([[focal, 0, size / 2 + 0.7], [0, 1.1 * focal, size / 2 - 0.4], [0, 0, 1]])
    x = (torch.arange(size) + 0.5).expand(size, size)
    rays = torch.stack([x, x.T, torch.ones_like(x)], -1) @ torch.linalg.inv(intrinsics).T
    rays = nn.functional.normalize(rays, dim=-1)
    aside = translation.square().sum() - (rays @ translation) ** 2
    return ViewBatch(
        torch.rand(objects, views, 3, size, size, generator=generator),
        (aside < 0.49).float().expand(objects, views, 1, size, size),
        intrinsics.expand(objects, views, 3, 3),
        torch.cat([rotation, translation.expand(objects, views, 3)[..., None]], dim=-1),
    )


def some_points(objects: int = 1, count: int = 50, seed: int = 1) -> torch.Tensor:
    return torch.rand(objects, count, 3, generator=torch.Generator().manual_seed(seed)) * 2 - 1
