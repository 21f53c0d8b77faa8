# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to this computer, as the person has set it: where the engine is, and which device it uses."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import bpy

from uner3d_core.errors import EngineError

from . import installing
from .engine.builds import MASKS, POINT_E, WANTED, Build
from .engine.place import Place, default_folder
from .engine.state import EngineState, State, look

ENGINE_VARIABLE = "UNER3D_ENGINE_PYTHON"
_PACKAGES = {POINT_E: "transformers", MASKS: "onnxruntime"}
"""What an extra brings along."""


def engine_python() -> Path:
    """Find the Python that runs the worker.

    A Python of the person's own; else the installed engine's; else, where Blender is a module in a Python of
    its own, that Python.

    Raises
    ------
    EngineError
        If there is none of them, or the installed engine is not whole or of another version.
    """
    own = own_python()
    if own is not None:
        return own
    if installing.current() is not None:
        raise EngineError("The engine is being installed.", "Wait till it is ready.")
    place = Place(engine_folder())
    found = look(place)
    if found.state is State.READY:
        return place.python
    if found.error is not None:
        raise found.error
    if not bpy.app.binary_path:
        return Path(sys.executable)
    raise EngineError(
        "There is no engine yet.", "Press “Install Engine” in the panel or in the add-on's preferences."
    )


def own_python() -> Path | None:
    """Tell which Python the person has chosen as the engine; None where the installed one is to be used.

    It is that of the preferences, else the one that the environment variable ``UNER3D_ENGINE_PYTHON`` names.
    """
    chosen = _value("engine_python", "") or os.environ.get(ENGINE_VARIABLE, "")
    return Path(bpy.path.abspath(chosen)) if chosen else None


def is_named_by_variable() -> bool:
    """Tell whether the environment variable, and not the preferences, says which Python is the engine."""
    return not _value("engine_python", "") and bool(os.environ.get(ENGINE_VARIABLE))


def engine_folder() -> Path:
    """Tell where the engine is installed, or would be."""
    chosen = _value("engine_folder", "")
    return Path(bpy.path.abspath(chosen)) if chosen else default_folder()


def engine_state() -> EngineState:
    """Tell how the installed engine stands, for drawing."""
    return installing.engine_state(engine_folder())


def lacks_engine() -> bool:
    """Tell whether the person has to install an engine, or choose one, before anything can be computed."""
    if own_python() is not None:
        return False
    state = engine_state().state
    return state is not State.READY and bool(bpy.app.binary_path or state is not State.NOT_INSTALLED)


def engine_build() -> Build:
    """Tell which build of torch the engine is to have."""
    return Build(_value("engine_build", Build.AUTO.value))


def wanted_extras(folder: Path) -> set[str]:
    """Tell what the engine in a folder is to have beyond what every engine has: as it was, or as chosen."""
    installed = look(Place(folder)).installed
    chosen = {name for name in WANTED if _value(_of_extra(name), "") == "True"}
    return chosen | set(installed.extras if installed is not None else ())


def want_extra(name: str) -> None:
    """Note in the preferences, where there are any, that the person wants the engine to have an extra."""
    context: Any = bpy.context
    addon = context.preferences.addons.get(__package__ or "")
    if addon and addon.preferences:
        setattr(addon.preferences, _of_extra(name), True)


def lacks_extra(name: str) -> bool:
    """Tell whether the engine is there, and is known to lack an extra, one of ``builds.WANTED``."""
    if own_python() is not None:
        report = installing.last_report()
        return report is not None and _PACKAGES[name] not in report.packages
    installed = engine_state().installed
    return installed is not None and name not in installed.extras


def _of_extra(name: str) -> str:
    """Name the property that says whether an extra is wanted."""
    return f"engine_{name.replace('-', '_')}"


def weights_folder() -> str:
    """Tell which folder the person has chosen for the weights of Point-E; empty for the usual one."""
    chosen = _value("weights_folder", "")
    return bpy.path.abspath(chosen) if chosen else ""


def base_python() -> Path:
    """Tell which Python the engine is made from: one of the preferences, else Blender's own.

    Raises
    ------
    EngineError
        If none is chosen and Blender does not tell its own.
    """
    chosen = _value("base_python", "")
    if chosen:
        return Path(bpy.path.abspath(chosen))
    # Some packages of Blender name Blender itself here, and running that would open another window.
    if not sys.executable or Path(sys.executable) == Path(bpy.app.binary_path):
        raise EngineError(
            "This Blender does not tell where its Python is.",
            "Choose a Python 3.11 or newer under “Made From” in the add-on's preferences.",
        )
    return Path(sys.executable)


def core_wheel() -> Path:
    """Tell where the core's wheel is: beside these modules, as the add-on's zip has it.

    Raises
    ------
    EngineError
        If the add-on does not come from its zip.
    """
    folder = Path(__file__).parent / "wheels"
    found = sorted(folder.glob("uner3d-*.whl")) if folder.is_dir() else []
    if not found:
        raise EngineError(
            "The add-on's own wheel is not there, as it was not installed from its zip.",
            "Install the zip, or install uner3d into an environment by hand and choose its Python.",
        )
    return found[-1]


def device() -> str:
    """Tell the device chosen in the preferences."""
    return str(_value("device", "auto"))


def _value(name: str, default: str) -> str:
    # There are no preferences where the package is used as a library, without being an installed add-on.
    context: Any = bpy.context
    addon = context.preferences.addons.get(__package__ or "")
    return str(getattr(addon.preferences, name)) if addon and addon.preferences else default
