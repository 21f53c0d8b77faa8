# SPDX-License-Identifier: Apache-2.0
"""Where cameras and masks lie when nobody says where: at the places where camera programs put them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uner3d_core.inputs.colmap import is_colmap_model
from uner3d_core.inputs.frames import IMAGE_SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path


def find_cameras(place: Path) -> Path | None:
    """Find a ``transforms.json`` or the folder of a COLMAP model in ``place``."""
    if (place / "transforms.json").is_file():
        return place / "transforms.json"
    models = (place, place / "sparse" / "0", place / "sparse", place / "colmap" / "sparse" / "0")
    return next((model for model in models if is_colmap_model(model)), None)


def find_masks(images: Path) -> Path | None:
    """Find the folder ``masks``, if there are images in it, in a folder of images or beside it."""
    for folder in (images / "masks", images.parent / "masks"):
        if folder.is_dir() and any(file.suffix.lower() in IMAGE_SUFFIXES for file in folder.iterdir()):
            return folder
    return None
