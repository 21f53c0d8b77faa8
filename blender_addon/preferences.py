# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to this computer: where the engine is, and which device it uses."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

import os
import sys
from pathlib import Path
from typing import Any

import bpy

from uner3d_core.errors import EngineError
from uner3d_core.settings import DEVICES

ENGINE_VARIABLE = "UNER3D_ENGINE_PYTHON"
_DEVICE_NAMES = {
    "auto": "Automatic",
    "cpu": "CPU",
    "cuda": "CUDA or ROCm",
    "mps": "Metal",
    "xpu": "Intel XPU",
}


class UNER3D_Preferences(bpy.types.AddonPreferences):
    """The add-on's page in Blender's preferences."""

    bl_idname = __package__ or ""

    engine_python: bpy.props.StringProperty(
        name="Engine Python",
        description="The Python of an environment that has uner3d and torch, such as …/venv/bin/python",
        subtype="FILE_PATH",
    )
    device: bpy.props.EnumProperty(
        name="Device",
        description="What the engine computes on",
        items=[(device, _DEVICE_NAMES[device], "") for device in DEVICES],
    )

    def draw(self, context: Any) -> None:
        """Draw the page."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "engine_python")
        layout.prop(self, "device")
        layout.operator("uner3d.engine_check", icon="CHECKMARK")


def engine_python() -> Path:
    """Find the Python that runs the worker.

    The one of the preferences; else the one that the environment variable ``UNER3D_ENGINE_PYTHON`` names;
    else, where Blender is a module in a Python of its own, that Python.

    Raises
    ------
    EngineError
        If none of them is set.
    """
    preferences = _preferences()
    chosen = (preferences.engine_python if preferences else "") or os.environ.get(ENGINE_VARIABLE, "")
    if chosen:
        return Path(bpy.path.abspath(chosen))
    if not bpy.app.binary_path:
        return Path(sys.executable)
    raise EngineError(
        "There is no engine yet: no Python that has uner3d and torch is chosen.",
        "Set “Engine Python” in the add-on's preferences.",
    )


def device() -> str:
    """Tell the device chosen in the preferences."""
    preferences = _preferences()
    return preferences.device if preferences else "auto"


def _preferences() -> Any:
    # There are none where the package is used as a library, without being an installed add-on.
    context: Any = bpy.context
    addon = context.preferences.addons.get(__package__ or "")
    return addon.preferences if addon else None


def register() -> None:
    """Add the preferences."""
    bpy.utils.register_class(UNER3D_Preferences)


def unregister() -> None:
    """Remove the preferences."""
    bpy.utils.unregister_class(UNER3D_Preferences)
