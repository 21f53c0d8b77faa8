# SPDX-License-Identifier: Apache-2.0
"""The camera of a single picture, of which nothing tells where it stood: a usual one is assumed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from uner3d_core.camera import Camera
from uner3d_core.inputs.frames import Frame

if TYPE_CHECKING:
    import numpy.typing as npt

    from uner3d_core.poses.photographs import Photograph

ELEVATION = 15.0
"""Degrees by which the camera looks down at the object."""
ANGLE_OF_VIEW = 40.0
"""Degrees, of the longest side of a picture that does not tell its lens."""
RADIUS = 0.5
"""Of the object, world units: it fills a ball of one unit about the origin."""


def assume_camera(photograph: Photograph, mask: npt.NDArray[np.uint8]) -> Frame:
    """Place a camera before an object that stands upright at the origin.

    It looks along the world's y axis and a little down. The lens is the one that the picture tells, else a
    usual one; the distance is such that the silhouette just fills a ball of one world unit.

    Parameters
    ----------
    photograph : Photograph
        The picture.
    mask : uint8 array (height, width)
        At least 128 on the object, of the picture's proportions.
    """
    width, height = photograph.size
    usual = 0.5 * max(width, height) / math.tan(math.radians(ANGLE_OF_VIEW) / 2)
    focal = photograph.focal_length or usual
    full = np.asarray(Image.fromarray(mask).resize((width, height), Image.Resampling.NEAREST))
    rows, columns = np.nonzero(full >= 128)
    rays = np.stack(
        [
            (columns + 0.5 - width / 2) / focal,
            (rows + 0.5 - height / 2) / focal,
            np.ones(len(rows)),
        ],
        axis=1,
    )
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    towards = rays.mean(axis=0)
    towards /= np.linalg.norm(towards)
    distance = RADIUS / max(float(np.sqrt(1 - (rays @ towards).min() ** 2)), 1e-3)
    down = math.radians(ELEVATION)
    forward = np.array([0.0, math.cos(down), -math.sin(down)])
    right = np.array([1.0, 0.0, 0.0])
    upright = np.stack([right, np.cross(forward, right), forward])
    pose = np.eye(4)
    pose[:3, :3] = _turn(np.array([0.0, 0.0, 1.0]), towards) @ upright
    pose[:3, 3] = distance * towards
    return Frame(photograph.path, Camera(width, height, focal, focal, width / 2, height / 2, pose))


def _turn(start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Find the smallest rotation (3, 3) that brings one unit vector to another, not opposite, one."""
    x, y, z = np.cross(start, end)
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turned: npt.NDArray[np.float64] = np.eye(3) + skew + skew @ skew / (1 + float(start @ end))
    return turned
