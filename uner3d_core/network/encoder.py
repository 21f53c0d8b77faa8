# SPDX-License-Identifier: Apache-2.0
"""The encoder: ResNet34 (He et al. 2016) with torchvision's names; features of several stages in one map.

Written out here so that torchvision need not be installed; its state dict of ImageNet, and the one inside a
checkpoint of pixelNeRF, fit.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCKS = (3, 4, 6, 3)
"""Residual blocks of ResNet34's layer1 to layer4."""

CHANNELS_PER_GROUP = 8
"""Of group normalisation."""

Normalise = Callable[[int], nn.Module]


class ResidualBlock(nn.Module):
    """Two convolutions of 3 × 3, added to what came in."""

    def __init__(self, inputs: int, outputs: int, stride: int, normalise: Normalise) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = normalise(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = normalise(outputs)
        self.downsample: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), normalise(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Features (N, outputs, h / stride, w / stride) of features (N, inputs, h, w)."""
        change = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        kept = x if self.downsample is None else self.downsample(x)
        return functional.relu(torch.as_tensor(change + kept))


class ResNet34(nn.Module):
    """The first stages of ResNet34, under torchvision's names.

    Parameters
    ----------
    stages : int
        1 is conv1 alone; 2 to 5 add layer1 to layer4.
    width : int
        Channels of conv1 and layer1, doubled by each further layer; 64 in the paper.
    normalisation : str
        ``group``, ``batch``, or ``frozen``: batch normalisation whose statistics training leaves alone.
    first_pool : bool
        Whether the maximum of 3 × 3 is pooled between conv1 and layer1.
    extra : int
        Channels that the pictures have beside their colours. They enter by a convolution of their own,
        added to conv1's, so that conv1 keeps its shape.
    """

    def __init__(self, stages: int, width: int, normalisation: str, first_pool: bool, extra: int = 0) -> None:
        super().__init__()
        normalise = _group_norm if normalisation == "group" else nn.BatchNorm2d
        self.frozen = normalisation == "frozen"
        self.first_pool = first_pool
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.extra_conv = nn.Conv2d(extra, width, 7, 2, 3, bias=False) if extra else None
        self.bn1 = normalise(width)
        self.channels = [width]
        for number in range(stages - 1):
            outputs = width * 2**number
            blocks = [
                ResidualBlock(
                    self.channels[-1] if first else outputs, outputs, 2 if first and number else 1, normalise
                )
                for first in [True] + [False] * (BLOCKS[number] - 1)
            ]
            self.add_module(f"layer{number + 1}", nn.Sequential(*blocks))
            self.channels.append(outputs)
        self._initialise()

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Features of each stage, (N, channels, h, w), of pictures (N, 3 + extra, H, W); conv1's are H/2."""
        x = self.conv1(pictures[:, :3])
        if self.extra_conv is not None:
            x = x + self.extra_conv(pictures[:, 3:])
        x = functional.relu(self.bn1(x))
        features = [x]
        for number in range(1, len(self.channels)):
            if number == 1 and self.first_pool:
                x = functional.max_pool2d(x, 3, 2, 1)
            x = self.get_submodule(f"layer{number}")(x)
            features.append(x)
        return features

    def train(self, mode: bool = True) -> ResNet34:
        """Switch to training; frozen statistics stay as they are."""
        super().train(mode and not self.frozen)
        self.training = mode
        return self

    def _initialise(self) -> None:
        """He's initialisation, and each residual block starts as the identity."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        for module in self.modules():
            if isinstance(module, ResidualBlock):
                nn.init.zeros_(module.bn2.get_parameter("weight"))


def joined(features: list[Tensor]) -> Tensor:
    """Stages (N, Cᵢ, hᵢ, wᵢ), scaled up to the first one's size, as one map (N, ΣCᵢ, h, w)."""
    size = features[0].shape[-2:]
    scaled = [
        functional.interpolate(each, size, mode="bilinear", align_corners=True) for each in features[1:]
    ]
    return torch.cat([features[0], *scaled], dim=1)


class Encoder(nn.Module):
    """ResNet34 and the projection of all its stages to fewer channels.

    A projection of channels and a change of scale may change places. So each stage is projected where it is
    small, then scaled up and added: the same numbers as projecting all of them joined, for less work.

    Parameters
    ----------
    model : ResNet34
        Its stages are what is projected.
    channels : int
        Channels of the map.
    """

    def __init__(self, model: ResNet34, channels: int) -> None:
        super().__init__()
        self.model = model
        self.project = nn.ModuleList(
            nn.Conv2d(stage, channels, 1, bias=number == 0) for number, stage in enumerate(model.channels)
        )
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # far faster on a CPU

    def forward(self, pictures: Tensor) -> Tensor:
        """One map of features, (N, channels, H / 2, W / 2), of pictures (N, 3 + extra, H, W)."""
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        stages = [project(stage) for project, stage in zip(self.project, self.model(pictures), strict=True)]
        total = stages[0]
        for stage in stages[1:]:
            total = total + functional.interpolate(
                stage, total.shape[-2:], mode="bilinear", align_corners=True
            )
        return torch.as_tensor(total)


def _group_norm(channels: int) -> nn.Module:
    return nn.GroupNorm(max(1, channels // CHANNELS_PER_GROUP), channels)
