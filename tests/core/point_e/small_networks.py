# SPDX-License-Identifier: Apache-2.0
"""Small networks of Point-E with random weights, and a progress that remembers what it is shown."""

from dataclasses import dataclass, field

import torch
from torch import nn

from uner3d_core.errors import Cancelled
from uner3d_core.point_cloud import PointCloud
from uner3d_core.point_e.sizes import Size

SMALL = {
    "base40M-textvec": Size(32, 2, 2, "text vector"),
    "base40M-imagevec": Size(32, 2, 2, "image vector"),
    "base40M": Size(32, 2, 2),
    "base300M": Size(48, 2, 2),
    "base1B": Size(64, 2, 2),
}


@dataclass
class Shown:
    """A progress that keeps what it is told and shown, and may stop the work at a stage."""

    stop_at: str = ""
    stages: list[tuple[str, int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    clouds: list[PointCloud] = field(default_factory=list)

    def stage(self, name: str, done: int, total: int) -> None:
        self.stages.append((name, done, total))
        if self.stop_at and name.startswith(self.stop_at) and done > 0:
            raise Cancelled

    def preview(self, cloud: PointCloud) -> None:
        self.clouds.append(cloud)

    def log(self, text: str) -> None:
        self.texts.append(text)


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """Fill a network with weights that let every part of it matter."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in network.named_parameters():
        spread = 0.7 / parameter.shape[1] ** 0.5 if parameter.dim() > 1 else 0.1
        values = torch.randn(parameter.shape, generator=generator) * spread
        parameter.data = values + 1 if name.endswith("weight") and parameter.dim() == 1 else values
    return network.requires_grad_(False).eval()
