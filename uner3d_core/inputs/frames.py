# SPDX-License-Identifier: Apache-2.0
"""A frame: what a camera file says about one picture, before the picture is read."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from uner3d_core.counting import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.camera import Camera
    from uner3d_core.errors import UnreadableImageError
    from uner3d_core.progress import Progress

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
"""Endings of the image files that are read, in lower case."""

HEIC_SUFFIXES = (".heic", ".heif")
"""Endings of the files that phones write and that are read where the package pi-heif is installed."""


def reads_heic() -> bool:
    """Tell whether HEIC files can be read."""
    return importlib.util.find_spec("pi_heif") is not None


@dataclass(frozen=True)
class Frame:
    """One picture's file and camera.

    Parameters
    ----------
    image : Path
        The image file.
    camera : Camera
        Its camera, for the size that the camera file tells, with its lens distortion.
    mask : Path, optional
        The mask file that the camera file names.
    depth : Path, optional
        The file with the depth of its pixels that the camera file names.
    """

    image: Path
    camera: Camera
    mask: Path | None = None
    depth: Path | None = None


def locate(name: str, folders: Sequence[Path]) -> Path | None:
    """Find the file that a camera file calls ``name``.

    Camera files move between machines: after the path itself its last parts are tried in each folder, so that
    ``/home/me/images/0001.png`` is found as ``images/0001.png`` or ``0001.png``. A name without an ending, as
    NeRF's synthetic scenes have, is tried with each of :data:`IMAGE_SUFFIXES`.

    Parameters
    ----------
    name : str
        Relative or absolute path, with slashes or backslashes.
    folders : sequence of Path
        Where to look, the first first.

    Returns
    -------
    Path or None
        The file, or None if there is none.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    endings = ("", *IMAGE_SUFFIXES, *(suffix.upper() for suffix in IMAGE_SUFFIXES))
    candidates = [folder.joinpath(*parts[first:]) for folder in folders for first in range(len(parts))]
    if Path(name).is_absolute():
        candidates.append(Path(name))
    for candidate in candidates:
        for ending in endings:
            path = candidate.with_name(candidate.name + ending) if ending else candidate
            # os.path and not Path, which raises for names that no file can have.
            if os.path.isfile(path):  # noqa: PTH113
                return path
    return None


def tell_missing(progress: Progress, source: str, missing: Sequence[str], total: int) -> None:
    """Log which of ``total`` pictures that ``source`` names have no file and are left out."""
    if missing:
        progress.log(
            f"Left out, as they are missing, of what {source} names: "
            f"{len(missing)} of {total}, {listed(missing)}."
        )


def tell_unreadable(progress: Progress, problems: Sequence[UnreadableImageError], most: int = 4) -> None:
    """Log which pictures are left out because their files, or those of their masks, can't be read."""
    for problem in problems[:most]:
        progress.log(f"Left out: {problem.message}")
    if len(problems) > most:
        progress.log(f"Left out for the same reason: {counted(len(problems) - most, '1 more', '{} more')}.")


def listed(names: Sequence[str], most: int = 8) -> str:
    """Join names for a message, shortened to the first ``most`` of them."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
