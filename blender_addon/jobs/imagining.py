# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of methods that take one picture or a sentence, put into the queue and waited for by others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import bpy

from uner3d_core import protocol
from uner3d_core.errors import CameraError, InputError, OutputError
from uner3d_core.point_e.sizes import MOST_SEEDS
from uner3d_core.settings import Settings

from .. import capture, capture_apart, preferences, properties
from ..inputs import adding
from . import choices, folders
from .beginning import begin, capture_steps
from .choices import Choice
from .placing import CLOUD_NAME, by_uid, current_scene
from .repeating import in_scene
from .run import Run

_LONGEST_NAME = 40


def start_imagine(
    prompt: Path | str,
    settings: Settings | None = None,
    *,
    seeds: int = 1,
    masks: Path | None = None,
    mask_model: str = "",
    scene: bpy.types.Scene | None = None,
    name: str = "",
    job_folder: Path | None = None,
    engine_python: Path | None = None,
) -> Run:
    """Put into the queue what :func:`imagine` does, or :func:`imagine_choices` where there are several seeds.

    In a window the queue goes on by itself. Otherwise call :func:`complete`, or :func:`complete_choices`.
    """
    settings = settings or Settings(method="point-e", device=preferences.device())
    _check_seeds(seeds)
    if isinstance(prompt, Path):
        if not prompt.is_file():
            raise InputError(f"The image “{prompt}” is gone.", "Choose an image.")
        picture, text = prompt.absolute(), ""
    else:
        picture, text = None, prompt.strip()
        if not text:
            raise InputError("There is no sentence.", "Say in a few words what is to be made.")
    scene = scene or current_scene()

    def task(folder: Path) -> protocol.Task:
        return _task(folder, picture, text, settings, seeds, masks, mask_model)

    title = name or (picture.stem if picture is not None else text[:_LONGEST_NAME])
    run = begin(task, title, scene, job_folder, engine_python)
    run.again = in_scene(
        scene,
        partial(
            start_imagine,
            prompt,
            settings,
            seeds=seeds,
            masks=masks,
            mask_model=mask_model,
            name=name,
            job_folder=job_folder,
            engine_python=engine_python,
        ),
    )
    return run


def start_imagine_camera(
    camera: bpy.types.Object,
    settings: Settings,
    *,
    seeds: int = 1,
    scene: bpy.types.Scene,
    maximum_side: int = capture.DEFAULT_MAXIMUM_SIDE,
) -> Run:
    """Put into the queue what :func:`start_imagine` does, with what a camera of the scene sees."""
    _check_seeds(seeds)
    capture.check_camera(camera)
    uid = camera.session_uid

    def task(folder: Path) -> protocol.Task:
        return _task(folder, folder / "images", "", settings, seeds, None)

    run = begin(task, CLOUD_NAME, scene, None, None)
    steps = capture_apart.capture_steps_apart if capture_apart.can_render_apart() else capture_steps
    run.preparation = steps([uid], run.scene, run.folder, maximum_side, run.notes.append)

    def again(scene: bpy.types.Scene) -> Run:
        found = by_uid(bpy.data.objects, uid)
        if found is None:
            raise CameraError("A camera of this job was deleted, or its file was closed.", "Start a new job.")
        return start_imagine_camera(found, settings, seeds=seeds, scene=scene, maximum_side=maximum_side)

    run.again = in_scene(scene, again)
    return run


def start_prompt_of(scene: bpy.types.Scene, settings: Settings) -> Run:
    """Queue what the panel's button does for a method that takes one picture or a sentence.

    Raises
    ------
    InputError
        If there is no sentence or no picture, or several pictures are switched on and none of them is
        selected.
    """
    chosen = properties.scene_settings(scene)
    settings = replace(
        settings, network=properties.NETWORK_NAMES[chosen.network], weights=preferences.weights_folder()
    )
    if chosen.prompt_kind == "SENTENCE":
        return start_imagine(chosen.prompt, settings, seeds=chosen.seeds, scene=scene)
    row = adding.chosen_row(scene)
    if row is None:
        raise InputError(
            "There is no picture to imagine an object from.",
            "Add one image, or switch one on and select it in the list.",
        )
    if not row.filepath:
        if row.camera is None:
            raise CameraError("A camera among the inputs was deleted.", "Remove its row, or undo.")
        return start_imagine_camera(
            row.camera, settings, seeds=chosen.seeds, scene=scene, maximum_side=chosen.maximum_side
        )
    return start_imagine(
        adding.image_path(row),
        settings,
        seeds=chosen.seeds,
        masks=adding.mask_folder(scene),
        mask_model=adding.mask_model(scene),
        scene=scene,
    )


def start_choice(
    choice: Choice,
    points: int | None = None,
    *,
    scene: bpy.types.Scene | None = None,
    engine_python: Path | None = None,
) -> Run:
    """Put into the queue what :func:`take_choice` does."""
    scene = scene or current_scene()
    if not choice.cloud.is_file():
        raise InputError(f"“{choice.cloud}” is gone.", "Imagine the clouds again.")
    settings = replace(choice.settings, points=points or choice.settings.points, seed=choice.seed)

    def task(folder: Path) -> protocol.Task:
        own = folder / choice.cloud.name  # the choices may be dismissed before its turn comes
        try:
            shutil.copyfile(choice.cloud, own)
        except OSError as error:
            raise OutputError(
                f"“{own}” can't be written: {error.strerror}.", "Free some space or choose another folder."
            ) from error
        return _task(folder, own, "", settings, 1, None)

    run = begin(task, choice.title, scene, None, engine_python)
    run.again = in_scene(scene, partial(start_choice, choice, points, engine_python=engine_python))
    return run


def choice_of(seed: int) -> Choice:
    """Find what is offered of a seed.

    Raises
    ------
    InputError
        If nothing is.
    """
    for choice in choices.offered():
        if choice.seed == seed:
            return choice
    raise InputError(f"There is no cloud of seed {seed} to choose.", "Imagine the clouds again.")


def _task(  # noqa: PLR0917 -- all that a task is made of
    folder: Path,
    picture: Path | None,
    text: str,
    settings: Settings,
    seeds: int,
    masks: Path | None,
    mask_model: str = "",
) -> protocol.Task:
    masks = masks.absolute() if masks else None
    if seeds > 1:
        return protocol.Imagine(picture, folder, seeds, masks, settings, prompt=text, mask_model=mask_model)
    cloud, field = folder / folders.CLOUD_FILE, folder / folders.FIELD_FILE
    return protocol.Reconstruct(
        picture, cloud, field, masks=masks, settings=settings, prompt=text, mask_model=mask_model
    )


def _check_seeds(seeds: int) -> None:
    if not 1 <= seeds <= MOST_SEEDS:
        raise InputError(f"{seeds} clouds can't be made at once.", f"Choose from 1 to {MOST_SEEDS}.")
