# SPDX-License-Identifier: Apache-2.0
"""Point-E straight from its formulas: slow, without fused kernels, to compare the fast one with."""

import math

import numpy as np
import torch

State = dict[str, torch.Tensor]


def linear(state: State, name: str, x: torch.Tensor) -> torch.Tensor:
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def norm(state: State, name: str, x: torch.Tensor) -> torch.Tensor:
    mean, variance = x.mean(-1, keepdim=True), x.var(-1, unbiased=False, keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-5) * state[f"{name}.weight"] + state[f"{name}.bias"]


def perceptron(state: State, name: str, x: torch.Tensor) -> torch.Tensor:
    h = linear(state, f"{name}.c_fc", x)
    h = h * 0.5 * (1 + torch.erf(h / math.sqrt(2)))
    return linear(state, f"{name}.c_proj", h)


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Query (B, T, H, C), key and value (B, S, H, C); both are scaled by the fourth root."""
    scale = 1 / math.sqrt(math.sqrt(query.shape[-1]))
    weight = torch.softmax(torch.einsum("bthc,bshc->bhts", query * scale, key * scale), dim=-1)
    return torch.einsum("bhts,bshc->bthc", weight, value).flatten(2)


def self_attention(state: State, name: str, x: torch.Tensor, heads: int) -> torch.Tensor:
    qkv = linear(state, f"{name}.c_qkv", x)
    each = qkv.view(*qkv.shape[:2], heads, -1)  # a head's query, key and value lie together
    query, key, value = torch.split(each, each.shape[-1] // 3, dim=-1)
    return linear(state, f"{name}.c_proj", attend(query, key, value))


def blocks(state: State, name: str, x: torch.Tensor, heads: int) -> torch.Tensor:
    layer = 0
    while f"{name}.{layer}.ln_1.weight" in state:
        at = f"{name}.{layer}"
        x = x + self_attention(state, f"{at}.attn", norm(state, f"{at}.ln_1", x), heads)
        x = x + perceptron(state, f"{at}.mlp", norm(state, f"{at}.ln_2", x))
        layer += 1
    return x


def time_code(timestep: int, width: int) -> torch.Tensor:
    frequencies = [10_000 ** (-i / (width // 2)) for i in range(width // 2)]
    angles = [timestep * frequency for frequency in frequencies]
    return torch.tensor([math.cos(a) for a in angles] + [math.sin(a) for a in angles])[None]


def denoiser(
    state: State,
    heads: int,
    points: torch.Tensor,
    timestep: int,
    clip: torch.Tensor,
    low: torch.Tensor | None = None,
) -> torch.Tensor:
    """Noisy points (B, N, 6) to noise and variance (B, N, 12)."""
    time = perceptron(state, "time_embed", time_code(timestep, state["ln_pre.weight"].numel()))[:, None]
    time = time.expand(len(points), -1, -1)
    if clip.dim() == 2:  # a vector (1, 768), whose tokens come first
        tokens = [linear(state, "clip_embed", clip * math.sqrt(clip.shape[1]))[:, None], time]
    else:
        tokens = [time, linear(state, "clip_embed.1", norm(state, "clip_embed.0", clip))]
    if low is not None:
        scaled = low * torch.tensor([2.0] * 3 + [2 / 255] * 3) + torch.tensor([0.0] * 3 + [-1.0] * 3)
        tokens.append(linear(state, "cond_point_proj", scaled))
    h = torch.cat([*tokens, linear(state, "input_proj", points)], dim=1)
    h = blocks(state, "backbone.resblocks", norm(state, "ln_pre", h), heads)
    h = norm(state, "ln_post", h)[:, sum(part.shape[1] for part in tokens) :]
    return linear(state, "output_proj", h)


def signed_distance(state: State, heads: int, cloud: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """A cloud (1, N, 3) and places (1, Q, 3) to answers (1, Q)."""
    data = blocks(state, "encoder.resblocks", linear(state, "encoder_input_proj", cloud), heads)
    x = linear(state, "decoder_input_proj", places)
    layer = 0
    while f"decoder.resblocks.{layer}.ln_1.weight" in state:
        at = f"decoder.resblocks.{layer}"
        query = linear(state, f"{at}.attn.c_q", norm(state, f"{at}.ln_1", x))
        both = linear(state, f"{at}.attn.c_kv", norm(state, f"{at}.ln_2", data))
        both = both.view(*both.shape[:2], heads, -1)
        key, value = torch.split(both, both.shape[-1] // 2, dim=-1)
        mixed = attend(query.view(*query.shape[:2], heads, -1), key, value)
        x = x + linear(state, f"{at}.attn.c_proj", mixed)
        x = x + perceptron(state, f"{at}.mlp", norm(state, f"{at}.ln_3", x))
        layer += 1
    return linear(state, "output_proj", norm(state, "ln_post", x))[..., 0]


def kept_signal(schedule: str) -> list[float]:
    """Product of 1 - β over the timesteps, of the cosine or the linear schedule."""
    kept, product = [], 1.0
    for t in range(1024):
        if schedule == "cosine":
            after, before = (math.cos((s / 1024 + 0.008) / 1.008 * math.pi / 2) ** 2 for s in (t + 1, t))
            beta = min(1 - after / before, 0.999)
        else:
            scale = 1000 / 1024
            beta = scale * 1e-4 + (scale * 0.02 - scale * 1e-4) * t / 1023
        product *= 1 - beta
        kept.append(product)
    return kept


def timestep_of(sigma: float, kept: list[float]) -> int:
    signal = float(np.float32(1) / (np.float32(sigma) ** 2 + np.float32(1)))
    if signal > kept[0]:
        return 0
    if signal <= kept[-1]:
        return len(kept) - 1
    after = next(t for t in range(len(kept)) if kept[t] < signal)
    return int(after - 1 + (kept[after - 1] - signal) / (kept[after - 1] - kept[after]))


def sample(
    state: State,
    heads: int,
    schedule: str,
    clip: torch.Tensor,
    noise: list[torch.Tensor],
    steps: int,
    largest: float,
    churn: float,
    guidance: float,
    low: torch.Tensor | None = None,
) -> torch.Tensor:
    """A whole run for one cloud: Karras's schedule, Heun's steps, guidance in two questions."""
    kept = kept_signal(schedule)
    low_root, high_root = 1e-3 ** (1 / 7), largest ** (1 / 7)
    sigmas = [float((high_root + r * (low_root - high_root)) ** 7) for r in torch.linspace(0, 1, steps)]
    sigmas.append(0.0)

    def asked(points: torch.Tensor, sigma: float, nothing: bool) -> torch.Tensor:
        t = timestep_of(sigma, kept)
        x = points / math.sqrt(sigma**2 + 1)
        said = denoiser(
            state,
            heads,
            x,
            t,
            clip * 0 if nothing else clip,
            None if low is None else low * 0 if nothing else low,
        )[..., :6]
        return ((x - math.sqrt(1 - kept[t]) * said) / math.sqrt(kept[t])).clamp(-1, 1)

    def clean(points: torch.Tensor, sigma: float) -> torch.Tensor:
        with_it = asked(points, sigma, False)
        if guidance == 0:
            return with_it
        without = asked(points, sigma, True)
        return without + guidance * (with_it - without)

    x = noise[0] * sigmas[0]
    for i in range(steps):
        gamma = min(churn / steps, math.sqrt(2) - 1)
        raised = sigmas[i] * (1 + gamma)
        x = x + noise[i + 1] * math.sqrt(raised**2 - sigmas[i] ** 2)
        found = clean(x, raised)
        slope = (x - found) / raised
        ahead = x + (sigmas[i + 1] - raised) * slope
        if sigmas[i + 1] > 0:
            slope_ahead = (ahead - clean(ahead, sigmas[i + 1])) / sigmas[i + 1]
            ahead = x + (sigmas[i + 1] - raised) * (slope + slope_ahead) / 2
        x = ahead
    result = (x - torch.tensor([0.0] * 3 + [-1.0] * 3)) / torch.tensor([2.0] * 3 + [2 / 255] * 3)
    return result if low is None else torch.cat([low, result], dim=1)
