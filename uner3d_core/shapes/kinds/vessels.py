# SPDX-License-Identifier: Apache-2.0
"""Vessels and other turned things: bottles, vases, bowls, cups with handles, pots with spouts, lamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.shapes.forms import Cylinder, Ellipsoid, Lathe, Torus, Tube
from uner3d_core.shapes.outlines import turned_solid, turned_vessel

if TYPE_CHECKING:
    from uner3d_core.shapes.assembly import Assembly


def build_bottle(assembly: Assembly) -> None:
    """Turn a body with shoulder and neck; put a cap on it, and often a label around it."""
    body = assembly.material(("plain", "plain", "gradient", "clouds", "stripes"))
    height, width = assembly.between(0.55, 1.0), assembly.between(0.2, 0.5)
    neck, shoulder = assembly.between(0.25, 0.6) * width, assembly.between(0.1, 0.6) * height
    waist = assembly.between(0.7, 1.1)
    squash = assembly.between(0.5, 1.0) if assembly.chance(0.4) else 1.0
    heights = [-height, -0.95 * height, -0.2 * height, shoulder, 0.86 * height, height]
    radii = [0.85 * width, width, waist * width, 0.97 * width, neck, neck]
    assembly.add(Lathe(turned_solid(heights, radii), squash), body)
    if assembly.chance(0.75):
        top = assembly.between(0.06, 0.14)
        cap = Cylinder(neck * assembly.between(1.05, 1.4), top, 0.02)
        assembly.add(cap, assembly.material(("plain", "stripes")), (0.0, 0.0, height + 0.6 * top))
        if assembly.chance(0.35):
            nozzle = Tube(((0.0, 0.0, 0.0), (0.0, 0.0, 2.2 * top)), (0.6 * neck, 0.25 * neck))
            assembly.add(nozzle, assembly.material(("plain",)), (0.0, 0.0, height + top))
    if assembly.chance(0.65):
        _label(assembly, heights, radii, squash, shoulder)
    if assembly.chance(0.2):
        _handle(assembly, width * 0.9, assembly.between(-0.2, 0.2))


def build_vase(assembly: Assembly) -> None:
    """Turn a hollow body of any profile; sometimes put ears, a foot or stalks to it."""
    body = assembly.material()
    height = assembly.between(0.4, 1.0)
    radii = assembly.random.uniform(0.18, 0.55, 5)
    radii[1:-1] = 0.5 * radii[1:-1] + 0.25 * (radii[:-2] + radii[2:])
    heights = np.linspace(-height, height, 5)
    smooth = assembly.chance(0.85)
    assembly.add(
        Lathe(turned_vessel(heights, radii, assembly.between(0.035, 0.07), 0.08, smooth=smooth)), body
    )
    if assembly.chance(0.3):
        lug = Torus(assembly.between(0.12, 0.3), assembly.between(0.025, 0.06))
        place = (float(radii[2]) + 0.05, 0.0, assembly.between(-0.2, 0.4) * height)
        assembly.add(lug, body, place, (90.0, 0.0, 0.0), mirror=(True, False), blend=0.03)
    if assembly.chance(0.4):
        ring = Torus(float(radii[-1]), assembly.between(0.02, 0.05))
        assembly.add(ring, assembly.material(("plain",)), (0.0, 0.0, height))
    if assembly.chance(0.25):
        _flowers(assembly, height)


def build_cup(assembly: Assembly) -> None:
    """Turn a cup or a bowl, with a handle or none, on a saucer or none, filled or empty."""
    body = assembly.material()
    inside = assembly.material(("plain",)) if assembly.chance(0.5) else body
    height, top = assembly.between(0.2, 0.55), assembly.between(0.3, 0.6)
    bottom = top * assembly.between(0.4, 1.0)
    heights = [-height, -0.8 * height, 0.1 * height, height]
    radii = [bottom, bottom + 0.35 * (top - bottom), 0.5 * (bottom + top) + assembly.between(0.0, 0.1), top]
    wall = assembly.between(0.03, 0.06)
    assembly.add(Lathe(turned_vessel(heights, radii, wall, 0.07)), body)
    if inside is not body:
        # The inside is cut once more, a hair wider, to show another colour.
        hollow = turned_solid(
            [-height + 0.08, 0.1 * height, 1.1 * height], [0.8 * radii[1], radii[2] - wall, top - 0.9 * wall]
        )
        assembly.cut(Lathe(hollow), material=inside)
    if assembly.chance(0.5):
        level = assembly.between(-0.3, 0.6) * height
        drink = Cylinder(float(np.interp(level, heights, radii)) - 0.5 * wall, 0.03)
        assembly.add(drink, assembly.material(("plain", "clouds", "marble")), (0.0, 0.0, level))
    if assembly.chance(0.65):
        _handle(assembly, float(np.interp(0.0, heights, radii)), 0.0)
    if assembly.chance(0.35):
        saucer = turned_solid([-0.03, 0.0, 0.05], [0.6 * top, top, 1.5 * top], smooth=False)
        assembly.add(Lathe(saucer), body, (0.0, 0.0, -height - 0.01))


def build_pot(assembly: Assembly) -> None:
    """Build a pot or can: a round body, a lid with a knob, a spout and a handle."""
    body = assembly.material()
    other = assembly.material(("plain", "wood")) if assembly.chance(0.4) else body
    width, height = assembly.between(0.4, 0.65), assembly.between(0.3, 0.55)
    heights = [-height, -0.5 * height, 0.3 * height, height]
    radii = [assembly.between(0.5, 0.95) * width, width, assembly.between(0.7, 1.0) * width, 0.45 * width]
    assembly.add(Lathe(turned_solid(heights, radii)), body)
    assembly.add(Ellipsoid((0.5 * width, 0.5 * width, 0.12)), other, (0.0, 0.0, height), blend=0.03)
    assembly.add(Ellipsoid((0.09, 0.09, 0.09)), other, (0.0, 0.0, height + 0.18), blend=0.04)
    reach = assembly.between(0.3, 0.55)
    rise = assembly.between(0.25, 0.6)
    base, mouth = assembly.between(0.07, 0.13), assembly.between(0.035, 0.06)
    spout = Tube(
        (
            (0.75 * width, 0.0, -0.35 * height),
            (width + 0.5 * reach, 0.0, -0.05 * height),
            (width + 0.7 * reach, 0.0, rise),
            (width + reach, 0.0, rise + 0.12),
        ),
        (base, 0.7 * base, mouth, mouth),
    )
    assembly.add(spout, body, blend=0.06)
    if assembly.chance(0.7):
        _handle(assembly, 0.9 * width, 0.0, side=180.0)
    else:
        bail = Torus(0.85 * width, assembly.between(0.025, 0.05), assembly.between(1.2, 1.6))
        assembly.add(bail, other, (0.0, 0.0, 0.6 * height), (90.0, 0.0, 90.0))


def build_lamp(assembly: Assembly) -> None:
    """Stand a shade, or a bowl, on a turned column with a foot."""
    foot = assembly.material()
    height, width = assembly.between(0.6, 1.0), assembly.between(0.2, 0.45)
    column = np.abs(assembly.random.normal(0.08, 0.04, 7)) + 0.025
    assembly.add(Lathe(turned_solid(np.linspace(-height, 0.3 * height, 7), column)), foot)
    assembly.add(Cylinder(width, assembly.between(0.02, 0.07), 0.02), foot, (0.0, 0.0, -height), blend=0.05)
    low, high = assembly.between(0.25, 0.6), assembly.between(0.12, 0.5)
    shade = turned_vessel([0.2 * height, 0.9 * height], [low, high], 0.04, 0.04, smooth=False)
    assembly.add(Lathe(shade), assembly.material())


def _label(assembly: Assembly, heights: list[float], radii: list[float], squash: float, top: float) -> None:
    """Lay a printed band around a turned body, a hair above it."""
    ends = sorted(assembly.random.uniform(0.9 * heights[0], top, 2))
    if ends[1] - ends[0] < 0.1:
        return
    levels = np.linspace(ends[0], ends[1], 7)
    band = turned_solid(levels, np.interp(levels, heights, radii) + 0.012)
    assembly.add(
        Lathe(band, squash), assembly.material(("lines", "stripes", "checks", "spots", "cells", "plain"))
    )


def _handle(assembly: Assembly, radius: float, height: float, side: float = 0.0) -> None:
    """Set a half ring to the side of a body, ``radius`` from its axis."""
    size, thickness = assembly.between(0.16, 0.32), assembly.between(0.03, 0.06)
    material = assembly.material(("plain", "stripes"))
    ring = Torus(size, thickness, assembly.between(1.5, 2.0))
    turn = np.radians(side)
    place = (radius * np.cos(turn), radius * np.sin(turn), height)
    # The ring opens towards +y of its own plane, which is stood up and turned outwards.
    assembly.add(ring, material, place, (90.0, 90.0, side), blend=0.03)


def _flowers(assembly: Assembly, height: float) -> None:
    """Let stalks with round blossoms rise from a vase."""
    stalk, blossom = assembly.material(("plain",)), assembly.material()
    for _ in range(assembly.random.integers(1, 4)):
        tip = (assembly.between(-0.5, 0.5), assembly.between(-0.5, 0.5), height + assembly.between(0.3, 0.8))
        assembly.add(Tube(((0.0, 0.0, -0.5 * height), tip), (0.025, 0.025)), stalk)
        size = assembly.between(0.08, 0.18)
        assembly.add(Ellipsoid((size, size, 0.7 * size)), blossom, tip)
