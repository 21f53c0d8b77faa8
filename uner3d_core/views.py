# SPDX-License-Identifier: Apache-2.0
"""A view: one picture with its camera and, where there is one, its mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uner3d_core.camera import Camera
from uner3d_core.errors import ImageError


@dataclass(frozen=True)
class View:
    """One picture of the object.

    Parameters
    ----------
    name : str
        The image's file name or the Blender camera's name, as messages should call it.
    image : uint8 array (height, width, 3)
        sRGB colours, row 0 at the top, not premultiplied by the mask.
    camera : Camera
        Where the picture was taken from; its size is the image's and it has no lens distortion left.
    mask : uint8 array (height, width), optional
        How much of each pixel is covered by the object, 0 to 255; None where the whole picture counts.

    Raises
    ------
    ImageError
        If the shapes of image, mask and camera do not agree.
    """

    name: str
    image: npt.NDArray[np.uint8]
    camera: Camera
    mask: npt.NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        size = (self.camera.height, self.camera.width)
        if self.image.dtype != np.uint8 or self.image.shape != (*size, 3):
            raise ImageError(
                f"“{self.name}” has {self.image.shape[1]} × {self.image.shape[0]} pixels, "
                f"its camera {self.camera.width} × {self.camera.height}.",
                "Use the image that the camera belongs to.",
            )
        if self.mask is not None and (self.mask.dtype != np.uint8 or self.mask.shape != size):
            raise ImageError(
                f"The mask of “{self.name}” has {self.mask.shape[1]} × {self.mask.shape[0]} pixels, "
                f"the image {size[1]} × {size[0]}.",
                "Make the mask the size of its image.",
            )

    @property
    def has_silhouette(self) -> bool:
        """Whether there is a mask that leaves anything out."""
        return self.mask is not None and int(self.mask.min()) < 128
