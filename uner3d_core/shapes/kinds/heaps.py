# SPDX-License-Identifier: Apache-2.0
"""Heaps: one to nine primitives, deformed, joined and cut anyhow.

That such objects teach what real ones need was found by LRM-Zero (Xie et al., NeurIPS 2024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.shapes.deformations import Bent, Bumpy, Shell, Tapered, Twisted
from uner3d_core.shapes.forms import Box, Cone, Cylinder, Ellipsoid, Extrusion, Torus, Tube
from uner3d_core.shapes.noise import ValueNoise
from uner3d_core.shapes.outlines import blob, regular

if TYPE_CHECKING:
    from collections.abc import Callable

    from uner3d_core.shapes.assembly import Assembly
    from uner3d_core.shapes.forms import Form

_COUNTS = (5.0, 5.0, 5.0, 4.0, 4.0, 3.0, 2.0, 1.0, 1.0)


def build_heap(assembly: Assembly) -> None:
    """Add primitives beside, on and in each other; cut some away; set a few thin rods and rings."""
    random = assembly.random
    weights = np.array(_COUNTS)
    count = int(random.choice(np.arange(1, 10), p=weights / weights.sum()))
    materials = [assembly.material() for _ in range(random.integers(1, 5))]
    blend = assembly.between(0.03, 0.2) if assembly.chance(0.4) else 0.0
    middle, reach = np.zeros(3), np.zeros(3)
    mirror = (assembly.chance(0.3), assembly.chance(0.1))
    for index in range(count):
        size = assembly.between(0.3, 0.6) if index == 0 else assembly.between(0.15, 0.5)
        form = deformed(assembly, primitive(assembly, size), size)
        place = middle + reach * random.normal(size=3) * 0.7
        level = assembly.chance(0.5)
        angles = (0.0, 0.0, random.uniform(0.0, 360.0)) if level else random.uniform(0.0, 360.0, 3)
        material = materials[int(random.integers(len(materials)))]
        assembly.add(form, material, place, angles, blend=blend, mirror=mirror if index else (False, False))
        middle = middle * 0.6 + place * 0.4
        reach = np.full(3, size)
    if assembly.chance(0.35):
        for _ in range(random.integers(1, 4)):
            size = assembly.between(0.12, 0.4)
            inner = assembly.material() if assembly.chance(0.5) else None
            place = random.normal(size=3) * 0.3
            assembly.cut(primitive(assembly, size), place, random.uniform(0.0, 360.0, 3), material=inner)
    if assembly.chance(0.3):
        _thin_parts(assembly)


def primitive(assembly: Assembly, size: float) -> Form:
    """Draw a primitive whose half extents are about ``size``."""
    a, b, c = (size * float(np.exp(assembly.between(-0.8, 0.4))) for _ in range(3))
    makers: tuple[Callable[[], Form], ...] = (
        lambda: Ellipsoid((a, b, c)),
        lambda: Ellipsoid((a, b, c)),
        lambda: Box((a, b, c)),
        lambda: Box((a, b, c), assembly.between(0.1, 0.9) * min(a, b, c)),
        lambda: Cylinder(a, b, assembly.between(0.0, 0.5) * min(a, b)),
        lambda: Cone(a, assembly.between(0.0, 0.6) * a, b),
        lambda: Torus(size, assembly.between(0.12, 0.4) * size, min(assembly.between(1.0, 4.1), np.pi)),
        lambda: Tube(((0.0, 0.0, -b), (0.0, 0.0, b)), (0.4 * a, assembly.between(0.16, 0.6) * a)),
        lambda: _prism(assembly, size),
        lambda: Extrusion(blob(assembly.random, size, 0.35), assembly.between(0.1, 0.6) * size, 0.05 * size),
    )
    return makers[int(assembly.random.integers(len(makers)))]()


def _prism(assembly: Assembly, size: float) -> Form:
    sides = int(assembly.random.integers(3, 9))
    inner = assembly.between(0.4, 0.75) * size if assembly.chance(0.5) else None
    return Extrusion(regular(sides, size, inner), assembly.between(0.1, 0.6) * size, 0.03 * size)


def deformed(assembly: Assembly, form: Form, size: float) -> Form:
    """Leave a form of half extents ``size`` as it is, or hollow, bump, twist, bend or taper it."""
    match int(assembly.random.integers(12)):
        case 0:
            return Shell(form, assembly.between(0.03, 0.08))
        case 1 | 2:
            noise = ValueNoise(assembly.random)
            frequency = assembly.between(0.8, 3.0) / size
            return Bumpy(form, noise, assembly.between(0.08, 0.25) / frequency, frequency)
        case 3:
            return Twisted(form, assembly.between(-1.5, 1.5) / size, size)
        case 4:
            return Bent(form, assembly.between(-0.6, 0.6) / size, size)
        case 5:
            return Tapered(form, assembly.between(-0.7, 0.7) / size, size)
    return form


def _thin_parts(assembly: Assembly) -> None:
    """Add rods that stick out, or thin rings."""
    random = assembly.random
    material = assembly.material(("plain", "stripes", "wood"))
    for _ in range(random.integers(1, 5)):
        thickness = assembly.between(0.018, 0.045)
        if assembly.chance(0.7):
            start, tip = random.normal(size=3) * 0.2, random.normal(size=3) * 0.8
            assembly.add(Tube((tuple(start), tuple(tip)), (thickness, thickness)), material)
        else:
            ring = Torus(assembly.between(0.3, 0.7), thickness)
            assembly.add(ring, material, random.normal(size=3) * 0.25, random.uniform(0.0, 360.0, 3))
