# SPDX-License-Identifier: GPL-3.0-or-later
"""A data set of objects of a scene, each pictured alone: here, or by a second Blender."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy

import uner3d_core
from uner3d_core.data_set import VERSION, Choice
from uner3d_core.errors import InputError, OutputError

from .. import capture_apart, capture_script
from ..jobs.run import Preparation
from . import picturing

_RENDERED = {"MESH", "CURVE", "SURFACE", "META", "FONT"}


def check_objects(objects: Sequence[bpy.types.Object]) -> list[bpy.types.Object]:
    """Find the objects that can be pictured among some.

    Raises
    ------
    InputError
        If there is none, or two would have the same folder.
    """
    found = [item for item in objects if item.type in _RENDERED]
    if not found:
        raise InputError("No object with a surface is selected.", "Select the objects of the data set.")
    names = [folder_name(item.name) for item in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"Two objects would have the same folder “{name}”.", "Rename one of them.")
    return found


def folder_name(name: str) -> str:
    """Name the folder of an object."""
    return re.sub(r"[^\w.-]+", "_", name)


def make(objects: Sequence[bpy.types.Object], output: Path, choice: Choice) -> Iterator[tuple[int, int]]:
    """Picture objects one after the other in scenes of their own, which go away with it.

    Parameters
    ----------
    objects : sequence of bpy.types.Object
        Each becomes a folder; one that is there is replaced.
    output : Path
        Where the folders go.
    choice : Choice
        How they are pictured.

    Yields
    ------
    done, total : int
        Pictures.

    Raises
    ------
    InputError
        If an object has no surface.
    CameraError
        If one can't be rendered.
    OutputError
        If the files can't be written.
    """
    total = len(objects) * choice.views
    for number, item in enumerate(objects):
        name = folder_name(item.name)
        description = {"version": VERSION, "model": item.name, **asdict(choice)}
        scene = picturing.alone([item])
        try:
            for done in picturing.picture(scene, output / name, choice, description):
                yield number * choice.views + done, total
        finally:
            picturing.remove(scene)


def make_apart(objects: Sequence[bpy.types.Object], output: Path, choice: Choice) -> Preparation:
    """Have a second Blender do what :func:`make` does; the objects are copied at the first step.

    Raises
    ------
    EngineError
        If the second Blender can't be started, or ends early.
    OutputError
        If the scene can't be copied.
    """
    own = Path(tempfile.mkdtemp(dir=bpy.app.tempdir))
    try:
        request = _write_request(objects, output, choice, own)
        yield from capture_apart.listen_apart(capture_apart.start(request), own, len(objects) * choice.views)
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _write_request(objects: Sequence[bpy.types.Object], output: Path, choice: Choice, own: Path) -> Path:
    request = capture_script.DataSetRequest(
        file=str(own / "scene.blend"),
        scripts=capture_apart.may_scripts_run(),
        objects=tuple(item.name_full for item in objects),
        output=str(output.absolute()),
        choice=asdict(choice),
        core=str(Path(uner3d_core.__file__).parents[1]),
    )
    path = own / "request.json"
    try:
        path.write_text(json.dumps(asdict(request)), encoding="ascii")
        bpy.ops.ed.flush_edits()  # what is being edited is not in the data yet
        used: Any = {bpy.context.scene, *objects, *bpy.data.texts}
        bpy.data.libraries.write(request.file, used, path_remap="ABSOLUTE")
    except (OSError, RuntimeError) as error:
        raise OutputError(
            f"The objects can't be copied into “{own}”: {error}.", "See whether the disk is full."
        ) from error
    return path
