# SPDX-License-Identifier: Apache-2.0
"""Files of cameras, of whatever program: which images they name, and with which cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uner3d_core.inputs.colmap import colmap_names, read_colmap
from uner3d_core.inputs.transforms import read_transforms, transforms_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from uner3d_core.inputs.frames import Frame
    from uner3d_core.progress import Progress


def read_cameras(
    cameras: Path,
    image_folders: Sequence[Path],
    image_size: Callable[[Path], tuple[int, int]],
    progress: Progress,
) -> list[Frame]:
    """Read the frames whose images exist.

    Parameters
    ----------
    cameras : Path
        A ``transforms.json`` or the folder of a COLMAP model.
    image_folders : sequence of Path
        Where to look for the images.
    image_size : function
        Gives width and height of an image; asked where the file does not tell them.
    progress : Progress
        Told which images are missing.

    Raises
    ------
    CameraError
        If the cameras can't be understood.
    """
    if cameras.is_dir():
        return read_colmap(cameras, image_folders, progress)
    return read_transforms(cameras, image_size, image_folders, progress)


def image_names(cameras: Path) -> list[str]:
    """Tell what a ``transforms.json`` or a COLMAP model calls its images, without a look at their cameras.

    Raises
    ------
    CameraError
        If the file can't be understood.
    """
    return colmap_names(cameras) if cameras.is_dir() else transforms_names(cameras)


def image_places(folder: Path, images: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Tell where the images of a folder, or some ``images`` of it or below it, are looked for."""
    return tuple(dict.fromkeys([folder, folder / "images", *(image.parent for image in images)]))
