# SPDX-License-Identifier: Apache-2.0
"""Masks from files: where the object is in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from uner3d_core.errors import ImageError, UnreadableImageError
from uner3d_core.inputs.frames import listed
from uner3d_core.inputs.images import ByteArray, read_image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read_mask(path: Path, size: tuple[int, int], camera_size: tuple[int, int] | None = None) -> ByteArray:
    """Read a mask: its alpha where it has one, else its brightness, white being the object.

    Parameters
    ----------
    path : Path
        The mask. A mask of the labels 0 and 1 counts as one of 0 and 255.
    size : tuple of int
        Width and height of its image.
    camera_size : tuple of int, optional
        As for :func:`~uner3d_core.inputs.images.read_image`.

    Returns
    -------
    uint8 array (height, width)
        How much of each pixel the object covers, 0 to 255.

    Raises
    ------
    ImageError
        If the file can't be read or has another size than its image.
    """
    try:
        colours, alpha = read_image(path, camera_size)
    except UnreadableImageError as problem:
        raise UnreadableImageError(f"A mask: {problem.message}", problem.hint) from problem
    mask = np.array(Image.fromarray(colours).convert("L")) if alpha is None else alpha
    if mask.shape != (size[1], size[0]):
        raise ImageError(
            f"The mask “{path.name}” has {mask.shape[1]} × {mask.shape[0]} pixels, "
            f"its image {size[0]} × {size[1]}.",
            "Make the mask the size of its image.",
        )
    return mask * np.uint8(255) if mask.max() == 1 else mask


def all_black(names: Sequence[str]) -> ImageError:
    """Say that no object is in the masks of images with these names, and that there are no others."""
    return ImageError(
        f"The mask of “{names[0]}” is black."
        if len(names) == 1
        else f"The masks of all {len(names)} images are black: {listed(names)}.",
        "Make the object white or opaque in the masks, and visible in renders.",
    )


def is_black(mask: ByteArray) -> bool:
    """Tell whether a mask shows no object: no pixel that is covered by half."""
    return bool(mask.max() < 128)
