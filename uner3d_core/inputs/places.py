# SPDX-License-Identifier: Apache-2.0
"""Where images, cameras and masks lie when nobody says where: where camera programs put them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uner3d_core.errors import InputError
from uner3d_core.inputs.colmap import is_colmap_model
from uner3d_core.inputs.frames import IMAGE_SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path


def find_images(folder: Path) -> list[Path]:
    """List the images in ``folder``, sorted by name; hidden files are none.

    Raises
    ------
    InputError
        If the folder can't be read.
    """
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()
        )
    except OSError as problem:
        raise InputError(
            f"The folder “{folder}” can't be read: {problem.strerror or problem}.", "Choose another folder."
        ) from problem


def find_cameras(place: Path) -> Path | None:
    """Find a ``transforms.json`` or the folder of a COLMAP model in ``place``."""
    if (place / "transforms.json").is_file():
        return place / "transforms.json"
    models = (place, place / "sparse" / "0", place / "sparse", place / "colmap" / "sparse" / "0")
    return next((model for model in models if is_colmap_model(model)), None)


def find_masks(images: Path) -> Path | None:
    """Find the folder ``masks``, if there are images in it, in a folder of images or beside it."""
    for folder in (images / "masks", images.parent / "masks"):
        if folder.is_dir() and find_images(folder):
            return folder
    return None
