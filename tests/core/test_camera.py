# SPDX-License-Identifier: Apache-2.0
"""A camera keeps its pose through every convention and shows the world where it should."""

from typing import Any

import numpy as np
import pytest

from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError

INTRINSICS: dict[str, Any] = {"width": 640, "height": 480, "fx": 500.0, "fy": 510.0, "cx": 322.0, "cy": 238.0}


def opengl_pose(seed: int) -> np.ndarray:
    """Any rotation and position."""
    random = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(random.normal(size=(3, 3)))
    rotation[:, 0] *= np.sign(np.linalg.det(rotation))
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = rotation, random.normal(size=3) * 5
    return pose


def test_opengl_pose_survives() -> None:
    pose = opengl_pose(0)
    camera = Camera.from_opengl(pose, **INTRINSICS)
    np.testing.assert_allclose(camera.opengl_camera_to_world, pose, atol=1e-12)
    np.testing.assert_allclose(camera.camera_to_world @ camera.world_to_camera, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(camera.centre, pose[:3, 3], atol=1e-12)


def test_blender_camera_at_rest_looks_down() -> None:
    """An unrotated Blender camera looks along -z with y up in the picture."""
    camera = Camera.from_opengl(np.eye(4), **INTRINSICS)
    np.testing.assert_array_equal(camera.forward, [0, 0, -1])
    pixels, depth = camera.project([[0, 0, -2], [1, 0, -2], [0, 1, -2]])
    np.testing.assert_allclose(depth, 2)
    np.testing.assert_allclose(pixels, [[322, 238], [322 + 250, 238], [322, 238 - 255]])


def test_opencv_pose_is_taken_as_it_is() -> None:
    """A world-to-camera matrix of one sees +z, with y down in the picture."""
    camera = Camera(640, 480, 500.0, 510.0, 322.0, 238.0, np.eye(4))
    pixels, depth = camera.project([[1, 1, 2]])
    np.testing.assert_allclose(pixels, [[322 + 250, 238 + 255]])
    np.testing.assert_allclose(depth, [2])


def test_project_agrees_with_the_matrix() -> None:
    camera = Camera.from_opengl(opengl_pose(1), **INTRINSICS)
    points = camera.unproject(np.random.default_rng(0).uniform(0, 480, (20, 2)), np.full(20, 3.0))
    homogeneous = np.c_[points, np.ones(20)] @ camera.world_to_camera.T
    expected = homogeneous[:, :3] @ camera.intrinsics.T
    np.testing.assert_allclose(camera.project(points)[0], expected[:, :2] / expected[:, 2:], atol=1e-9)


def test_unproject_undoes_project() -> None:
    camera = Camera.from_opengl(opengl_pose(2), **INTRINSICS)
    random = np.random.default_rng(0)
    pixels, depth = random.uniform(0, 480, (50, 2)), random.uniform(0.1, 9, 50)
    again, depth_again = camera.project(camera.unproject(pixels, depth))
    np.testing.assert_allclose(again, pixels, atol=1e-9)
    np.testing.assert_allclose(depth_again, depth, atol=1e-9)


def test_point_behind_has_negative_depth_and_at_the_centre_no_nan() -> None:
    camera = Camera.from_opengl(np.eye(4), **INTRINSICS)
    pixels, depth = camera.project([[0, 0, 2], [0, 0, 0]])
    assert depth[0] < 0
    assert depth[1] == 0
    assert np.isfinite(pixels).all()


def test_resized_sees_the_same_at_scaled_pixels() -> None:
    camera = Camera.from_opengl(opengl_pose(3), **INTRINSICS)
    half = camera.resized(320, 120)
    points = camera.unproject([[0, 0], [640, 480], [100.5, 77]], [1.0, 2.0, 3.0])
    np.testing.assert_allclose(half.project(points)[0], camera.project(points)[0] * [0.5, 0.25], atol=1e-9)
    assert (half.width, half.height) == (320, 120)


def test_scale_in_the_matrix_is_removed() -> None:
    pose = opengl_pose(4)
    scaled = pose.copy()
    scaled[:3, :3] *= [2.0, 0.5, 3.0]
    np.testing.assert_allclose(
        Camera.from_opengl(scaled, **INTRINSICS).opengl_camera_to_world, pose, atol=1e-12
    )


def test_rotation_of_few_digits_becomes_exact() -> None:
    camera = Camera.from_opengl(np.round(opengl_pose(5), 3), **INTRINSICS)
    rotation = camera.world_to_camera[:3, :3]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)


def with_entry(row: int, column: int, value: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[row, column] = value
    return matrix


@pytest.mark.parametrize(
    "matrix",
    [
        with_entry(0, 3, np.nan),
        with_entry(1, 1, np.inf),
        with_entry(0, 0, 0.0),
        with_entry(0, 0, -1.0),  # mirrored
        with_entry(0, 1, 0.5),  # sheared
        np.eye(3),
        np.zeros((4, 4)),
    ],
    ids=["nan", "infinite", "flat", "mirrored", "sheared", "3x3", "zero"],
)
def test_matrix_of_no_camera_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(CameraError) as caught:
        Camera.from_opengl(matrix, **INTRINSICS)
    assert caught.value.hint
    if matrix[0, 0] != 0:  # scale is removed from files only
        with pytest.raises(CameraError):
            Camera(640, 480, 1.0, 1.0, 0.0, 0.0, matrix)


@pytest.mark.parametrize(
    "change",
    [
        {"fx": 0.0},
        {"fy": -1.0},
        {"cx": float("nan")},
        {"width": 0},
        {"height": -3},
        {"distortion": (float("inf"), 0.0, 0.0, 0.0)},
    ],
    ids=str,
)
def test_numbers_of_no_camera_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(CameraError):
        Camera.from_opengl(np.eye(4), **{**INTRINSICS, **change})


def test_pose_can_not_be_changed_from_outside() -> None:
    pose = np.eye(4)
    camera = Camera(640, 480, 500.0, 500.0, 0.0, 0.0, pose)
    pose[0, 3] = 7
    assert camera.world_to_camera[0, 3] == 0
    with pytest.raises(ValueError, match="read-only"):
        camera.world_to_camera[0, 3] = 7


def test_tells_whether_the_lens_distorts() -> None:
    assert not Camera.from_opengl(np.eye(4), **INTRINSICS).has_distortion
    assert Camera.from_opengl(np.eye(4), **INTRINSICS, distortion=(0.0, 0.0, 0.0, 1e-9)).has_distortion


def test_a_lens_that_looks_all_around_is_refused() -> None:
    with pytest.raises(CameraError, match="next to nothing"):
        Camera(100, 100, 1e-9, 1e-9, 50, 50, np.eye(4))


def test_a_camera_beyond_all_numbers_is_refused() -> None:
    pose = np.eye(4)
    pose[0, 3] = 1e308
    with pytest.raises(CameraError, match="farther away"):
        Camera(100, 100, 100, 100, 50, 50, pose)
