# SPDX-License-Identifier: Apache-2.0
"""Natural things: fruit, stones, plants, and animals and dolls of soft parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.shapes.deformations import Bent, Bumpy
from uner3d_core.shapes.forms import Box, Cone, Cylinder, Ellipsoid, Lathe, Torus, Tube
from uner3d_core.shapes.noise import ValueNoise
from uner3d_core.shapes.outlines import turned_solid

if TYPE_CHECKING:
    from uner3d_core.shapes.assembly import Assembly

_SKINS = ("plain", "clouds", "gradient", "speckles", "spots", "stripes", "marble")


def build_fruit(assembly: Assembly) -> None:
    """Grow a fruit or a stone: round, bumpy or bent, with a stalk or a leaf, sometimes cut open."""
    skin = assembly.material(_SKINS)
    width, height = assembly.between(0.35, 0.6), assembly.between(0.35, 0.9)
    levels = np.sin(np.linspace(-0.5, 0.5, 11) * np.pi)
    lean, dent = assembly.between(-0.5, 0.35), assembly.between(0.0, 0.25)
    girth = 1.0 + lean * levels - dent * np.exp(-((levels - assembly.between(-0.2, 0.6)) ** 2) / 0.08)
    radii = np.maximum(width * np.sqrt(1.0 - levels**2) * girth, 0.01)
    form = Lathe(turned_solid(height * levels, radii))
    mood = assembly.random.random()
    if mood < 0.45:
        noise = ValueNoise(assembly.random)
        frequency = assembly.between(1.5, 6.0)
        assembly.add(Bumpy(form, noise, assembly.between(0.05, 0.2) / frequency, frequency), skin)
    elif mood < 0.65:
        assembly.add(Bent(form, assembly.between(-0.5, 0.5), height), skin)
    else:
        assembly.add(form, skin)
    cut = assembly.chance(0.35)
    if not cut and assembly.chance(0.7):
        stalk = assembly.material(("plain", "wood"))
        tip = (
            assembly.between(-0.12, 0.12),
            assembly.between(-0.12, 0.12),
            height + assembly.between(0.1, 0.3),
        )
        assembly.add(Tube(((0.0, 0.0, 0.9 * height), tip), (0.035, 0.025)), stalk)
        if assembly.chance(0.5):
            leaf = Ellipsoid((0.22, 0.1, 0.025))
            angles = (
                assembly.between(-30.0, 30.0),
                assembly.between(-40.0, 10.0),
                assembly.between(0.0, 360.0),
            )
            assembly.add(leaf, assembly.material(("plain", "gradient", "stripes")), tip, angles)
    if cut:
        flesh = assembly.material(("plain", "gradient", "clouds", "speckles"))
        side = assembly.between(-0.1, 0.3) * width
        assembly.cut(Box((2.0, 1.0, 2.0)), (0.0, side - 1.0, 0.0), material=flesh)
        if assembly.chance(0.6):
            stone = assembly.between(0.25, 0.5) * width
            place = (0.0, side, assembly.between(-0.3, 0.0) * height)
            assembly.add(Ellipsoid((stone, stone, 1.2 * stone)), assembly.material(("plain", "wood")), place)


def build_animal(assembly: Assembly) -> None:
    """Put a body, a neck and a head on four legs, two or none; ears, a snout, eyes and a tail."""
    coat = assembly.material(_SKINS)
    second = assembly.material(("plain", "clouds")) if assembly.chance(0.5) else coat
    blend = assembly.between(0.05, 0.15)
    length, girth = assembly.between(0.35, 0.7), assembly.between(0.2, 0.38)
    assembly.add(Ellipsoid((length, girth, girth * assembly.between(0.8, 1.2))), coat)
    head = assembly.between(0.15, 0.3)
    rise, reach = assembly.between(0.0, 0.6), length * assembly.between(0.8, 1.1)
    place = np.array([reach + 0.3 * head, 0.0, 0.6 * girth + rise])
    neck = Tube(((0.6 * length, 0.0, 0.3 * girth), tuple(place)), (0.6 * girth, 0.6 * head))
    assembly.add(neck, coat, blend=blend)
    assembly.add(Ellipsoid((1.1 * head, head, head)), coat, place, blend=0.5 * blend)
    if assembly.chance(0.75):
        snout = Ellipsoid((0.7 * head, 0.45 * head, 0.4 * head))
        assembly.add(snout, second, np.add(place, (0.9 * head, 0.0, -0.2 * head)), blend=0.05)
    eye = Ellipsoid((0.13 * head,) * 3)
    assembly.add(
        eye,
        assembly.material(("plain",)),
        np.add(place, (0.75 * head, 0.62 * head, 0.35 * head)),
        mirror=(False, True),
    )
    if assembly.chance(0.8):
        ear = Cone(0.35 * head, 0.05 * head, assembly.between(0.3, 0.7) * head)
        if assembly.chance(0.5):
            flap = Ellipsoid((0.15 * head, 0.3 * head, assembly.between(0.4, 1.0) * head))
            assembly.add(
                flap, second, np.add(place, (-0.2 * head, 0.6 * head, 0.9 * head)), mirror=(False, True)
            )
        else:
            assembly.add(
                ear, second, np.add(place, (-0.2 * head, 0.55 * head, 1.1 * head)), mirror=(False, True)
            )
    if assembly.chance(0.75):
        leg = assembly.between(0.25, 0.6)
        thick = assembly.between(0.05, 0.12)
        foot = (0.7 * length, 0.6 * girth, -girth - leg)
        limb = Tube(((0.65 * length, 0.5 * girth, -0.4 * girth), foot), (1.3 * thick, thick))
        assembly.add(limb, coat, mirror=(True, True), blend=0.6 * blend)
        if assembly.chance(0.6):
            paw = Ellipsoid((1.6 * thick, 1.2 * thick, 0.8 * thick))
            assembly.add(paw, second, np.add(foot, (0.5 * thick, 0.0, 0.0)), mirror=(True, True))
    if assembly.chance(0.75):
        end = (
            -length - assembly.between(0.15, 0.5),
            assembly.between(-0.1, 0.1),
            assembly.between(-0.2, 0.6),
        )
        tail = Tube(((-0.9 * length, 0.0, 0.2 * girth), end), (assembly.between(0.05, 0.12), 0.035))
        assembly.add(tail, second, blend=0.05)
    if assembly.chance(0.25):
        ring = Torus(assembly.between(0.8, 1.0) * length, assembly.between(0.15, 0.25))
        assembly.add(ring, assembly.material(), (0.0, 0.0, -0.5 * girth), blend=0.04)


def build_figure(assembly: Assembly) -> None:
    """Stand a doll or a robot on two legs: trunk, head, arms, hat."""
    clothes, skin = assembly.material(), assembly.material(("plain", "clouds"))
    legs = assembly.material(("plain", "stripes", "checks")) if assembly.chance(0.6) else clothes
    square, blend = assembly.chance(0.4), assembly.between(0.02, 0.08)
    width, height = assembly.between(0.16, 0.32), assembly.between(0.25, 0.4)
    trunk = (
        Box((width, 0.7 * width, height), 0.05) if square else Ellipsoid((width, 0.75 * width, 1.1 * height))
    )
    assembly.add(trunk, clothes)
    head = assembly.between(0.14, 0.26)
    top = height + 0.9 * head
    assembly.add(
        Box((head, head, head), 0.04) if square else Ellipsoid((head, head, 1.1 * head)),
        skin,
        (0.0, 0.0, top),
        blend=blend,
    )
    eye = Ellipsoid((0.15 * head,) * 3)
    assembly.add(
        eye, assembly.material(("plain",)), (0.4 * head, -0.95 * head, top + 0.2 * head), mirror=(True, False)
    )
    hand = (width + assembly.between(0.1, 0.45), assembly.between(-0.3, 0.1), assembly.between(-0.3, 0.6))
    thick = assembly.between(0.045, 0.09)
    assembly.add(
        Tube(((0.9 * width, 0.0, 0.75 * height), hand), (thick, thick)),
        clothes,
        mirror=(True, False),
        blend=blend,
    )
    assembly.add(Ellipsoid((1.2 * thick,) * 3), skin, hand, mirror=(True, False))
    length = assembly.between(0.25, 0.55)
    limb = Tube(
        ((0.5 * width, 0.0, -0.8 * height), (0.6 * width, 0.0, -height - length)), (1.4 * thick, 1.1 * thick)
    )
    assembly.add(limb, legs, mirror=(True, False), blend=blend)
    shoe = Box((1.3 * thick, 2.0 * thick, 0.8 * thick), 0.6 * thick)
    assembly.add(
        shoe,
        assembly.material(("plain",)),
        (0.6 * width, -0.8 * thick, -height - length),
        mirror=(True, False),
    )
    if assembly.chance(0.5):
        hat = assembly.material()
        assembly.add(Cylinder(1.5 * head, 0.025), hat, (0.0, 0.0, top + 0.8 * head))
        assembly.add(
            Cone(0.9 * head, assembly.between(0.1, 0.9) * head, 0.5 * head), hat, (0.0, 0.0, top + 1.2 * head)
        )


def build_plant(assembly: Assembly) -> None:
    """Let leaves or a crown grow from a pot or a trunk."""
    green = assembly.material(("plain", "gradient", "clouds", "stripes", "speckles"))
    stem = assembly.material(("wood", "plain"))
    height = assembly.between(0.3, 0.7)
    assembly.add(Tube(((0.0, 0.0, -height), (assembly.between(-0.1, 0.1), 0.0, height)), (0.08, 0.045)), stem)
    if assembly.chance(0.6):
        pot = Cone(assembly.between(0.2, 0.3), assembly.between(0.3, 0.4), 0.25)
        assembly.add(pot, assembly.material(), (0.0, 0.0, -height))
    mood = assembly.random.random()
    if mood < 0.4:
        noise = ValueNoise(assembly.random)
        for _ in range(assembly.random.integers(1, 5)):
            size = assembly.between(0.25, 0.5)
            place = (*assembly.random.uniform(-0.25, 0.25, 2), height + assembly.between(-0.1, 0.4))
            assembly.add(Bumpy(Ellipsoid((size, size, 0.85 * size)), noise, 0.05, 4.0), green, place)
    elif mood < 0.7:
        for level in range(assembly.random.integers(2, 5)):
            cone = Cone(0.5 - 0.09 * level, 0.04, 0.24)
            assembly.add(cone, green, (0.0, 0.0, -0.1 + 0.3 * level))
    else:
        for ring in range(assembly.random.integers(1, 4)):
            leaf = Ellipsoid((assembly.between(0.25, 0.45), assembly.between(0.07, 0.15), 0.022))
            place = (0.3, 0.0, height - 0.25 * ring)
            assembly.add(
                leaf,
                green,
                place,
                (0.0, assembly.between(-60.0, 10.0), 0.0),
                repeat=int(assembly.random.integers(3, 8)),
            )
