# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras that files tell, as cameras of the scene with their pictures behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError
from uner3d_core.inputs.camera_files import image_places, read_cameras
from uner3d_core.inputs.frames import Frame
from uner3d_core.inputs.headers import read_header
from uner3d_core.inputs.places import check_cameras, common_folder, find_cameras_beside
from uner3d_core.progress import Silent

from .. import properties
from . import adding

COLLECTION_NAME = "UNeR3D Views"
_SENSOR = 36.0
"""Width of a sensor in millimetres, where the focal length is not shorter than Blender's shortest, 1 mm."""
_SIZE_PER_SPREAD = 0.08
"""How large cameras are drawn beside their mean distance from their middle."""


def frames_of_inputs(scene: bpy.types.Scene) -> list[Frame]:
    """Read the cameras of the enabled images among the inputs of a scene.

    Raises
    ------
    CameraError
        If no file tells any, or it can't be understood.
    """
    images = adding.enabled_images(scene)
    folder = common_folder(images) if images else None
    chosen = adding.camera_file(scene)
    cameras = check_cameras(chosen) if chosen else find_cameras_beside(folder) if folder else None
    if folder is None or cameras is None:
        raise CameraError(
            "No file tells the cameras of the inputs.",
            "Add images with a transforms.json or a COLMAP model, or choose it as the camera file.",
        )
    used = set(images)
    frames = [
        frame
        for frame in read_cameras(cameras, image_places(folder, images), _size, Silent())
        if frame.image in used
    ]
    if not frames:
        raise CameraError(
            f"“{cameras.name}” has no camera for any of the images.", "Choose another camera file."
        )
    return frames


def frames_of_cloud(cloud: bpy.types.Object) -> list[Frame]:
    """Read the cameras that were estimated for a cloud; they are where they are in its own coordinates.

    Raises
    ------
    CameraError
        If they were not estimated, or their file or all images are gone.
    """
    saved = properties.cloud_settings(cloud).cameras
    if not saved:
        raise CameraError(
            f"The cameras of “{cloud.name}” were not estimated.", "Show those of the inputs instead."
        )
    cameras = Path(bpy.path.abspath(saved))
    if not cameras.is_file():
        raise CameraError(
            f"The cameras of “{cloud.name}” are gone: “{cameras}”.", "Reconstruct the object again."
        )
    frames = read_cameras(cameras, [cameras.parent], _size, Silent())
    if not frames:
        raise CameraError(f"All images of “{cloud.name}” are gone.", "Put them back where they were.")
    return frames


def add_view_cameras(
    frames: Sequence[Frame],
    scene: bpy.types.Scene,
    *,
    cloud: bpy.types.Object | None = None,
    set_render_size: bool = False,
) -> list[bpy.types.Object]:
    """Make a camera in the scene for each frame, with its image behind, in a collection of their own.

    Blender's cameras have square pixels, unless the render settings say otherwise, and no lens distortion.
    The horizontal focal length, the principal point and the pose are exact; so is the vertical focal length
    where it equals the other, or where ``set_render_size`` is given and all frames have the same ratio.

    Parameters
    ----------
    frames : sequence of Frame
        Images and their cameras. Blender reads an image when it is first shown.
    scene : bpy.types.Scene
        Where they are put.
    cloud : bpy.types.Object, optional
        Becomes the cameras' parent, so that they stand around it wherever it is moved, turned and scaled.
    set_render_size : bool
        Whether the scene's resolution and pixel aspect become those of the first frame, so that what Blender
        renders through a camera covers its image.

    Returns
    -------
    list of bpy.types.Object
        The cameras, in the order of the frames.
    """
    if set_render_size and frames:
        _set_render_size(scene.render, frames[0].camera)
    collection = bpy.data.collections.new(COLLECTION_NAME)
    scene.collection.children.link(collection)
    render: Any = scene.render
    aspect = render.pixel_aspect_y / render.pixel_aspect_x
    frame_shape = render.resolution_x / (render.resolution_y * aspect)
    display_size = _display_size([frame.camera for frame in frames])
    made = []
    for frame in frames:
        lens = _lens(frame.camera, frame.image.stem, aspect)
        lens.display_size = display_size
        lens.show_background_images = True
        background = lens.background_images.new()
        background.image = bpy.data.images.load(str(frame.image), check_existing=True)
        background.alpha = 0.5
        # The picture is as wide as the camera's frame, whatever the heights of both.
        shape = frame.camera.width / (frame.camera.height * aspect)
        background.frame_method = "CROP" if frame_shape > shape else "FIT"
        camera = bpy.data.objects.new(frame.image.stem, lens)
        camera.parent = cloud
        camera.matrix_basis = Matrix(frame.camera.opengl_camera_to_world.tolist())
        collection.objects.link(camera)
        made.append(camera)
    return made


def _lens(camera: Camera, name: str, aspect: float) -> Any:
    """Make a Blender camera with these intrinsics; ``aspect`` is a pixel's height by its width."""
    lens: Any = bpy.data.cameras.new(name)
    lens.sensor_fit = "HORIZONTAL"
    lens.sensor_width = max(_SENSOR, camera.width / camera.fx)
    lens.lens = camera.fx * lens.sensor_width / camera.width
    lens.shift_x = (camera.width / 2 - camera.cx) / camera.width
    lens.shift_y = (camera.cy - camera.height / 2) * aspect / camera.width
    return lens


def _set_render_size(render: Any, camera: Camera) -> None:
    render.resolution_x, render.resolution_y = camera.width, camera.height
    render.resolution_percentage = 100
    # One of both must be 1 or more, and the ratio makes the focal lengths differ.
    render.pixel_aspect_x = max(camera.fy / camera.fx, 1.0)
    render.pixel_aspect_y = max(camera.fx / camera.fy, 1.0)


def _display_size(cameras: Sequence[Camera]) -> float:
    centres = np.array([camera.centre for camera in cameras]).reshape(-1, 3)
    if len(centres) < 2:
        return 1.0
    spread = float(np.linalg.norm(centres - centres.mean(axis=0), axis=1).mean())
    return spread * _SIZE_PER_SPREAD or 1.0


def _size(image: Any) -> tuple[int, int]:
    header = read_header(image)
    return header.width, header.height
