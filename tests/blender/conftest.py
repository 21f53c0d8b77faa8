# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests in a real Blender, as the module bpy; each starts with an empty file and the add-on registered."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from uner3d_core.point_cloud import PointCloud

if importlib.util.find_spec("bpy") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    # Blender reads these when bpy is first imported: nothing of the person's Blender takes part in the tests.
    _session_folder = tempfile.mkdtemp(prefix="uner3d_tests_")
    os.environ["BLENDER_USER_RESOURCES"] = _session_folder
    os.environ["TMPDIR"] = _session_folder
    os.environ["UNER3D_ENGINE_FOLDER"] = str(Path(_session_folder) / "engine")


EXIT_CODE = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_CODE] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave without Python's own exit, in which bpy 4.2 crashes and 4.5 may hang."""
    bpy: Any = sys.modules.get("bpy")
    if bpy is not None and bpy.app.version < (5, 0, 0):
        config.get_terminal_writer().flush()
        os._exit(config.stash[EXIT_CODE])


@pytest.fixture(scope="session")
def addon() -> Iterator[Any]:
    """The package, registered. In Blender 4 what is still registered when Python ends would crash it."""
    import blender_addon

    blender_addon.register()
    yield blender_addon
    blender_addon.unregister()


@pytest.fixture(autouse=True)
def empty_file(addon: Any) -> Iterator[None]:
    """Start with a scene that has nothing in it; end with no job."""
    import bpy

    from blender_addon.jobs import runs

    bpy.ops.wm.read_factory_settings(use_empty=True)
    runs.forget_ended()
    yield
    runs.end_all()


@pytest.fixture
def sphere_cloud() -> Callable[[int], PointCloud]:
    """Make a progressive cloud of points on the unit sphere, of many colours."""

    def make(count: int, progressive: bool = True) -> PointCloud:
        # Points with golden-ratio steps in height and angle are evenly spread for every count.
        index = np.arange(count)
        height = 1 - 2 * ((index * 0.7548776662466927 + 0.5) % 1.0)
        angle = 2 * np.pi * (index * 0.5698402909980532 % 1.0)
        ring = np.sqrt(1 - height**2)
        positions = np.stack([ring * np.cos(angle), ring * np.sin(angle), height], axis=1)
        return PointCloud(
            positions.astype(np.float32),
            np.rint(127.5 + 127.5 * positions).astype(np.uint8),
            positions.astype(np.float32),
            np.linspace(0, 1, count, dtype=np.float32),
            progressive,
        )

    return make


@pytest.fixture
def shown_points() -> Callable[[], npt.NDArray[np.float32]]:
    """Read the positions of the points that are shown, be they point primitives or instances."""

    def read() -> npt.NDArray[np.float32]:
        import bpy

        positions: list[Any] = []
        for instance in bpy.context.evaluated_depsgraph_get().object_instances:
            if instance.object.type == "POINTCLOUD":
                values = np.empty((len(instance.object.data.points), 3), np.float32)
                instance.object.data.attributes["position"].data.foreach_get("vector", values.ravel())
                positions.extend(values)
            elif instance.is_instance:
                positions.append(np.array(instance.matrix_world.translation, np.float32))
        return np.array(positions, np.float32).reshape(-1, 3)

    return read


@pytest.fixture
def read_pixels() -> Callable[[Path], npt.NDArray[np.int64]]:
    """Read a PNG as (height, width, 4) numbers from 0 to 255, row 0 at the top."""

    def read(path: Path) -> npt.NDArray[np.int64]:
        import bpy

        image = bpy.data.images.load(str(path))
        width, height = image.size
        values = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
        return np.rint(values * 255).astype(np.int64).reshape(height, width, 4)[::-1]

    return read


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a program the engine that does what is given, once it has read the job."""

    import fake_engine

    def use(answer: str) -> Path:
        path = fake_engine.write_engine(tmp_path / "engine", answer)
        monkeypatch.setenv("UNER3D_ENGINE_PYTHON", str(path))
        return path

    return use


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the real worker the engine, which does with its task what is given."""
    import fake_engine

    def use(run: str) -> Path:
        path = fake_engine.write_worker(tmp_path / "engine", run)
        monkeypatch.setenv("UNER3D_ENGINE_PYTHON", str(path))
        return path

    return use


@pytest.fixture
def scene() -> Any:
    """A scene with two cameras and something to see, rendered in no time."""
    import bpy

    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x = scene.render.resolution_y = 16
    bpy.ops.mesh.primitive_cube_add()
    for angle in (0.0, 0.2):
        bpy.ops.object.camera_add(location=(0, 0, 5), rotation=(angle, 0, 0))
    for item in scene.objects:
        item.select_set(item.type == "CAMERA")
    bpy.ops.uner3d.add_selected_cameras()
    scene.uner3d.points = 500
    return scene
