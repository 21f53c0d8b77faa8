# SPDX-License-Identifier: Apache-2.0
"""Forms made of another form: hollowed, bumped, twisted, bent, tapered.

A deformation stretches space, so a deformed form gives a share of the distance: a step that a ray may take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from uner3d_core.shapes.forms import Form
    from uner3d_core.shapes.noise import ValueNoise


@dataclass(frozen=True)
class Shell:
    """The skin of a form, ``thickness`` thick in all."""

    form: Form
    thickness: float

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`~uner3d_core.shapes.forms.Form`."""
        return self.form.distance(points).abs() - 0.5 * self.thickness


@dataclass(frozen=True)
class Bumpy:
    """A form whose surface noise moves in and out by up to ``height``, ``frequency`` times a unit."""

    form: Form
    noise: ValueNoise
    height: float
    frequency: float

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`~uner3d_core.shapes.forms.Form`."""
        moved = self.form.distance(points) + self.height * self.noise(points * self.frequency)
        return moved / (1.0 + 2.0 * self.height * self.frequency)


@dataclass(frozen=True)
class Twisted:
    """A form turned about z by ``rate`` radians a unit of height."""

    form: Form
    rate: float
    reach: float

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`~uner3d_core.shapes.forms.Form`."""
        angle = self.rate * points[:, 2]
        sine, cosine = angle.sin(), angle.cos()
        x, y, z = points.unbind(dim=1)
        turned = torch.stack([cosine * x + sine * y, cosine * y - sine * x, z], dim=1)
        return self.form.distance(turned) / (1.0 + abs(self.rate) * self.reach)


@dataclass(frozen=True)
class Bent:
    """A form whose axis z is a parabola that leaves towards x by ``amount`` at a height of one."""

    form: Form
    amount: float
    reach: float

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`~uner3d_core.shapes.forms.Form`."""
        x, y, z = points.unbind(dim=1)
        straight = torch.stack([x - self.amount * z * z, y, z], dim=1)
        return self.form.distance(straight) / (1.0 + 2.0 * abs(self.amount) * self.reach)


@dataclass(frozen=True)
class Tapered:
    """A form as wide as it is at z = 0, and ``rate`` of it wider for each unit of height."""

    form: Form
    rate: float
    reach: float

    def distance(self, points: Tensor) -> Tensor:
        """See :class:`~uner3d_core.shapes.forms.Form`."""
        width = (1.0 + self.rate * points[:, 2].clamp(-self.reach, self.reach)).clamp_min(0.25)
        narrowed = torch.cat([points[:, :2] / width[:, None], points[:, 2:]], dim=1)
        return self.form.distance(narrowed) * width.clamp_max(1.0) / (1.0 + abs(self.rate))
