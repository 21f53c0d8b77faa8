# SPDX-License-Identifier: Apache-2.0
"""A scene that is drawn with plain projection: a patterned box on a patterned floor, seen from an arc."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from uner3d_core.camera import Camera
from uner3d_core.inputs.frames import Frame
from uner3d_core.inputs.transforms import write_transforms

SIZE = 240
FOCAL_LENGTH = 300.0


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or fills the person's cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("LOCALAPPDATA", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    return folder


def looking_at(place: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """World to camera, (4, 4), of a level camera."""
    forward = target - place
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(forward, right), forward])
    pose[:3, 3] = -pose[:3, :3] @ place
    return pose


def on_an_arc(count: int, degrees: float = 9.0, height: float = 1.2) -> list[Camera]:
    cameras = []
    for number in range(count):
        angle = math.radians(degrees * (number - (count - 1) / 2))
        place = np.array([3.0 * math.sin(angle), -3.0 * math.cos(angle), height + 0.1 * math.sin(5 * angle)])
        pose = looking_at(place, np.array([0.0, 0.0, 0.4]))
        cameras.append(Camera(SIZE, SIZE, FOCAL_LENGTH, FOCAL_LENGTH, SIZE / 2, SIZE / 2, pose))
    return cameras


def pattern(seed: int, side: int = 256) -> npt.NDArray[np.float64]:
    """Grey noise of several sizes, which SIFT likes."""
    generator = np.random.default_rng(seed)
    total = np.zeros((side, side))
    for cell in (4, 8, 16, 32):
        small = generator.random((side // cell, side // cell))
        total += np.asarray(Image.fromarray(small.astype(np.float32)).resize((side, side), Image.BICUBIC))
    total -= total.min()
    return total / total.max() * 255


# Each face: a corner, its two edges, the number of its pattern.
_FACES = [
    ((-4.0, -4.0, 0.0), (8.0, 0.0, 0.0), (0.0, 8.0, 0.0), 0),
    ((-0.6, -0.6, 0.0), (1.2, 0.0, 0.0), (0.0, 0.0, 0.9), 1),
    ((0.6, -0.6, 0.0), (0.0, 1.2, 0.0), (0.0, 0.0, 0.9), 2),
    ((-0.6, 0.6, 0.0), (0.0, -1.2, 0.0), (0.0, 0.0, 0.9), 3),
    ((-0.6, -0.6, 0.9), (1.2, 0.0, 0.0), (0.0, 1.2, 0.0), 4),
]


def draw(camera: Camera, *, floor: bool = True) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Draw the scene, and tell where the box is."""
    y, x = np.mgrid[0 : camera.height, 0 : camera.width] + 0.5
    rays = np.stack([(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy, np.ones_like(x)], -1)
    rays = rays @ camera.world_to_camera[:3, :3]
    depth = np.full(x.shape, np.inf)
    grey = np.full(x.shape, 90.0)
    box = np.zeros(x.shape, dtype=bool)
    for corner, first, second, number in _FACES:
        if number == 0 and not floor:
            continue
        a, b = np.array(first), np.array(second)
        normal = np.cross(a, b)
        distance = ((np.array(corner) - camera.centre) @ normal) / (rays @ normal)
        hits = camera.centre + distance[..., None] * rays - np.array(corner)
        u, v = hits @ a / (a @ a), hits @ b / (b @ b)
        seen = (distance > 0) & (distance < depth) & (u >= 0) & (u < 1) & (v >= 0) & (v < 1)
        texture = pattern(number, 1024 if number == 0 else 256)
        side = len(texture)
        grey[seen] = texture[(v[seen] * side).astype(int), (u[seen] * side).astype(int)]
        depth[seen] = distance[seen]
        box[seen] = number > 0
    return np.repeat(grey.astype(np.uint8)[..., None], 3, -1), box


@dataclass
class Scene:
    """Photographs on disk and their true cameras."""

    folder: Path
    cameras: list[Camera]

    @property
    def images(self) -> list[Path]:
        return sorted((self.folder / "images").glob("*.png"))


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Eight photographs, not to be changed, and ``truth.json``."""
    folder = tmp_path_factory.mktemp("scene")
    (folder / "images").mkdir()
    cameras = on_an_arc(8)
    frames = []
    for number, camera in enumerate(cameras):
        path = folder / "images" / f"photo_{number:03d}.png"
        Image.fromarray(draw(camera)[0]).save(path)
        frames.append(Frame(path, camera))
    write_transforms(folder / "truth.json", frames)
    return Scene(folder, cameras)


@pytest.fixture
def draw_scene() -> Callable[..., tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]]:
    return draw


@pytest.fixture
def arc() -> Callable[..., list[Camera]]:
    return on_an_arc
