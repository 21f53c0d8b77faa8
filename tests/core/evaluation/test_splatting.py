# SPDX-License-Identifier: Apache-2.0
"""Splatted clouds beside shapes whose picture is known."""

import numpy as np
import pytest

from uner3d_core.camera import Camera
from uner3d_core.evaluation.sheet import Row, make_sheet
from uner3d_core.evaluation.splatting import disc_radius, psnr, psnr_in_silhouette, silhouette_iou, splat
from uner3d_core.evaluation.visible_surface import fibonacci_sphere
from uner3d_core.point_cloud import PointCloud

SIZE = 64


def camera(distance: float = 4.0) -> Camera:
    """Looks along the world's z axis at the origin."""
    pose = np.eye(4)
    pose[2, 3] = distance
    return Camera(SIZE, SIZE, 100.0, 100.0, SIZE / 2, SIZE / 2, pose)


def cloud_of(positions: np.ndarray, normals: np.ndarray, colours: np.ndarray) -> PointCloud:
    colours = np.broadcast_to(colours, positions.shape)
    return PointCloud(
        positions.astype(np.float32),
        colours.astype(np.uint8),
        normals.astype(np.float32),
        np.ones(len(positions), np.float32),
    )


def sphere(radius: float = 1.0, colour: tuple[int, int, int] = (200, 100, 50)) -> PointCloud:
    directions = fibonacci_sphere(20_000)
    return cloud_of(radius * directions, directions, np.array(colour))


def disc_picture(radius: float) -> np.ndarray:
    """Coverage of a circle of ``radius`` pixels around the centre."""
    fine = (np.arange(SIZE * 8) + 0.5) / 8 - SIZE / 2
    inside = (fine[:, None] ** 2 + fine[None] ** 2 <= radius**2).astype(float)
    return inside.reshape(SIZE, 8, SIZE, 8).mean(axis=(1, 3))


def test_a_sphere_has_the_outline_that_the_camera_sees() -> None:
    drawn = splat(sphere(), camera())
    expected = disc_picture(100.0 / np.sqrt(4.0**2 - 1.0))  # the tangent cone's
    assert np.abs(drawn[..., 3] / 255.0 - expected).max() < 0.8
    assert drawn[..., 3].sum() / 255.0 == pytest.approx(expected.sum(), rel=0.02)


def test_colours_are_kept() -> None:
    drawn = splat(sphere(colour=(200, 100, 50)), camera())
    assert np.all(drawn[drawn[..., 3] > 0][:, :3] == (200, 100, 50))


def test_what_is_in_front_hides_what_is_behind() -> None:
    small, large = sphere(0.5, (255, 0, 0)), sphere(1.0, (0, 0, 255))
    both = PointCloud(
        np.concatenate([small.positions, large.positions]),
        np.concatenate([small.colours, large.colours]),
        np.concatenate([small.normals, large.normals]),
        np.ones(40_000, np.float32),
    )
    drawn = splat(both, camera())
    assert np.all(drawn[drawn[..., 3] == 255][:, :3] == (0, 0, 255))


def test_points_behind_the_camera_are_not_drawn() -> None:
    assert splat(sphere(), camera(distance=-4.0))[..., 3].max() == 0


def test_points_outside_the_picture_do_no_harm() -> None:
    assert splat(sphere(radius=1.9), camera(distance=2.0))[..., 3].min() == 255


def test_random_points_without_normals_leave_few_holes() -> None:
    random = np.random.default_rng(0).normal(size=(20_000, 3))
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    drawn = splat(cloud_of(random, np.zeros_like(random), np.array([9, 9, 9])), camera())
    centre = drawn[SIZE // 2 - 15 : SIZE // 2 + 15, SIZE // 2 - 15 : SIZE // 2 + 15, 3]
    assert (centre == 255).mean() > 0.99


def test_the_radius_follows_the_spacing() -> None:
    points = fibonacci_sphere(20_000)
    assert disc_radius(2.0 * points) == pytest.approx(2.0 * disc_radius(points))
    assert disc_radius(points[:1]) == 0.0


def test_psnr_of_a_known_error() -> None:
    true = np.zeros((10, 10, 4), np.uint8)
    true[:5, :, 3] = 255
    drawn = true.copy()
    drawn[:5, :, :3] = 51  # a fifth of the range, on half of the frame
    assert psnr_in_silhouette(drawn, true) == pytest.approx(-20 * np.log10(0.2))
    assert psnr(drawn, true) == pytest.approx(-10 * np.log10(0.04 / 2))
    assert psnr(true, true) == 100.0


def test_iou_of_known_overlap() -> None:
    true, drawn = np.zeros((10, 10, 4), np.uint8), np.zeros((10, 10, 4), np.uint8)
    true[:, :6, 3] = 255
    drawn[:, 3:, 3] = 255
    assert silhouette_iou(drawn, true) == pytest.approx(0.3)
    assert silhouette_iou(drawn[:0], true[:0]) == 1.0


def test_a_sheet_shows_pictures_above_drawings() -> None:
    red, blue = np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 4), np.uint8)
    red[...], blue[...] = (255, 0, 0, 255), (0, 0, 255, 255)
    sheet = make_sheet([Row("a", [[red, red], [blue, blue]]), Row("b", [[red], [blue]])], tile=8)
    assert sheet.width == 16
    height = sheet.height // 2
    assert sheet.getpixel((12, height - 12)) == (255, 0, 0)
    assert sheet.getpixel((12, height - 4)) == (0, 0, 255)
    assert sheet.getpixel((12, 2 * height - 4)) == (58, 66, 82)
