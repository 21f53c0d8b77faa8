# SPDX-License-Identifier: Apache-2.0
"""Light: a sky and a ground that shine from all around, and lamps far away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lamp:
    """Light from one direction.

    Parameters
    ----------
    direction : array (3,)
        Unit vector towards the lamp.
    colour : array (3,)
        Linear light.
    """

    direction: FloatArray
    colour: FloatArray


@dataclass(frozen=True)
class Light:
    """All light that falls on an object.

    Parameters
    ----------
    sky, ground : arrays (3,)
        Linear light from above and from below, mixed by height between.
    lamps : tuple of Lamp
        The first casts shadows.
    """

    sky: FloatArray
    ground: FloatArray
    lamps: tuple[Lamp, ...]

    def around(self, directions: Tensor) -> Tensor:
        """Light, (N, 3), of sky and ground from unit directions (N, 3)."""
        share = 0.5 + 0.5 * directions[:, 2:]
        return directions.new_tensor(self.sky) * share + directions.new_tensor(self.ground) * (1.0 - share)


def random_light(random: np.random.Generator) -> Light:
    """Draw a light: from soft and even to a strong sun, mostly white, seldom tinted."""
    tint = 1.0 + random.uniform(-0.12, 0.12, 3)
    ambient = random.uniform(0.35, 0.95)
    lamps = []
    for strength in (
        random.uniform(0.2, 1.3) * (1.15 - ambient) + 0.25,
        *random.uniform(0.05, 0.3, random.integers(3)),
    ):
        direction = random.normal(size=3)
        direction[2] = abs(direction[2]) + 0.4
        lamps.append(
            Lamp(direction / np.linalg.norm(direction), strength * (1.0 + random.uniform(-0.1, 0.1, 3)))
        )
    return Light(ambient * tint, ambient * tint * random.uniform(0.35, 0.9), tuple(lamps))


def shade(
    light: Light,
    colours: Tensor,
    *,
    normals: Tensor,
    towards_eye: Tensor,
    surface: Tensor,
    openness: Tensor,
    lit: Tensor,
) -> Tensor:
    """Light that leaves surface points towards the eye.

    Diffuse light is Lambert's; the gloss is Blinn's half-vector lobe with Schlick's Fresnel term, and sky
    and ground are mirrored as far as the surface is smooth.

    Parameters
    ----------
    light : Light
        What falls on the points.
    colours, normals, towards_eye : Tensor (N, 3)
        Linear colours, unit normals and unit directions to the camera.
    surface : Tensor (N, 3)
        Roughness, shine and metal of each point, as in :class:`~uner3d_core.shapes.materials.Material`.
    openness : Tensor (N,)
        How much of sky and ground each point sees, 0 to 1.
    lit : Tensor (N,)
        How much of the first lamp each point sees, 0 to 1.

    Returns
    -------
    Tensor (N, 3)
        Linear light, not below zero.
    """
    roughness, shine, metal = (surface[:, index : index + 1] for index in range(3))
    facing = (normals * towards_eye).sum(dim=1, keepdim=True).clamp(0.0, 1.0)
    mirrored = shine * (1.0 - metal) + metal * colours
    fresnel = mirrored + (1.0 - mirrored) * (1.0 - facing) ** 5 * (1.0 - roughness) * (mirrored > 0.0)
    diffuse = light.around(normals) * openness[:, None]
    reflected = 2.0 * facing * normals - towards_eye
    gloss = light.around(reflected) * openness[:, None] * fresnel * (1.0 - 0.6 * roughness)
    power = 2.0 / roughness**4
    for index, lamp in enumerate(light.lamps):
        direction = normals.new_tensor(lamp.direction)
        strength = normals.new_tensor(lamp.colour) * (lit[:, None] if index == 0 else 1.0)
        cosine = (normals @ direction).clamp_min(0.0)[:, None]
        diffuse = diffuse + strength * cosine
        half = torch.nn.functional.normalize(towards_eye + direction, dim=1)
        lobe = (normals * half).sum(dim=1, keepdim=True).clamp(0.0, 1.0) ** power * (power + 2.0) / 8.0
        gloss = gloss + strength * cosine * lobe.clamp_max(20.0) * fresnel
    return colours * (1.0 - metal) * diffuse + gloss
