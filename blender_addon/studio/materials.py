# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials: plain, glossy, and two that hold something to match at every scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from .. import compat

if TYPE_CHECKING:
    from collections.abc import Sequence

Colour = tuple[float, float, float, float]

CREAM: Colour = (0.80, 0.71, 0.56, 1.0)
TEAL: Colour = (0.03, 0.27, 0.30, 1.0)
CORAL: Colour = (0.74, 0.16, 0.09, 1.0)
MUSTARD: Colour = (0.78, 0.42, 0.05, 1.0)
NAVY: Colour = (0.03, 0.05, 0.16, 1.0)


def plain_material(name: str, colour: Colour) -> bpy.types.Material:
    """Make a matt material of one colour (linear RGBA)."""
    material, _, base = _new_material(name, 0.9)
    base.default_value = colour
    return material


def glossy_material(name: str, colour: Colour) -> bpy.types.Material:
    """Make a lacquer of one colour (linear RGBA) that mirrors what is around it."""
    material, _, base = _new_material(name, 0.08)
    base.default_value = colour
    return material


def _new_material(name: str, roughness: float) -> tuple[bpy.types.Material, Any, Any]:
    """Make a material: it, its node tree and the base colour's socket."""
    material: Any = bpy.data.materials.new(name)
    compat.enable_nodes(material)
    surface = material.node_tree.nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = roughness
    return material, material.node_tree, surface.inputs["Base Color"]


def _node(tree: Any, kind: str, **inputs: object) -> Any:
    """Add a node; sockets among ``inputs`` are linked, values are set."""
    node = tree.nodes.new(kind)
    for name, value in inputs.items():
        socket = node.inputs[name.replace("_", " ")]
        if isinstance(value, bpy.types.NodeSocket):
            tree.links.new(value, socket)
        else:
            socket.default_value = value
    return node


def _ramp(tree: Any, factor: Any, stops: Sequence[tuple[float, Colour]], interpolation: str) -> Any:
    """Map a factor to colours: the socket of the colour."""
    node = _node(tree, "ShaderNodeValToRGB", Fac=factor)
    ramp = node.color_ramp
    ramp.interpolation = interpolation
    while len(ramp.elements) < len(stops):
        ramp.elements.new(1.0)
    for element, (position, colour) in zip(ramp.elements, stops, strict=True):
        element.position, element.color = position, colour
    return node.outputs["Color"]


def _mix(tree: Any, factor: Any, first: Any, second: Any) -> Any:
    """Mix two colours: the socket of the result."""
    node = tree.nodes.new("ShaderNodeMix")
    node.data_type = "RGBA"
    by_identifier = {socket.identifier: socket for socket in node.inputs}
    tree.links.new(factor, by_identifier["Factor_Float"])
    tree.links.new(first, by_identifier["A_Color"])
    tree.links.new(second, by_identifier["B_Color"])
    return next(socket for socket in node.outputs if socket.identifier == "Result_Color")


def terrazzo(scale: float = 8.0) -> bpy.types.Material:
    """Coloured chips in speckled cream."""
    material, tree, base = _new_material("Terrazzo", 0.45)
    place = tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
    cells = _node(tree, "ShaderNodeTexVoronoi", Vector=place, Scale=scale)
    edges = _node(tree, "ShaderNodeTexVoronoi", Vector=place, Scale=scale)
    edges.feature = "DISTANCE_TO_EDGE"
    speckle = _node(tree, "ShaderNodeTexNoise", Vector=place, Scale=9.0 * scale, Detail=3.0)
    ground = _ramp(
        tree,
        speckle.outputs[0],
        [(0.34, (0.50, 0.36, 0.22, 1.0)), (0.44, CREAM), (0.60, CREAM), (0.70, (0.93, 0.90, 0.83, 1.0))],
        "LINEAR",
    )
    random = _node(tree, "ShaderNodeSeparateColor", Color=cells.outputs["Color"]).outputs[0]
    paint = [(0.0, TEAL), (0.2, CORAL), (0.38, MUSTARD), (0.55, NAVY), (0.66, (0.30, 0.50, 0.42, 1.0))]
    chips = _ramp(tree, random, paint, "CONSTANT")
    shade = _node(tree, "ShaderNodeTexNoise", Vector=place, Scale=3.0 * scale, Detail=4.0)
    chips = _mix(tree, _ramp(tree, shade.outputs[0], _greys(0.45, 0.75, 0.35), "LINEAR"), chips, ground)
    inside = _ramp(tree, edges.outputs["Distance"], _greys(0.045, 0.055, 1.0), "LINEAR")
    chosen = _ramp(tree, random, [(0.0, _grey(1.0)), (0.8, _grey(0.0))], "CONSTANT")
    product = _node(tree, "ShaderNodeMath")
    product.operation = "MULTIPLY"
    tree.links.new(inside, product.inputs[0])
    tree.links.new(chosen, product.inputs[1])
    tree.links.new(_mix(tree, product.outputs[0], ground, chips), base)
    return material


def brushed_glaze() -> bpy.types.Material:
    """Teal glaze with the brush's rings and a few pale drops."""
    material, tree, base = _new_material("Brushed glaze", 0.35)
    place = tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
    rings = _node(tree, "ShaderNodeTexWave", Vector=place, Scale=3.2, Distortion=7.0, Detail=4.0)
    rings.wave_type = "RINGS"
    rings.rings_direction = "Z"
    glaze = _ramp(
        tree,
        rings.outputs["Color"],
        [(0.0, (0.010, 0.120, 0.150, 1.0)), (0.45, TEAL), (0.8, (0.08, 0.45, 0.43, 1.0)), (1.0, CREAM)],
        "LINEAR",
    )
    drops = _node(tree, "ShaderNodeTexVoronoi", Vector=place, Scale=11.0)
    inside = _ramp(tree, drops.outputs["Distance"], [(0.17, _grey(1.0)), (0.20, _grey(0.0))], "LINEAR")
    pale = _ramp(tree, drops.outputs["Color"], [(0.0, CREAM), (0.5, MUSTARD), (0.7, CREAM)], "CONSTANT")
    tree.links.new(_mix(tree, inside, glaze, pale), base)
    return material


def _grey(value: float) -> Colour:
    return (value, value, value, 1.0)


def _greys(low: float, high: float, most: float) -> list[tuple[float, Colour]]:
    """Rise from black at ``low`` to ``most`` at ``high``."""
    return [(low, _grey(0.0)), (high, _grey(most))]
