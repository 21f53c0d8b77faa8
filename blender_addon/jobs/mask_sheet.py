# SPDX-License-Identifier: GPL-3.0-or-later
"""The masks that a run would use, drawn by a worker of its own before the run, beside Blender's work.

It is no run of the queue: it takes seconds, and the person may look at masks while another job runs.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import bpy

from uner3d_core import protocol
from uner3d_core.errors import Cancelled, EngineError, InputError, Uner3dError
from uner3d_core.inputs.places import common_folder
from uner3d_core.inputs.video.frames import is_video

from .. import preferences
from ..engine.client import Job, JobState, Phase
from ..inputs import adding
from ..windows import redraw_sidebars
from .driving import is_person_busy
from .placing import by_uid

IMAGE_NAME = "UNeR3D Masks"
POLL_SECONDS = 0.1


@dataclass
class Sheet:
    """A sheet of masks, and how far it is.

    Parameters
    ----------
    inputs : tuple
        What it is about, see ``inputs.adding.describe_inputs``.
    folder : Path
        Where the worker writes it; removed at its end.
    job : Job
        The worker.
    state : JobState
        How it stands.
    notes : tuple of str
        What was chosen, and what was found out about the images.
    error : Uner3dError, optional
        Why there is none.
    image : int, optional
        ``session_uid`` of the image in the file.
    """

    inputs: tuple[object, ...]
    folder: Path
    job: Job
    state: JobState
    notes: tuple[str, ...] = ()
    error: Uner3dError | None = None
    image: int | None = None


_sheets: list[Sheet] = []  # one at most


def start_masks(scene: bpy.types.Scene, *, engine_python: Path | None = None) -> Sheet:
    """Have the masks of a scene's images drawn, and return at once; in a window it goes on by itself.

    Raises
    ------
    Uner3dError
        If there are no images among the inputs, or the engine is missing.
    """
    images = adding.enabled_images(scene)
    if not images:
        raise InputError("There are no images among the inputs.", "Add images, or a video.")
    python = engine_python or preferences.engine_python()
    if not python.is_file():
        raise EngineError(
            f"The engine's Python “{python}” is not there.", "Choose another one in the add-on's preferences."
        )
    forget()
    folder = Path(tempfile.mkdtemp(prefix="masks_", dir=bpy.app.tempdir))
    is_one_video = len(images) == 1 and is_video(images[0])
    task = protocol.ShowMasks(
        images[0] if is_one_video else common_folder(images),
        folder / "sheet.png",
        adding.camera_file(scene),
        adding.mask_folder(scene),
        images=() if is_one_video else tuple(images),
        mask_model=adding.mask_model(scene),
    )
    protocol.write_job(folder, task)
    job = Job(python, folder)
    job.start()
    sheet = Sheet(adding.describe_inputs(scene), folder, job, job.poll())
    _sheets.append(sheet)
    if not bpy.app.background:
        bpy.app.timers.register(_tick, first_interval=POLL_SECONDS, persistent=True)
    return sheet


def show_masks(scene: bpy.types.Scene, *, engine_python: Path | None = None) -> bpy.types.Image:
    """Draw the masks that a run with a scene's images would use, and wait for the drawing.

    Returns
    -------
    bpy.types.Image
        All images, with what is left out of them dark; it is packed. An earlier one is replaced.

    Raises
    ------
    Uner3dError
        If there are no images, the engine is missing, or an image or a mask can't be read.
    """
    sheet = start_masks(scene, engine_python=engine_python)
    try:
        while not _advance(sheet):
            time.sleep(POLL_SECONDS)
    finally:
        if not sheet.state.ended:  # interrupted
            forget()
    if sheet.error is not None:
        raise sheet.error
    return cast("bpy.types.Image", image_of(sheet))


def sheet_of(scene: bpy.types.Scene) -> Sheet | None:
    """Tell the sheet of a scene's inputs; None where there is none of what they are now."""
    if not _sheets or _sheets[0].inputs != adding.describe_inputs(scene):
        return None
    return _sheets[0]


def image_of(sheet: Sheet) -> Any:
    """Find the image of a sheet; None where it is not drawn, or was removed."""
    return None if sheet.image is None else by_uid(bpy.data.images, sheet.image)


def cancel() -> None:
    """Ask the worker to stop."""
    for sheet in _sheets:
        if not sheet.state.ended:
            sheet.job.cancel()


def forget() -> None:
    """End the worker, and forget the sheet; its image stays."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    while _sheets:
        sheet = _sheets.pop()
        sheet.job.close()
        shutil.rmtree(sheet.folder, ignore_errors=True)


def _tick() -> float | None:
    if is_person_busy():  # an undo step made meanwhile would hold what is half done
        return POLL_SECONDS
    is_over = all(_advance(sheet) for sheet in _sheets)
    redraw_sidebars()
    return None if is_over else POLL_SECONDS


def _advance(sheet: Sheet) -> bool:
    """See how far it is; tell whether it is over."""
    sheet.state = sheet.job.poll()
    if not sheet.state.ended:
        return False
    if sheet.state.phase is Phase.FINISHED and sheet.state.result is not None:
        sheet.notes = tuple(sheet.state.result.figures.notes)
        sheet.image = _load(Path(sheet.state.result.files["sheet"])).session_uid
    else:
        sheet.error = sheet.state.error or Cancelled()
    shutil.rmtree(sheet.folder, ignore_errors=True)
    return True


def _load(path: Path) -> Any:
    """Bring the drawing into the file, in place of an earlier one wherever that is shown."""
    old = bpy.data.images.get(IMAGE_NAME)
    made: Any = bpy.data.images.load(str(path))
    made.pack()
    if old is not None:
        old.user_remap(made)
        bpy.data.images.remove(old)
    made.name = IMAGE_NAME
    return made


def unregister() -> None:
    """End the worker."""
    forget()
