# SPDX-License-Identifier: Apache-2.0
"""What is behind an object: nothing, white, grey, a colour, or a cluttered place with a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from uner3d_core.shapes.materials import random_colour, random_material

if TYPE_CHECKING:
    from collections.abc import Callable

    from uner3d_core.shapes.light import Light
    from uner3d_core.shapes.materials import Material

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Surroundings:
    """The background of all pictures of one object.

    Parameters
    ----------
    colours : arrays (3,), (3,) or None
        Linear colours at the top and at the bottom; None where the object is cut out: then a picture has its
        own colours to its very edge and is black beyond.
    walls : tuple of Material
        Patterns, far away on all sides, one laid over the other; empty for a smooth background.
    table : Material or None
        What the object stands on, seen from above only.
    floor : float
        Height of the table.
    """

    colours: tuple[FloatArray, FloatArray] | None
    walls: tuple[Material, ...] = ()
    table: Material | None = None
    floor: float = -1.0

    def colour(
        self, origins: Tensor, directions: Tensor, light: Light, shadow: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """Linear colours, (N, 3), of rays that pass the object.

        Parameters
        ----------
        origins, directions : Tensor (N, 3)
            Where the rays start, and their unit directions.
        light : Light
            What falls on the table.
        shadow : function of points (M, 3)
            How much light the object leaves on each, (M,), 0 to 1.
        """
        if self.colours is None:
            return torch.zeros_like(directions)
        share = (0.5 + 0.5 * directions[:, 2:]).clamp(0.0, 1.0)
        top, bottom = (directions.new_tensor(colour) for colour in self.colours)
        colours = top * share + bottom * (1.0 - share)
        for wall in self.walls:
            pattern = wall.colour(directions * 1.5)
            where = (1.5 * wall.noise(directions * 2.0 + 3.1) + 0.3).clamp(0.0, 1.0)[:, None]
            colours = colours * (1.0 - where) + pattern * where
        if self.table is None:
            return colours
        below = (origins[:, 2] > self.floor) & (directions[:, 2] < -1e-3)
        distance = torch.where(below, (self.floor - origins[:, 2]) / directions[:, 2].clamp_max(-1e-3), 0.0)
        hit = below & (distance < 14.0)
        places = origins[hit] + distance[hit, None] * directions[hit]
        lit = shadow(places)[:, None]
        tabletop = self.table.colour(places) * light.around(places.new_tensor([[0.0, 0.0, 1.0]]))
        lamp = light.lamps[0]
        sun = self.table.colour(places) * places.new_tensor(lamp.colour * max(lamp.direction[2], 0.0))
        colours[hit] = tabletop * (0.4 + 0.6 * lit) + sun * lit
        return colours


def random_surroundings(random: np.random.Generator, floor: float) -> Surroundings:
    """Draw a background for an object whose lowest point is at the height ``floor``."""
    mood = random.random()
    if mood < 0.35:
        return Surroundings(None)
    if mood < 0.5:
        return Surroundings((np.ones(3), np.ones(3)))
    if mood < 0.6:
        grey = np.full(3, random.uniform(0.02, 0.8))
        return Surroundings((grey, grey))
    if mood < 0.75:
        return Surroundings((random_colour(random), random_colour(random)))
    palette = [random_colour(random) for _ in range(3)]
    walls = tuple(random_material(random, palette) for _ in range(random.integers(1, 4)))
    table = random_material(random, palette) if random.random() < 0.6 else None
    return Surroundings((random_colour(random), random_colour(random)), walls, table, floor)
