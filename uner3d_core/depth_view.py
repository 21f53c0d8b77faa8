# SPDX-License-Identifier: Apache-2.0
"""A view whose depth is known: what a renderer tells about each pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uner3d_core.errors import ImageError
from uner3d_core.views import View

FARTHEST = 1e9
"""World units; renderers write such a depth, or more, where they see nothing. Blender writes 1e10."""


@dataclass(frozen=True)
class DepthView:
    """One picture of the object, with the depth of its pixels.

    Parameters
    ----------
    view : View
        The picture, its mask and its camera.
    depth : float32 array (height, width)
        Distance from the camera along its viewing direction (not along the pixel's ray), in world units, of
        what is seen through the centre of each pixel, row 0 at the top; infinite where nothing is seen.

    Raises
    ------
    ImageError
        If the depth has another size than the picture.
    """

    view: View
    depth: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        size = self.view.image.shape[:2]
        if self.depth.dtype != np.float32 or self.depth.shape != size:
            raise ImageError(
                f"The depth of “{self.view.name}” has {self.depth.shape[-1]} × {self.depth.shape[0]} pixels, "
                f"the image {size[1]} × {size[0]}.",
                "Use the depth that was rendered with the image.",
            )

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        """Where there is an object: a depth, and a mask of at least a half; bool (height, width)."""
        seen = (self.depth > 0) & (self.depth < FARTHEST)
        return seen if self.view.mask is None else seen & (self.view.mask >= 128)
