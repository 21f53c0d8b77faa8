# SPDX-License-Identifier: Apache-2.0
"""The network that tells from a cloud how far any place is from its surface.

The cloud's points are encoded once. Each question is a token that looks at them, and at no other question.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from uner3d_core.point_e.sizes import SurfaceSize
from uner3d_core.point_e.transformer import Perceptron, Transformer

Keys = list[tuple[torch.Tensor, torch.Tensor]]
"""Keys and values (1, heads, points, width / heads) of each layer."""


class CrossAttention(nn.Module):
    """Multi-head attention of questions to data; keys and values of a head lie together in ``c_kv``."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.c_q = nn.Linear(width, width)
        self.c_kv = nn.Linear(width, 2 * width)
        self.c_proj = nn.Linear(width, width)

    def keys_and_values(self, data: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values of the data (B, T, width)."""
        key, value = self.c_kv(data).unflatten(-1, (self.heads, 2, -1)).transpose(1, 2).unbind(3)
        return key, value

    def forward(self, tokens: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        """Let questions (B, Q, width) look at the data."""
        query = self.c_q(tokens).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        result: torch.Tensor = self.c_proj(mixed.transpose(1, 2).flatten(2))
        return result


class CrossBlock(nn.Module):
    """Attention to the data and a perceptron, each added to what comes in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attn = CrossAttention(width, heads)
        self.ln_1 = nn.LayerNorm(width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = Perceptron(width)
        self.ln_3 = nn.LayerNorm(width)

    def keys_and_values(self, data: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values of the data (B, T, width)."""
        return self.attn.keys_and_values(self.ln_2(data))

    def forward(self, tokens: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        """Transform questions (B, Q, width)."""
        tokens = tokens + self.attn(self.ln_1(tokens), key, value)
        result: torch.Tensor = tokens + self.mlp(self.ln_3(tokens))
        return result


class CrossTransformer(nn.Module):
    """Cross-attention blocks one after the other, all of which look at the same data."""

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(CrossBlock(width, heads) for _ in range(layers))


class SignedDistanceTransformer(nn.Module):
    """Tells the signed distance to the surface of a cloud: Point-E's ``sdf``.

    Parameters
    ----------
    size : SurfaceSize
        Width and depth.
    """

    def __init__(self, size: SurfaceSize) -> None:
        super().__init__()
        self.encoder_input_proj = nn.Linear(3, size.width)
        self.encoder = Transformer(size.width, size.encoder_layers, size.heads)
        self.decoder_input_proj = nn.Linear(3, size.width)
        self.decoder = CrossTransformer(size.width, size.decoder_layers, size.heads)
        self.ln_post = nn.LayerNorm(size.width)
        self.output_proj = nn.Linear(size.width, 1)

    def encode(self, cloud: torch.Tensor) -> Keys:
        """Encode a cloud's points (B, N, 3), once for all questions; published for 4,096 points."""
        data = self.encoder(self.encoder_input_proj(cloud))
        return [block.keys_and_values(data) for block in self.decoder.resblocks]  # type: ignore[operator]

    def forward(self, places: torch.Tensor, keys: Keys) -> torch.Tensor:
        """Tell the signed distance at places (B, Q, 3) from what :meth:`encode` made.

        Returns
        -------
        float tensor (B, Q)
            In the cloud's units, positive inside, as published.
        """
        tokens = self.decoder_input_proj(places)
        for block, (key, value) in zip(self.decoder.resblocks, keys, strict=True):
            tokens = block(tokens, key, value)
        result: torch.Tensor = self.output_proj(self.ln_post(tokens))[..., 0]
        return result
