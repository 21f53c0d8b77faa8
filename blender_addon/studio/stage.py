# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage on which objects are pictured: light, render settings, the object's triangles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector
from mathutils.bvhtree import BVHTree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

    from uner3d_core.camera import Camera

    FloatArray = npt.NDArray[np.float64]
    IndexArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]


def empty_scene() -> bpy.types.Scene:
    """Start from Blender's factory settings, without objects."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def add_light(scene: bpy.types.Scene) -> None:
    """Light a scene softly from everywhere, and a little more from three sides, so that form is shaded."""
    world = bpy.data.worlds.new("Studio")
    if world.node_tree is None:
        world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    background.inputs["Strength"].default_value = 0.55
    scene.world = world
    for name, strength, angles in (
        ("Key", 1.0, (50.0, 0.0, 35.0)),
        ("Fill", 0.4, (65.0, 0.0, -110.0)),
        ("Below", 0.3, (150.0, 0.0, 170.0)),
    ):
        light = bpy.data.lights.new(name, "SUN")
        light.energy = strength
        light.angle = math.radians(60.0)
        sun = bpy.data.objects.new(name, light)
        sun.rotation_euler = Euler([math.radians(angle) for angle in angles])
        scene.collection.objects.link(sun)


def use_cycles(scene: bpy.types.Scene, size: int, samples: int) -> None:
    """Render square pictures of ``size`` pixels with Cycles on the CPU: sRGB, transparent background."""
    render = scene.render
    render.engine = "CYCLES"
    render.resolution_x = render.resolution_y = size
    render.resolution_percentage = 100
    render.film_transparent = True
    render.use_persistent_data = True
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 6
    scene.cycles.seed = 0
    scene.view_settings.view_transform = "Standard"
    scene.view_settings.look = "None"
    output = render.image_settings
    if hasattr(output, "media_type"):  # Blender 5.0 and later hide still formats behind it.
        output.media_type = "IMAGE"
    output.file_format = "PNG"
    output.color_mode = "RGBA"
    output.color_depth = "8"


def render_picture(scene: bpy.types.Scene, camera: Camera, path: Path) -> None:
    """Render what a square, centred ``camera`` sees to the PNG file ``path``."""
    data = bpy.data.cameras.new("Bench")
    data.angle = 2.0 * math.atan(camera.width / 2.0 / camera.fx)
    data.clip_start, data.clip_end = 0.01, 1000.0
    viewer = bpy.data.objects.new("Bench", data)
    viewer.matrix_world = Matrix(camera.opengl_camera_to_world.tolist())
    scene.collection.objects.link(viewer)
    scene.camera = viewer
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True, scene=scene.name)
    bpy.data.objects.remove(viewer)
    bpy.data.cameras.remove(data)


def triangles_of(scene: bpy.types.Scene) -> tuple[FloatArray, IndexArray]:
    """All mesh triangles that would be rendered: vertices in world coordinates (V, 3) and indices (T, 3)."""
    vertices: list[FloatArray] = []
    triangles: list[IndexArray] = []
    first = 0
    for instance in scene.view_layers[0].depsgraph.object_instances:
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


def normalise(scene: bpy.types.Scene) -> tuple[FloatArray, float]:
    """Move and scale all objects so that their bounding box has its centre at the origin and diagonal 2.

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
    diagonal = float(np.linalg.norm(np.ptp(used, axis=0)))
    change = Matrix.Scale(2.0 / diagonal, 4) @ Matrix.Translation(-Vector(centre))
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
