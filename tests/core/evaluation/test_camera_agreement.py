# SPDX-License-Identifier: Apache-2.0
"""Cameras are compared after the similarity that brings them together: what is left is what was put in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError
from uner3d_core.evaluation.camera_agreement import align, compare

TURN = Rotation.from_euler("xyz", [20, 50, -70], degrees=True).as_matrix()
SHIFT = np.array([1.0, -2.0, 3.0])
SCALE = 4.0


def camera(centre: np.ndarray, rotation: np.ndarray, focal_length: float = 100.0) -> Camera:
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = -rotation @ centre
    return Camera(100, 80, focal_length, focal_length, 50, 40, pose)


def cameras(count: int = 20) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    generator = np.random.default_rng(0)
    rotations = Rotation.random(count, random_state=0).as_matrix()
    return {f"{n}.png": (generator.normal(size=3), rotations[n]) for n in range(count)}


def elsewhere(centre: np.ndarray, rotation: np.ndarray) -> Camera:
    return camera(SCALE * TURN @ centre + SHIFT, rotation @ TURN.T)


def test_same_cameras_in_another_world() -> None:
    truth = {name: camera(*values) for name, values in cameras().items()}
    found = compare({name: elsewhere(*values) for name, values in cameras().items()}, truth)
    assert (found.known, found.registered) == (20, 20)
    assert found.position_worst < 1e-9
    assert found.rotation_worst < 1e-9
    assert found.focal_median < 1e-9


def test_what_differs_is_measured() -> None:
    truth = {name: camera(*values) for name, values in cameras().items()}
    centres = np.stack([each.centre for each in truth.values()])
    extent = np.linalg.norm(centres.max(0) - centres.min(0))
    turn = Rotation.from_euler("y", 2, degrees=True).as_matrix()
    estimated = {name: elsewhere(*values) for name, values in cameras().items()}
    centre, rotation = cameras()["3.png"]
    estimated["3.png"] = elsewhere(centre + np.array([0.1 * extent, 0, 0]), turn @ rotation)
    del estimated["7.png"]
    found = compare(estimated, truth)
    assert found.registered == 19
    assert found.position_worst == pytest.approx(10.0, rel=1e-3)  # the wrong one does not pull at the others
    assert found.rotation_worst == pytest.approx(2.0, rel=1e-3)
    assert found.position_median < 1e-9


def test_focal_lengths_of_pictures_of_another_size() -> None:
    truth = {name: camera(*values) for name, values in cameras().items()}
    estimated = {
        name: Camera(50, 40, 55.0, 55.0, 25, 20, each.world_to_camera) for name, each in truth.items()
    }
    assert compare(estimated, truth).focal_median == pytest.approx(10.0)


def test_alignment_never_mirrors() -> None:
    points = np.random.default_rng(1).normal(size=(10, 3))
    similarity = align(points, points * [1.0, 1.0, -1.0])
    assert math.isclose(np.linalg.det(similarity.rotation), 1.0)


def test_too_few_to_compare() -> None:
    some = {name: camera(*values) for name, values in list(cameras().items())[:2]}
    with pytest.raises(CameraError, match="Only 2 images"):
        compare(some, some)
