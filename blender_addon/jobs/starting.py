# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are put into the queue and waited for by somebody else; each becomes a folder and a task.

What a run is about is fixed here; cameras are rendered when its turn comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.errors import CameraError, InputError
from uner3d_core.inputs.frames import listed
from uner3d_core.inputs.places import common_folder
from uner3d_core.inputs.video.frames import is_video
from uner3d_core.methods import find_method
from uner3d_core.settings import FACES, Settings

from .. import capture, capture_apart, preferences, properties
from ..inputs import adding
from . import failures, folders, imagining, runs
from .beginning import begin, capture_steps, cloud_steps, reconstruct_task
from .placing import CLOUD_NAME, by_uid, current_scene
from .repeating import in_scene, of_cloud
from .run import Run


def start_reconstruct(
    source: Path,
    settings: Settings | None = None,
    *,
    cameras: Path | None = None,
    masks: Path | None = None,
    mask_model: str = "",
    name: str = CLOUD_NAME,
    job_folder: Path | None = None,
    engine_python: Path | None = None,
) -> Run:
    """Put into the queue what :func:`reconstruct` does, and return at once.

    In a window the queue goes on by itself, and the cloud appears in the scene. Otherwise, or to wait for it,
    call :func:`complete`.
    """

    def task(folder: Path) -> protocol.Task:
        return reconstruct_task(folder, source, settings, cameras=cameras, masks=masks, mask_model=mask_model)

    run = begin(task, name, current_scene(), job_folder, engine_python)
    run.again = partial(
        start_reconstruct,
        source,
        settings,
        cameras=cameras,
        masks=masks,
        mask_model=mask_model,
        name=name,
        job_folder=job_folder,
        engine_python=engine_python,
    )
    return run


def start_reconstruct_cameras(
    cameras: Sequence[bpy.types.Object],
    settings: Settings | None = None,
    *,
    scene: bpy.types.Scene | None = None,
    maximum_side: int = capture.DEFAULT_MAXIMUM_SIDE,
    flat: bool = False,
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
    uids = [camera.session_uid for camera in cameras]
    run.preparation = steps(
        uids,
        run.scene,
        run.folder,
        maximum_side,
        run.notes.append,
        depth=settings is not None and find_method(settings.method).takes == "depth views",
        flat=flat,
    )

    def again() -> Run:
        found = [by_uid(bpy.data.objects, uid) for uid in uids]
        seen = by_uid(bpy.data.scenes, run.scene)
        if seen is None or None in found:
            raise CameraError("A camera of this job was deleted, or its file was closed.", "Start a new job.")
        return start_reconstruct_cameras(
            found,
            settings,
            scene=seen,
            maximum_side=maximum_side,
            flat=flat,
            name=name,
            job_folder=job_folder,
            engine_python=engine_python,
        )

    run.again = again
    return run


def start_inputs(scene: bpy.types.Scene) -> Run:
    """Queue a reconstruction from the enabled inputs and the settings of a scene, as the panel's button does.

    Raises
    ------
    InputError
        If there are no inputs, cameras and images are mixed, or all images are missing. Where some are, they
        are left out, and the run's ``notes`` say so.
    CameraError
        If a camera was deleted.
    """
    chosen = properties.scene_settings(scene)
    method = properties.METHOD_NAMES[chosen.method]
    takes = find_method(method).takes
    if takes == "prompt":
        asked = Settings(chosen.points, chosen.preset, preferences.device(), method, chosen.seed)
        run = imagining.start_prompt_of(scene, asked)
        run.of_inputs = True
        return run
    images, cameras = adding.enabled_images(scene), adding.enabled_cameras(scene)
    settings = Settings(
        chosen.points,
        chosen.preset,
        preferences.device(),
        method,
        chosen.seed,
        refine_cameras=chosen.refine_cameras and not cameras,  # those of the scene are exact
    )
    if not images and not cameras:
        raise InputError("There are no images and no cameras.", "Add cameras of the scene, or images.")
    if images and cameras:
        raise InputError(
            "The inputs are both cameras and images.", "Remove one or the other, or switch its rows off."
        )
    if len(images) > 1 and any(is_video(image) for image in images):
        raise InputError(adding.VIDEO_ALONE, adding.SWITCH_OTHERS_OFF)
    run = (
        start_reconstruct_cameras(
            cameras,
            settings,
            scene=scene,
            maximum_side=chosen.maximum_side,
            flat=chosen.flat and takes == "depth views",
        )
        if cameras
        else _start_images(
            images,
            settings,
            scene,
            cameras=adding.camera_file(scene),
            masks=adding.mask_folder(scene),
            mask_model=adding.mask_model(scene),
        )
    )
    run.of_inputs = True
    return run


def _start_images(
    images: Sequence[Path],
    settings: Settings,
    scene: bpy.types.Scene,
    *,
    cameras: Path | None,
    masks: Path | None,
    mask_model: str,
) -> Run:
    """Queue a reconstruction from those of the images that are there, or from a video."""
    gone = [image for image in images if not image.is_file()]
    there = [image for image in images if image not in gone]
    if not there:
        raise InputError(
            f"The image “{gone[0]}” is gone."
            if len(gone) == 1
            else f"All {len(gone)} images are gone: {listed([image.name for image in gone])}.",
            "Put back what is missing, or remove its rows.",
        )
    is_one_video = is_video(there[0])
    home = there[0] if is_one_video else common_folder(there)
    chosen = [] if is_one_video else there

    def task(folder: Path) -> protocol.Task:
        return reconstruct_task(
            folder, home, settings, cameras=cameras, masks=masks, images=chosen, mask_model=mask_model
        )

    name = home.stem if is_one_video else home.parent.name if home.name == "images" else home.name
    run = begin(task, name or CLOUD_NAME, scene, None, None)
    if gone:
        run.notes.append(f"Left out, as they are gone: {listed([image.name for image in gone])}.")
    again = partial(_start_images, images, settings, cameras=cameras, masks=masks, mask_model=mask_model)
    run.again = in_scene(scene, again)
    return run


def start_again(task: protocol.Reconstruct, title: str) -> Run:
    """Queue what an earlier session was asked for, for the context's scene.

    Raises
    ------
    InputError
        If its inputs are gone.
    """
    scene = current_scene()
    if task.images and task.input is not None:
        return _start_images(
            task.images,
            task.settings,
            scene,
            cameras=task.cameras,
            masks=task.masks,
            mask_model=task.mask_model,
        )
    if task.input is not None and not task.input.exists():
        raise InputError(f"“{task.input}” is gone.", "Put it back, or start a new job.")
    run = begin(lambda folder: failures.task_in(folder, task), title, scene, None, None)
    run.again = partial(start_again, task, title)
    return run


def is_answered(scene: bpy.types.Scene) -> bool:
    """Tell whether what the last run failed with was about inputs of a scene that are others now."""
    about = runs.error_inputs()
    return about is not None and about[0] == scene.session_uid and about != adding.describe_inputs(scene)


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
    run.again = of_cloud(
        cloud, partial(start_resample, points=points, seed=seed, device=device, engine_python=engine_python)
    )
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
    run.again = of_cloud(
        cloud, partial(start_convert_to_mesh, faces=faces, device=device, engine_python=engine_python)
    )
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
