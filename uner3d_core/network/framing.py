# SPDX-License-Identifier: Apache-2.0
"""Where the network's frame lies for given views: the sphere that their silhouettes tell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from uner3d_core.fitted.hull import find_frame, shown_pixels
from uner3d_core.views import View


def find_sphere(views: list[View]) -> tuple[npt.NDArray[np.float64], float]:
    """Find centre (3,) and radius, in world units, of the sphere that just holds the object.

    The centre is that of the box of the visual hull. The radius is the median over the views of the largest
    distance between the centre and the rays of a silhouette: unlike the hull's corners, it does not depend
    on how many views there are.

    Raises
    ------
    ReconstructionError
        If the silhouettes have nothing in common.
    """
    centre = find_frame(views).centre
    return centre, float(np.median([_silhouette_radius(view, centre) for view in views]))


def _silhouette_radius(view: View, centre: npt.NDArray[np.float64]) -> float:
    rows, columns = shown_pixels(view)
    pixels = np.stack([columns, rows], axis=1) + 0.5
    directions = view.camera.unproject(pixels, np.ones(len(pixels))) - view.camera.centre
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    towards = centre - view.camera.centre
    return float(np.linalg.norm(towards - (directions @ towards)[:, None] * directions, axis=1).max())
