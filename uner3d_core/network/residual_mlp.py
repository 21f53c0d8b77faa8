# SPDX-License-Identifier: Apache-2.0
"""The residual MLP: some blocks for each view, then the views pooled, then the rest."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ResidualLayer(nn.Module):
    """Two linear layers after ReLUs, added to what came in; begins as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc_0 = kaiming(nn.Linear(width, width))
        self.fc_1 = nn.Linear(width, width)
        nn.init.zeros_(self.fc_1.weight)
        nn.init.zeros_(self.fc_1.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Features (..., width) of features (..., width)."""
        change: Tensor = self.fc_1(functional.relu(self.fc_0(functional.relu(x))))
        return x + change


class ResidualMlp(nn.Module):
    """The MLP of pixelNeRF (Yu et al. 2021), under the names of its state dict.

    Parameters
    ----------
    inputs : int
        Numbers that are known of a point in a view, beside the picture's features.
    features : int
        Channels of the features, which are added before each block that comes before pooling.
    width : int
        Channels within.
    blocks, blocks_per_view : int
        Residual blocks in all, and those of them before pooling.
    pooling : tuple of str
        Statistics of the views: ``mean`` alone is passed on as it is; of several, a linear layer makes one.
    outputs : int
        Channels given out; 0 leaves out the last layer.
    """

    def __init__(
        self,
        inputs: int,
        features: int,
        width: int,
        *,
        blocks: int,
        blocks_per_view: int,
        pooling: tuple[str, ...] = ("mean",),
        outputs: int = 0,
    ) -> None:
        super().__init__()
        self.pooling = pooling
        self.lin_in = kaiming(nn.Linear(inputs, width))
        self.lin_z = nn.ModuleList(kaiming(nn.Linear(features, width)) for _ in range(blocks_per_view))
        self.blocks = nn.ModuleList(ResidualLayer(width) for _ in range(blocks))
        self.lin_pool = nn.Linear(len(pooling) * width, width) if len(pooling) > 1 else None
        self.lin_out = kaiming(nn.Linear(width, outputs)) if outputs else None

    def per_view(self, known: Tensor, features: Tensor) -> Tensor:
        """Give what each view says: (B, V, P, width) of (B, V, P, inputs) and (B, V, P, features)."""
        x = self.lin_in(known)
        for lin_z, block in zip(self.lin_z, self.blocks, strict=False):
            x = block(x + lin_z(features))
        return torch.as_tensor(x)

    def pool(self, x: Tensor) -> Tensor:
        """Join what the views (B, V, P, width) say, (B, P, width), whatever their number and order."""
        pooled = torch.cat([_STATISTICS[name](x) for name in self.pooling], dim=-1)
        return pooled if self.lin_pool is None else torch.as_tensor(self.lin_pool(pooled))

    def together(self, x: Tensor) -> Tensor:
        """Compute what follows pooling: (B, P, outputs), or (B, P, width) without a last layer."""
        for block in list(self.blocks)[len(self.lin_z) :]:
            x = block(x)
        x = functional.relu(x)
        return x if self.lin_out is None else torch.as_tensor(self.lin_out(x))


def kaiming(layer: nn.Linear) -> nn.Linear:
    """Initialise a linear layer as He et al. (2015), without bias."""
    nn.init.kaiming_normal_(layer.weight, a=0, mode="fan_in")
    nn.init.zeros_(layer.bias)
    return layer


def _mean(x: Tensor) -> Tensor:
    return x.mean(dim=1)


def _maximum(x: Tensor) -> Tensor:
    return x.amax(dim=1)


def _variance(x: Tensor) -> Tensor:
    # By hand: Tensor.var took three tenths of a training step on a CPU.
    return (x - x.mean(dim=1, keepdim=True)).square().mean(dim=1)


_STATISTICS = {"mean": _mean, "max": _maximum, "variance": _variance}
