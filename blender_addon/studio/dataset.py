# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture one model for a data set, as ``uner3d dataset`` asks for it.

Run as ``python -m blender_addon.studio.dataset REQUEST``; the request is JSON. It tells how far it is in
lines of the engine's protocol, and ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

import bpy

from uner3d_core import protocol
from uner3d_core.data_set import Choice
from uner3d_core.errors import InputError, Uner3dError
from uner3d_core.evaluation.cases import TRIALS

from ..capture_script import end_with_the_window
from ..data_sets import picturing, stage
from . import objects


def load(scene: bpy.types.Scene, source: str) -> None:
    """Add a model's objects to a scene: a trial, known by its name, or a file.

    Raises
    ------
    InputError
        If the file can't be read.
    """
    if source in TRIALS:
        objects.TRIALS[source](scene)
        return
    operators: Any = bpy.ops
    readers = {
        ".glb": operators.import_scene.gltf,
        ".gltf": operators.import_scene.gltf,
        ".obj": operators.wm.obj_import,
        ".ply": operators.wm.ply_import,
        ".stl": operators.wm.stl_import,
    }
    try:
        readers[Path(source).suffix.lower()](filepath=source)
    except Exception as error:  # Blender's readers raise whatever their parsers do
        raise InputError(
            f"“{Path(source).name}” can't be read as a model: {_last_line(error)}.",
            "Export it again.",
        ) from error


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1].removeprefix("Error: ").rstrip(".")


def make(request: dict[str, Any]) -> None:
    """Picture the model that is asked for, telling progress, or the error that ends it."""
    scene = stage.empty_scene()
    choice = Choice(**request["choice"])
    scene.render.threads_mode = "FIXED"
    scene.render.threads = request["threads"]
    try:
        load(scene, request["source"])
        steps = picturing.picture(scene, Path(request["folder"]), choice, request["description"])
        told = -1
        for done in steps:
            if done != told:
                _say(protocol.Progress("", done, choice.views))
                told = done
    except Uner3dError as error:
        _say(protocol.error_to_message(error))


def _say(message: protocol.Message) -> None:
    sys.stdout.write(
        "\n" + protocol.encode(message)
    )  # Blender writes to the same stream, at times half a line
    sys.stdout.flush()


if __name__ == "__main__":
    end_with_the_window()
    code = 1
    try:
        make(json.loads(sys.argv[1]))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        shutil.rmtree(bpy.app.tempdir, ignore_errors=True)
        os._exit(code)  # A bpy process may hang in Python's own exit.
