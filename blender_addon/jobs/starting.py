# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are put into the queue and waited for by somebody else; each becomes a folder and a task.

What a run is about is fixed here; cameras are rendered when its turn comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.errors import InputError
from uner3d_core.inputs.places import common_folder
from uner3d_core.settings import FACES, Settings

from .. import capture, capture_apart, preferences, properties
from ..inputs import adding
from . import folders
from .beginning import begin, capture_steps, cloud_steps, reconstruct_task
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
    """Put into the queue what :func:`reconstruct` does, and return at once.

    In a window the queue goes on by itself, and the cloud appears in the scene. Otherwise, or to wait for it,
    call :func:`complete`.
    """

    def task(folder: Path) -> protocol.Task:
        return reconstruct_task(folder, source, settings, cameras=cameras, masks=masks)

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
    """Put into the queue what :func:`reconstruct_cameras` does, as :func:`start_reconstruct`."""
    if not cameras:
        raise InputError("There are no cameras to reconstruct from.", "Select cameras that see the object.")
    for camera in cameras:
        capture.check_camera(camera)
    scene = scene or current_scene()

    def task(folder: Path) -> protocol.Task:
        cameras = folder / "transforms.json"
        return reconstruct_task(folder, folder / "images", settings, cameras=cameras, masks=None)

    run = begin(task, name, scene, job_folder, engine_python)
    steps = capture_apart.capture_steps_apart if capture_apart.can_render_apart() else capture_steps
    run.preparation = steps([camera.session_uid for camera in cameras], run.scene, run.folder, maximum_side)
    return run


def start_inputs(scene: bpy.types.Scene) -> Run:
    """Queue a reconstruction from the enabled inputs and the settings of a scene, as the panel's button does.

    Raises
    ------
    InputError
        If there are no inputs, cameras and images are mixed, or an image is missing.
    CameraError
        If a camera was deleted.
    """
    chosen = properties.scene_settings(scene)
    settings = Settings(chosen.points, chosen.preset, preferences.device(), seed=chosen.seed)
    images, cameras = adding.enabled_images(scene), adding.enabled_cameras(scene)
    if not images and not cameras:
        raise InputError("There are no images and no cameras.", "Add cameras of the scene, or images.")
    if images and cameras:
        raise InputError(
            "The inputs are both cameras and images.", "Remove one or the other, or switch its rows off."
        )
    if cameras:
        return start_reconstruct_cameras(cameras, settings, scene=scene, maximum_side=chosen.maximum_side)
    for image in images:
        if not image.is_file():
            raise InputError(f"The image “{image}” is gone.", "Put it back, or remove its row.")
    home = common_folder(images)

    def task(folder: Path) -> protocol.Task:
        return reconstruct_task(
            folder,
            home,
            settings,
            cameras=adding.camera_file(scene),
            masks=adding.mask_folder(scene),
            images=images,
        )

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
    """Put into the queue what :func:`resample` does, as :func:`start_reconstruct`."""
    field = _field_of(cloud)
    settings = Settings(points, device=device or preferences.device(), seed=seed)

    def task(folder: Path) -> protocol.Task:
        return protocol.Resample(field, folder / folders.CLOUD_FILE, settings)

    run = begin(task, cloud.name, current_scene(), None, engine_python)
    run.cloud = cloud.session_uid
    run.preparation = cloud_steps(run.cloud, run.title)
    return run


def start_convert_to_mesh(
    cloud: bpy.types.Object,
    faces: int = FACES,
    *,
    device: str | None = None,
    engine_python: Path | None = None,
) -> Run:
    """Put into the queue what :func:`convert_to_mesh` does, as :func:`start_reconstruct`."""
    field = _field_of(cloud)
    settings = Settings(device=device or preferences.device())

    def task(folder: Path) -> protocol.Task:
        return protocol.ConvertToMesh(field, folder / folders.MESH_FILE, faces, settings)

    run = begin(task, cloud.name, current_scene(), None, engine_python)
    run.cloud = cloud.session_uid
    run.preparation = cloud_steps(run.cloud, run.title)
    return run


def _field_of(cloud: bpy.types.Object) -> Path:
    """Find the file of a cloud's field."""
    saved = properties.cloud_settings(cloud).field
    if not saved:
        raise InputError(
            f"“{cloud.name}” was not reconstructed here, so it has no field.",
            "Select a cloud that was made by Reconstruct.",
        )
    field = Path(bpy.path.abspath(saved))
    if not field.is_file():
        raise InputError(f"The field of “{cloud.name}” is gone: “{field}”.", "Reconstruct the object again.")
    return field
