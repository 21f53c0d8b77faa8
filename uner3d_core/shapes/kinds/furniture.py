# SPDX-License-Identifier: Apache-2.0
"""Furniture: what stands on legs, and boxes with openings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.shapes.forms import Box, Cone, Cylinder, Ellipsoid, Torus, Tube

if TYPE_CHECKING:
    from uner3d_core.shapes.assembly import Assembly
    from uner3d_core.shapes.materials import Material

_STUFFS = ("plain", "wood", "checks", "stripes", "speckles", "clouds")


def build_chair(assembly: Assembly) -> None:
    """Put a seat on legs, a back behind it, and sometimes arms."""
    seat_stuff = assembly.material()
    frame = assembly.material(("plain", "wood")) if assembly.chance(0.7) else seat_stuff
    width, depth = assembly.between(0.35, 0.75), assembly.between(0.32, 0.5)
    thickness = assembly.between(0.03, 0.14)
    seat = Box((width, depth, thickness), assembly.between(0.2, 0.95) * thickness)
    if assembly.chance(0.2):
        seat_form = Cylinder(depth, thickness, 0.6 * thickness)
        width = depth
        assembly.add(seat_form, seat_stuff)
    else:
        assembly.add(seat, seat_stuff)
    _legs(assembly, frame, (width, depth), -assembly.between(0.4, 0.75), 0.0)
    height = assembly.between(0.45, 0.85)
    _back(assembly, seat_stuff, frame, width=width, depth=depth, height=height)
    if assembly.chance(0.35):
        rest = assembly.between(0.2, 0.35)
        arm = Box((0.05, 0.9 * depth, 0.035), 0.03)
        assembly.add(arm, frame, (width, 0.0, rest), mirror=(True, False))
        post = Cylinder(0.03, 0.5 * rest)
        assembly.add(post, frame, (width, -0.75 * depth, 0.5 * rest), mirror=(True, False))


def build_table(assembly: Assembly) -> None:
    """Put a top on legs or on one column; sometimes with a shelf, a drawer, or things on it."""
    top_stuff = assembly.material(_STUFFS)
    frame = assembly.material(("plain", "wood")) if assembly.chance(0.5) else top_stuff
    width, depth, thickness = (
        assembly.between(0.5, 1.0),
        assembly.between(0.35, 0.6),
        assembly.between(0.03, 0.07),
    )
    height = assembly.between(0.35, 0.9)
    round_top = assembly.chance(0.35)
    if round_top:
        width = depth
        assembly.add(Cylinder(depth, thickness, 0.4 * thickness), top_stuff)
    else:
        assembly.add(Box((width, depth, thickness), assembly.between(0.0, 0.8) * thickness), top_stuff)
    if round_top and assembly.chance(0.6):
        assembly.add(Cylinder(assembly.between(0.04, 0.1), 0.5 * height), frame, (0.0, 0.0, -0.5 * height))
        foot = Cone(0.6 * depth, 0.08, 0.06) if assembly.chance(0.5) else Cylinder(0.55 * depth, 0.04, 0.02)
        assembly.add(foot, frame, (0.0, 0.0, -height), blend=0.08)
    else:
        share = 0.7 if round_top else 1.0
        _legs(assembly, frame, (share * width, share * depth), -height, 0.0)
        if assembly.chance(0.35):
            shelf = Box((0.85 * width, 0.85 * depth, 0.025))
            assembly.add(shelf, frame, (0.0, 0.0, -assembly.between(0.4, 0.8) * height))
        if not round_top and assembly.chance(0.35):
            drawer = Box((0.7 * width, 0.9 * depth, 0.09), 0.01)
            assembly.add(drawer, top_stuff, (0.0, 0.0, -0.1))
            assembly.add(Ellipsoid((0.04, 0.04, 0.03)), frame, (0.0, -0.93 * depth, -0.1))
    for _ in range(assembly.random.integers(0, 3) if assembly.chance(0.4) else 0):
        size = assembly.between(0.07, 0.18)
        thing = (
            Box((size, 0.7 * size, 0.5 * size), 0.02) if assembly.chance(0.5) else Cylinder(0.6 * size, size)
        )
        place = (
            assembly.between(-0.5, 0.5) * width,
            assembly.between(-0.5, 0.5) * depth,
            thickness + 0.5 * size,
        )
        assembly.add(thing, assembly.material(), place, (0.0, 0.0, assembly.between(0.0, 90.0)))


def build_cabinet(assembly: Assembly) -> None:
    """Cut rows of openings into a box, close some with doors, and put it on feet."""
    stuff = assembly.material(_STUFFS)
    width, depth, height = (
        assembly.between(0.4, 0.8),
        assembly.between(0.2, 0.4),
        assembly.between(0.4, 0.95),
    )
    assembly.add(Box((width, depth, height), 0.01), stuff)
    rows, columns = int(assembly.random.integers(1, 5)), int(assembly.random.integers(1, 4))
    inside = assembly.material(_STUFFS) if assembly.chance(0.4) else None
    board = 0.035
    cell_width, cell_height = 2.0 * width / columns, 2.0 * height / rows
    opening = Box((0.5 * cell_width - board, 0.9 * depth, 0.5 * cell_height - board))
    doors = assembly.material()
    for row in range(rows):
        for column in range(columns):
            x, z = -width + (column + 0.5) * cell_width, -height + (row + 0.5) * cell_height
            if assembly.chance(0.6):
                assembly.cut(opening, (x, -0.25 * depth, z), material=inside)
            elif len(assembly) < 14:
                door = Box((0.5 * cell_width - 0.5 * board, 0.02, 0.5 * cell_height - 0.5 * board), 0.01)
                assembly.add(door, doors, (x, -depth, z))
                assembly.add(Ellipsoid((0.03, 0.03, 0.03)), stuff, (x + 0.3 * cell_width, -depth - 0.04, z))
    if assembly.chance(0.5):
        _legs(assembly, stuff, (0.95 * width, 0.9 * depth), -height - assembly.between(0.08, 0.25), -height)


def build_sofa(assembly: Assembly) -> None:
    """Build a sofa or a bed of cushions between soft arms and a back."""
    stuff = assembly.material(("plain", "speckles", "stripes", "checks", "clouds", "spots"))
    width, depth = assembly.between(0.55, 0.95), assembly.between(0.35, 0.8)
    base = assembly.between(0.12, 0.22)
    assembly.add(Box((width, depth, base), 0.05), stuff)
    back = assembly.between(0.25, 0.5)
    assembly.add(Box((width, 0.1, back), 0.08), stuff, (0.0, depth, back))
    if assembly.chance(0.7):
        arm = Box((0.1, depth, 0.7 * back), 0.07)
        assembly.add(arm, stuff, (width, 0.0, 0.5 * back), mirror=(True, False))
    cushions = assembly.material(("plain", "speckles", "stripes", "checks", "spots"))
    form = Box((0.46 * width, 0.85 * depth, 0.08), 0.07)
    assembly.add(form, cushions, (0.47 * width, -0.05, base + 0.05), mirror=(True, False))
    if assembly.chance(0.5):
        pillow = Box((0.2, 0.07, 0.16), 0.06)
        place = (assembly.between(-0.5, 0.5) * width, 0.7 * depth, base + 0.25)
        assembly.add(pillow, assembly.material(), place, (-15.0, 0.0, assembly.between(-20.0, 20.0)))
    feet = assembly.material(("plain", "wood"))
    _legs(assembly, feet, (0.9 * width, 0.9 * depth), -base - assembly.between(0.06, 0.25), -base)


def _legs(assembly: Assembly, material: Material, size: tuple[float, float], low: float, high: float) -> None:
    """Stand four legs at the corners of half ``size``, or a star of them, from ``low`` to ``high``."""
    thickness = assembly.between(0.025, 0.06)
    splay = assembly.between(0.0, 0.18) if assembly.chance(0.5) else 0.0
    x, y = size[0] - 1.3 * thickness, size[1] - 1.3 * thickness
    if assembly.chance(0.12):
        post = 0.5 * (low + high)
        assembly.add(Cylinder(1.2 * thickness, 0.5 * (high - low)), material, (0.0, 0.0, post))
        arm = Tube(((0.0, 0.0, low + 0.05), (0.9 * min(x, y) + 0.1, 0.0, low)), (thickness, 0.8 * thickness))
        assembly.add(arm, material, repeat=int(assembly.random.integers(3, 6)))
        return
    if assembly.chance(0.5):
        form = Tube(
            ((x, y, high), (x + splay, y + splay, low)), (thickness, thickness * assembly.between(0.5, 1.0))
        )
        assembly.add(form, material, mirror=(True, True))
    else:
        square = Box((thickness, thickness, 0.5 * (high - low)), 0.2 * thickness)
        assembly.add(square, material, (x, y, 0.5 * (low + high)), mirror=(True, True))
    if assembly.chance(0.3):
        bar = Tube(((-x, y, 0.6 * low + 0.4 * high), (x, y, 0.6 * low + 0.4 * high)), (0.6 * thickness,) * 2)
        assembly.add(bar, material, mirror=(False, True))


def _back(
    assembly: Assembly, stuff: Material, frame: Material, *, width: float, depth: float, height: float
) -> None:
    """Give a chair its back, at +y: a panel, slats, or a hoop."""
    lean = assembly.between(0.0, 16.0)
    place = (0.0, depth - 0.04, 0.5 * height)
    kind = assembly.random.random()
    if kind < 0.4:
        panel = Box((width, 0.04, 0.5 * height), 0.03)
        assembly.add(panel, stuff, place, (-lean, 0.0, 0.0))
        return
    if kind < 0.85:
        post = Tube(((0.92 * width, 0.0, -0.5 * height), (0.92 * width, 0.0, 0.5 * height)), (0.035, 0.03))
        assembly.add(post, frame, place, (-lean, 0.0, 0.0), mirror=(True, False))
        upright = assembly.chance(0.4)
        count = int(assembly.random.integers(2, 5))
        for at in np.linspace(-0.6, 0.6, count) if upright else np.linspace(0.0, 0.45, count):
            if upright:
                slat = Box((0.035, 0.02, 0.48 * height), 0.01)
                offset = (float(at) * width, 0.0, 0.0)
            else:
                slat = Box((0.95 * width, 0.022, 0.3 * height / count), 0.015)
                offset = (0.0, np.sin(np.radians(lean)) * float(at) * height, float(at) * height)
            assembly.add(slat, stuff, np.add(place, offset), (-lean, 0.0, 0.0))
        if upright:
            rail = Box((0.98 * width, 0.03, 0.05), 0.02)
            top = (0.0, place[1] + 0.5 * height * np.sin(np.radians(lean)), height)
            assembly.add(rail, frame, top)
        return
    hoop = Torus(0.9 * width, 0.035, assembly.between(1.5, 1.9))
    assembly.add(hoop, frame, (0.0, depth - 0.05, 0.35 * height), (90.0 - lean, 0.0, 0.0))
    assembly.add(
        Box((0.06, 0.02, 0.6 * width), 0.01), stuff, (0.0, depth - 0.05, 0.5 * height), (-lean, 0.0, 0.0)
    )
