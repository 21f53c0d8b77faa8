# SPDX-License-Identifier: Apache-2.0
"""From one image file, a sentence, or a cloud file to a prompt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from uner3d_core.cloud_files import read_npz, read_ply
from uner3d_core.errors import ImageError, InputError
from uner3d_core.inputs.frames import IMAGE_SUFFIXES
from uner3d_core.inputs.images import read_image
from uner3d_core.inputs.masks import is_black, read_mask
from uner3d_core.inputs.places import find_images, find_mask, find_masks
from uner3d_core.progress import Progress, Silent
from uner3d_core.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.inputs.images import ByteArray
    from uner3d_core.inputs.segmentation import Segment


def load_prompt(
    input: Path | None,  # noqa: A002 -- the command line's word for it
    masks: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
    *,
    images: Sequence[Path] = (),
    text: str = "",
    segment: Segment | None = None,
) -> Prompt:
    """Read one picture, with its mask where there is one, or a cloud; or take a sentence.

    The mask is the file in ``masks`` that is called as the image, else the image's own alpha, else the file
    in a folder called ``masks`` in or beside that of the image. Without any an even background is keyed out.

    Parameters
    ----------
    input : Path or None
        An image, a folder with one, or a ``.ply`` or ``.npz`` file; None where there is a sentence.
    masks : Path, optional
        Folder of masks.
    progress : Progress
        Is told where a mask is made, and where there is none.
    images : sequence of Path
        The one in the folder or below it that is wanted.
    text : str
        The sentence; empty where there is a file.
    segment : callable, optional
        Makes the mask of an image that has none; see :mod:`uner3d_core.inputs.segmentation`.

    Returns
    -------
    Prompt
        Of the one kind that was given.

    Raises
    ------
    InputError
        If there is nothing, or more than one.
    ImageError
        If the image or the mask can't be read, the mask has another size, or it is black.
    CloudFileError
        If the cloud can't be read.
    """
    if text and input is not None:
        raise InputError("There is a picture and a sentence.", "Give one of the two.")
    if text:
        return Prompt(text=text)
    if input is None:
        raise InputError("There is neither a picture nor a sentence.", "Give one of the two.")
    if input.suffix.lower() in (".ply", ".npz") and input.is_file():
        read = read_npz if input.suffix.lower() == ".npz" else read_ply
        return Prompt(cloud=read(input, progress))
    path = _the_image(input, images)
    image, alpha = read_image(path)
    mask = alpha
    folder = masks or (find_masks(path.parent) if alpha is None else None)
    file = find_mask(Path(path.name), folder) if folder else None
    if file is not None:
        mask = read_mask(file, (image.shape[1], image.shape[0]))
    if mask is None:
        mask = _made_mask(path, segment, progress)
    if mask is not None and is_black(mask):
        raise ImageError(f"The mask of “{path.name}” is black.", "Make the object white or opaque in it.")
    return Prompt(image=image, mask=mask)


def _made_mask(path: Path, segment: Segment | None, progress: Progress) -> ByteArray | None:
    """Make the mask of an image that brings none: by a network, or by its background."""
    from uner3d_core.poses.foreground import find_foreground  # noqa: PLC0415 -- seldom needed
    from uner3d_core.poses.photographs import read_photograph  # noqa: PLC0415

    foreground = find_foreground([read_photograph(path)], [None], segment, progress)
    if path in foreground.made:
        progress.log(foreground.said)
        return foreground.made[path]
    progress.log(f"“{path.name}” has no mask: all it shows counts. The object should stand alone, on white.")
    return None


def _the_image(source: Path, images: Sequence[Path]) -> Path:
    if source.is_file() and source.suffix.lower() in IMAGE_SUFFIXES:
        return source
    if not source.is_dir():
        raise InputError(f"“{source}” is neither a folder nor an image.", "Choose an image.")
    below = source / "images"
    found = list(images) or find_images(source) or (find_images(below) if below.is_dir() else [])
    if len(found) != 1:
        there = f"There are {len(found)} images" if found else "There is no image"
        raise InputError(f"{there} in “{source}”; one is needed.", "Choose one image.")
    return found[0]
