# SPDX-License-Identifier: Apache-2.0
"""The transformer that all of Point-E's networks are made of, and the one that tells noise from points.

Points are tokens without positional encoding, so their order means nothing. Modules are named as in the
published state dicts, which load as they are.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from uner3d_core.point_e.sizes import CHANNELS, GRID_FEATURES, SCALES, SHIFTS, VECTOR_FEATURES, Size

LONGEST_PERIOD = 10_000
"""Of the sines that encode a timestep."""


class SelfAttention(nn.Module):
    """Multi-head self-attention, queries, keys and values of a head next to each other in ``c_qkv``."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.c_qkv = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Mix tokens (B, T, width)."""
        heads = self.c_qkv(tokens).unflatten(-1, (self.heads, 3, -1)).transpose(1, 2)
        query, key, value = heads.unbind(3)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        result: torch.Tensor = self.c_proj(mixed.transpose(1, 2).flatten(2))
        return result


class Perceptron(nn.Module):
    """Two linear layers with a GELU between them, which is four times as wide."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Transform each token (..., width)."""
        result: torch.Tensor = self.c_proj(functional.gelu(self.c_fc(tokens)))
        return result


class Block(nn.Module):
    """Self-attention and a perceptron, each added to what comes in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attn = SelfAttention(width, heads)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = Perceptron(width)
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Transform tokens (B, T, width)."""
        tokens = tokens + self.attn(self.ln_1(tokens))
        result: torch.Tensor = tokens + self.mlp(self.ln_2(tokens))
        return result


class Transformer(nn.Module):
    """Blocks one after the other."""

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads) for _ in range(layers))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Transform tokens (B, T, width)."""
        for block in self.resblocks:
            tokens = block(tokens)
        return tokens


class PointDiffusionTransformer(nn.Module):
    """Tells from noisy points what of them is noise: Point-E's base models and its upsampler.

    Parameters
    ----------
    size : Size
        Widths, depth, and what the points are conditioned on.
    """

    channel_scales: torch.Tensor
    channel_biases: torch.Tensor

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        width = size.width
        self.time_embed = Perceptron(width)
        self.ln_pre = nn.LayerNorm(width)
        self.backbone = Transformer(width, size.layers, size.heads)
        self.ln_post = nn.LayerNorm(width)
        self.input_proj = nn.Linear(CHANNELS, width)
        self.output_proj = nn.Linear(width, 2 * CHANNELS)
        self.clip_embed: nn.Module = nn.Linear(VECTOR_FEATURES, width)
        if size.condition == "grid":
            self.clip_embed = nn.Sequential(nn.LayerNorm(GRID_FEATURES), nn.Linear(GRID_FEATURES, width))
        if size.upsamples:
            self.cond_point_proj = nn.Linear(CHANNELS, width)
            self.register_buffer("channel_scales", torch.tensor(SCALES))
            self.register_buffer("channel_biases", torch.tensor(SHIFTS))

    def embed(self, clip: torch.Tensor, low: torch.Tensor | None = None) -> torch.Tensor:
        """Embed what the points are conditioned on, once for all steps.

        Parameters
        ----------
        clip : float tensor (B, 768) or (B, 256, 1024)
            CLIP's vector, of unit length, or its grid; as the size asks for. Zeros stand for nothing.
        low : float tensor (B, 1024, 6), optional
            The points that the upsampler adds to: x, y, z, and colours of 0 to 255; not scaled.

        Returns
        -------
        float tensor (B, K, width)
            The condition's tokens.
        """
        if self.size.condition == "grid":
            tokens: torch.Tensor = self.clip_embed(clip)
        else:  # of unit variance, as the vector is of unit length
            tokens = self.clip_embed(math.sqrt(VECTOR_FEATURES) * clip)[:, None]
        if low is not None:
            scaled = low * self.channel_scales + self.channel_biases
            tokens = torch.cat([tokens, self.cond_point_proj(scaled)], dim=1)
        return tokens

    def forward(self, points: torch.Tensor, timesteps: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        """Tell the noise, and its variance.

        Parameters
        ----------
        points : float tensor (B, N, 6)
            Noisy points in the diffusion's units, with a variance of about one.
        timesteps : int64 tensor (B,)
            0 to 1023.
        condition : float tensor (B, K, width)
            What :meth:`embed` made.

        Returns
        -------
        float tensor (B, N, 12)
            The noise, and where its log variance lies between the least (-1) and the largest (1).
        """
        time = self.time_embed(timestep_embedding(timesteps, self.size.width))[:, None]
        tokens = torch.cat([time, condition, self.input_proj(points)], dim=1)
        tokens = self.ln_pre(tokens.float())  # what the blocks add to stays in 32 bits in half precision too
        tokens = self.ln_post(self.backbone(tokens)[:, -points.shape[1] :])
        result: torch.Tensor = self.output_proj(tokens)
        return result


def timestep_embedding(timesteps: torch.Tensor, width: int) -> torch.Tensor:
    """Encode timesteps (B,) as cosines, then sines, of falling frequencies, (B, width)."""
    half = width // 2
    steps = torch.arange(half, dtype=torch.float32, device=timesteps.device)
    angles = timesteps[:, None].float() * torch.exp(-math.log(LONGEST_PERIOD) / half * steps)
    return torch.cat([angles.cos(), angles.sin()], dim=1)
