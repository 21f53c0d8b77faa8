# SPDX-License-Identifier: Apache-2.0
"""The published networks: how wide and deep each is, and what it is told beside its points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CHANNELS = 6
"""Of a point: x, y, z, and red, green, blue."""
LOW_POINTS = 1024
"""Points that a base network makes."""
ADDED_POINTS = 3072
"""Points that the upsampler adds to them."""
VECTOR_FEATURES = 768
"""Of CLIP's vector of an image or a sentence."""
GRID_PATCHES = 256
"""Patches of CLIP's grid of an image."""
GRID_FEATURES = 1024
"""Of each of these patches."""
SCALES = (2.0, 2.0, 2.0, 2 / 255, 2 / 255, 2 / 255)
SHIFTS = (0.0, 0.0, 0.0, -1.0, -1.0, -1.0)
"""A channel in the diffusion's units is its value times the scale, plus the shift."""


@dataclass(frozen=True)
class Size:
    """A network of the diffusion.

    Parameters
    ----------
    width, layers, heads : int
        Of the transformer.
    condition : str
        What of CLIP it is told: the ``grid`` of an image's patches, or one vector, of the image or of a text.
    upsamples : bool
        Whether it adds to points that it is given.
    """

    width: int = 512
    layers: int = 12
    heads: int = 8
    condition: Literal["grid", "image vector", "text vector"] = "grid"
    upsamples: bool = False


@dataclass(frozen=True)
class SurfaceSize:
    """The network of the signed distance.

    Parameters
    ----------
    width : int
        Of all its layers.
    encoder_layers, decoder_layers : int
        Layers that the cloud's points pass, and those that the questions pass.
    heads : int
        Of each layer.
    """

    width: int = 256
    encoder_layers: int = 8
    decoder_layers: int = 4
    heads: int = 4


STEPS = {"draft": 16, "balanced": 32, "final": 64}
"""Steps of the sampler, for either network, by preset; 64 is the published number."""
MOST_SEEDS = 64
"""Clouds made at once."""

BASES = {
    "base40M-textvec": Size(condition="text vector"),
    "base40M-imagevec": Size(condition="image vector"),
    "base40M": Size(),
    "base300M": Size(1024, 24, 16),
    "base1B": Size(2048, 24, 32),
}
"""The networks that make the first points, by their published names, from the poorest to the best."""

UPSAMPLER = Size(upsamples=True)
SURFACE = SurfaceSize()
