# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage on which objects are pictured: light, render settings, the object's triangles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np
from mathutils import Euler, Matrix
from mathutils.bvhtree import BVHTree

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IndexArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]


def empty_scene() -> Any:
    """Start from Blender's factory settings, without objects."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def add_light(scene: bpy.types.Scene) -> None:
    """Light a scene softly from everywhere, and a little more from three sides, so that form is shaded."""
    world: Any = bpy.data.worlds.new("Studio")
    if world.node_tree is None:  # Blender before 5.0
        world.use_nodes = True
    background = world.node_tree.nodes["Background"].inputs
    background["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    background["Strength"].default_value = 0.55
    scene.world = world
    for name, strength, angles in (
        ("Key", 1.0, (50.0, 0.0, 35.0)),
        ("Fill", 0.4, (65.0, 0.0, -110.0)),
        ("Below", 0.3, (150.0, 0.0, 170.0)),
    ):
        light: Any = bpy.data.lights.new(name, "SUN")
        light.energy = strength
        light.angle = math.radians(60.0)
        sun = bpy.data.objects.new(name, light)
        sun.rotation_euler = Euler([math.radians(angle) for angle in angles])
        scene.collection.objects.link(sun)


def use_cycles(scene: bpy.types.Scene, size: int, samples: int) -> None:
    """Render square pictures of ``size`` pixels with Cycles on the CPU."""
    render: Any = scene.render
    render.engine = "CYCLES"
    render.resolution_x = render.resolution_y = size
    render.resolution_percentage = 100
    cycles: Any = scene.cycles  # type: ignore[attr-defined]  # Cycles is itself an add-on
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    cycles.max_bounces = 6
    cycles.seed = 0


def add_camera(scene: bpy.types.Scene, name: str, pose: FloatArray, field_of_view: float) -> bpy.types.Object:
    """Add a camera at an OpenGL camera-to-world ``pose`` (4, 4), with its angle of view in radians."""
    data = bpy.data.cameras.new(name)
    data.angle = field_of_view
    data.clip_start = 0.01
    camera = bpy.data.objects.new(name, data)
    camera.matrix_world = Matrix(pose.tolist())
    scene.collection.objects.link(camera)
    return camera


def triangles_of(scene: bpy.types.Scene) -> tuple[FloatArray, IndexArray]:
    """All mesh triangles that would be rendered: vertices in world coordinates (V, 3) and indices (T, 3)."""
    vertices: list[FloatArray] = []
    triangles: list[IndexArray] = []
    first = 0
    layer: Any = scene.view_layers[0]
    instances: Any = layer.depsgraph.object_instances
    for instance in instances:
        if instance.object.type != "MESH" or instance.object.hide_render:
            continue
        mesh = instance.object.to_mesh()
        mesh.calc_loop_triangles()
        local = np.empty(3 * len(mesh.vertices), dtype=np.float32)
        mesh.vertices.foreach_get("co", local)
        index = np.empty(3 * len(mesh.loop_triangles), dtype=np.int32)
        mesh.loop_triangles.foreach_get("vertices", index)
        matrix = np.array(instance.matrix_world)
        vertices.append(local.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
        triangles.append(index.reshape(-1, 3).astype(np.int64) + first)
        first += len(vertices[-1])
        instance.object.to_mesh_clear()
    return np.concatenate(vertices), np.concatenate(triangles)


def has_triangles(scene: bpy.types.Scene) -> bool:
    """Tell whether there is a surface to render."""
    layer: Any = scene.view_layers[0]
    return any(
        instance.object.type == "MESH" and not instance.object.hide_render and instance.object.data.polygons
        for instance in layer.depsgraph.object_instances
    )


def normalise(scene: bpy.types.Scene, *, by_side: bool = False) -> tuple[FloatArray, float]:
    """Move and scale all objects so that their bounding box has its centre at the origin and diagonal 2.

    Where ``by_side`` is set, not its diagonal but its longest side becomes 2, and is what is returned.

    Returns
    -------
    centre : array (3,)
        Where the centre was.
    diagonal : float
        How long the diagonal was.
    """
    scene.view_layers[0].update()
    vertices, triangles = triangles_of(scene)
    used = vertices[np.unique(triangles)]
    centre = (used.min(axis=0) + used.max(axis=0)) / 2.0
    extent = np.ptp(used, axis=0)
    diagonal = float(extent.max() if by_side else np.linalg.norm(extent))
    change = Matrix.Scale(2.0 / diagonal, 4) @ Matrix.Translation((-centre).tolist())
    for item in scene.objects:
        if item.parent is None:
            item.matrix_world = change @ item.matrix_world
    scene.view_layers[0].update()
    return centre, diagonal


def ray_test(vertices: FloatArray, triangles: IndexArray) -> Callable[[FloatArray, FloatArray], BoolArray]:
    """Make a function that tells whether rays (origins (M, 3), directions (M, 3)) hit the triangles."""
    tree = BVHTree.FromPolygons(vertices.tolist(), triangles.tolist(), all_triangles=True)

    def blocked(origins: FloatArray, directions: FloatArray) -> BoolArray:
        cast = tree.ray_cast
        hits = (cast(o, d)[3] is not None for o, d in zip(origins.tolist(), directions.tolist(), strict=True))
        return np.fromiter(hits, dtype=bool, count=len(origins))

    return blocked
