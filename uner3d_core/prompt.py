# SPDX-License-Identifier: Apache-2.0
"""A prompt: one picture, a sentence, or a rough cloud, to imagine an object from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uner3d_core.point_cloud import PointCloud


@dataclass(frozen=True)
class Prompt:
    """What a method without cameras is given: a picture, a text, or a cloud.

    Parameters
    ----------
    text : str
        A sentence; empty where there is none.
    image : uint8 array (height, width, 3), optional
        sRGB, row 0 at the top, not premultiplied by the mask.
    mask : uint8 array (height, width), optional
        How much of each pixel is covered by the object, 0 to 255; None where the whole picture counts.
    cloud : PointCloud, optional
        A few thousand points, whose surface is wanted.

    Raises
    ------
    ValueError
        If it is not one of the three, or the mask has another size than the picture.
    """

    text: str = ""
    image: npt.NDArray[np.uint8] | None = None
    mask: npt.NDArray[np.uint8] | None = None
    cloud: PointCloud | None = None

    def __post_init__(self) -> None:
        if sum((bool(self.text), self.image is not None, self.cloud is not None)) != 1:
            raise ValueError("a prompt is either a picture, a text, or a cloud")
        if self.image is not None and self.mask is not None and self.mask.shape != self.image.shape[:2]:
            raise ValueError(f"the mask is {self.mask.shape}, the image {self.image.shape}")
