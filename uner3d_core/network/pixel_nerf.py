# SPDX-License-Identifier: Apache-2.0
"""PixelNeRF (Yu et al. 2021) put together from the network's parts, for its published state dicts.

Read from https://github.com/sxyu/pixel-nerf (BSD-2-Clause) is what the numbers mean; the code is our own. A
checkpoint ``pixel_nerf_latest`` holds ``encoder.model.*`` (ResNet34, of which layer4 is not used), ``code.*``
(the encoding's frequencies and phases), ``mlp_coarse.*`` and ``mlp_fine.*``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from uner3d_core.network.encoder import ResNet34, joined
from uner3d_core.network.encoding import PositionalEncoding
from uner3d_core.network.projection import project, sample_maps
from uner3d_core.network.rendering import Samples
from uner3d_core.network.residual_mlp import ResidualMlp
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.state_dicts import check_finite, check_tensors, read_state_dict

UNUSED = ("encoder.model.layer4.",)
"""Beginnings of the names of published tensors that the published network does not use either."""

SAMPLES = Samples(coarse=64, fine=16, around_depth=16, spread=0.01)
"""What the authors render with."""

_STAGES = 4
_WIDTH = 512
_FEATURES = 64 + 64 + 128 + 256


@dataclass(frozen=True)
class EncodedPictures:
    """Views and the encoder's maps of them, (B, V, 512, H / 2, W / 2)."""

    views: ViewBatch
    features: Tensor


class PixelNerf(nn.Module):
    """The published network. Its density depends on the viewing direction, as the authors regret.

    Parameters
    ----------
    first_pool : bool
        As its configuration says: False for the pictures of ShapeNet (64 and 128 pixels), True for DTU.
    """

    def __init__(self, first_pool: bool = False) -> None:
        super().__init__()
        self.encoder = nn.Module()
        self.encoder.model = ResNet34(_STAGES, 64, "batch", first_pool)
        self.code = PositionalEncoding(6, 1.5)
        self.mlp_coarse, self.mlp_fine = (
            ResidualMlp(self.code.channels(3) + 3, _FEATURES, _WIDTH, blocks=5, blocks_per_view=3, outputs=4)
            for _ in range(2)
        )

    def encode(self, views: ViewBatch) -> EncodedPictures:
        """Look at the pictures, on white where their masks leave something out."""
        objects, count = views.images.shape[:2]
        shown = views.images * views.masks + (1 - views.masks)
        maps = joined(self.encoder.get_submodule("model")((2 * shown - 1).flatten(0, 1)))
        return EncodedPictures(views, maps.reshape(objects, count, *maps.shape[1:]))

    def query(
        self, encoded: EncodedPictures, points: Tensor, directions: Tensor, *, fine: bool
    ) -> tuple[Tensor, Tensor]:
        """Say what is at points.

        Parameters
        ----------
        encoded : EncodedPictures
            What :meth:`encode` saw.
        points, directions : tensors (B, P, 3)
            Points, and the unit vectors in which they are looked at, in the network frame. The pictures'
            intrinsics are taken as the authors': a principal point of half the picture's size is its middle.
        fine : bool
            Whether the MLP of the fine samples is asked, or that of the coarse ones.

        Returns
        -------
        density : tensor (B, P)
            Volume density per unit, at least 0.
        rgb : tensor (B, P, 3)
            sRGB in 0 to 1.
        """
        views = encoded.views
        seen = project(points, views)
        # Theirs counts from the centre of the map's first pixel, ours from its corner.
        height, width = encoded.features.shape[-2:]
        half = seen.pixels.new_tensor([views.size[1] / width, views.size[0] / height]) / 2
        features = sample_maps(encoded.features, seen.pixels + half, views.size)
        # Theirs are OpenGL's axes: y up, z towards the viewer.
        axes = seen.pixels.new_tensor([1.0, -1.0, -1.0])
        turned = (directions.unsqueeze(1) @ views.rotation.transpose(-1, -2)) * axes
        known = torch.cat([self.code(seen.rotated * axes), turned], dim=-1)
        mlp = self.mlp_fine if fine else self.mlp_coarse
        out = mlp.together(mlp.pool(mlp.per_view(known, features)))
        return functional.relu(out[..., 3]), out[..., :3].sigmoid()


def load(path: Path, *, first_pool: bool = False, device: torch.device | str = "cpu") -> PixelNerf:
    """Make the network from a published state dict.

    Parameters
    ----------
    path : Path
        The checkpoint as published, or the same tensors as ``.safetensors``; nothing in it is run.
    first_pool : bool
        As for :class:`PixelNerf`.
    device : torch.device
        Where the network shall be.

    Raises
    ------
    WeightsError
        If the file can't be read, holds anything but tensors, or not those of pixelNeRF.
    """
    published = read_state_dict(path)
    with torch.device("meta"):  # without numbers, which are about to come
        network = PixelNerf(first_pool)
    tensors = {name: tensor for name, tensor in published.items() if not name.startswith(UNUSED)}
    octaves = {
        "code._freqs": network.code.frequencies,
        "code._phases": network.code.phases,
    }
    wanted = {**network.state_dict(), **{name: each[None] for name, each in octaves.items()}}
    check_tensors(tensors, wanted, path)
    check_finite(tensors, path)
    # Copied, so that a mapped file may be removed.
    copies = {name: tensor.to(device, copy=True) for name, tensor in tensors.items()}
    network.code.frequencies, network.code.phases = (copies.pop(name)[0] for name in octaves)
    network.load_state_dict(copies, assign=True)
    return network.requires_grad_(False).eval()
