# SPDX-License-Identifier: Apache-2.0
"""Forms: the signed distance of a point to the surface of a primitive, below zero inside.

Each form stands around the origin of its own coordinates, with z as its axis where it has one. Distances
are exact or too small in size, never much too large, so that a ray may always step as far as they say
(Hart, Sphere tracing, 1996). The formulas of the primitives are well known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

if TYPE_CHECKING:
    from uner3d_core.shapes.outlines import Outline

Triple = tuple[float, float, float]


class Form(Protocol):
    """Anything with a signed distance."""

    def distance(self, points: Tensor) -> Tensor:
        """Signed distance, (N,), at points (N, 3), all in the form's own coordinates."""
        ...


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid with the half axes ``radii``."""

    radii: Triple

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`Form`; nearly exact close to the surface."""
        scaled = points / points.new_tensor(self.radii)
        near = scaled.norm(dim=1)
        steepness = (scaled / points.new_tensor(self.radii)).norm(dim=1).clamp_min(1e-9)
        rough = near * (near - 1.0) / steepness
        return torch.where(near < 1e-4, torch.full_like(rough, -min(self.radii)), rough)


@dataclass(frozen=True)
class Box:
    """A box with half its sides in ``half`` and edges rounded by ``rounding``."""

    half: Triple
    rounding: float = 0.0

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`Form`."""
        away = points.abs() - points.new_tensor(self.half) + self.rounding
        outside: Tensor = away.clamp_min(0.0).norm(dim=1)
        return outside + away.amax(dim=1).clamp_max(0.0) - self.rounding


@dataclass(frozen=True)
class Cylinder:
    """A cylinder along z with rounded edges."""

    radius: float
    half_height: float
    rounding: float = 0.0

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`Form`."""
        side = points[:, :2].norm(dim=1) - self.radius + self.rounding
        end = points[:, 2].abs() - self.half_height + self.rounding
        outside = torch.hypot(side.clamp_min(0.0), end.clamp_min(0.0))
        return outside + torch.maximum(side, end).clamp_max(0.0) - self.rounding


@dataclass(frozen=True)
class Cone:
    """A cone along z, cut off where its radius is ``top``; ``bottom`` is the radius below."""

    bottom: float
    top: float
    half_height: float

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`Form`."""
        rho, z = points[:, :2].norm(dim=1), points[:, 2]
        height = self.half_height
        radius_here = torch.where(z < 0.0, self.bottom, self.top)
        cap_x, cap_z = (rho - radius_here).clamp_min(0.0), z.abs() - height
        slope_x, slope_z = self.top - self.bottom, 2.0 * height
        along = ((rho - self.bottom) * slope_x + (z + height) * slope_z) / (slope_x**2 + slope_z**2)
        along = along.clamp(0.0, 1.0)
        side_x, side_z = rho - self.bottom - slope_x * along, z + height - slope_z * along
        inside = (side_x < 0.0) & (cap_z < 0.0)
        square = torch.minimum(cap_x**2 + cap_z**2, side_x**2 + side_z**2)
        return torch.where(inside, -1.0, 1.0) * square.clamp_min(1e-20).sqrt()


@dataclass(frozen=True)
class Torus:
    """A ring in the plane z = 0, or the part of it within ``opening`` radians to both sides of +y."""

    major: float
    minor: float
    opening: float = math.pi

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`Form`."""
        x, y = points[:, 0].abs(), points[:, 1]
        sine, cosine = math.sin(self.opening), math.cos(self.opening)
        on_end = cosine * x > sine * y
        reach = torch.where(on_end, x * sine + y * cosine, torch.hypot(x, y))
        square = (points**2).sum(dim=1) + self.major**2 - 2.0 * self.major * reach
        return square.clamp_min(1e-20).sqrt() - self.minor


@dataclass(frozen=True)
class Tube:
    """Round rods from each of ``points`` to the next, as thick as ``radii`` say there."""

    points: tuple[Triple, ...]
    radii: tuple[float, ...]

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`Form`."""
        best: Tensor | None = None
        for index in range(len(self.points) - 1):
            start = points.new_tensor(self.points[index])
            step = points.new_tensor(self.points[index + 1]) - start
            offset = points - start
            along = ((offset @ step) / (step @ step).clamp_min(1e-12)).clamp(0.0, 1.0)
            radius = self.radii[index] + (self.radii[index + 1] - self.radii[index]) * along
            rod = (offset - along[:, None] * step).norm(dim=1) - radius
            best = rod if best is None else torch.minimum(best, rod)
        if best is None:
            raise ValueError("A tube needs two points.")
        return best


@dataclass(frozen=True)
class Lathe:
    """An outline of (distance from the axis, z) turned about z; ``squash`` flattens it along y."""

    outline: Outline
    squash: float = 1.0

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`Form`."""
        rho = torch.hypot(points[:, 0], points[:, 1] / self.squash)
        return self.outline.distance(rho, points[:, 2]) * min(1.0, self.squash)


@dataclass(frozen=True)
class Extrusion:
    """An outline in x and y, ``half_depth`` thick to both sides along z."""

    outline: Outline
    half_depth: float
    rounding: float = 0.0

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`Form`."""
        side = self.outline.distance(points[:, 0], points[:, 1]) + self.rounding
        end = points[:, 2].abs() - self.half_depth + self.rounding
        outside = torch.hypot(side.clamp_min(0.0), end.clamp_min(0.0))
        return outside + torch.maximum(side, end).clamp_max(0.0) - self.rounding
