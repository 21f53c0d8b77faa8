# SPDX-License-Identifier: Apache-2.0
"""Materials: a pattern in space that mixes two or three colours, and how it shines."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from uner3d_core.shapes.noise import ValueNoise, nearest_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FloatArray = npt.NDArray[np.float64]

PATTERNS = {
    "plain": 5.5,
    "gradient": 2.0,
    "stripes": 2.5,
    "checks": 1.5,
    "spots": 2.0,
    "cells": 1.0,
    "clouds": 3.0,
    "marble": 1.5,
    "wood": 2.0,
    "speckles": 1.5,
    "lines": 1.5,
}
"""Names of the patterns, each with how often it is drawn."""


@dataclass(frozen=True)
class Material:
    """What a part is made of.

    Parameters
    ----------
    pattern : str
        One of ``PATTERNS``.
    colours : array (3, 3)
        Linear colours that the pattern mixes; most patterns use the first two.
    frequency : float
        How fine the pattern is, in repetitions a unit.
    direction : array (3,)
        Unit vector along which stripes, gradients and rings change.
    roughness : float
        From 0.05, a mirror, to 1, chalk.
    shine : float
        How much of the light that comes straight at it is reflected as by a varnish, 0 to 1.
    metal : float
        How much the reflection takes the colour and the colour goes without diffuse light, 0 to 1.
    noise : ValueNoise
        Moves the pattern.
    salt : int
        Another number gives other spots and cells.
    """

    pattern: str
    colours: FloatArray
    frequency: float
    direction: FloatArray
    roughness: float
    shine: float
    metal: float
    noise: ValueNoise
    salt: int

    def colour(self, points: Tensor) -> Tensor:
        """Linear colours, (N, 3), at points (N, 3) of the part's own coordinates."""
        colours = points.new_tensor(self.colours)
        if self.pattern == "plain":
            uneven = 0.08 * self.noise(points * 3.0 * self.frequency)
            return colours[0] * (1.0 + uneven[:, None])
        fine = points * self.frequency
        if self.pattern == "cells":
            _, _, key = nearest_cell(fine, self.salt)
            return colours[(key * 3.0).long().clamp_max(2)]
        along = fine @ points.new_tensor(self.direction)
        share = _MIXES[self.pattern](self, fine, along)[:, None]
        return colours[0] * (1.0 - share) + colours[1] * share


# Each gives how much of the second colour, (N,), 0 to 1, is at points (N, 3) whose unit is one repetition.


def _gradient(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    return (0.5 + 0.35 * along + 0.1 * material.noise(fine)).clamp(0.0, 1.0)


def _stripes(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    return _edge(torch.sin(6.283 * along + 0.6 * material.noise(fine)))


def _checks(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    return _edge(torch.sin(3.1416 * fine + 0.7).prod(dim=1) * 6.0)


def _spots(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    near, _, _ = nearest_cell(fine, material.salt)
    return _edge((0.33 - near) * 5.0)


def _clouds(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    return (0.5 + 0.9 * material.noise.fractal(fine)).clamp(0.0, 1.0)


def _marble(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    return 0.5 + 0.5 * torch.sin(5.0 * along + 7.0 * material.noise.fractal(fine))


def _wood(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    # Rings about the direction, stretched along it, as of a plank.
    across = fine - 0.88 * along[:, None] * fine.new_tensor(material.direction)
    rings = 4.0 * across.norm(dim=1) + 1.5 * material.noise(across * 0.7)
    return (torch.remainder(rings, 1.0) ** 2 + 0.2 * material.noise(across * 9.0)).clamp(0.0, 1.0)


def _speckles(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    return _edge(material.noise(fine * 4.0) * 3.0 - 1.2)


def _lines(material: Material, fine: Tensor, along: Tensor) -> Tensor:
    # Rows of marks, as of print.
    rows = torch.sin(25.0 * along)
    marks = material.noise(fine * fine.new_tensor([9.0, 9.0, 2.0]))
    return _edge(4.0 * torch.minimum(torch.minimum(rows, marks), 2.0 * material.noise(fine * 0.9)))


_MIXES: dict[str, Callable[[Material, Tensor, Tensor], Tensor]] = {
    "gradient": _gradient,
    "stripes": _stripes,
    "checks": _checks,
    "spots": _spots,
    "clouds": _clouds,
    "marble": _marble,
    "wood": _wood,
    "speckles": _speckles,
    "lines": _lines,
}


def _edge(value: Tensor) -> Tensor:
    """Take a value to 0 below zero and 1 above, with a short slope between."""
    return (0.5 + 2.5 * value).clamp(0.0, 1.0)


def linear(srgb: npt.ArrayLike) -> FloatArray:
    """Linear light of sRGB values 0 to 1, of any shape."""
    value = np.asarray(srgb, dtype=np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def random_colour(random: np.random.Generator) -> FloatArray:
    """Draw a linear colour (3,): often strong, often grey, white or black, sometimes of earth or wood."""
    mood = random.random()
    if mood < 0.5:
        saturation, value = random.uniform(0.45, 0.98), random.uniform(0.35, 1.0)
        srgb = colorsys.hsv_to_rgb(random.random(), saturation, value)
    elif mood < 0.65:
        srgb = colorsys.hsv_to_rgb(random.random(), random.uniform(0.1, 0.4), random.uniform(0.6, 0.95))
    elif mood < 0.8:
        srgb = colorsys.hsv_to_rgb(
            random.uniform(0.03, 0.12), random.uniform(0.35, 0.8), random.uniform(0.2, 0.75)
        )
    else:
        tint = random.uniform(0.0, 0.06)
        srgb = colorsys.hsv_to_rgb(random.random(), tint, random.choice([0.13, 0.2, 0.35, 0.55, 0.8, 0.93]))
    return linear(srgb)


def random_material(
    random: np.random.Generator,
    palette: Sequence[FloatArray],
    patterns: Sequence[str] = tuple(PATTERNS),
) -> Material:
    """Draw a material whose colours are mostly those of a palette.

    Parameters
    ----------
    random : numpy Generator
        Source of randomness.
    palette : sequence of arrays (3,)
        Linear colours of the object.
    patterns : sequence of str
        Which of ``PATTERNS`` may be drawn.
    """
    weights = np.array([PATTERNS[name] for name in patterns])
    pattern = str(random.choice(patterns, p=weights / weights.sum()))
    first = palette[int(random.integers(len(palette)))]
    others = [palette[int(random.integers(len(palette)))] if random.random() < 0.5 else random_colour(random)]
    others.append(random_colour(random))
    if pattern in ("wood", "marble", "clouds", "speckles"):
        # Natural stuffs vary around one colour.
        others[0] = (
            np.clip(first * random.uniform(0.25, 0.6), 0.0, 1.0) if random.random() < 0.75 else others[0]
        )
    direction = random.normal(size=3) if random.random() < 0.4 else np.eye(3)[random.integers(3)]
    metal = float(random.uniform(0.5, 1.0)) if random.random() < 0.1 else 0.0
    glossy = random.random() < 0.45
    return Material(
        pattern=pattern,
        colours=np.stack([first, *others]),
        frequency=float(np.exp(random.uniform(np.log(1.0), np.log(5.0)))),
        direction=direction / np.linalg.norm(direction),
        roughness=float(random.uniform(0.12, 0.4) if glossy else random.uniform(0.5, 1.0)),
        shine=float(random.uniform(0.03, 0.09)) if glossy or random.random() < 0.5 else 0.0,
        metal=metal,
        noise=ValueNoise(random),
        salt=int(random.integers(1 << 20)),
    )
