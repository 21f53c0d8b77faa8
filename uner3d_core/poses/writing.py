# SPDX-License-Identifier: Apache-2.0
"""Estimated cameras as a ``transforms.json``, with masks that were made and frames of a video beside it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from uner3d_core.caches import cache_folder
from uner3d_core.errors import OutputError
from uner3d_core.inputs.transforms import write_transforms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from uner3d_core.inputs.frames import Frame


def write_estimate(path: Path, frames: Sequence[Frame]) -> None:
    """Write cameras, and copy beside them what else only our cache holds.

    Masks that were made come into a folder called ``NAME_masks``, frames of a video into ``NAME_images``.

    Parameters
    ----------
    path : Path
        The file, ``NAME.json``; replaced when the new one is complete.
    frames : sequence of Frame
        The pictures with their cameras.

    Raises
    ------
    OutputError
        If something can't be written.
    """
    path = path.absolute()
    cached = cache_folder(".").resolve()
    written = []
    for number, frame in enumerate(frames):
        image, mask = frame.image.absolute(), frame.mask
        if image.resolve().is_relative_to(cached):
            image = _copied(image, path.with_name(f"{path.stem}_images") / image.name)
        if mask is not None:
            mask = _copied(mask, path.with_name(f"{path.stem}_masks") / f"{number:05d}_{image.stem}.png")
        written.append(replace(frame, image=image, mask=mask))
    write_transforms(path, written)


def _copied(file: Path, place: Path) -> Path:
    try:
        place.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, place)
    except OSError as problem:
        raise OutputError(
            f"Pictures can't be written to “{place.parent}”: {problem.strerror or problem}.",
            "Choose another folder.",
        ) from problem
    return place
