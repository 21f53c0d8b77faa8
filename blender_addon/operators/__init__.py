# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators: each collects what the person set, calls one function of the API, and reports."""

import bpy

from . import (
    data_set,
    engine,
    files,
    inputs,
    jobs,
    masks,
    presets,
    running,
    standing,
    surroundings,
    view_cameras,
    weights,
)

CLASSES = (
    *inputs.CLASSES,
    *running.CLASSES,
    *files.CLASSES,
    *jobs.CLASSES,
    *engine.CLASSES,
    *surroundings.CLASSES,
    *view_cameras.CLASSES,
    *standing.CLASSES,
    *masks.CLASSES,
    *presets.CLASSES,
    *data_set.CLASSES,
    *weights.CLASSES,
)


def register() -> None:
    """Add the operators."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove the operators."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
