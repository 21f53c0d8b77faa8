# SPDX-License-Identifier: Apache-2.0
"""Pictures without masks: a painted ball before a painted wall, photographed from its front."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from uner3d_core.camera import Camera
from uner3d_core.errors import ReconstructionError
from uner3d_core.field import Field
from uner3d_core.reconstruct import Reconstruction, reconstruct
from uner3d_core.sampling import sample
from uner3d_core.settings import Settings
from uner3d_core.views import View

WALL = -0.9
"""Where the wall is along z; the ball of radius 0.6 is at the origin."""
RADIUS = 0.6
SIZE, FOCAL, DISTANCE = 96, 100.0, 3.2

FloatArray = npt.NDArray[np.float64]


def paint(points: FloatArray) -> FloatArray:
    """Colours, 0 to 1, of points (..., 3): waves of several lengths."""
    x, y, z = np.moveaxis(points, -1, 0)
    waves = [
        np.sin(11 * x + 5 * y + a) * np.cos(9 * y - 4 * z - a)
        + 0.6 * np.sin(19 * x + 17 * z + 13 * y + 2 * a)
        for a in (0.0, 1.3, 2.9)
    ]
    return np.clip(0.5 + 0.3 * np.stack(waves, axis=-1), 0, 1)


def photograph(pose: FloatArray) -> npt.NDArray[np.uint8]:
    """Trace what a camera sees."""
    x, y = np.meshgrid(np.arange(SIZE) + 0.5 - SIZE / 2, np.arange(SIZE) + 0.5 - SIZE / 2)
    rays = np.stack([x / FOCAL, -y / FOCAL, -np.ones_like(x)], axis=-1) @ pose[:3, :3].T
    eye = pose[:3, 3]
    a, b, c = (rays**2).sum(-1), 2 * rays @ eye, eye @ eye - RADIUS**2
    root = b**2 - 4 * a * c
    on_ball = (-b - np.sqrt(np.maximum(root, 0))) / (2 * a)
    travelled = np.where(root > 0, on_ball, (WALL - eye[2]) / rays[..., 2])
    return (paint(eye + rays * travelled[..., None]) * 255 + 0.5).astype(np.uint8)


@pytest.fixture(scope="module")
def photos() -> list[View]:
    """Twelve pictures from directions up to 35 degrees off the wall's normal."""
    views = []
    for index in range(12):
        angle, tilt = index * np.pi * (3 - np.sqrt(5)), np.radians(8 + 27 * np.sqrt(index / 12))
        back = np.array([np.sin(tilt) * np.cos(angle), np.sin(tilt) * np.sin(angle), np.cos(tilt)])
        right = np.cross([0.0, 1.0, 0.0], back)
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
        pose[:3, 3] = DISTANCE * back
        camera = Camera.from_opengl(
            pose, width=SIZE, height=SIZE, fx=FOCAL, fy=FOCAL, cx=SIZE / 2, cy=SIZE / 2
        )
        views.append(View(f"{index:02}.jpg", photograph(pose), camera))
    return views


@pytest.fixture(scope="module")
def made(photos: list[View]) -> Reconstruction:
    return reconstruct(photos, Settings(preset="draft", points=8_000, device="cpu"))


def distance(points: npt.NDArray[np.float32]) -> FloatArray:
    """Distance (N,) to ball or wall, whichever is nearer."""
    ball = np.abs(np.linalg.norm(points.astype(np.float64), axis=1) - RADIUS)
    return np.minimum(ball, np.abs(points[:, 2] - WALL))


def test_ball_and_wall_are_found(made: Reconstruction) -> None:
    assert np.mean(distance(made.cloud.positions) < 0.05) > 0.95
    on_wall = np.abs(made.cloud.positions[:, 2] - WALL) < 0.05
    assert 0.3 < on_wall.mean() < 0.9


def test_nothing_is_invented_where_no_picture_looks(photos: list[View], made: Reconstruction) -> None:
    seen = np.zeros(len(made.cloud))
    for view in photos:
        pixels, depth = view.camera.project(made.cloud.positions)
        seen += (depth > 0) & ((pixels > 0) & (pixels < SIZE)).all(axis=1)
    assert np.mean(seen >= 2) > 0.99
    # Nor behind the ball, which a closed surface would need: only its front can be seen.
    assert np.mean(made.cloud.normals[:, 2] > -0.3) > 0.97


def test_colours_are_those_of_the_pictures(made: Reconstruction) -> None:
    error = np.abs(made.cloud.colours / 255.0 - paint(made.cloud.positions.astype(np.float64)))
    assert np.median(error) < 0.06


def test_the_saved_field_gives_the_same_scene(made: Reconstruction, tmp_path: Path) -> None:
    made.field.save(tmp_path / "field.safetensors")
    cloud = sample(Field.load(tmp_path / "field.safetensors"), 20_000, 1)
    assert np.mean(distance(cloud.positions) < 0.05) > 0.95


def test_white_masks_are_none(photos: list[View], made: Reconstruction) -> None:
    white = np.full((SIZE, SIZE), 255, np.uint8)
    masked = [replace(view, mask=white) for view in photos]
    cloud = reconstruct(masked, Settings(preset="draft", points=8_000, device="cpu")).cloud
    np.testing.assert_array_equal(cloud.positions, made.cloud.positions)


def test_the_fit_keeps_it_open(photos: list[View], monkeypatch: pytest.MonkeyPatch) -> None:
    from uner3d_core.fitted import method, presets

    short = replace(presets.PRESETS["balanced"], resolution=80, steps=30, batch=1024, anchors=20_000)
    monkeypatch.setitem(method.PRESETS, "balanced", short)
    cloud = reconstruct(photos, Settings(preset="balanced", points=8_000, device="cpu")).cloud
    assert np.mean(distance(cloud.positions) < 0.05) > 0.95
    assert np.mean(cloud.normals[:, 2] > -0.3) > 0.97


def test_pictures_that_agree_on_nothing_are_a_sentence(photos: list[View]) -> None:
    noise = np.random.default_rng(0)
    views = [replace(view, image=noise.integers(0, 256, view.image.shape, np.uint8)) for view in photos]
    with pytest.raises(ReconstructionError, match="next to nothing"):
        reconstruct(views, Settings(preset="draft", points=100, device="cpu"))
