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

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import bpy

from uner3d_core import protocol
from uner3d_core.cloud_files import cloud_writer, read_npz, read_ply
from uner3d_core.doctor import Report
from uner3d_core.errors import CameraError, CloudFileError, EngineError, InputError, OutputError, Uner3dError
from uner3d_core.inputs.frames import IMAGE_SUFFIXES
from uner3d_core.inputs.places import find_cameras, find_images, find_masks
from uner3d_core.point_cloud import PointCloud
from uner3d_core.settings import Settings

from . import capture, cloud_object, jobs, preferences, properties, rig, runs
from .capture import capture_cameras
from .engine import check as engine_check
from .engine.client import JobState
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
RADIUS_PER_SPACING = 0.6
"""Discs of this radius just cover a surface on which points are spread evenly: 1/√3, and a little more."""


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
    return _add_to_scene(readers[path.suffix.lower()](path), name or path.stem, _current_scene())


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
    cloud = _add_to_scene(read_npz(job.cloud), job.title or CLOUD_NAME, _current_scene())
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
        return _reconstruct_task(folder, source, settings, cameras, masks)

    return _begin(task, name, _current_scene(), job_folder, engine_python)


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
    scene = scene or _current_scene()

    def task(folder: Path) -> protocol.Task:
        return _reconstruct_task(folder, folder / "images", settings, folder / "transforms.json", None)

    run = _begin(task, name, scene, job_folder, engine_python)
    run.preparation = _capture_steps(
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
    _check_images(images)

    def task(folder: Path) -> protocol.Task:
        source = _gather_images(images, folder / "images")
        known = camera_file or find_cameras(home) or find_cameras(home.parent)
        # Copies of some of the images no longer lie beside their masks.
        masks = mask_folder or (find_masks(home) if source != home else None)
        return _reconstruct_task(folder, source, settings, known, masks)

    home = images[0].parent
    name = home.parent.name if home.name == "images" else home.name
    return _begin(task, name or CLOUD_NAME, scene, None, None)


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

    run = _begin(task, cloud.name, _current_scene(), None, engine_python)
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
    scene = _by_uid(bpy.data.scenes, run.scene) or _current_scene()
    return _add_to_scene(read_npz(run.state.previews[-1]), f"{run.title} Preview", scene)


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
        cloud = _take_result(run, run.state.result)
    except BaseException as error:  # whatever happens, the next job must not find this one still there
        runs.end(run, error if isinstance(error, Uner3dError) else None)
        raise
    runs.end(run)
    return cloud


def _begin(
    make_task: Callable[[Path], protocol.Task],
    title: str,
    scene: bpy.types.Scene,
    job_folder: Path | None,
    engine_python: Path | None,
) -> Run:
    """Make the job folder and the run; a folder made for it goes where that fails."""
    runs.refuse_second()
    python = engine_python or preferences.engine_python()
    if not python.is_file():  # said before the cameras are rendered
        raise EngineError(
            f"The engine's Python “{python}” is not there.", "Choose another one in the add-on's preferences."
        )
    folder = job_folder.absolute() if job_folder else jobs.new_job_folder(title)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / protocol.JOB_FILE).is_file():
            raise OutputError(
                f"“{folder}” holds other files, which a job might replace.", "Choose a new or empty folder."
            )
        task = make_task(folder)
        protocol.write_job(folder, task)
    except BaseException as error:
        if job_folder is None:
            shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise OutputError(
            f"The job's folder “{folder}” can't be written: {error.strerror}.",
            "Choose a folder that you may write to, on a disk with room.",
        ) from error
    run = Run(title, folder, python, task, scene.session_uid, temporary=job_folder is None)
    runs.begin(run)
    return run


def _reconstruct_task(
    folder: Path, source: Path, settings: Settings | None, cameras: Path | None, masks: Path | None
) -> protocol.Reconstruct:
    return protocol.Reconstruct(
        input=source.absolute(),
        cloud=folder / jobs.CLOUD_FILE,
        field=folder / jobs.FIELD_FILE,
        cameras=cameras.absolute() if cameras else None,
        masks=masks.absolute() if masks else None,
        settings=settings or Settings(device=preferences.device()),
    )


def _capture_steps(
    cameras: Sequence[int], scene: int, folder: Path, maximum_side: int
) -> Iterator[tuple[int, int]]:
    """Render one camera after the other; each is looked up anew, since undo may replace them meanwhile."""
    paths, captured = [], []
    yield 0, len(cameras)
    for number, uid in enumerate(cameras):
        camera = _by_uid(bpy.data.objects, uid)
        seen = _by_uid(bpy.data.scenes, scene)
        if camera is None or seen is None:
            raise CameraError("A camera was deleted while the views were rendered.", "Start again.")
        paths.append(capture.view_path(folder, number, camera))
        captured.append(capture.capture_view(camera, paths[-1], seen, maximum_side))
        yield number + 1, len(cameras)
    capture.write_camera_file(folder, paths, captured)


def _check_images(images: Sequence[Path]) -> None:
    names: set[str] = set()
    for image in images:
        if not image.is_file():
            raise InputError(f"The image “{image}” is gone.", "Remove its row from the inputs.")
        if image.name in names:
            raise InputError(f"Two images are called “{image.name}”.", "Rename one of them.")
        names.add(image.name)


def _gather_images(images: Sequence[Path], folder: Path) -> Path:
    """Give the folder that holds these images alone: theirs if it does, else ``folder``, with copies."""
    home = images[0].parent
    if set(find_images(home)) == set(images):
        return home
    folder.mkdir(parents=True)
    for image in images:
        shutil.copyfile(image, folder / image.name)
    return folder


def _take_result(run: Run, result: protocol.Result) -> bpy.types.Object:
    """Put the worker's cloud into the scene that the run was started in."""
    points = read_npz(Path(result.files["cloud"]))
    if run.cloud is not None:
        cloud = _by_uid(bpy.data.objects, run.cloud)
        if cloud is None:
            raise InputError(f"“{run.title}” was deleted meanwhile.", "Undo, and resample again.")
        cloud_object.replace_points(cloud, points)
        settings = properties.cloud_settings(cloud)
        settings.spacing = cloud_object.spacing(points)
        settings.radius *= (settings.points / len(points)) ** 0.5
        settings.points = len(points)
        return cast("bpy.types.Object", cloud)
    scene = _by_uid(bpy.data.scenes, run.scene)
    if scene is None:
        raise InputError("The scene was deleted while its cloud was made.", "Undo, and start again.")
    cloud = _add_to_scene(points, run.title, scene)
    settings = properties.cloud_settings(cloud)
    settings.field = result.files["field"]
    settings.views = result.figures.registered
    settings.seconds = sum(result.figures.stages.values())
    settings.figures = json.dumps(asdict(result.figures))
    return cloud


def _add_to_scene(points: PointCloud, name: str, scene: bpy.types.Scene) -> bpy.types.Object:
    """Make a cloud object in the scene; in the context's it becomes the selected and active one."""
    cloud = cloud_object.make_cloud_object(points, name)
    settings = properties.cloud_settings(cloud)
    settings.is_cloud = True
    settings.points = settings.resample_points = len(points)
    settings.spacing = cloud_object.spacing(points)
    settings.radius = RADIUS_PER_SPACING * settings.spacing
    properties.apply_display(cloud)
    context: Any = bpy.context
    if scene != context.scene:
        scene.collection.objects.link(cloud)
        return cloud
    # An excluded collection would hide the cloud, a linked one takes no objects.
    usable = not context.layer_collection.exclude and context.collection.is_editable
    (context.collection if usable else scene.collection).objects.link(cloud)
    for other in context.selected_objects:
        other.select_set(False)
    cloud.select_set(True)
    context.view_layer.objects.active = cloud
    return cloud


def _current_scene() -> bpy.types.Scene:
    return cast("bpy.types.Scene", bpy.context.scene)


def _by_uid(collection: Any, uid: int) -> Any:
    """Find a data-block by its ``session_uid``, which undo and renaming keep; None if it is gone."""
    return next((block for block in collection if block.session_uid == uid), None)
