# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of our own: a terrazzo cup on its saucer, a painted cube, and the bench's trials."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from .materials import TEAL, brushed_glaze, glossy_material, plain_material, terrazzo
from .meshes import add_mesh, lathe, rod, spline, torus, tube

if TYPE_CHECKING:
    from collections.abc import Callable

    import bpy

_CUP = [
    (0.000, 0.060), (0.240, 0.060), (0.275, 0.050), (0.300, 0.070), (0.315, 0.115), (0.390, 0.200),
    (0.470, 0.330), (0.515, 0.500), (0.535, 0.680), (0.555, 0.850), (0.545, 0.872), (0.525, 0.865),
    (0.497, 0.680), (0.475, 0.500), (0.430, 0.345), (0.340, 0.215), (0.200, 0.150), (0.000, 0.140),
]  # fmt: skip
_SAUCER = [
    (0.000, 0.000), (0.300, 0.000), (0.380, 0.012), (0.560, 0.055), (0.760, 0.125), (0.835, 0.165),
    (0.840, 0.185), (0.820, 0.190), (0.740, 0.160), (0.550, 0.093), (0.390, 0.058), (0.330, 0.045),
    (0.000, 0.045),
]  # fmt: skip
_VASE = [
    (0.00, 0.00), (0.26, 0.00), (0.30, 0.03), (0.40, 0.25), (0.47, 0.50), (0.43, 0.75), (0.27, 0.95),
    (0.19, 1.08), (0.21, 1.22), (0.28, 1.32), (0.27, 1.34), (0.24, 1.33), (0.17, 1.22), (0.15, 1.08),
    (0.23, 0.95), (0.38, 0.75), (0.42, 0.50), (0.35, 0.25), (0.24, 0.07), (0.00, 0.05),
]  # fmt: skip
_HANDLE = [
    (0.525, 0.735), (0.640, 0.790), (0.800, 0.750), (0.850, 0.600), (0.780, 0.430), (0.620, 0.310),
    (0.425, 0.300),
]  # fmt: skip


def add_cup(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Add a cup on a saucer, 1.7 units wide and 0.9 high, standing at the origin.

    The inside of the cup is the concavity, its handle a hole.
    """
    chips = terrazzo()
    return [
        add_mesh(scene, "Cup", *lathe(np.maximum(spline(_CUP, 4), 0.0), 96), chips),
        add_mesh(scene, "Handle", *tube(spline(_HANDLE, 8), 0.055, 0.04, 24), chips),
        add_mesh(scene, "Saucer", *lathe(np.maximum(spline(_SAUCER, 4), 0.0), 96), brushed_glaze()),
    ]


def add_painted_cube(scene: bpy.types.Scene, edge: float) -> bpy.types.Object:
    """Add a cube with the terrazzo's pattern; its centre is at the origin, its sides face the axes."""
    half = edge / 2.0
    corners = np.array([(x, y, z) for x in (-half, half) for y in (-half, half) for z in (-half, half)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return add_mesh(scene, "Cube", corners, faces, terrazzo(scale=4.0 / edge), smooth=False)


def add_bowl(scene: bpy.types.Scene) -> None:
    """Add a ball of radius 1 with a bowl of radius 0.7 cut into its top: no silhouette shows the bowl."""
    radius, height = 0.7, 0.8  # of the bowl's sphere and its centre
    cut = (1.0 + height**2 - radius**2) / (2.0 * height)  # where both spheres meet
    outer = np.linspace(np.pi, np.arccos(cut), 64)
    inner = np.linspace(np.arccos((cut - height) / radius), np.pi, 48)[1:]
    ball = np.stack([np.sin(outer), np.cos(outer)], axis=1)
    hollow = np.stack([radius * np.sin(inner), height + radius * np.cos(inner)], axis=1)
    profile = np.concatenate([ball, hollow])
    add_mesh(scene, "Bowl", *lathe(profile, 96), terrazzo(scale=5.0))


def add_rods(scene: bpy.types.Scene) -> None:
    """Add the edges of a cube of edge 1 as rods of radius 0.03, and its diagonals, of radius 0.02."""
    paint = terrazzo(scale=14.0)
    corners = [np.array([x, y, z], dtype=float) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    radius_of = {1: 0.03, 3: 0.02}  # by the number of coordinates that differ
    for start, end in combinations(corners, 2):
        radius = radius_of.get(int(np.abs(end - start).sum()))
        if radius:
            add_mesh(scene, "Rod", *rod(start, end, radius, 16), paint)


def add_vase(scene: bpy.types.Scene) -> None:
    """Add a hollow vase of one matt colour: nothing on it can be matched but its shading."""
    add_mesh(
        scene,
        "Vase",
        *lathe(np.maximum(spline(_VASE, 6), 0.0), 96),
        plain_material("Clay", (0.55, 0.33, 0.22, 1.0)),
    )


def add_glossy_ball(scene: bpy.types.Scene) -> None:
    """Add a glossy ball in a terrazzo ring, mirrored in it: what moves with the view is no texture."""
    profile = np.linspace(np.pi, 0.0, 64)
    ball = np.stack([np.sin(profile), np.cos(profile)], axis=1)
    add_mesh(scene, "Ball", *lathe(ball, 96), glossy_material("Lacquer", TEAL))
    stand, faces = torus(0.85, 0.22, 96, 32)
    add_mesh(scene, "Stand", stand - [0.0, 0.0, 0.95], faces, terrazzo(scale=6.0))


def add_rings(scene: bpy.types.Scene) -> None:
    """Add three rings, each through the next: holes, and parts that hide each other from every side."""
    vertices, faces = torus(0.5, 0.13, 96, 32)
    aside = np.array([0.62, 0.0, 0.0])
    upright = vertices[:, [0, 2, 1]] * [1.0, -1.0, 1.0]
    add_mesh(scene, "First ring", vertices - aside, faces, terrazzo())
    add_mesh(scene, "Second ring", upright, faces, brushed_glaze())
    add_mesh(scene, "Third ring", vertices + aside, faces, terrazzo(scale=12.0))


TRIALS: dict[str, Callable[[bpy.types.Scene], None]] = {
    "bowl": add_bowl,
    "rods": add_rods,
    "vase": add_vase,
    "glossy_ball": add_glossy_ball,
    "rings": add_rings,
}
"""The bench's own cases, by name: each is hard in its own way."""
