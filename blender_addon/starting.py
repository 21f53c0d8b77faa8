# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that start at once and are waited for by somebody else; each becomes a folder and a task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.errors import CameraError, InputError
from uner3d_core.inputs.places import find_cameras, find_masks
from uner3d_core.settings import Settings

from . import capture, jobs, preferences, properties
from .beginning import begin, capture_steps, check_images, gather_images, reconstruct_task
from .placing import CLOUD_NAME, current_scene
from .run import Run


def start_reconstruct(
    source: Path,
    settings: Settings | None = None,
    *,
    cameras: Path | None = None,
    masks: Path | None = None,
    name: str = CLOUD_NAME,
    job_folder: Path | None = None,
    engine_python: Path | None = None,
) -> Run:
    """Start what :func:`reconstruct` does, and return at once.

    Call the run's ``advance`` until its state has ended, then :func:`finish`.
    """

    def task(folder: Path) -> protocol.Task:
        return reconstruct_task(folder, source, settings, cameras, masks)

    return begin(task, name, current_scene(), job_folder, engine_python)


def start_reconstruct_cameras(
    cameras: Sequence[bpy.types.Object],
    settings: Settings | None = None,
    *,
    scene: bpy.types.Scene | None = None,
    maximum_side: int = capture.DEFAULT_MAXIMUM_SIDE,
    name: str = CLOUD_NAME,
    job_folder: Path | None = None,
    engine_python: Path | None = None,
) -> Run:
    """Start what :func:`reconstruct_cameras` does; each ``advance`` renders one camera."""
    if not cameras:
        raise InputError("There are no cameras to reconstruct from.", "Select cameras that see the object.")
    for camera in cameras:
        capture.check_camera(camera)
    scene = scene or current_scene()

    def task(folder: Path) -> protocol.Task:
        return reconstruct_task(folder, folder / "images", settings, folder / "transforms.json", None)

    run = begin(task, name, scene, job_folder, engine_python)
    run.preparation = capture_steps(
        [camera.session_uid for camera in cameras], run.scene, run.folder, maximum_side
    )
    return run


def start_inputs(scene: bpy.types.Scene) -> Run:
    """Start a reconstruction from the inputs and settings of a scene, as the panel's button does.

    Raises
    ------
    InputError
        If there are no inputs, cameras and images are mixed, or an image is missing.
    """
    chosen = properties.scene_settings(scene)
    settings = Settings(chosen.points, chosen.preset, preferences.device(), seed=chosen.seed)
    images = [Path(bpy.path.abspath(item.filepath)) for item in chosen.inputs if item.filepath]
    cameras = [item.camera for item in chosen.inputs if not item.filepath]
    if not images and not cameras:
        raise InputError("There are no images and no cameras.", "Add cameras of the scene, or images.")
    if images and cameras:
        raise InputError("The inputs are both cameras and images.", "Remove one or the other.")
    if cameras:
        if None in cameras:
            raise CameraError("A camera among the inputs is gone.", "Remove its row from the inputs.")
        return start_reconstruct_cameras(cameras, settings, scene=scene, maximum_side=chosen.maximum_side)
    camera_file = Path(bpy.path.abspath(chosen.camera_file)) if chosen.camera_file else None
    mask_folder = Path(bpy.path.abspath(chosen.mask_folder)) if chosen.mask_folder else None
    check_images(images)

    def task(folder: Path) -> protocol.Task:
        source = gather_images(images, folder / "images")
        known = camera_file or find_cameras(home) or find_cameras(home.parent)
        # Copies of some of the images no longer lie beside their masks.
        masks = mask_folder or (find_masks(home) if source != home else None)
        return reconstruct_task(folder, source, settings, known, masks)

    home = images[0].parent
    name = home.parent.name if home.name == "images" else home.name
    return begin(task, name or CLOUD_NAME, scene, None, None)


def start_resample(
    cloud: bpy.types.Object,
    points: int,
    *,
    seed: int = 0,
    device: str | None = None,
    engine_python: Path | None = None,
) -> Run:
    """Start what :func:`resample` does, and return at once."""
    saved = properties.cloud_settings(cloud).field
    if not saved:
        raise InputError(
            f"“{cloud.name}” was not reconstructed here, so it has no field to sample.",
            "Select a cloud that was made by Reconstruct.",
        )
    field = Path(bpy.path.abspath(saved))
    if not field.is_file():
        raise InputError(f"The field of “{cloud.name}” is gone: “{field}”.", "Reconstruct the object again.")
    settings = Settings(points, device=device or preferences.device(), seed=seed)

    def task(folder: Path) -> protocol.Task:
        return protocol.Resample(field, folder / jobs.CLOUD_FILE, settings)

    run = begin(task, cloud.name, current_scene(), None, engine_python)
    run.cloud = cloud.session_uid
    return run
