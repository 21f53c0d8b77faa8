# SPDX-License-Identifier: Apache-2.0
"""Where images, cameras and masks lie when nobody says where: where camera programs put them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from uner3d_core.errors import CameraError, InputError
from uner3d_core.inputs.colmap import is_colmap_model
from uner3d_core.inputs.frames import HEIC_SUFFIXES, IMAGE_SUFFIXES, listed, locate, reads_heic
from uner3d_core.inputs.video.frames import is_video

if TYPE_CHECKING:
    from collections.abc import Sequence

_STRANGE_SUFFIXES = (
    *(".heic", ".heif", ".avif", ".gif", ".jp2", ".jxl", ".pdf", ".psd", ".exr", ".hdr"),
    *(
        ".arw",
        ".cr2",
        ".cr3",
        ".dng",
        ".nef",
        ".orf",
        ".raf",
        ".rw2",
        ".mov",
        ".mp4",
        ".avi",
        ".mkv",
        ".webm",
    ),
)
"""Endings, in lower case, of pictures, raw files, documents and videos."""


def find_images(folder: Path) -> list[Path]:
    """List the images in ``folder``, sorted by name; hidden files are none.

    Raises
    ------
    InputError
        If the folder can't be read.
    """
    endings = (*IMAGE_SUFFIXES, *(HEIC_SUFFIXES if reads_heic() else ()))
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in endings and not path.name.startswith(".") and path.is_file()
        )
    except OSError as problem:
        raise InputError(
            f"The folder “{folder}” can't be read: {problem.strerror or problem}.", "Choose another folder."
        ) from problem


def find_strangers(folder: Path) -> list[Path]:
    """List what someone may take for images in ``folder`` and can't be read, sorted by name."""
    read = HEIC_SUFFIXES if reads_heic() else ()
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in _STRANGE_SUFFIXES
        and path.suffix.lower() not in read
        and not path.name.startswith(".")
        and path.is_file()
    )


def find_video(source: Path) -> Path | None:
    """Find the video that ``source`` is, or the only one in a folder without images and without cameras.

    Raises
    ------
    InputError
        If there are several: each would need a run of its own.
    """
    if source.is_file():
        return source if is_video(source) else None
    if not source.is_dir() or find_cameras_beside(source) or find_images(source):
        return None
    below = source / "images"
    if below.is_dir() and find_images(below):
        return None
    videos = sorted(path for path in source.iterdir() if is_video(path) and not path.name.startswith("."))
    if len(videos) > 1:
        raise InputError(
            f"There are {len(videos)} videos in “{source}”: {listed([path.name for path in videos])}.",
            "Choose one of them.",
        )
    return videos[0] if videos else None


def find_cameras(place: Path) -> Path | None:
    """Find a ``transforms.json`` or the folder of a COLMAP model in ``place``."""
    if (place / "transforms.json").is_file():
        return place / "transforms.json"
    models = (place, place / "sparse" / "0", place / "sparse", place / "colmap" / "sparse" / "0")
    return next((model for model in models if is_colmap_model(model)), None)


def check_cameras(cameras: Path) -> Path:
    """Make sure that a path names cameras.

    Parameters
    ----------
    cameras : Path
        A camera file ending in ``.json``; a COLMAP model's folder or one of its files; or a folder that holds
        either.

    Returns
    -------
    Path
        The ``.json`` file, or the folder of the COLMAP model.

    Raises
    ------
    CameraError
        If there are none.
    """
    if not cameras.exists():
        raise CameraError(f"There is no “{cameras}”.", "Choose a transforms.json or a COLMAP model.")
    if cameras.suffix.lower() == ".json" and cameras.is_file():
        return cameras
    if cameras.stem in ("cameras", "images") and cameras.is_file() and is_colmap_model(cameras.parent):
        return cameras.parent
    found = find_cameras(cameras)
    if found is None:
        raise CameraError(
            f"“{cameras}” holds no cameras.", "Choose a transforms.json or the folder of a COLMAP model."
        )
    return found


def find_cameras_beside(images: Path) -> Path | None:
    """Find the cameras of the images in a folder: in it, or beside it where it holds nothing but images."""
    return find_cameras(images) or (find_cameras(images.parent) if find_images(images) else None)


def common_folder(images: Sequence[Path]) -> Path:
    """Find the folder that images lie in or below.

    Raises
    ------
    InputError
        If there is none, as on different drives.
    """
    try:
        return Path(os.path.commonpath([image.parent for image in images]))
    except ValueError as problem:
        raise InputError(
            f"“{images[0]}” and other images lie on different drives.", "Put all images on one drive."
        ) from problem


def find_masks(images: Path) -> Path | None:
    """Find the folder ``masks``, if there are images in it, in a folder of images or beside it."""
    for folder in (images / "masks", images.parent / "masks"):
        if folder.is_dir() and find_images(folder):
            return folder
    return None


def find_mask(image: Path, folder: Path) -> Path | None:
    """Find the mask of an image in a folder of masks.

    A mask is called as its image, whatever the ending (``0001.png`` for ``0001.jpg``), or as the image's
    whole name with one more ending (``0001.jpg.png``).

    Parameters
    ----------
    image : Path
        The image's path relative to the folder of images; its last parts suffice.
    folder : Path
        The folder of masks.

    Returns
    -------
    Path or None
        The mask, or None if there is none.
    """
    return locate(str(image), [folder]) or locate(str(image.with_suffix("")), [folder])
