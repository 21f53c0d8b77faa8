# SPDX-License-Identifier: Apache-2.0
"""A shape: parts that are joined and cut in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

if TYPE_CHECKING:
    from uner3d_core.shapes.forms import Form
    from uner3d_core.shapes.materials import Material

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """One form in its place.

    Parameters
    ----------
    form : Form
        What it is.
    material : Material or None
        What it is made of; None, for a cut, leaves what was there.
    rotation : array (3, 3)
        From the form's coordinates to the shape's.
    position : array (3,)
        Of the form's origin in the shape.
    cut : bool
        Whether the form is taken away from what came before it, rather than added.
    blend : float
        How far the surfaces flow into each other where they meet; 0 for a sharp edge.
    mirror : tuple of 2 bools
        Whether the part stands a second time behind the plane x = 0, and y = 0.
    repeat : int
        How many times it stands around z.
    """

    form: Form
    material: Material | None
    rotation: FloatArray
    position: FloatArray
    cut: bool = False
    blend: float = 0.0
    mirror: tuple[bool, bool] = (False, False)
    repeat: int = 1

    def local(self, points: Tensor) -> Tensor:
        """Points of the shape, (N, 3), in the coordinates of the form that is nearest by symmetry."""
        if self.repeat > 1:
            slice_angle = 2.0 * np.pi / self.repeat
            angle = torch.atan2(points[:, 1], points[:, 0])
            turn = torch.round(angle / slice_angle) * slice_angle
            sine, cosine = turn.sin(), turn.cos()
            x, y, z = points.unbind(dim=1)
            points = torch.stack([cosine * x + sine * y, cosine * y - sine * x, z], dim=1)
        if any(self.mirror):
            x, y, z = points.unbind(dim=1)
            points = torch.stack(
                [x.abs() if self.mirror[0] else x, y.abs() if self.mirror[1] else y, z], dim=1
            )
        moved = points - points.new_tensor(self.position)
        level = np.array_equal(self.rotation, np.eye(3))
        return moved if level else moved @ points.new_tensor(self.rotation)

    def distance(self, points: Tensor) -> Tensor:
        """Signed distance, (N,), of points of the shape (N, 3)."""
        return self.form.distance(self.local(points))


@dataclass(frozen=True)
class Shape:
    """Parts, joined and cut in order; the first is not cut.

    Parameters
    ----------
    parts : tuple of Part
        At least one.
    turn : array (3, 3), optional
        Rotation from the coordinates in which the parts are placed to those of the shape.
    """

    parts: tuple[Part, ...]
    turn: FloatArray = field(default_factory=lambda: np.eye(3))

    def placed(self, points: Tensor) -> Tensor:
        """Points of the shape, (N, 3), in the coordinates in which the parts are placed."""
        return points @ points.new_tensor(self.turn)

    def distance(self, points: Tensor) -> Tensor:
        """Signed distance, (N,), at points (N, 3); below zero inside, never much larger than the true one."""
        return self._walk(points)[0]

    def owner(self, points: Tensor) -> Tensor:
        """Index, (N,), of the part whose material is seen at each of the surface points (N, 3)."""
        return self._walk(points)[1]

    def _walk(self, points: Tensor) -> tuple[Tensor, Tensor]:
        points = self.placed(points)
        total = self.parts[0].distance(points)
        owner = torch.zeros(len(points), dtype=torch.long, device=points.device)
        for index, part in enumerate(self.parts[1:], start=1):
            own = part.distance(points)
            if part.cut:
                takes = -own > total
                total = -_smooth_minimum(-total, own, part.blend)
            else:
                takes = own < total
                total = _smooth_minimum(total, own, part.blend)
            if part.material is not None:
                owner = torch.where(takes, index, owner)
        return total, owner


def _smooth_minimum(a: Tensor, b: Tensor, blend: float) -> Tensor:
    """Give the smaller of two, rounded by a parabola where they differ by less than ``blend``."""
    if blend == 0.0:
        return torch.minimum(a, b)
    return torch.minimum(a, b) - (blend - (a - b).abs()).clamp_min(0.0) ** 2 / (4.0 * blend)


def gradient(shape: Shape, points: Tensor, step: float) -> Tensor:
    """Measure unit normals, (N, 3), at points (N, 3), by differences over the corners of a tetrahedron."""
    corners = points.new_tensor([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]])
    probes = (points[:, None] + step * corners).view(-1, 3)
    values = shape.distance(probes).view(-1, 4)
    return torch.nn.functional.normalize(values @ corners, dim=1)
