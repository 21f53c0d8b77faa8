# SPDX-License-Identifier: GPL-3.0-or-later
"""One object of a data set: pictures with depth from all sides, its cameras, and a dense coloured cloud."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from uner3d_core.atomic_file import atomic_file
from uner3d_core.camera import Camera
from uner3d_core.data_set import CLOUD_FILE, DESCRIPTION_FILE, Choice
from uner3d_core.depth.merging import merge
from uner3d_core.depth_view import FARTHEST, DepthView
from uner3d_core.errors import InputError, OutputError
from uner3d_core.evaluation.visible_surface import fibonacci_sphere
from uner3d_core.point_cloud import PointCloud
from uner3d_core.views import View

from .. import capture, capture_depth
from . import png, rigs, stage

FIELD_OF_VIEW = math.radians(40.0)
FRAME_SHARE = 0.85
"""Share of the picture that the object may fill."""


def picture(
    scene: bpy.types.Scene, folder: Path, choice: Choice, description: dict[str, object]
) -> Iterator[int]:
    """Picture what is in a scene from all sides, into ``folder``, which appears when it is whole.

    What is in the scene is moved and scaled into the cube from -1 to 1, and lit.

    Parameters
    ----------
    scene : bpy.types.Scene
        The object alone.
    folder : Path
        Gets ``images/*.png``, ``depth/*.npy``, ``transforms.json``, the cloud (:data:`CLOUD_FILE`) and, last,
        :data:`DESCRIPTION_FILE`.
    choice : Choice
        Number and size of the pictures, and so on.
    description : dict
        What the last one holds.

    Yields
    ------
    int
        How many pictures are rendered; the last number comes again while the cloud is made.

    Raises
    ------
    InputError
        If there is no surface in the scene.
    CameraError
        If it can't be rendered.
    OutputError
        If the files can't be written.
    """
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        yield 0
        paths: list[Path] = []
        cameras: list[Camera] = []
        for camera in _cameras(scene, choice, folder.name):
            paths.append(unfinished / "images" / f"{len(paths):03d}.png")
            cameras.append(
                capture.capture_view(
                    camera, paths[-1], scene, choice.size, depth=True, flat=choice.flat,
                    layer=scene.view_layers[0].name,
                )
            )  # fmt: skip
            png.remove_metadata(paths[-1])
            yield len(paths)
        capture.write_camera_file(unfinished, paths, cameras, depth=True)
        shown = [_read(*item) for item in zip(paths, cameras, strict=True)]
        with ThreadPoolExecutor(1) as beside:
            merging = beside.submit(merge, shown, choice.points, 0)
            while not merging.done():
                yield len(paths)
        with atomic_file(unfinished / CLOUD_FILE) as file:
            np.save(file, as_numbers(merging.result()), allow_pickle=False)
        with atomic_file(unfinished / DESCRIPTION_FILE) as file:
            file.write(json.dumps(description, indent=1).encode())
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    except OSError as error:
        raise OutputError(
            f"“{unfinished}” can't be written: {error.strerror}.",
            "Choose a folder that you may write to, on a disk with room.",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def as_numbers(cloud: PointCloud) -> npt.NDArray[np.float32]:
    """Give a cloud as an array (K, 6): x, y, z, red, green and blue, all from -1 to 1."""
    colours = cloud.colours.astype(np.float32) / np.float32(127.5) - np.float32(1.0)
    return np.concatenate([np.clip(cloud.positions, -1, 1), colours], axis=1)


def alone(objects: Sequence[bpy.types.Object]) -> bpy.types.Scene:
    """Make a scene of copies of some objects; :func:`remove` removes it and all that was added to it."""
    scene = bpy.data.scenes.new("Data Set")
    for item in objects:
        twin: Any = item.copy()
        twin.animation_data_clear()
        twin.constraints.clear()
        twin.parent = None
        twin.hide_render = twin.hide_viewport = False
        twin.matrix_world = item.matrix_world
        scene.collection.objects.link(twin)
    return scene


def remove(scene: bpy.types.Scene) -> None:
    """Remove a scene that :func:`alone` made, with its objects, lights, cameras and world."""
    blocks: list[Any] = [scene.world] if scene.world else []
    for item in scene.collection.objects:
        blocks += [item, item.data] if item.type in {"CAMERA", "LIGHT"} else [item]
    bpy.data.scenes.remove(scene)
    bpy.data.batch_remove(blocks)


def _cameras(scene: bpy.types.Scene, choice: Choice, name: str) -> list[bpy.types.Object]:
    """Bring a scene's objects into the cube, light them, and place cameras all around."""
    scene.view_layers[0].update()
    if not stage.has_triangles(scene):
        raise InputError(f"“{name}” has no surface that could be rendered.", "Choose an object with faces.")
    stage.normalise(scene, by_side=True)
    vertices, _ = stage.triangles_of(scene)
    stage.add_light(scene)
    stage.use_cycles(scene, choice.size, choice.samples)
    directions = fibonacci_sphere(choice.views)
    distance = rigs.framing_distance(vertices, directions, FIELD_OF_VIEW, FRAME_SHARE)
    return [
        stage.add_camera(scene, "View", pose, FIELD_OF_VIEW)
        for pose in rigs.looking_inwards(directions, distance)
    ]


def _read(path: Path, camera: Camera) -> DepthView:
    """Read a picture and its depth back, by Blender's own means: it has no other library for images."""
    image = bpy.data.images.load(str(path))
    pixels = np.empty(camera.width * camera.height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    values = np.rint(pixels * 255).astype(np.uint8).reshape(camera.height, camera.width, 4)[::-1]
    depth = np.load(capture_depth.depth_path(path), allow_pickle=False)
    depth = np.where(depth < FARTHEST, depth, np.float32(np.inf))
    view = View(
        path.name, np.ascontiguousarray(values[..., :3]), camera, np.ascontiguousarray(values[..., 3])
    )
    return DepthView(view, depth)
