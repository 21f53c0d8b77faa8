# SPDX-License-Identifier: GPL-3.0-or-later
"""Named settings in files that can be shared: looks of clouds, and setups of reconstructions.

A file is a JSON object of numbers, words and switches. Unlike Blender's own presets it is no program: it is
read without trusting anything in it, and nothing is set unless all of it can be.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import InputError, OutputError

from . import properties

VERSION = 1
_LARGEST = 64 * 1024
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Kind:
    """One kind of preset.

    Parameters
    ----------
    word : str
        What it is called, also in its files.
    folder : str
        Name of the folder of those that were kept.
    names : tuple of str
        The properties that it holds.
    settings : callable
        Gives the properties of a data-block.
    """

    word: str
    folder: str
    names: tuple[str, ...]
    settings: Callable[[Any], Any]


LOOK = Kind(
    "look",
    "looks",
    (
        "density", "render_density", "minimum_confidence", "shape", "radius_kind", "relative_radius",
        "radius", "size_by_confidence", "exposure", "saturation", "lit", "solid_colours",
    ),
    properties.cloud_settings,
)  # fmt: skip
"""How a cloud is shown; an absolute radius only where the cloud has one."""
SETUP = Kind(
    "setup",
    "setups",
    (
        "method",
        "prompt_kind",
        "network",
        "seeds",
        "flat",
        "preset",
        "points",
        "seed",
        "maximum_side",
        "refine_cameras",
        "longest_side",
        "mask_model",
    ),
    properties.scene_settings,
)
"""How the next reconstruction of a scene is made; its inputs are no part of it."""
KINDS = {kind.word: kind for kind in (LOOK, SETUP)}


def save_look(path: Path, cloud: bpy.types.Object) -> None:
    """Write how a cloud is shown to a ``.json`` file that can be shared.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    save(LOOK, path, cloud)


def load_look(path: Path, cloud: bpy.types.Object) -> None:
    """Show a cloud as a file says that :func:`save_look` wrote.

    Raises
    ------
    InputError
        If the file is missing, or is no look; then the cloud is as it was.
    """
    load(LOOK, path, cloud)


def save_setup(path: Path, scene: bpy.types.Scene) -> None:
    """Write how the next reconstruction of a scene is made to a ``.json`` file that can be shared.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    save(SETUP, path, scene)


def load_setup(path: Path, scene: bpy.types.Scene) -> None:
    """Set how the next reconstruction of a scene is made, as a file says that :func:`save_setup` wrote.

    Raises
    ------
    InputError
        If the file is missing, or is no setup; then the scene is as it was.
    """
    load(SETUP, path, scene)


def save(kind: Kind, path: Path, block: bpy.types.ID) -> None:
    """Write the settings of a cloud or a scene to a file, which is replaced if it is there.

    Raises
    ------
    OutputError
        If it can't be written, or its name does not end in ``.json``.
    """
    if path.suffix.lower() != ".json":
        raise OutputError(f"“{path.name}” names no {kind.word}.", "Let it end in .json.")
    settings = kind.settings(block)
    values = {
        name: _plain(getattr(settings, name))
        for name in kind.names
        if name != "radius" or settings.radius_kind == "ABSOLUTE"
    }
    content = {"uner3d": kind.word, "version": VERSION, "settings": values}
    with atomic_file(path) as file:
        file.write(json.dumps(content, indent=2).encode() + b"\n")


def load(kind: Kind, path: Path, block: bpy.types.ID) -> None:
    """Give a cloud or a scene the settings of a file; what the file does not name stays.

    Raises
    ------
    InputError
        If the file is missing, or anything in it is not as it must be; then nothing is changed.
    """
    settings = kind.settings(block)
    for name, value in read(kind, path, settings.bl_rna).items():
        setattr(settings, name, value)


def read(kind: Kind, path: Path, rna: Any) -> dict[str, Any]:
    """Read and check the settings in a file against Blender's description of the properties.

    Raises
    ------
    InputError
        As :func:`load`.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
        content = json.loads(text) if len(text) <= _LARGEST else None
    except OSError as error:
        raise InputError(
            f"“{path}” can't be read: {error.strerror}.", f"Choose another {kind.word}."
        ) from error
    except (ValueError, RecursionError):
        content = None
    values = content.get("settings") if isinstance(content, dict) else None
    if not isinstance(content, dict) or content.get("uner3d") != kind.word or not isinstance(values, dict):
        raise InputError(
            f"“{path.name}” is no {kind.word} of UNeR3D.", "Choose a file that was saved as one."
        )
    if content.get("version") != VERSION:
        raise InputError(f"“{path.name}” is of another version of the add-on.", "Update the add-on.")
    for name, value in values.items():
        if name not in kind.names or not _fits(value, rna.properties[name]):
            raise InputError(
                f"“{name}” in “{path.name}” is nothing that a {kind.word} can have.", "Save it again."
            )
    return values


def kept(kind: Kind) -> list[Path]:
    """Find the files of those that were kept, by name."""
    return sorted(_folder(kind).glob("*.json"), key=lambda path: path.stem.casefold())


def path_of(kind: Kind, name: str) -> Path:
    """Tell where the one called ``name`` is kept.

    Raises
    ------
    InputError
        If that can't be the name of a file.
    """
    if (
        not name.strip(" .")
        or len(name) > _LONGEST_NAME
        or any(letter in '/\\:*?"<>|' or not letter.isprintable() for letter in name)
    ):
        raise InputError(f"“{name}” can't be the name of a {kind.word}.", "Use letters, digits and spaces.")
    return _folder(kind) / f"{name.strip()}.json"


def remove(kind: Kind, name: str) -> None:
    """Remove the one called ``name`` from the disk.

    Raises
    ------
    InputError
        If there is none.
    OutputError
        If it can't be removed.
    """
    try:
        path_of(kind, name).unlink()
    except FileNotFoundError as error:
        raise InputError(f"There is no {kind.word} “{name}”.", "Open the list again.") from error
    except OSError as error:
        raise OutputError(f"“{name}” can't be removed: {error.strerror}.", "Close what uses it.") from error


def _folder(kind: Kind) -> Path:
    """Tell, and make, the folder of those that were kept."""
    try:
        return Path(bpy.utils.extension_path_user(__package__ or "", path=kind.folder, create=True))
    except ValueError:  # used as a library, not installed as an extension
        folder = Path(bpy.app.tempdir) / kind.folder
        folder.mkdir(exist_ok=True)
        return folder


def _plain(value: Any) -> Any:
    # Blender keeps single precision: 0.6 would be written as 0.6000000238418579.
    return float(f"{value:.7g}") if isinstance(value, float) else value


def _fits(value: Any, description: Any) -> bool:
    """Tell whether a property can have a value."""
    match description.type:
        case "BOOLEAN":
            return isinstance(value, bool)
        case "ENUM":
            return isinstance(value, str) and value in description.enum_items
        case "INT" | "FLOAT":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            if description.type == "INT" and not isinstance(value, int):
                return False
            return math.isfinite(value) and description.hard_min <= value <= description.hard_max
    return False
