# SPDX-License-Identifier: GPL-3.0-or-later
"""A saved file shows its clouds and meshes in a Blender that has no add-on, where no field lies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from blender_addon import mesh_object, nodes
from blender_addon.jobs import placing
from uner3d_core.coloured_mesh import ColouredMesh

ELSEWHERE = """
import json, os, sys
import bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
shown = [0, 0]
for instance in bpy.context.evaluated_depsgraph_get().object_instances:
    if instance.object.type == "POINTCLOUD":
        shown[0] += len(instance.object.data.points)
    shown[1] += instance.is_instance and instance.object.type == "MESH"
mesh = bpy.data.objects["Chair Mesh"].data
colours, material = mesh.color_attributes.active_color, mesh.materials[0]
print(json.dumps([*shown, len(mesh.polygons), colours.name, material.name]))
sys.stdout.flush()
os._exit(0)  # bpy may hang when Python ends
"""


def test_it_shows_what_it_showed(sphere_cloud: Any, tmp_path: Path) -> None:
    clouds: list[Any] = [
        placing.add_to_scene(sphere_cloud(100), name, bpy.context.scene) for name in ("Chair", "Table")
    ]
    clouds[0].uner3d.density, clouds[0].uner3d.field = 0.5, str(tmp_path / "nowhere.safetensors")
    clouds[1].uner3d.shape, clouds[1].uner3d.minimum_confidence = "Discs", 0.8
    corners = np.eye(3, dtype=np.float32)
    triangle = ColouredMesh(corners, np.array([[0, 1, 2]], np.int32), corners.astype("u1"), corners)
    bpy.context.scene.collection.objects.link(mesh_object.make_mesh_object(triangle, clouds[0]))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    finished = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path / "a.blend")],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=tmp_path,
    )
    told = json.loads(finished.stdout.splitlines()[-1])
    assert told == [50, 20, 1, nodes.COLOUR, nodes.MATERIAL_NAME]
