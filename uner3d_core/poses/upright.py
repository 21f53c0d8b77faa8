# SPDX-License-Identifier: Apache-2.0
"""Where an estimated world stands: pictures tell neither where up is, nor how large anything is.

Up is the direction to which the pictures' horizontal axes are perpendicular, as people hold cameras level.
The unit is such that the cameras stand one metre from what they look at, in the median. The origin is below
that point, at the height of the lowest places around it. The first camera looks along +y, as Blender's front
view does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

DISTANCE = 1.0
"""Metres from the cameras to what they look at, in the median."""
LEVEL = 0.5
"""Sine of the angle by which a picture's horizontal axis may leave the horizon; else it lies on its side."""
PULL = 0.003
"""Weight of the pictures' mean upward axis, which decides where all look the same way."""
NEAR = 0.5
"""Distance, in those of the cameras, within which places are around the point looked at."""
LOWEST = 0.01
"""Share of these places that may lie below the ground."""
ROUNDS = 5


@dataclass(frozen=True)
class Standing:
    """The similarity x ↦ scale · rotation · x + translation that stands a world upright.

    Parameters
    ----------
    scale : float
        Metres per unit.
    rotation : array (3, 3)
        Proper rotation.
    translation : array (3,)
        In metres.
    """

    scale: float
    rotation: FloatArray
    translation: FloatArray

    def pose(self, world_to_camera: FloatArray) -> FloatArray:
        """Give the pose (4, 4) that a camera has in the world that stands."""
        moved = np.eye(4)
        moved[:3, :3] = world_to_camera[:3, :3] @ self.rotation.T
        moved[:3, 3] = self.scale * world_to_camera[:3, 3] - moved[:3, :3] @ self.translation
        return moved


def stand(world_to_cameras: FloatArray, points: FloatArray) -> Standing:
    """Find how an estimated world is stood upright.

    Parameters
    ----------
    world_to_cameras : array (N, 4, 4)
        Rigid transforms to OpenCV's camera axes, in any unit.
    points : array (M, 3)
        Places in the world that the cameras see.
    """
    rotations = world_to_cameras[:, :3, :3]
    centres = -np.einsum("nij,ni->nj", rotations, world_to_cameras[:, :3, 3])
    up = find_up(rotations)
    target = find_target(centres, rotations[:, 2], points)
    forward = rotations[0, 2] - (rotations[0, 2] @ up) * up
    if np.linalg.norm(forward) < 1e-3:  # it looks straight down: the picture's top then lies ahead
        forward = -rotations[0, 1] + (rotations[0, 1] @ up) * up
    forward /= np.linalg.norm(forward)
    rotation = np.stack([np.cross(forward, up), forward, up])
    distance = float(np.median(np.linalg.norm(centres - target, axis=1)))
    around = points[np.linalg.norm(points - target, axis=1) < NEAR * distance] if len(points) else points
    heights = (around - target) @ up
    ground = target + up * (float(np.quantile(heights, LOWEST)) if len(heights) else 0.0)
    scale = DISTANCE / distance
    return Standing(scale, rotation, -scale * rotation @ ground)


def find_up(rotations: FloatArray) -> FloatArray:
    """Find the unit vector upwards from the rotations (N, 3, 3) of cameras held level."""
    right, upwards = rotations[:, 0], -rotations[:, 1]
    up = upwards.mean(0)
    up /= max(float(np.linalg.norm(up)), 1e-12)
    for _ in range(ROUNDS):
        level = np.abs(right @ up) < LEVEL
        if not level.any():
            level[:] = True
        mean = upwards[level].mean(0)
        matrix = right[level].T @ right[level] / level.sum() + PULL * np.eye(3)
        up = np.linalg.solve(matrix, mean)
        up /= np.linalg.norm(up)
    return np.asarray(up)


def find_target(centres: FloatArray, forward: FloatArray, points: FloatArray) -> FloatArray:
    """Find the point that cameras look at: the nearest to all their central rays.

    Parameters
    ----------
    centres, forward : arrays (N, 3)
        The rays.
    points : array (M, 3)
        Places that the cameras see; their median takes over where the rays run side by side, or meet behind
        the cameras.
    """
    across = np.eye(3) - forward[:, :, None] * forward[:, None, :]
    matrix = across.mean(0)
    middle = np.median(points, axis=0) if len(points) else centres.mean(0) + forward.mean(0)
    if np.linalg.eigvalsh(matrix)[0] < 1e-3:
        return np.asarray(middle)
    target = np.linalg.solve(matrix, np.einsum("nij,nj->i", across, centres) / len(centres))
    in_front = np.einsum("ni,ni->n", target - centres, forward) > 0.0
    return np.asarray(target if in_front.mean() > 0.5 else middle)
