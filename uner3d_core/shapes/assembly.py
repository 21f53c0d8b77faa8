# SPDX-License-Identifier: Apache-2.0
"""Putting an object together: parts are added one by one, in a palette of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation  # type: ignore[import-untyped]

from uner3d_core.shapes.materials import PATTERNS, random_colour, random_material
from uner3d_core.shapes.shape import Part, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.shapes.forms import Form
    from uner3d_core.shapes.materials import Material

FloatArray = npt.NDArray[np.float64]


_STANDING = 0.85  # share of the objects that stand upright


class Assembly:
    """An object in the making.

    Parameters
    ----------
    random : numpy Generator
        Source of randomness of everything about the object.
    """

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self._palette = [random_colour(random) for _ in range(random.integers(2, 5))]
        self._parts: list[Part] = []

    def __len__(self) -> int:
        return len(self._parts)

    def material(self, patterns: Sequence[str] = tuple(PATTERNS)) -> Material:
        """Draw a material in the object's palette, with one of the ``patterns``."""
        return random_material(self.random, self._palette, patterns)

    def between(self, low: float, high: float) -> float:
        """Draw a number between two."""
        return float(self.random.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """Tell, at random, whether something happens."""
        return bool(self.random.random() < probability)

    def add(
        self,
        form: Form,
        material: Material,
        position: npt.ArrayLike = (0.0, 0.0, 0.0),
        angles: npt.ArrayLike = (0.0, 0.0, 0.0),
        *,
        blend: float = 0.0,
        mirror: tuple[bool, bool] = (False, False),
        repeat: int = 1,
    ) -> None:
        """Add a part, turned by ``angles`` about x, y and z, in degrees; see :class:`Part` for the rest."""
        place, turn = np.asarray(position, dtype=np.float64), _turn(angles)
        self._parts.append(Part(form, material, turn, place, blend=blend, mirror=mirror, repeat=repeat))

    def cut(
        self,
        form: Form,
        position: npt.ArrayLike = (0.0, 0.0, 0.0),
        angles: npt.ArrayLike = (0.0, 0.0, 0.0),
        *,
        material: Material | None = None,
        blend: float = 0.0,
        mirror: tuple[bool, bool] = (False, False),
        repeat: int = 1,
    ) -> None:
        """Take a form away from what is there; ``material`` shows on the cut's faces."""
        place, turn = np.asarray(position, dtype=np.float64), _turn(angles)
        self._parts.append(Part(form, material, turn, place, True, blend, mirror, repeat))

    def shape(self) -> Shape:
        """Give what was put together, standing and turned about z, or seldom lying anyhow."""
        level = self.chance(_STANDING)
        angles = (0.0, 0.0, self.between(0.0, 360.0)) if level else self.random.uniform(0.0, 360.0, 3)
        return Shape(tuple(self._parts), _turn(angles))


def _turn(angles: npt.ArrayLike) -> FloatArray:
    matrix: FloatArray = Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
    return matrix
