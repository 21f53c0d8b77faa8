# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the person can set: ``Scene.uner3d`` for the next run, ``Object.uner3d`` for a cloud."""

from typing import Any

import bpy

from .cloud import UNER3D_CloudSettings, apply_display, cloud_settings
from .scene import (
    MASK_MODEL_WORDS,
    METHOD_NAMES,
    NETWORK_NAMES,
    UNER3D_Input,
    UNER3D_SceneSettings,
    scene_settings,
)

__all__ = [
    "MASK_MODEL_WORDS",
    "METHOD_NAMES",
    "NETWORK_NAMES",
    "apply_display",
    "cloud_settings",
    "scene_settings",
]

_CLASSES = (UNER3D_Input, UNER3D_SceneSettings, UNER3D_CloudSettings)


def register() -> None:
    """Add ``Scene.uner3d`` and ``Object.uner3d``."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    types: Any = bpy.types
    types.Scene.uner3d = bpy.props.PointerProperty(type=UNER3D_SceneSettings)
    types.Object.uner3d = bpy.props.PointerProperty(type=UNER3D_CloudSettings)


def unregister() -> None:
    """Remove them; what they hold stays in the file."""
    types: Any = bpy.types
    del types.Object.uner3d
    del types.Scene.uner3d
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
