# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of a scene: the cameras and images that the next run is made from."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from uner3d_core.errors import CameraError, InputError
from uner3d_core.inputs.camera_files import image_names, image_places
from uner3d_core.inputs.frames import IMAGE_SUFFIXES, locate
from uner3d_core.inputs.places import (
    check_cameras,
    common_folder,
    find_cameras,
    find_cameras_beside,
    find_images,
    find_video,
)
from uner3d_core.inputs.video.frames import is_video

from .. import capture, properties
from . import rig

CAMERA_SUFFIXES = (".json", ".bin", ".txt")
"""Endings of files that tell cameras."""
VIDEO_ALONE = "A video is one of the inputs, and not the only one."
SWITCH_OTHERS_OFF = "Remove the others, or switch their rows off."


def add_cameras(scene: bpy.types.Scene, cameras: Sequence[bpy.types.Object]) -> int:
    """Add cameras to the inputs of a scene; those that are there already are left out.

    Returns
    -------
    int
        How many were added.

    Raises
    ------
    CameraError
        If an object is no perspective camera; then none is added.
    """
    for camera in cameras:
        capture.check_camera(camera)
    inputs = properties.scene_settings(scene).inputs
    there = {item.camera for item in inputs if item.camera}
    new = [camera for camera in dict.fromkeys(cameras) if camera not in there]
    for camera in new:
        row = inputs.add()
        row.name, row.camera = camera.name, camera
    return len(new)


def add_cameras_around(
    objects: Sequence[bpy.types.Object],
    scene: bpy.types.Scene,
    kind: str = "DOME",
    count: int = 24,
    *,
    lowest: float = math.radians(-30),
    highest: float = math.radians(75),
    distance: float = 1.0,
) -> list[bpy.types.Object]:
    """Make cameras around objects and add them to the inputs of a scene.

    Parameters
    ----------
    objects : sequence of bpy.types.Object
        What the cameras look at; cameras and lights among them are passed over.
    scene : bpy.types.Scene
        Where they are put.
    kind : str
        ``DOME``, ``RING`` (at the mean of both elevations) or ``SPIRAL``.
    count : int
        How many.
    lowest, highest : float
        Elevations in radians.
    distance : float
        1 stands where the object just fits into the picture.

    Returns
    -------
    list of bpy.types.Object
        The cameras, in a new collection.

    Raises
    ------
    InputError
        If there is nothing to look at.
    """
    arrangement = rig.Arrangement(kind, count, lowest, highest, distance)
    cameras = rig.add_cameras_around(objects, scene, arrangement)
    add_cameras(scene, cameras)
    return cameras


def add_images(scene: bpy.types.Scene, paths: Sequence[Path]) -> int:
    """Add images to the inputs of a scene; those there already are left out.

    Parameters
    ----------
    scene : bpy.types.Scene
        The scene.
    paths : sequence of Path
        Images, or a video. Folders: their images, or those in the folder ``images`` in them, or those that
        cameras in them name, or their only video. Camera files (``transforms.json``, a file of a COLMAP
        model): the images that they name; the scene's ``camera_file`` is set where it is needed to find the
        cameras again.

    Returns
    -------
    int
        How many were added.

    Raises
    ------
    InputError
        If a file is missing or no image, or a folder holds none; then none is added.
    CameraError
        If a camera file can't be understood.
    """
    files: list[Path] = []
    cameras: Path | None = None
    for path in paths:
        if not path.exists():
            raise InputError(f"There is no “{path}”.", "Choose images, or a folder of them.")
        if path.suffix.lower() in CAMERA_SUFFIXES:
            cameras = check_cameras(path)
            files += _images_of(cameras)
        elif path.is_dir():
            files += _images_in(path)
        elif path.suffix.lower() in IMAGE_SUFFIXES or is_video(path):
            files.append(path)
        else:
            raise InputError(
                f"“{path}” is no image file.", "Choose PNG, JPEG, TIFF, WebP or BMP files, or a video."
            )
    files = list(dict.fromkeys(_absolute(str(file)) for file in files))
    settings = properties.scene_settings(scene)
    if cameras and (settings.camera_file or find_cameras_beside(common_folder(files)) != cameras):
        settings.camera_file = str(cameras.absolute())
    there = {image_path(row) for row in settings.inputs if row.filepath}
    new = [file for file in files if file not in there]
    for file in new:
        row = settings.inputs.add()
        row.name, row.filepath = file.name, str(file)
    return len(new)


def _images_in(folder: Path) -> list[Path]:
    """List the images of a folder."""
    below = folder / "images"
    found = find_images(folder) or (find_images(below) if below.is_dir() else [])
    cameras = None if found else find_cameras(folder)
    if cameras:
        return _images_of(cameras)
    video = None if found else find_video(folder)
    if video:
        return [video]
    if not found:
        raise InputError(
            f"“{folder}” holds no images.", "Choose a folder with PNG, JPEG or TIFF files, or a video."
        )
    return found


def _images_of(cameras: Path) -> list[Path]:
    """List the images that a ``transforms.json`` or a COLMAP model names, as far as they are there."""
    home = cameras if cameras.is_dir() else cameras.parent
    # A COLMAP model lies in sparse/0, its images beside that.
    folders = [home, home.parent, home.parent.parent] if cameras.is_dir() else [home]
    places = [place for folder in folders for place in image_places(folder)]
    found = [image for name in image_names(cameras) if (image := locate(name, places))]
    if not found:
        raise InputError(
            f"None of the images that “{cameras}” names is beside it.",
            "Put them there, or add the images and choose the cameras in the panel.",
        )
    return found


def describe_inputs(scene: bpy.types.Scene) -> tuple[object, ...]:
    """Tell which scene it is and what its inputs are, to be compared with what they are later."""
    settings = properties.scene_settings(scene)
    there = cameras_in_scenes() if any(row.camera for row in settings.inputs) else set()
    rows = tuple(
        (row.enabled, row.filepath, row.camera.session_uid if row.camera else 0) for row in settings.inputs
    )
    lost = tuple(uid for _, _, uid in rows if uid and uid not in there)
    return scene.session_uid, rows, lost, settings.camera_file, settings.mask_folder, settings.mask_model


def enabled_images(scene: bpy.types.Scene) -> list[Path]:
    """List the image files among the inputs that a run uses, or the video."""
    rows = properties.scene_settings(scene).inputs
    return [image_path(row) for row in rows if row.enabled and row.filepath]


def enabled_cameras(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """List the cameras among the inputs that a run uses.

    Raises
    ------
    CameraError
        If one was deleted.
    """
    rows = properties.scene_settings(scene).inputs
    cameras = [row.camera for row in rows if row.enabled and not row.filepath]
    there = cameras_in_scenes() if cameras else set()
    if any(camera is None or camera.session_uid not in there for camera in cameras):
        raise CameraError("A camera among the inputs was deleted.", "Remove its row from the inputs.")
    return cameras


def chosen_row(scene: bpy.types.Scene) -> Any:
    """Find the one row that a method for one picture takes: the selected of those switched on, or the only.

    Returns
    -------
    UNER3D_Input, optional
        None where none is switched on, or several are and another is selected.
    """
    settings = properties.scene_settings(scene)
    rows = [row for row in settings.inputs if row.enabled]
    if len(rows) == 1:
        return rows[0]
    if 0 <= settings.active_input < len(settings.inputs):
        row = settings.inputs[settings.active_input]
        return row if row.enabled else None
    return None


def cameras_in_scenes() -> set[int]:
    """Tell the ``session_uid`` of every object of every scene: an input keeps a camera that was deleted."""
    there: set[int] = set()
    for scene in bpy.data.scenes:
        uids = np.empty(len(scene.objects), np.int32)
        scene.objects.foreach_get("session_uid", uids)
        there.update(uids.tolist())
    return there


def image_path(row: Any) -> Path:
    """Tell the file of a row; a path beside the .blend file (``//``) is made a whole one."""
    return _absolute(row.filepath)


def camera_file(scene: bpy.types.Scene) -> Path | None:
    """Tell the camera file that the person chose; None where it is searched beside the images."""
    chosen = properties.scene_settings(scene).camera_file
    return _absolute(chosen) if chosen else None


def mask_folder(scene: bpy.types.Scene) -> Path | None:
    """Tell the folder of masks that the person chose."""
    chosen = properties.scene_settings(scene).mask_folder
    return _absolute(chosen) if chosen else None


def mask_model(scene: bpy.types.Scene) -> str:
    """Tell which trained network makes the masks of images that have none; empty for none."""
    chosen = properties.scene_settings(scene).mask_model
    return "" if chosen == "NONE" else str(chosen)


def _absolute(path: str) -> Path:
    # Without “..”, so that paths to one file are the same; links are not followed, as masks lie beside them.
    return Path(os.path.abspath(bpy.path.abspath(path)))  # noqa: PTH100
