# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting a run once more later, when undo or another file may have replaced what it is about."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from uner3d_core.errors import InputError

from .placing import by_uid
from .run import Run


def in_scene(scene: bpy.types.Scene, start: Callable[..., Run]) -> Callable[[], Run]:
    """Make what calls ``start`` later with the scene, which is looked up then, as undo may replace it."""
    uid = scene.session_uid

    def again() -> Run:
        found = by_uid(bpy.data.scenes, uid)
        if found is None:
            raise InputError("The scene of this job was deleted, or its file was closed.", "Start a new job.")
        return start(scene=found)

    return again


def of_cloud(cloud: bpy.types.Object, start: Callable[[bpy.types.Object], Run]) -> Callable[[], Run]:
    """Make what calls ``start`` later with the cloud, which is looked up then, as undo may replace it."""
    uid, name = cloud.session_uid, cloud.name

    def again() -> Run:
        found = by_uid(bpy.data.objects, uid)
        if found is None:
            raise InputError(f"“{name}” was deleted, or its file was closed.", "Start a new job.")
        return start(found)

    return again
