# SPDX-License-Identifier: Apache-2.0
"""Estimated worlds are stood upright, whatever COLMAP's frame was."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial.transform import Rotation

from uner3d_core.poses.upright import find_target, find_up, stand


def moved(
    poses: npt.NDArray[np.float64], points: npt.NDArray[np.float64], scale: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The same cameras and points in a world that is turned, scaled and shifted."""
    turn = Rotation.from_euler("xyz", [70, -40, 130], degrees=True).as_matrix()
    shift = np.array([5.0, -2.0, 8.0])
    result = poses.copy()
    result[:, :3, :3] = poses[:, :3, :3] @ turn.T
    result[:, :3, 3] = scale * poses[:, :3, 3] - np.einsum("nij,j->ni", result[:, :3, :3], shift)
    return result, scale * points @ turn.T + shift


@pytest.mark.parametrize(("count", "degrees"), [(12, 30.0), (8, 6.0)])
def test_upright_and_to_scale(arc: Callable[..., Any], count: int, degrees: float) -> None:
    poses = np.stack([camera.world_to_camera for camera in arc(count, degrees)])
    points = np.random.default_rng(0).uniform([-0.5, -0.5, 0.0], [0.5, 0.5, 0.8], (500, 3))
    given, places = moved(poses, points, 7.0)
    standing = stand(given, places)
    stood = standing.scale * places @ standing.rotation.T + standing.translation
    cameras = np.stack([np.linalg.inv(standing.pose(pose)) for pose in given])

    # Heights come back up to one scale: the cameras', and the floor's at zero.
    true = np.stack([np.linalg.inv(pose) for pose in poses])
    scale = np.ptp(stood[:, 2]) / np.ptp(points[:, 2])
    np.testing.assert_allclose(stood[:, 2], points[:, 2] * scale, atol=0.02)
    target = find_target(cameras[:, :3, 3], cameras[:, :3, 2], stood)
    distances = np.linalg.norm(cameras[:, :3, 3] - target, axis=1)
    assert np.median(distances) == pytest.approx(1.0, rel=1e-6)
    assert abs(cameras[0, 0, 2]) < 1e-9  # the first looks along +y
    assert cameras[0, 1, 2] > 0
    np.testing.assert_allclose(np.linalg.det(cameras[:, :3, :3]), 1.0)
    np.testing.assert_allclose(cameras[:, 2, 3], true[:, 2, 3] * scale, atol=0.1)


def test_pictures_on_their_side_do_not_tip_the_world(arc: Callable[..., Any]) -> None:
    rotations = np.stack([camera.world_to_camera[:3, :3] for camera in arc(12, 30.0)])
    for number in (3, 7):
        rotations[number] = Rotation.from_euler("z", 90, degrees=True).as_matrix() @ rotations[number]
    assert math.degrees(math.acos(min(1.0, find_up(rotations)[2]))) < 1.0


def test_rays_side_by_side_give_the_middle_of_what_is_seen() -> None:
    centres = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    forward = np.tile([0.0, 0.0, 1.0], (3, 1))
    points = np.array([[1.0, 0.0, 5.0], [1.0, 1.0, 5.0], [1.0, -1.0, 5.0]])
    np.testing.assert_allclose(find_target(centres, forward, points), [1.0, 0.0, 5.0])


def test_camera_that_looks_straight_down() -> None:
    pose = np.diag([1.0, -1.0, -1.0, 1.0])
    pose[2, 3] = 4.0
    poses = np.stack([pose] * 3)
    poses[1, 0, 3] = 1.0
    poses[2, 1, 3] = 1.0
    standing = stand(poses, np.zeros((0, 3)))
    assert np.isfinite(standing.rotation).all()
    assert np.linalg.det(standing.rotation) == pytest.approx(1.0)
