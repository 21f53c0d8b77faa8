# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain functions behind every operator; scripts call these.

A reconstruction from the scene's cameras, in a script::

    import bpy

    from blender_addon import api  # bl_ext.user_default.uner3d where it is an installed extension
    from uner3d_core.settings import Settings

    cameras = [item for item in bpy.context.scene.objects if item.type == "CAMERA"]  # a dozen or more
    cloud = api.reconstruct_cameras(cameras, Settings(points=50_000, preset="draft"))
    cloud.uner3d.density = 0.5

Every function needs the add-on to be registered. What a person should read is raised as
``uner3d_core.errors.Uner3dError``: a sentence, and a hint what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import bpy

from uner3d_core.cloud_files import cloud_writer, read_npz, read_ply
from uner3d_core.data_set import Choice
from uner3d_core.errors import CloudFileError, InputError
from uner3d_core.settings import FACES, Settings

from . import capture, cloud_object, standing
from .capture import capture_cameras
from .cloud_arrays import cloud_arrays
from .data_sets import making
from .engine.client import JobState
from .engine_setup import (
    check_engine,
    install_engine,
    remove_engine,
    remove_engine_downloads,
    start_engine_installation,
)
from .inputs.adding import add_cameras, add_cameras_around, add_images
from .inputs.survey import survey_inputs
from .inputs.view_cameras import add_view_cameras, frames_of_cloud, frames_of_inputs
from .jobs import folders, runs
from .jobs.choices import Choice as CloudChoice
from .jobs.choices import dismiss as dismiss_choices
from .jobs.driving import complete, complete_choices, finish, keep_preview
from .jobs.imagining import start_choice, start_imagine
from .jobs.loading import in_thread
from .jobs.mask_sheet import show_masks
from .jobs.placing import (
    CLOUD_NAME,
    add_to_scene,
    current_scene,
    describe,
    prepare_display,
    remove_unused_display,
)
from .jobs.starting import (
    start_convert_to_mesh,
    start_inputs,
    start_reconstruct,
    start_reconstruct_cameras,
    start_resample,
)
from .mask_networks import fetch_mask_network
from .presets import load_look, load_setup, save_look, save_setup
from .standing import set_measured_distance
from .weights import fetch_weights

__all__ = [
    "add_cameras",
    "add_cameras_around",
    "add_images",
    "add_view_cameras",
    "capture_cameras",
    "check_engine",
    "complete",
    "complete_choices",
    "convert_to_mesh",
    "data_set_steps",
    "dismiss_choices",
    "export_cloud",
    "fetch_mask_network",
    "fetch_weights",
    "finish",
    "frames_of_cloud",
    "frames_of_inputs",
    "imagine",
    "imagine_choices",
    "import_cloud",
    "import_job",
    "install_engine",
    "keep_preview",
    "load_look",
    "load_setup",
    "make_data_set",
    "reconstruct",
    "reconstruct_cameras",
    "remove_engine",
    "remove_engine_downloads",
    "resample",
    "save_look",
    "save_setup",
    "set_measured_distance",
    "show_masks",
    "start_choice",
    "start_convert_to_mesh",
    "start_engine_installation",
    "start_imagine",
    "start_inputs",
    "start_reconstruct",
    "start_reconstruct_cameras",
    "start_resample",
    "survey_inputs",
    "take_choice",
]


# --- blocking calls, for scripts ---


def reconstruct(
    source: Path,
    settings: Settings | None = None,
    *,
    cameras: Path | None = None,
    masks: Path | None = None,
    mask_model: str = "",
    name: str = CLOUD_NAME,
    job_folder: Path | None = None,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> bpy.types.Object:
    """Reconstruct a folder of images, and wait for the cloud.

    Parameters
    ----------
    source : Path
        Folder of images, with ``transforms.json`` or COLMAP's model beside them, or without cameras, which
        are then estimated; or a video.
    settings : Settings, optional
        Number of points, preset, device, seed. None: the defaults, on the device of the preferences.
    cameras, masks : Path, optional
        Camera file and mask folder, where they don't lie beside the images.
    mask_model : str
        A trained network that makes the masks of images which have none: ``u2net`` or ``isnet``, fetched by
        :func:`fetch_mask_network`. Empty for none.
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
        The cloud, in the context's scene, selected and active. Where cameras had to be estimated it rests on
        the 3D cursor, as large as the scene's ``uner3d.longest_side``; otherwise its world is theirs.

    Raises
    ------
    Uner3dError
        If the engine is missing, or the input can't be read or describes no object; or if a job is
        running already, as Blender would stand still till that has ended too.
    """
    runs.refuse_busy()
    run = start_reconstruct(
        source,
        settings,
        cameras=cameras,
        masks=masks,
        mask_model=mask_model,
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
    flat: bool = False,
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
    flat : bool
        Render the colours of textures without light, by Workbench, in a fraction of the time.

    Returns
    -------
    bpy.types.Object
        The cloud, in world coordinates, where the object stands.

    Raises
    ------
    Uner3dError
        If a camera can't be rendered, the engine is missing, or the pictures describe no object.
    """
    runs.refuse_busy()
    run = start_reconstruct_cameras(
        cameras,
        settings,
        scene=scene,
        maximum_side=maximum_side,
        flat=flat,
        name=name,
        job_folder=job_folder,
        engine_python=engine_python,
    )
    return complete(run, on_progress)


def imagine(
    prompt: Path | str,
    settings: Settings | None = None,
    *,
    masks: Path | None = None,
    mask_model: str = "",
    name: str = "",
    job_folder: Path | None = None,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> bpy.types.Object:
    """Imagine an object from one picture or a sentence by Point-E, and wait for the cloud.

    Parameters
    ----------
    prompt : Path or str
        An image, or a sentence in English.
    settings : Settings, optional
        With the method ``point-e``: number of points, preset (16, 32 or 64 steps), seed, network, folder of
        the weights. None: the defaults.
    masks : Path, optional
        Folder of masks, where the image has no alpha and no mask beside it.
    mask_model : str
        As for :func:`reconstruct`; an even background is keyed out without it.
    name : str
        Name of the new object; empty for the image's, or the sentence's first words.
    job_folder, engine_python, on_progress
        As for :func:`reconstruct`.

    Returns
    -------
    bpy.types.Object
        The cloud, upright at the 3D cursor, its longest side 1 metre.

    Raises
    ------
    Uner3dError
        If the image can't be read, weights are missing, or the engine lacks what Point-E needs.
    """
    runs.refuse_busy()
    run = start_imagine(
        prompt,
        settings,
        masks=masks,
        mask_model=mask_model,
        name=name,
        job_folder=job_folder,
        engine_python=engine_python,
    )
    return complete(run, on_progress)


def imagine_choices(
    prompt: Path | str,
    seeds: int,
    settings: Settings | None = None,
    *,
    masks: Path | None = None,
    mask_model: str = "",
    name: str = "",
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> tuple[CloudChoice, ...]:
    """Imagine several rough clouds at once, to choose from, and wait for them.

    Parameters
    ----------
    prompt, settings, masks, mask_model, name, engine_python, on_progress
        As for :func:`imagine`.
    seeds : int
        How many, from 2: of the settings' seed, the next, and so on.

    Returns
    -------
    tuple of CloudChoice
        Their files and pictures; the panel shows them till they are dismissed, or others are made.

    Raises
    ------
    Uner3dError
        As for :func:`imagine`.
    """
    if seeds < 2:
        raise InputError("One cloud is no choice.", "Ask for 2 or more, or for one cloud at once.")
    runs.refuse_busy()
    run = start_imagine(
        prompt,
        settings,
        seeds=seeds,
        masks=masks,
        mask_model=mask_model,
        name=name,
        engine_python=engine_python,
    )
    return complete_choices(run, on_progress)


def take_choice(
    choice: CloudChoice,
    points: int | None = None,
    *,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> bpy.types.Object:
    """Find the surface of one of the clouds of :func:`imagine_choices`, and make a cloud of it.

    Parameters
    ----------
    choice : CloudChoice
        The one to take.
    points : int, optional
        How many; None: as the settings said that it was made with.
    engine_python, on_progress
        As for :func:`reconstruct`.

    Returns
    -------
    bpy.types.Object
        The cloud, as :func:`imagine` makes it.

    Raises
    ------
    Uner3dError
        If its file is gone, or as for :func:`imagine`.
    """
    runs.refuse_busy()
    return complete(start_choice(choice, points, engine_python=engine_python), on_progress)


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
    runs.refuse_busy()
    run = start_resample(cloud, points, seed=seed, device=device, engine_python=engine_python)
    return complete(run, on_progress)


def convert_to_mesh(
    cloud: bpy.types.Object,
    faces: int = FACES,
    *,
    device: str | None = None,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> bpy.types.Object:
    """Make a mesh of a reconstructed cloud's surface, from its fitted field; the cloud stays, and is hidden.

    Parameters
    ----------
    cloud : bpy.types.Object
        A cloud that was reconstructed; its pictures are not needed.
    faces : int
        How many triangles; with twice as many as the cloud has points, the colours are as sharp.
    device : str, optional
        What to compute on; None: the device of the preferences.
    engine_python, on_progress
        As for :func:`reconstruct`.

    Returns
    -------
    bpy.types.Object
        The mesh, with the colours and the material of the cloud, in its place, selected and active. It is
        closed, but for scenes without masks, which are open where no image shows them.

    Raises
    ------
    Uner3dError
        If the object has no field, its file is gone, or the number of faces is out of range.
    """
    runs.refuse_busy()
    run = start_convert_to_mesh(cloud, faces, device=device, engine_python=engine_python)
    return complete(run, on_progress)


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
        The cloud, selected and active. Of more than 2 million points the viewport shows 2 million until its
        ``uner3d.density`` is set.

    Raises
    ------
    CloudFileError
        If the file is missing, or holds no points.
    """
    readers = {".ply": read_ply, ".npz": read_npz}
    if path.suffix.lower() not in readers:
        raise CloudFileError(f"“{path.name}” is no point cloud.", "Choose a .ply or .npz file.")
    read = readers[path.suffix.lower()]
    # A thread has memory of its own: Blender's is left as it is for the mesh, which is made sooner there.
    reading = in_thread(lambda: cloud_arrays(read(path)))
    prepare_display()  # while the file is read
    try:
        arrays = reading.result()
    except CloudFileError:
        remove_unused_display()
        raise
    return add_to_scene(arrays, name or path.stem, current_scene())


def import_job(job: folders.FinishedJob) -> bpy.types.Object:
    """Bring the result of an earlier job, one of ``jobs.finished_jobs()``, into the context's scene.

    Returns
    -------
    bpy.types.Object
        The cloud, selected and active, with what the engine told about it; it can be resampled
        where its method made a field. Where no known cameras tell its place, it rests on where the 3D
        cursor was when the job was started, as large as the scene's ``uner3d.longest_side`` was then.

    Raises
    ------
    CloudFileError
        If its files are gone or damaged.
    """
    cloud = add_to_scene(read_npz(job.cloud), job.title or CLOUD_NAME, current_scene())
    describe(cloud, job.field, job.figures, job.cameras)
    if job.stands_freely:
        standing.stand(cloud, job.place or standing.place_at_cursor(current_scene()))
    return cloud


def make_data_set(
    objects: Sequence[bpy.types.Object], folder: Path, choice: Choice | None = None
) -> list[Path]:
    """Picture objects, each alone, from all sides with depth, as ``uner3d dataset`` does with files.

    Parameters
    ----------
    objects : sequence of bpy.types.Object
        Those without a surface are left out.
    folder : Path
        Gets a folder for each, called as the object; one that is there is replaced.
    choice : Choice, optional
        Number and size of the pictures, and so on; None: the usual ones.

    Returns
    -------
    list of Path
        The objects' folders.

    Raises
    ------
    Uner3dError
        If there is no object with a surface, one can't be rendered, or the files can't be written.
    """
    chosen = making.check_objects(objects)
    for _ in making.make(chosen, folder, choice or Choice()):
        pass
    return [folder / making.folder_name(item.name) for item in chosen]


def data_set_steps(
    objects: Sequence[bpy.types.Object], folder: Path, choice: Choice | None = None
) -> Generator[tuple[int, int], None, None]:
    """Have a second Blender do what :func:`make_data_set` does, step by step: pictures done, of how many.

    Closing the iterator ends it.
    """
    return making.make_apart(making.check_objects(objects), folder, choice or Choice())


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
