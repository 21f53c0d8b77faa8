# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of our own: a terrazzo cup on its saucer, and a painted cube."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
import numpy as np

from .. import compat

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

Colour = tuple[float, float, float, float]

CREAM: Colour = (0.80, 0.71, 0.56, 1.0)
TEAL: Colour = (0.03, 0.27, 0.30, 1.0)
CORAL: Colour = (0.74, 0.16, 0.09, 1.0)
MUSTARD: Colour = (0.78, 0.42, 0.05, 1.0)
NAVY: Colour = (0.03, 0.05, 0.16, 1.0)

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
_HANDLE = [
    (0.525, 0.735), (0.640, 0.790), (0.800, 0.750), (0.850, 0.600), (0.780, 0.430), (0.620, 0.310),
    (0.425, 0.300),
]  # fmt: skip


def add_cup(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Add a cup on a saucer, 1.7 units wide and 0.9 high, standing at the origin.

    The inside of the cup is the concavity, its handle a hole.
    """
    terrazzo = _terrazzo()
    return [
        _add_mesh(scene, "Cup", *_lathe(_smooth(_CUP, 4), 96), terrazzo),
        _add_mesh(scene, "Handle", *_tube(_smooth(_HANDLE, 8), 0.055, 0.04, 24), terrazzo),
        _add_mesh(scene, "Saucer", *_lathe(_smooth(_SAUCER, 4), 96), _brushed_glaze()),
    ]


def add_painted_cube(scene: bpy.types.Scene, edge: float) -> bpy.types.Object:
    """Add a cube with the terrazzo's pattern; its centre is at the origin, its sides face the axes."""
    half = edge / 2.0
    corners = np.array([(x, y, z) for x in (-half, half) for y in (-half, half) for z in (-half, half)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return _add_mesh(scene, "Cube", corners, faces, _terrazzo(scale=4.0 / edge), smooth=False)


def plain_material(name: str, colour: Colour) -> bpy.types.Material:
    """Make a matt material of one colour (linear RGBA)."""
    material, _, base = _new_material(name, 0.9)
    base.default_value = colour
    return material


def _smooth(points: Sequence[tuple[float, float]], steps: int) -> FloatArray:
    """Put a Catmull-Rom spline through points: ``steps`` points for each span, and the last point."""
    path = np.array([points[0], *points, points[-1]])
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    spans = []
    for a, b, c, d in zip(path[:-3], path[1:-2], path[2:-1], path[3:], strict=True):
        spans.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.concatenate([*spans, path[-1:]])


def _grid_faces(rows: int, columns: int) -> list[tuple[int, ...]]:
    """List the quads of a grid of vertices that is closed along its columns."""
    return [
        (
            row * columns + column,
            row * columns + (column + 1) % columns,
            (row + 1) * columns + (column + 1) % columns,
            (row + 1) * columns + column,
        )
        for row in range(rows - 1)
        for column in range(columns)
    ]


def _lathe(profile: FloatArray, segments: int) -> tuple[FloatArray, list[tuple[int, ...]]]:
    """Turn a profile of radius and height around z; its ends are on the axis."""
    angle = np.linspace(0.0, 2.0 * np.pi, segments, endpoint=False)
    profile = np.maximum(profile, [1e-4, 0.0])
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rings = profile[:, None, :1] * circle
    heights = np.broadcast_to(profile[:, None, 1:], (len(profile), segments, 1))
    vertices = np.concatenate([rings, heights], axis=2).reshape(-1, 3)
    return vertices, _grid_faces(len(profile), segments)


def _tube(
    path: FloatArray, width: float, thickness: float, segments: int
) -> tuple[FloatArray, list[tuple[int, ...]]]:
    """Sweep an ellipse along a path of x and z; its ends stay open, hidden in what they are joined to."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    angle = np.linspace(0.0, 2.0 * np.pi, segments, endpoint=False)
    across = np.stack([-tangent[:, 1], np.zeros(len(path)), tangent[:, 0]], axis=1)[:, None]
    centre = np.stack([path[:, 0], np.zeros(len(path)), path[:, 1]], axis=1)[:, None]
    sideways = np.array([0.0, 1.0, 0.0])
    around = thickness * np.cos(angle)[:, None] * across + width * np.sin(angle)[:, None] * sideways
    return (centre + around).reshape(-1, 3), _grid_faces(len(path), segments)


def _add_mesh(
    scene: bpy.types.Scene,
    name: str,
    vertices: FloatArray,
    faces: Sequence[tuple[int, ...]],
    material: bpy.types.Material,
    *,
    smooth: bool = True,
) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices.tolist(), [], faces)
    mesh.polygons.foreach_set("use_smooth", [smooth] * len(faces))
    mesh.materials.append(material)
    mesh.update()
    made = bpy.data.objects.new(name, mesh)
    scene.collection.objects.link(made)
    return made


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


def _terrazzo(scale: float = 8.0) -> bpy.types.Material:
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


def _brushed_glaze() -> bpy.types.Material:
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
