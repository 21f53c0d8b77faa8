# SPDX-License-Identifier: Apache-2.0
"""The networks as formulas, one view and one step after the other: slow, and plain to check."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import conv2d, max_pool2d, relu

from uner3d_core.network.config import NetworkConfig
from uner3d_core.network.view_batch import ViewBatch

State = dict[str, Tensor]
BLOCKS = {1: 3, 2: 4, 3: 6, 4: 3}


def normalised(state: State, name: str, x: Tensor) -> Tensor:
    """Normalise with the statistics of training, or over groups of 8 channels where there are none."""
    weight, bias = (state[f"{name}.{each}"][:, None, None] for each in ("weight", "bias"))
    if f"{name}.running_mean" in state:
        mean, variance = (state[f"{name}.running_{each}"][:, None, None] for each in ("mean", "var"))
        return (x - mean) / torch.sqrt(variance + 1e-5) * weight + bias
    parts = []
    for group in x.split(8, dim=1):
        mean = group.mean(dim=(1, 2, 3), keepdim=True)
        variance = ((group - mean) ** 2).mean(dim=(1, 2, 3), keepdim=True)
        parts.append((group - mean) / torch.sqrt(variance + 1e-5))
    return torch.cat(parts, dim=1) * weight + bias


def resnet34(state: State, prefix: str, picture: Tensor, stages: int, first_pool: bool) -> list[Tensor]:
    """Features of the stages of a picture (1, C, H, W)."""
    x = conv2d(picture[:, :3], state[f"{prefix}conv1.weight"], stride=2, padding=3)
    if f"{prefix}extra_conv.weight" in state:
        x = x + conv2d(picture[:, 3:], state[f"{prefix}extra_conv.weight"], stride=2, padding=3)
    features = [relu(normalised(state, f"{prefix}bn1", x))]
    x = max_pool2d(features[0], 3, 2, 1) if first_pool else features[0]
    for layer in range(1, stages):
        for number in range(BLOCKS[layer]):
            name = f"{prefix}layer{layer}.{number}"
            stride = 2 if layer > 1 and number == 0 else 1
            y = conv2d(x, state[f"{name}.conv1.weight"], None, stride, 1)
            y = relu(normalised(state, f"{name}.bn1", y))
            y = normalised(state, f"{name}.bn2", conv2d(y, state[f"{name}.conv2.weight"], None, 1, 1))
            if f"{name}.downsample.0.weight" in state:
                x = conv2d(x, state[f"{name}.downsample.0.weight"], None, stride)
                x = normalised(state, f"{name}.downsample.1", x)
            x = relu(x + y)
        features.append(x)
    return features


def bilinear(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Values (C, ...) of a map (C, h, w) at indices (...), those beyond the border moved to it."""
    x, y = x.clamp(0, image.shape[2] - 1), y.clamp(0, image.shape[1] - 1)
    left, top = x.floor().long(), y.floor().long()
    right, bottom = (left + 1).clamp(max=image.shape[2] - 1), (top + 1).clamp(max=image.shape[1] - 1)
    u, v = x - left, y - top
    upper = image[:, top, left] * (1 - u) + image[:, top, right] * u
    lower = image[:, bottom, left] * (1 - u) + image[:, bottom, right] * u
    return upper * (1 - v) + lower * v


def scaled_up(small: Tensor, height: int, width: int) -> Tensor:
    """A map (C, h, w) scaled bilinearly, corners on corners."""
    rows = torch.arange(height) / (height - 1) * (small.shape[1] - 1)
    columns = torch.arange(width) / (width - 1) * (small.shape[2] - 1)
    return bilinear(small, columns.expand(height, width), rows[:, None].expand(height, width))


def all_stages(features: list[Tensor]) -> Tensor:
    """The stages, (1, C, h, w) each, of one picture as one map (ΣC, h, w)."""
    height, width = features[0].shape[2:]
    return torch.cat([scaled_up(each[0], height, width) for each in features])


def linear(state: State, name: str, x: Tensor) -> Tensor:
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def block(state: State, name: str, x: Tensor) -> Tensor:
    return x + linear(state, f"{name}.fc_1", relu(linear(state, f"{name}.fc_0", relu(x))))


def pixel_nerf(
    state: State, views: ViewBatch, points: Tensor, directions: Tensor, mlp: str
) -> tuple[Tensor, Tensor]:
    """Density (P,) and colour (P, 3) of the first object's points (P, 3), in OpenGL's axes as published."""
    flip = torch.diag(torch.tensor([1.0, -1.0, -1.0]))
    picture_size = torch.tensor([views.size[1], views.size[0]])
    said = []
    for view in range(views.images.shape[1]):
        picture = (views.images[0, view] - 0.5) / 0.5
        features = all_stages(resnet34(state, "encoder.model.", picture[None], 4, False))
        pose, intrinsics = flip @ views.world_to_camera[0, view], views.intrinsics[0, view]
        rotated = points @ pose[:, :3].T
        local = rotated + pose[:, 3]
        focal = torch.stack([intrinsics[0, 0], -intrinsics[1, 1]])
        uv = -local[:, :2] / local[:, 2:] * focal + intrinsics[:2, 2]
        size = torch.tensor([features.shape[2], features.shape[1]])
        unit = uv * (size / (size - 1) * 2) / picture_size - 1
        index = (unit + 1) / 2 * (size - 1)
        latent = bilinear(features, index[:, 0], index[:, 1]).T
        waves = (rotated[:, None] * state["code._freqs"][0] + state["code._phases"][0]).sin().flatten(1)
        known = torch.cat([rotated, waves, directions @ pose[:, :3].T], dim=1)
        x = linear(state, f"{mlp}.lin_in", known)
        for number in range(3):
            x = block(state, f"{mlp}.blocks.{number}", x + linear(state, f"{mlp}.lin_z.{number}", latent))
        said.append(x)
    x = torch.stack(said).mean(dim=0)
    for number in (3, 4):
        x = block(state, f"{mlp}.blocks.{number}", x)
    out = linear(state, f"{mlp}.lin_out", relu(x))
    return relu(out[:, 3]), torch.sigmoid(out[:, :3])


def encoded(x: Tensor, bands: int, factor: float) -> Tensor:
    """Positional encoding (P, D (1 + 2 bands)) of numbers (P, D)."""
    parts = [x]
    for band in range(bands):
        parts += [torch.sin(x * factor * 2**band), torch.sin(x * factor * 2**band + math.pi / 2)]
    return torch.cat(parts, dim=1)


def averaged(mask: Tensor, share: int) -> Tensor:
    """A mask (1, H, W) averaged over windows of a share of it, its border going on."""
    half = max(mask.shape) // share // 2
    rows, columns = (torch.arange(-half, size + half).clamp(0, size - 1) for size in mask.shape[1:])
    wide = mask[:, rows][:, :, columns]
    return wide.unfold(1, 2 * half + 1, 1).unfold(2, 2 * half + 1, 1).mean(dim=(3, 4))


def steepness(intrinsics: Tensor, rotation: Tensor, height: int, width: int) -> Tensor:
    """Height that the ray of each pixel gains, (1, H, W)."""
    gained = torch.empty(1, height, width)
    for row in range(height):
        for column in range(width):
            ray = torch.linalg.solve(intrinsics, torch.tensor([column + 0.5, row + 0.5, 1.0]))
            gained[0, row, column] = (rotation.T @ ray)[2] / ray.norm()
    return gained


def our_maps(state: State, config: NetworkConfig, views: ViewBatch, view: int) -> tuple[Tensor, Tensor]:
    """The features (F, h, w) and pixels (6, H, W) of one view of the first object."""
    image, mask = views.images[0, view], views.masks[0, view]
    up = steepness(views.intrinsics[0, view], views.world_to_camera[0, view, :, :3], *views.size)
    picture = torch.cat([(2 * image - 1) * mask, mask - 0.5, up])[None]
    stages = all_stages(resnet34(state, "encoder.model.", picture, config.stages, config.first_pool))
    weights = [state[f"encoder.project.{number}.weight"][:, :, 0, 0] for number in range(config.stages)]
    features = torch.einsum("fc,chw->fhw", torch.cat(weights, dim=1), stages)
    features = features + state["encoder.project.0.bias"][:, None, None]
    return features, torch.cat([image, mask, averaged(mask, 16), averaged(mask, 4)])


def our_answer(
    state: State,
    config: NetworkConfig,
    views: ViewBatch,
    maps: list[tuple[Tensor, Tensor]],
    points: Tensor,
) -> tuple[Tensor, Tensor]:
    """Logits (P,) and colours (P, 3) of the first object's points (P, 3), nothing known of hidden sides."""
    height, width = views.size
    said, masks, colours = [], [], []
    for view, (features, flat) in enumerate(maps):
        rotation, translation = views.world_to_camera[0, view].split([3, 1], dim=1)
        rotated = points @ rotation.T
        local = rotated + translation[:, 0]
        x, y = (local @ views.intrinsics[0, view].T)[:, :2].T / local[:, 2]
        rows, columns = features.shape[1:]
        latent = bilinear(features, x / width * columns - 0.5, y / height * rows - 0.5).T
        pixels = bilinear(flat, x - 0.5, y - 0.5).T
        place = encoded(torch.cat([rotated, points[:, 2:]], dim=1), config.bands, config.band_factor)
        shown = (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
        of_view = torch.stack([rotation[1, 2], rotation[2, 2], 1 / translation.norm()])
        known = [place, pixels, of_view.expand(len(points), 3), shown[:, None].float()]
        if config.hidden_resolution:
            known.append(torch.zeros(len(points), 4))
        z = linear(state, "mlp.lin_in", torch.cat(known, dim=1))
        for number in range(config.blocks_per_view):
            z = block(state, f"mlp.blocks.{number}", z + linear(state, f"mlp.lin_z.{number}", latent))
        said.append(z)
        masks.append(pixels[:, 3])
        colours.append(pixels[:, :3])
    together = torch.stack(said)
    mean = together.mean(dim=0)
    variance = ((together - mean) ** 2).mean(dim=0)
    z = linear(state, "mlp.lin_pool", torch.cat([mean, together.amax(dim=0), variance], dim=1))
    for number in range(config.blocks_per_view, config.blocks):
        z = block(state, f"mlp.blocks.{number}", z)
    z = relu(z)
    outside = (2 * torch.stack(masks).amin(dim=0) - 1).clamp(max=0)
    logit = linear(state, "density", z)[:, 0] + state["hull"] * outside
    everyone = linear(state, "colour_all", z)
    scores = [
        linear(state, "blend", relu(linear(state, "colour_view", each) + everyone))[:, 0] for each in said
    ]
    shares = torch.stack([*scores, linear(state, "blend_own", z)[:, 0]]).softmax(dim=0)
    colours.append(torch.sigmoid(linear(state, "colour", z)))
    return logit, (shares[:, :, None] * torch.stack(colours)).sum(dim=0)
