# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain functions behind every operator; scripts call these.

A reconstruction from three cameras of the scene, in a script::

    from blender_addon import api  # bl_ext.user_default.uner3d where it is an installed extension
    from uner3d_core.settings import Settings

    cameras = [bpy.data.objects[name] for name in ("Camera", "Camera.001", "Camera.002")]
    cloud = api.reconstruct_cameras(cameras, Settings(points=50_000, preset="draft"))
    cloud.uner3d.density = 0.5

Every function needs the add-on to be registered. What a person should read is raised as
``uner3d_core.errors.Uner3dError``: a sentence, and a hint what to do.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.cloud_files import cloud_writer, read_npz, read_ply
from uner3d_core.doctor import Report
from uner3d_core.errors import CameraError, CloudFileError, InputError, Uner3dError
from uner3d_core.inputs.frames import IMAGE_SUFFIXES
from uner3d_core.inputs.places import find_cameras, find_images, find_masks
from uner3d_core.settings import Settings

from . import capture, cloud_object, jobs, preferences, properties, rig, runs
from .beginning import begin, capture_steps, check_images, gather_images, reconstruct_task
from .capture import capture_cameras
from .engine import check as engine_check
from .engine.client import JobState
from .placing import add_to_scene, by_uid, current_scene, take_result
from .runs import Run

__all__ = [
    "add_cameras",
    "add_cameras_around",
    "add_images",
    "capture_cameras",
    "check_engine",
    "complete",
    "export_cloud",
    "finish",
    "import_cloud",
    "import_job",
    "keep_preview",
    "reconstruct",
    "reconstruct_cameras",
    "resample",
    "start_inputs",
    "start_reconstruct",
    "start_reconstruct_cameras",
    "start_resample",
]

CLOUD_NAME = "Cloud"
POLL_SECONDS = 0.05


# --- the inputs of a scene ---


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
        inputs.add().camera = camera
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
    cameras = rig.add_cameras_around(
        objects, scene, kind, count, lowest=lowest, highest=highest, distance=distance
    )
    add_cameras(scene, cameras)
    return cameras


def add_images(scene: bpy.types.Scene, paths: Sequence[Path]) -> int:
    """Add images, and the images in folders, to the inputs of a scene; those there already are left out.

    Of a folder without images of its own, those in its folder ``images`` are taken.

    Returns
    -------
    int
        How many were added.

    Raises
    ------
    InputError
        If a file is missing or no image, or a folder holds none; then none is added.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"There is no “{path}”.", "Choose images, or a folder of them.")
        found = _images_in(path) if path.is_dir() else [path]
        if not found:
            raise InputError(f"“{path}” holds no images.", "Choose a folder with PNG, JPEG or TIFF files.")
        files += found
    for file in files:
        if file.suffix.lower() not in IMAGE_SUFFIXES or not file.is_file():
            raise InputError(f"“{file}” is no image file.", "Choose PNG, JPEG, TIFF, WebP or BMP files.")
    inputs = properties.scene_settings(scene).inputs
    there = {Path(bpy.path.abspath(item.filepath)) for item in inputs if item.filepath}
    new = [file for file in dict.fromkeys(file.absolute() for file in files) if file not in there]
    for file in new:
        inputs.add().filepath = str(file)
    return len(new)


def _images_in(folder: Path) -> list[Path]:
    below = folder / "images"
    return find_images(folder) or (find_images(below) if below.is_dir() else [])


# --- blocking calls, for scripts ---


def reconstruct(
    source: Path,
    settings: Settings | None = None,
    *,
    cameras: Path | None = None,
    masks: Path | None = None,
    name: str = CLOUD_NAME,
    job_folder: Path | None = None,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> bpy.types.Object:
    """Reconstruct a folder of images, and wait for the cloud.

    Parameters
    ----------
    source : Path
        Folder of images with ``transforms.json`` or COLMAP's model beside them.
    settings : Settings, optional
        Number of points, preset, device, seed. None: the defaults, on the device of the preferences.
    cameras, masks : Path, optional
        Camera file and mask folder, where they don't lie beside the images.
    name : str
        Name of the new object.
    job_folder : Path, optional
        Where the job and its results lie, kept whatever happens: a new or empty folder, or that of an earlier
        job. None: a new one in the extension's folder; where the add-on is used as a library, in Blender's
        temporary folder, which goes when Blender ends.
    engine_python : Path, optional
        The Python that runs the worker. None: the one of the preferences.
    on_progress : callable, optional
        Called with the job's state whenever that is new.

    Returns
    -------
    bpy.types.Object
        The cloud, in the context's scene, selected and active.

    Raises
    ------
    Uner3dError
        If the engine is missing, or the input can't be read or describes no object.
    """
    run = start_reconstruct(
        source,
        settings,
        cameras=cameras,
        masks=masks,
        name=name,
        job_folder=job_folder,
        engine_python=engine_python,
    )
    return complete(run, on_progress)


def reconstruct_cameras(
    cameras: Sequence[bpy.types.Object],
    settings: Settings | None = None,
    *,
    scene: bpy.types.Scene | None = None,
    maximum_side: int = capture.DEFAULT_MAXIMUM_SIDE,
    name: str = CLOUD_NAME,
    job_folder: Path | None = None,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> bpy.types.Object:
    """Render what cameras of the scene see, reconstruct it, and wait for the cloud.

    Parameters
    ----------
    cameras : sequence of bpy.types.Object
        Perspective cameras that look at the object.
    settings, name, job_folder, engine_python, on_progress
        As for :func:`reconstruct`.
    scene : bpy.types.Scene, optional
        The scene that the cameras see and that the cloud goes into; the context's if None.
    maximum_side : int
        Longest side of a rendered picture in pixels; a larger scene resolution is scaled down to it.

    Returns
    -------
    bpy.types.Object
        The cloud, in world coordinates, where the object stands.

    Raises
    ------
    Uner3dError
        If a camera can't be rendered, the engine is missing, or the pictures describe no object.
    """
    run = start_reconstruct_cameras(
        cameras,
        settings,
        scene=scene,
        maximum_side=maximum_side,
        name=name,
        job_folder=job_folder,
        engine_python=engine_python,
    )
    return complete(run, on_progress)


def resample(
    cloud: bpy.types.Object,
    points: int,
    *,
    seed: int = 0,
    device: str | None = None,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> bpy.types.Object:
    """Replace the points of a reconstructed cloud by another number of them, from its fitted field.

    Parameters
    ----------
    cloud : bpy.types.Object
        A cloud that was reconstructed; its pictures are not needed.
    points : int
        How many points to sample.
    seed : int
        The same seed gives the same points.
    device : str, optional
        What to compute on; None: the device of the preferences.
    engine_python, on_progress
        As for :func:`reconstruct`.

    Returns
    -------
    bpy.types.Object
        ``cloud``, with new points and everything else as it was.

    Raises
    ------
    Uner3dError
        If the object has no field, or its file is gone.
    """
    return complete(
        start_resample(cloud, points, seed=seed, device=device, engine_python=engine_python), on_progress
    )


def import_cloud(path: Path, *, name: str | None = None) -> bpy.types.Object:
    """Read a point cloud, this add-on's or another program's, into the context's scene.

    Parameters
    ----------
    path : Path
        A ``.ply`` or ``.npz`` file.
    name : str, optional
        Name of the new object; None: the file's.

    Returns
    -------
    bpy.types.Object
        The cloud, selected and active.

    Raises
    ------
    CloudFileError
        If the file is missing, or holds no points.
    """
    readers = {".ply": read_ply, ".npz": read_npz}
    if path.suffix.lower() not in readers:
        raise CloudFileError(f"“{path.name}” is no point cloud.", "Choose a .ply or .npz file.")
    return add_to_scene(readers[path.suffix.lower()](path), name or path.stem, current_scene())


def import_job(job: jobs.FinishedJob) -> bpy.types.Object:
    """Bring the result of an earlier job, one of ``jobs.finished_jobs()``, into the context's scene.

    Returns
    -------
    bpy.types.Object
        The cloud, selected and active; it can be resampled.

    Raises
    ------
    CloudFileError
        If its files are gone or damaged.
    """
    cloud = add_to_scene(read_npz(job.cloud), job.title or CLOUD_NAME, current_scene())
    properties.cloud_settings(cloud).field = str(job.field)
    return cloud


def check_engine(engine_python: Path | None = None) -> Report:
    """Run a Python to see whether it can be the engine.

    Parameters
    ----------
    engine_python : Path, optional
        The Python; None: the one of the preferences.

    Returns
    -------
    Report
        Its versions, devices and memory.

    Raises
    ------
    EngineError
        If it can't be the engine, and why.
    """
    return engine_check.check_engine(engine_python or preferences.engine_python())


def export_cloud(cloud: bpy.types.Object, path: Path) -> None:
    """Write all points of a cloud object, in world coordinates and progressive order, to a file.

    Parameters
    ----------
    cloud : bpy.types.Object
        A cloud.
    path : Path
        A ``.ply`` or ``.npz`` file; one of that name is replaced.

    Raises
    ------
    CloudFileError
        If the object has no points.
    OutputError
        If the file's name ends otherwise, or it can't be written.
    """
    cloud_writer(path)(path, cloud_object.read_cloud(cloud))


# --- runs, for whoever must not wait ---


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


def keep_preview() -> bpy.types.Object:
    """Make a cloud object of the newest early cloud of the running job, which goes on.

    Raises
    ------
    InputError
        If no job is running, or it has shown nothing yet.
    """
    run = runs.current()
    if run is None or not run.state.previews:
        raise InputError("No job shows a preview.", "Start one, and wait for its first cloud.")
    scene = by_uid(bpy.data.scenes, run.scene) or current_scene()
    return add_to_scene(read_npz(run.state.previews[-1]), f"{run.title} Preview", scene)


def complete(run: Run, on_progress: Callable[[JobState], None] | None = None) -> bpy.types.Object:
    """Wait for a run, and take its result into the scene.

    Raises
    ------
    Uner3dError
        As :func:`finish`.
    """
    told = run.state
    try:
        while not (state := run.advance()).ended:
            if on_progress and state != told:
                on_progress(state)
                told = state
            if run.preparation is None:
                time.sleep(POLL_SECONDS)
    finally:
        if not run.state.ended:  # interrupted
            runs.end(run)
    return finish(run)


def finish(run: Run) -> bpy.types.Object:
    """Take the result of a run that has ended into the scene.

    Returns
    -------
    bpy.types.Object
        The new cloud, or the resampled one.

    Raises
    ------
    Uner3dError
        What the run failed with; ``Cancelled`` where it was cancelled.
    """
    try:
        if run.state.error is not None:
            raise run.state.error
        if run.state.result is None:
            raise RuntimeError("Only a run that has ended can be finished.")
        cloud = take_result(run, run.state.result)
    except BaseException as error:  # whatever happens, the next job must not find this one still there
        runs.end(run, error if isinstance(error, Uner3dError) else None)
        raise
    runs.end(run)
    return cloud
