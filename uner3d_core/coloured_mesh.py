# SPDX-License-Identifier: Apache-2.0
"""The triangle mesh that a person gets: with colours, and for files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class ColouredMesh:
    """Triangles with shared, coloured vertices.

    Parameters
    ----------
    positions : float32 array (V, 3)
        Of the vertices, in world coordinates in world units.
    triangles : int32 array (T, 3)
        Vertices of each, counter-clockwise as seen from outside.
    colours : uint8 array (V, 3)
        sRGB.
    normals : float32 array (V, 3)
        Unit vectors that point out of the object.

    Raises
    ------
    ValueError
        If a shape or type is not as described, or a triangle names a vertex that is not there.
    """

    positions: npt.NDArray[np.float32]
    triangles: npt.NDArray[np.int32]
    colours: npt.NDArray[np.uint8]
    normals: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.positions)
        for name, array, dtype, shape in (
            ("positions", self.positions, np.float32, (count, 3)),
            ("triangles", self.triangles, np.int32, (len(self.triangles), 3)),
            ("colours", self.colours, np.uint8, (count, 3)),
            ("normals", self.normals, np.float32, (count, 3)),
        ):
            if array.dtype != dtype or array.shape != shape:
                raise ValueError(
                    f"{name} must be {np.dtype(dtype).name} {shape}, not {array.dtype} {array.shape}"
                )
        if len(self.triangles) and not 0 <= self.triangles.min() <= self.triangles.max() < count:
            raise ValueError("a triangle names a vertex that is not there")
