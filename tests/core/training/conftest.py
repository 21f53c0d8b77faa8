# SPDX-License-Identifier: Apache-2.0
"""Tiny sets of posed pictures and a config that trains a tiny network on them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from uner3d_core.camera import Camera
from uner3d_core.views import View

SIZE = 24


def ball_views(radius: float, count: int = 6, size: int = SIZE) -> list[View]:
    """Pictures of a ball at the origin, red above and blue below, on grey, from cameras around it."""
    views = []
    for index in range(count):
        angle, height = 2.4 * index, 0.9 * ((index * 0.37) % 1.0)
        level = np.sqrt(1 - height**2)
        place = 3.0 * np.array([level * np.cos(angle), level * np.sin(angle), height])
        forward = -place / 3.0
        right = np.cross(forward, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3, :3] = np.stack([right, np.cross(forward, right), forward])
        pose[:3, 3] = -pose[:3, :3] @ place
        camera = Camera(size, size, 1.2 * size, 1.2 * size, size / 2, size / 2, pose)
        y, x = np.mgrid[:size, :size] + 0.5
        pixels = np.stack([x.ravel(), y.ravel()], 1)
        directions = camera.unproject(pixels, np.ones(len(pixels))) - camera.centre
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        along = -directions @ camera.centre
        nearest = camera.centre + along[:, None] * directions
        inside = np.linalg.norm(nearest, axis=1) < radius
        colours = np.where(nearest[:, 2:] > 0, [200, 30, 30], [30, 30, 200])
        image = np.where(inside[:, None], colours, 128).astype(np.uint8).reshape(size, size, 3)
        mask = (255 * inside).astype(np.uint8).reshape(size, size)
        views.append(View(f"{index}", image, camera, mask))
    return views


def write_set(folder: Path, views: list[View]) -> None:
    """Write views as a folder of PNG files with alpha and a ``transforms.json``: all that there is of it."""
    folder.mkdir(parents=True)
    frames = []
    for view in views:
        name = f"{view.name}.png"
        assert view.mask is not None
        Image.fromarray(np.dstack([view.image, view.mask])).save(folder / name)
        camera = view.camera
        frames.append(
            {
                "file_path": name,
                "transform_matrix": camera.opengl_camera_to_world.tolist(),
                "fl_x": camera.fx,
                "fl_y": camera.fy,
                "cx": camera.cx,
                "cy": camera.cy,
                "w": camera.width,
                "h": camera.height,
            }
        )
    (folder / "transforms.json").write_text(json.dumps({"frames": frames}), encoding="utf-8")


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """A folder with ``training`` and ``held_out``, of pictures, masks and cameras alone."""
    for index, radius in enumerate((0.5, 0.8, 1.1)):
        write_set(tmp_path / "training" / f"{index}", ball_views(radius))
    write_set(tmp_path / "held_out" / "0", ball_views(0.7))
    return tmp_path


def config_text(**schedule: Any) -> str:
    """A config for :func:`sets` in which everything is tiny."""
    lines = "\n".join(f"{key} = {value}" for key, value in schedule.items())
    return f"""
[data]
training = "training"
held_out = "held_out"
size = {SIZE}

[network]
image_size = {SIZE}
stages = 2
encoder_width = 8
feature_channels = 8
bands = 2
mlp_width = 16
blocks = 2
blocks_per_view = 1
hidden_resolution = 4

[batch]
objects = 2
points = 32
rays = 8
samples = 4
most_views = 3

[schedule]
{lines}

[run]
evaluated_views = [1, 2]
evaluate_every = 1.0
checkpoint_minutes = 0
"""
