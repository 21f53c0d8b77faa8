# SPDX-License-Identifier: Apache-2.0
"""A prompt: one picture, or a sentence, to imagine an object from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Prompt:
    """What a method without cameras is given: either a picture or a text.

    Parameters
    ----------
    text : str
        A sentence; empty where there is a picture.
    image : uint8 array (height, width, 3), optional
        sRGB, row 0 at the top, not premultiplied by the mask.
    mask : uint8 array (height, width), optional
        How much of each pixel is covered by the object, 0 to 255; None where the whole picture counts.
    """

    text: str = ""
    image: npt.NDArray[np.uint8] | None = None
    mask: npt.NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        if (self.image is None) == (not self.text):
            raise ValueError("a prompt is either a picture or a text")
        if self.image is not None and self.mask is not None and self.mask.shape != self.image.shape[:2]:
            raise ValueError(f"the mask is {self.mask.shape}, the image {self.image.shape}")
