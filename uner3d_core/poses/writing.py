# SPDX-License-Identifier: Apache-2.0
"""Estimated cameras as a ``transforms.json``, with the masks that were made for them beside it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from uner3d_core.errors import OutputError
from uner3d_core.inputs.transforms import write_transforms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from uner3d_core.inputs.frames import Frame


def write_estimate(path: Path, frames: Sequence[Frame]) -> None:
    """Write cameras, and copy masks that were made into a folder beside, called ``NAME_masks``.

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
    folder = path.absolute().with_name(f"{path.stem}_masks")
    written = []
    try:
        for number, frame in enumerate(frames):
            mask = frame.mask
            if mask is not None:
                folder.mkdir(exist_ok=True)
                copied = folder / f"{number:05d}_{frame.image.stem}.png"
                shutil.copyfile(mask, copied)
                frame = replace(frame, mask=copied)  # noqa: PLW2901
            written.append(replace(frame, image=frame.image.absolute()))
    except OSError as problem:
        raise OutputError(
            f"Masks can't be written to “{folder}”: {problem.strerror or problem}.", "Choose another folder."
        ) from problem
    write_transforms(path.absolute(), written)
