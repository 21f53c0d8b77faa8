# SPDX-License-Identifier: Apache-2.0
"""An object drawn at random from a seed: its shape in the unit ball, its light and what is around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from uner3d_core.shapes.assembly import Assembly
from uner3d_core.shapes.kinds import furniture, made, nature, vessels
from uner3d_core.shapes.kinds.heaps import build_heap
from uner3d_core.shapes.light import Light, random_light
from uner3d_core.shapes.surroundings import Surroundings, random_surroundings
from uner3d_core.shapes.tracing import bake

if TYPE_CHECKING:
    from collections.abc import Callable

    from uner3d_core.shapes.shape import Shape

HELD_OUT = 1_000_000
"""Seeds from here on are kept for evaluation; training never uses them."""

KINDS: dict[str, tuple[Callable[[Assembly], None], float]] = {
    "heap": (build_heap, 26.0),
    "bottle": (vessels.build_bottle, 7.0),
    "vase": (vessels.build_vase, 4.0),
    "cup": (vessels.build_cup, 5.0),
    "pot": (vessels.build_pot, 4.0),
    "lamp": (vessels.build_lamp, 3.0),
    "chair": (furniture.build_chair, 9.0),
    "table": (furniture.build_table, 4.0),
    "cabinet": (furniture.build_cabinet, 3.0),
    "sofa": (furniture.build_sofa, 3.0),
    "fruit": (nature.build_fruit, 6.0),
    "animal": (nature.build_animal, 7.0),
    "figure": (nature.build_figure, 3.0),
    "plant": (nature.build_plant, 3.0),
    "power tool": (made.build_power_tool, 5.0),
    "hand tool": (made.build_hand_tool, 3.0),
    "device": (made.build_device, 6.0),
    "house": (made.build_house, 3.0),
    "vehicle": (made.build_vehicle, 3.0),
    "layers": (made.build_layers, 3.0),
}
"""Each kind of object: what builds it, and how often it is drawn."""

_ROOM = 2.2  # half the side of the box in which an object may be built
_COARSE = 56  # cells along it


@dataclass(frozen=True)
class GeneratedObject:
    """An object to be pictured.

    Parameters
    ----------
    kind : str
        One of ``KINDS``.
    shape : Shape
        Its parts, as they were built.
    middle : Tensor (3,)
        Middle of the shape's box, in the shape's coordinates.
    radius : float
        Distance from there to the farthest point of the surface.
    low, high : Tensor (3,)
        Box around the surface, in the shape's coordinates.
    light : Light
        What falls on it.
    surroundings : Surroundings
        What is behind it; its floor is in world coordinates.

    Notes
    -----
    In the world the object's middle is the origin and its surface reaches as far as the unit sphere; z is up.
    """

    kind: str
    shape: Shape
    middle: Tensor
    radius: float
    low: Tensor
    high: Tensor
    light: Light
    surroundings: Surroundings


def random_object(seed: int, kind: str | None = None) -> GeneratedObject:
    """Draw an object.

    Parameters
    ----------
    seed : int
        Not negative; the same number gives the same object. From ``HELD_OUT`` on, objects are for evaluation.
    kind : str, optional
        One of ``KINDS``; drawn too, if None.

    Returns
    -------
    GeneratedObject
    """
    attempt = 0
    while True:
        # Cuts may leave next to nothing of an object: then another is drawn in its place.
        random = np.random.default_rng([seed, 1, attempt])
        names = list(KINDS)
        weights = np.array([KINDS[name][1] for name in names])
        drawn = str(random.choice(names, p=weights / weights.sum()))
        drawn = drawn if kind is None else kind
        assembly = Assembly(random)
        KINDS[drawn][0](assembly)
        found = _framed(drawn, assembly.shape(), random)
        if found is not None:
            return found
        attempt += 1


def _framed(kind: str, shape: Shape, random: np.random.Generator) -> GeneratedObject | None:
    """Find the box of a shape, and draw its light and surroundings; None if there is too little of it."""
    corner = torch.full((3,), _ROOM)
    grid = bake(shape, -corner, corner, _COARSE)
    near = torch.nonzero(grid.values < 0.6 * grid.cell).flip(1)
    if len(near) < 40:
        return None
    points = grid.low + near * grid.cell
    low, high = points.amin(dim=0) - 1.2 * grid.cell, points.amax(dim=0) + 1.2 * grid.cell
    middle = 0.5 * (low + high)
    radius = float((points - middle).norm(dim=1).max())
    floor = float(low[2] + 1.2 * grid.cell - middle[2]) / radius
    light, surroundings = random_light(random), random_surroundings(random, floor)
    return GeneratedObject(kind, shape, middle, radius, low, high, light, surroundings)
