# SPDX-License-Identifier: Apache-2.0
"""Points seen by views: where they project to, and what the views' maps hold there."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.network.view_batch import ViewBatch

NEAREST = 1e-3
"""Points less deep than this, in units of the network frame, are behind the camera."""


@dataclass(frozen=True)
class Projection:
    """Points of each object as each of its views sees them.

    Parameters
    ----------
    rotated : tensor (B, V, P, 3)
        The points in the camera's axes, the origin still the object's centre: the third number is how much
        farther away than the centre a point is.
    depth : tensor (B, V, P)
        Along the viewing direction, in units of the network frame.
    pixels : tensor (B, V, P, 2)
        Pixel coordinates.
    ahead : bool tensor (B, V, P)
        Whether a point is in front of the camera; elsewhere its pixel means nothing.
    """

    rotated: Tensor
    depth: Tensor
    pixels: Tensor
    ahead: Tensor


def project(points: Tensor, views: ViewBatch) -> Projection:
    """Project points (B, P, 3) of the network frame into all views of their objects."""
    with torch.autocast(points.device.type, enabled=False):  # half a number's digits is not a pixel
        rotated = points.unsqueeze(1) @ views.rotation.transpose(-1, -2)
        local = rotated + views.translation.unsqueeze(2)
        depth = local[..., 2]
        homogeneous = local @ views.intrinsics.transpose(-1, -2)
        pixels = homogeneous[..., :2] / depth.clamp_min(NEAREST).unsqueeze(-1)
        return Projection(rotated, depth, pixels, depth > NEAREST)


def sample_maps(maps: Tensor, pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """Read maps at pixels, bilinearly; beyond the border the border's value.

    Parameters
    ----------
    maps : tensor (B, V, C, h, w)
        One map for each view.
    pixels : tensor (B, V, P, 2)
        Pixel coordinates in a picture of ``size``, from the corner of its first pixel.
    size : tuple of int
        Height and width of the picture that the pixels count in.

    Returns
    -------
    tensor (B, V, P, C)
    """
    objects, views, channels, height, width = maps.shape
    extent = torch.tensor([size[1], size[0]], dtype=pixels.dtype, device=pixels.device)
    unit = (pixels / extent * 2 - 1).reshape(objects * views, -1, 1, 2)
    read = functional.grid_sample(
        maps.reshape(objects * views, channels, height, width).to(pixels.dtype),
        unit,
        mode="bilinear",
        padding_mode="border",
        align_corners=False,
    )
    return read[..., 0].transpose(1, 2).reshape(objects, views, -1, channels)
