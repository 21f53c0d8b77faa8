# SPDX-License-Identifier: Apache-2.0
"""Small pictures of clouds, to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from uner3d_core.atomic_file import atomic_file
from uner3d_core.camera import Camera
from uner3d_core.evaluation.splatting import disc_radius, splat

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.point_cloud import PointCloud

SIDE = 160
"""Pixels of a side."""
FROM = (0.55, -1.0, 0.5)
"""Direction of the camera from the cloud: in front of it, a little to the right and above."""
DISTANCE = 2.4
"""Of the camera from the middle, in radii of the cloud."""
LARGEST_DISC = 0.03
"""In radii of the cloud: what is scattered wide is to look so."""


def write_picture(path: Path, cloud: PointCloud) -> None:
    """Draw a cloud as seen from the front and a little above, z up, into a PNG with alpha.

    Parameters
    ----------
    path : Path
        The file, which is replaced if it is there.
    cloud : PointCloud
        With points; they need no normals.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    lowest, highest = cloud.positions.min(axis=0), cloud.positions.max(axis=0)
    radius = max(float(np.linalg.norm(highest - lowest)) / 2, 1e-6)
    disc = min(disc_radius(cloud.positions), LARGEST_DISC * radius)
    drawn = splat(cloud, _camera((lowest + highest) / 2.0, radius), disc)
    with atomic_file(path) as file:
        Image.fromarray(drawn).save(file, "PNG")


def _camera(middle: npt.NDArray[np.floating[Any]], radius: float) -> Camera:
    backward = np.array(FROM) / np.linalg.norm(FROM)
    right = np.cross([0.0, 0.0, 1.0], backward)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(backward, right), backward], axis=1)
    pose[:3, 3] = middle + DISTANCE * radius * backward
    focal = 0.47 * SIDE * (DISTANCE**2 - 1.0) ** 0.5  # the sphere around the cloud fits, with its discs
    half = SIDE / 2
    return Camera.from_opengl(pose, width=SIDE, height=SIDE, fx=focal, fy=focal, cx=half, cy=half)
