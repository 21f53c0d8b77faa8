# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from blender_addon.jobs import placing
from uner3d_core.point_cloud import PointCloud

CELLS = 6
PIXELS_PER_CELL = 10


@pytest.mark.parametrize("solid_colours", [False, True])
@pytest.mark.parametrize("shape", ["Points", "Spheres", "Cubes", "Discs"])
def test_a_rendered_cloud_has_the_colours_of_the_picture(
    tmp_path: Path, read_pixels: Any, shape: str, solid_colours: bool
) -> None:
    colours = np.random.default_rng(3).integers(0, 256, (CELLS, CELLS, 3), dtype=np.uint8)
    colours[0, :3] = [(0, 0, 0), (255, 255, 255), (1, 2, 3)]
    column, row = np.meshgrid(np.arange(CELLS) + 0.5, np.arange(CELLS) + 0.5)
    positions = np.stack([column, CELLS - row, np.zeros_like(row)], axis=2).reshape(-1, 3)
    count = len(positions)
    cloud = placing.add_to_scene(
        PointCloud(
            positions.astype(np.float32),
            colours.reshape(-1, 3),
            np.tile(np.float32([0, 0, 1]), (count, 1)),
            np.ones(count, np.float32),
        ),
        "cloud",
        bpy.context.scene,
    )
    cloud.uner3d.shape, cloud.uner3d.solid_colours, cloud.uner3d.radius = shape, solid_colours, 0.45
    scene = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", CELLS
    camera.location = (CELLS / 2, CELLS / 2, 5)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "Standard"
    scene.render.dither_intensity = 0
    scene.render.resolution_x = scene.render.resolution_y = CELLS * PIXELS_PER_CELL
    scene.render.filepath = str(tmp_path / "picture.png")
    bpy.ops.render.render(write_still=True)
    pixels = read_pixels(tmp_path / "picture.png")
    middle = PIXELS_PER_CELL // 2
    rendered = pixels[middle::PIXELS_PER_CELL, middle::PIXELS_PER_CELL, :3]
    assert abs(rendered - colours).max() <= 2
