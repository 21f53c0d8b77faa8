# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run begins: its job folder, its task, and what is done before the worker starts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

import bpy

from uner3d_core import protocol
from uner3d_core.errors import CameraError, EngineError, InputError, OutputError, Uner3dError
from uner3d_core.progress import Silent
from uner3d_core.settings import Settings

from .. import capture, folder_lock, preferences, standing
from . import driving, folders, runs
from .placing import by_uid
from .run import Preparation, Run


def begin(
    make_task: Callable[[Path], protocol.Task],
    title: str,
    scene: bpy.types.Scene,
    job_folder: Path | None,
    engine_python: Path | None,
) -> Run:
    """Make the job folder and put the run into the queue; a folder made for it goes where that fails."""
    python = engine_python or preferences.engine_python()
    if not python.is_file():  # said before the cameras are rendered
        raise EngineError(
            f"The engine's Python “{python}” is not there.", "Choose another one in the add-on's preferences."
        )
    folder = job_folder.absolute() if job_folder else folders.new_job_folder(title)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / protocol.JOB_FILE).is_file():
            raise OutputError(
                f"“{folder}” holds other files, which a job might replace.", "Choose a new or empty folder."
            )
        lock = folder_lock.lock(folder)
    except OSError as error:
        if job_folder is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise _unwritable(folder, error) from error
    try:
        task = make_task(folder)
        protocol.write_job(folder, task)
        place = None
        if isinstance(task, protocol.Reconstruct | protocol.Imagine):
            place = standing.place_at_cursor(scene)
            folders.write_place(folder, place)
    except BaseException as error:
        lock.release()
        if job_folder is None:
            shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise _unwritable(folder, error) from error
    run = Run(
        title, folder, python, task, scene.session_uid, temporary=job_folder is None, lock=lock, place=place
    )
    runs.add(run)
    driving.wake()
    if job_folder is None:  # a moment at which nobody waits for the disk
        Thread(target=folders.clear_abandoned, args=(folder.parent,), daemon=True).start()
    return run


def _unwritable(folder: Path, error: OSError) -> Uner3dError:
    if isinstance(error, BlockingIOError):
        return InputError(
            f"Another job works in “{folder}”.", "Wait for it to finish, or choose another folder."
        )
    return OutputError(
        f"The job's folder “{folder}” can't be written: {error.strerror}.",
        "Choose a folder that you may write to, on a disk with room.",
    )


def reconstruct_task(
    folder: Path,
    source: Path,
    settings: Settings | None,
    *,
    cameras: Path | None,
    masks: Path | None,
    images: Sequence[Path] = (),
    mask_model: str = "",
) -> protocol.Reconstruct:
    """Describe a reconstruction from a folder of images, whose results lie in the job's ``folder``."""
    return protocol.Reconstruct(
        input=source.absolute(),
        cloud=folder / folders.CLOUD_FILE,
        field=folder / folders.FIELD_FILE,
        cameras=cameras.absolute() if cameras else None,
        masks=masks.absolute() if masks else None,
        settings=settings or Settings(device=preferences.device()),
        images=tuple(images),
        mask_model=mask_model,
        estimated_cameras=folder / folders.CAMERAS_FILE,
    )


def capture_steps(
    cameras: Sequence[int],
    scene: int,
    folder: Path,
    maximum_side: int,
    tell: Callable[[str], None] = Silent().log,  # noqa: B008 -- Silent has no state
    *,
    depth: bool = False,
    flat: bool = False,
) -> Preparation:
    """Render one camera after the other; each is looked up anew, since undo may replace them meanwhile.

    ``tell`` is told which are left out, as they see nothing.
    """
    names, paths, captured = [], [], []
    yield 0, len(cameras)
    for number, uid in enumerate(cameras):
        camera = by_uid(bpy.data.objects, uid)
        seen = by_uid(bpy.data.scenes, scene)
        if camera is None or seen is None:
            raise CameraError(
                "A camera was deleted, or its file was closed, before it was rendered.", "Start again."
            )
        names.append(camera.name)
        paths.append(capture.view_path(folder, number, camera))
        captured.append(capture.capture_view(camera, paths[-1], seen, maximum_side, depth=depth, flat=flat))
        yield number + 1, len(cameras)
    blind = capture.write_seeing(folder, names, paths, captured, depth=depth)
    if blind:
        tell(capture.left_out(blind))


def cloud_steps(cloud: int, title: str) -> Preparation:
    """See that the cloud is still there that is to be sampled anew or become a mesh."""
    yield 0, 0
    if by_uid(bpy.data.objects, cloud) is None:
        raise InputError(f"“{title}” was deleted before its turn came.", "Undo, and start again.")
