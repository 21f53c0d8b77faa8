# SPDX-License-Identifier: Apache-2.0
"""Made things: tools, devices, houses, vehicles, and food in layers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.shapes.deformations import Bumpy, Shell
from uner3d_core.shapes.forms import Box, Cone, Cylinder, Ellipsoid, Extrusion, Torus, Tube
from uner3d_core.shapes.noise import ValueNoise
from uner3d_core.shapes.outlines import Outline, blob, regular

if TYPE_CHECKING:
    from uner3d_core.shapes.assembly import Assembly
    from uner3d_core.shapes.forms import Form

_HULLS = ("plain", "plain", "lines", "gradient", "speckles", "stripes", "checks")


def build_power_tool(assembly: Assembly) -> None:
    """Set a barrel on a grip: a drill, a dryer, a torch; with a nose, a base and a trigger."""
    hull, dark = assembly.material(_HULLS), assembly.material(("plain", "speckles"))
    radius, length = assembly.between(0.13, 0.24), assembly.between(0.35, 0.6)
    blend = assembly.between(0.0, 0.08)
    barrel: Form = Cylinder(radius, length, 0.5 * radius)
    if assembly.chance(0.3):
        barrel = Box((radius, 0.8 * radius, length), 0.4 * radius)
    assembly.add(barrel, hull, angles=(0.0, 90.0, 0.0))
    steps = [
        length,
        *(length + np.cumsum(assembly.random.uniform(0.08, 0.2, assembly.random.integers(1, 4)))),
    ]
    size = radius
    for start, end in pairwise(steps):
        size *= assembly.between(0.55, 0.95)
        nose = Cone(size, size * assembly.between(0.7, 1.0), 0.5 * float(end - start) + 0.02)
        assembly.add(nose, dark, (0.5 * float(start + end), 0.0, 0.0), (0.0, 90.0, 0.0))
    if assembly.chance(0.4):
        bit = Tube(
            ((0.0, 0.0, 0.0), (float(steps[-1]) + assembly.between(0.1, 0.35), 0.0, 0.0)), (0.025, 0.025)
        )
        assembly.add(bit, assembly.material(("plain",)))
    drop, lean = assembly.between(0.45, 0.75), assembly.between(-0.1, 0.25)
    place = -assembly.between(0.0, 0.7) * length
    grip = Tube(((place, 0.0, 0.0), (place - lean, 0.0, -drop)), (0.75 * radius, 0.6 * radius))
    assembly.add(grip, dark if assembly.chance(0.5) else hull, blend=blend)
    if assembly.chance(0.65):
        base = Box(
            (assembly.between(0.2, 0.32), assembly.between(0.12, 0.2), assembly.between(0.06, 0.13)), 0.03
        )
        assembly.add(base, hull, (place - lean + 0.05, 0.0, -drop))
    if assembly.chance(0.6):
        trigger = Box((0.06, 0.04, 0.07), 0.02)
        assembly.add(trigger, dark, (place + 0.7 * radius, 0.0, -radius - 0.08))


def build_hand_tool(assembly: Assembly) -> None:
    """Put a head on a handle: a hammer, a brush, a spoon, a key, a spanner."""
    handle, head = (
        assembly.material(("plain", "wood", "stripes")),
        assembly.material(("plain", "gradient", "speckles")),
    )
    length, thickness = assembly.between(0.5, 0.9), assembly.between(0.04, 0.09)
    assembly.add(
        Tube(((-length, 0.0, 0.0), (length, 0.0, 0.0)), (thickness * assembly.between(0.8, 1.4), thickness)),
        handle,
    )
    place = (length, 0.0, 0.0)
    size = assembly.between(0.14, 0.3)
    heads = (
        lambda: Box((0.5 * size, 0.45 * size, 1.3 * size), 0.03),
        lambda: Cylinder(0.5 * size, 1.2 * size, 0.03),
        lambda: Ellipsoid((1.3 * size, 0.9 * size, 0.3 * size)),
        lambda: Torus(size, 0.3 * size, assembly.between(2.0, 3.14)),
        lambda: Extrusion(blob(assembly.random, size, 0.4), 0.06, 0.02),
        lambda: Extrusion(regular(6, size, assembly.between(0.5, 0.9) * size), 0.05, 0.01),
    )
    assembly.add(
        heads[int(assembly.random.integers(len(heads)))](), head, place, (0.0, 0.0, 90.0), blend=0.02
    )
    if assembly.chance(0.25):
        assembly.cut(Ellipsoid((size, 0.7 * size, 0.25 * size)), (length, 0.0, 0.2 * size))
    for _ in range(assembly.random.integers(0, 3)):
        ring = Cylinder(1.6 * thickness, 0.04, 0.01)
        assembly.add(
            ring,
            assembly.material(("plain",)),
            (assembly.between(-0.9, 0.6) * length, 0.0, 0.0),
            (0.0, 90.0, 0.0),
        )


def build_device(assembly: Assembly) -> None:
    """Build a radio, a camera, a toaster: a rounded body with knobs, a window, slots, a bail, an aerial."""
    hull = assembly.material(_HULLS)
    half = (assembly.between(0.35, 0.7), assembly.between(0.15, 0.4), assembly.between(0.25, 0.5))
    if assembly.chance(0.25):
        assembly.add(Ellipsoid((half[0], half[1] + 0.1, half[2])), hull)
    else:
        assembly.add(Box(half, assembly.between(0.02, 0.9) * min(half)), hull)
    front = -half[1]
    if assembly.chance(0.6):
        screen = Box(
            (assembly.between(0.3, 0.6) * half[0], 0.04, assembly.between(0.25, 0.5) * half[2]), 0.02
        )
        place = (assembly.between(-0.3, 0.3) * half[0], front, assembly.between(0.0, 0.3) * half[2])
        assembly.add(screen, assembly.material(("lines", "plain", "gradient", "checks")), place)
    knobs = assembly.material(("plain", "checks", "stripes"))
    for _ in range(assembly.random.integers(0, 4)):
        knob = Cylinder(assembly.between(0.05, 0.16), assembly.between(0.03, 0.12), 0.015)
        place = (assembly.between(-0.75, 0.75) * half[0], front, assembly.between(-0.7, 0.7) * half[2])
        assembly.add(knob, knobs, place, (90.0, 0.0, 0.0))
    if assembly.chance(0.3):
        lens = Shell(Cylinder(0.5 * half[2], 0.18), 0.05)
        assembly.add(lens, assembly.material(("plain",)), (0.0, front - 0.1, 0.0), (90.0, 0.0, 0.0))
        assembly.cut(
            Cylinder(0.38 * half[2], 0.2), (0.0, front - 0.25, 0.0), (90.0, 0.0, 0.0), material=knobs
        )
    if assembly.chance(0.3):
        slot = Box((0.7 * half[0], 0.18 * half[1], 0.5 * half[2]))
        assembly.cut(slot, (0.0, 0.45 * half[1], half[2]), mirror=(False, True), material=knobs)
    if assembly.chance(0.45):
        bail = Torus(assembly.between(0.6, 0.9) * half[0], assembly.between(0.03, 0.06), 1.6)
        assembly.add(bail, knobs, (0.0, 0.0, 0.7 * half[2]), (90.0, 0.0, 0.0))
    if assembly.chance(0.3):
        tip = (half[0] + assembly.between(-0.1, 0.4), 0.0, half[2] + assembly.between(0.3, 0.7))
        assembly.add(
            Tube(((0.7 * half[0], 0.0, 0.8 * half[2]), tip), (0.025, 0.02)), assembly.material(("plain",))
        )
    if assembly.chance(0.4):
        foot = Cylinder(0.06, 0.05, 0.01)
        assembly.add(foot, knobs, (0.75 * half[0], 0.6 * half[1], -half[2] - 0.03), mirror=(True, True))


def build_house(assembly: Assembly) -> None:
    """Build walls with windows and a door under a roof, a chimney, a tower, a lawn."""
    walls, roof = assembly.material(), assembly.material(("stripes", "plain", "checks", "lines", "clouds"))
    width, depth, height = (
        assembly.between(0.35, 0.7),
        assembly.between(0.3, 0.5),
        assembly.between(0.25, 0.5),
    )
    assembly.add(Box((width, depth, height)), walls)
    glass = assembly.material(("plain",))
    window = Box((assembly.between(0.07, 0.13), 0.05, assembly.between(0.08, 0.14)))
    across = assembly.between(0.45, 0.65) * width
    assembly.cut(window, (across, -depth, 0.2 * height), mirror=(True, True), material=glass)
    if assembly.chance(0.6):
        assembly.cut(
            window, (width, 0.4 * depth, 0.2 * height), (0.0, 0.0, 90.0), mirror=(True, True), material=glass
        )
    door = Box((0.1, 0.02, 0.6 * height))
    assembly.add(door, assembly.material(("plain", "wood")), (0.0, -depth, -0.4 * height))
    rise, over = assembly.between(0.2, 0.6), assembly.between(1.05, 1.25)
    mood = assembly.random.random()
    if mood < 0.65:
        gable = Extrusion(
            Outline([(-over * depth, 0.0), (over * depth, 0.0), (0.0, rise)]), over * width, 0.0
        )
        assembly.add(gable, roof, (0.0, 0.0, height - 0.02), (90.0, 0.0, 90.0))
    elif mood < 0.85:
        assembly.add(Cone(1.2 * max(width, depth), 0.03, 0.5 * rise), roof, (0.0, 0.0, height + 0.5 * rise))
    else:
        assembly.add(Box((over * width, over * depth, 0.05)), roof, (0.0, 0.0, height))
    if assembly.chance(0.5):
        chimney = Box((0.07, 0.07, 0.2))
        assembly.add(chimney, assembly.material(), (0.5 * width, 0.3 * depth, height + 0.7 * rise))
    if assembly.chance(0.3):
        tower = assembly.between(0.15, 0.25)
        assembly.add(Cylinder(tower, 1.5 * height), walls, (width, -depth, 0.5 * height))
        assembly.add(Cone(1.25 * tower, 0.02, 0.2), roof, (width, -depth, 2.0 * height + 0.2))
    if assembly.chance(0.4):
        lawn = Extrusion(blob(assembly.random, 1.6 * max(width, depth), 0.2), 0.04, 0.02)
        assembly.add(lawn, assembly.material(("clouds", "plain", "speckles")), (0.0, 0.0, -height))


def build_vehicle(assembly: Assembly) -> None:
    """Put a body and a cabin on wheels, or wings and a tail to a hull."""
    paint, dark = assembly.material(), assembly.material(("plain",))
    length, width, height = (
        assembly.between(0.5, 0.85),
        assembly.between(0.22, 0.35),
        assembly.between(0.12, 0.25),
    )
    if assembly.chance(0.3):
        assembly.add(Ellipsoid((length, width * 0.7, width * 0.7)), paint)
        wing = Box((assembly.between(0.1, 0.22), assembly.between(0.6, 0.95), 0.03), 0.02)
        assembly.add(
            wing, assembly.material(), (assembly.between(-0.1, 0.2), 0.0, assembly.between(-0.1, 0.15))
        )
        fin = Box((0.12, 0.025, 0.2), 0.02)
        assembly.add(fin, paint, (-0.85 * length, 0.0, 0.25))
        assembly.add(Box((0.1, 0.3, 0.025), 0.02), paint, (-0.85 * length, 0.0, 0.08))
        assembly.add(Ellipsoid((0.2, 0.12, 0.12)), dark, (0.4 * length, 0.0, 0.5 * width))
        return
    assembly.add(Box((length, width, height), assembly.between(0.02, 0.9) * height), paint)
    cabin = (assembly.between(0.25, 0.6) * length, 0.88 * width, assembly.between(0.12, 0.25))
    place = (assembly.between(-0.3, 0.3) * length, 0.0, height + 0.6 * cabin[2])
    assembly.add(
        Box(cabin, assembly.between(0.2, 0.9) * cabin[2]),
        paint if assembly.chance(0.5) else assembly.material(),
        place,
        blend=0.03,
    )
    pane = Box((0.8 * cabin[0], cabin[1] + 0.012, 0.45 * cabin[2]), 0.02)
    assembly.add(pane, dark, np.add(place, (0.0, 0.0, 0.15 * cabin[2])))
    wheel = assembly.between(0.13, 0.24)
    assembly.add(
        Cylinder(wheel, 0.07, 0.03),
        dark,
        (0.62 * length, width, -height),
        (90.0, 0.0, 0.0),
        mirror=(True, True),
    )
    hub = Cylinder(0.5 * wheel, 0.08, 0.01)
    assembly.add(
        hub,
        assembly.material(("plain",)),
        (0.62 * length, width, -height),
        (90.0, 0.0, 0.0),
        mirror=(True, True),
    )
    if assembly.chance(0.3):
        load = Box((0.3 * length, 0.7 * width, 0.15), 0.02)
        assembly.add(load, assembly.material(), (-0.55 * length, 0.0, height + 0.12))


def build_layers(assembly: Assembly) -> None:
    """Lay slices of different stuff on each other: a burger, a cake, a stack; on a plate or none."""
    level, width = 0.0, assembly.between(0.4, 0.65)
    square = assembly.chance(0.25)
    for _ in range(assembly.random.integers(2, 6)):
        half, size = assembly.between(0.035, 0.16), width * assembly.between(0.8, 1.1)
        form: Form = Cylinder(size, half, 0.6 * half)
        if square:
            form = Box((size, 0.8 * size, half), 0.4 * half)
        if assembly.chance(0.4):
            frequency = assembly.between(3.0, 6.0)
            form = Bumpy(form, ValueNoise(assembly.random), 0.12 / frequency, frequency)
        offset = assembly.random.normal(size=2) * 0.03
        turn = (0.0, 0.0, assembly.between(0.0, 20.0))
        assembly.add(form, assembly.material(), (*offset, level + half), turn)
        level += 1.8 * half
    if assembly.chance(0.5):
        crown = Ellipsoid((0.95 * width, 0.95 * width, assembly.between(0.15, 0.35)))
        assembly.add(crown, assembly.material(("plain", "speckles", "spots", "clouds")), (0.0, 0.0, level))
    if assembly.chance(0.4):
        plate = Cylinder(width * assembly.between(1.2, 1.6), 0.03, 0.02)
        assembly.add(plate, assembly.material(("plain",)), (0.0, 0.0, -0.02))
    if assembly.chance(0.25):
        slice_angle = assembly.between(20.0, 90.0)
        assembly.cut(Box((1.0, 1.0, 2.0)), (1.0, 1.0, 0.0), (0.0, 0.0, slice_angle))
