# SPDX-License-Identifier: Apache-2.0
"""Disturbed views differ from the true ones in what they should, and by as much."""

from dataclasses import replace

import numpy as np
import pytest

from uner3d_core.camera import Camera
from uner3d_core.evaluation.disturbances import (
    one_wrong_camera,
    one_wrong_mask,
    shaken_cameras,
    speckled_masks,
    uneven_exposures,
)
from uner3d_core.views import View


@pytest.fixture
def views() -> list[View]:
    """Grey pictures, each with a mask and a camera of its own."""
    made = []
    for number in range(8):
        pose = np.eye(4)
        pose[:3, 3] = number, 0.0, 5.0
        camera = Camera(64, 48, 80.0, 80.0, 32.0, 24.0, pose)
        mask = np.zeros((48, 64), np.uint8)
        mask[10 : 20 + number, 10:50] = 255
        made.append(View(f"{number}.png", np.full((48, 64, 3), 120, np.uint8), camera, mask))
    return made


def differing(one: list[View], other: list[View]) -> list[int]:
    """Which views differ in their camera or mask."""
    return [
        index
        for index, (a, b) in enumerate(zip(one, other, strict=True))
        if not np.array_equal(a.camera.world_to_camera, b.camera.world_to_camera)
        or not np.array_equal(np.asarray(a.mask), np.asarray(b.mask))
    ]


def test_half_of_the_pictures_are_exposed_otherwise(views: list[View]) -> None:
    # 120 is 0.188 linear; half a stop more is 0.266, which is 141, and half a stop less 0.133, which is 102.
    levels = sorted(int(view.image[0, 0, 0]) for view in uneven_exposures(views, np.random.default_rng(0)))
    assert levels == [102, 102, 120, 120, 120, 120, 141, 141]


def test_shaken_cameras_move_the_picture_by_a_pixel(views: list[View]) -> None:
    many = [replace(views[0], name=str(number)) for number in range(500)]
    middle = np.array([[0.0, 0.0, 0.0]])
    moved = np.array(
        [
            view.camera.project(middle)[0][0] - views[0].camera.project(middle)[0][0]
            for view in shaken_cameras(many, np.random.default_rng(0))
        ]
    )
    assert moved.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.15)


def test_a_tenth_of_each_mask_is_turned_over(views: list[View]) -> None:
    for before, after in zip(views, speckled_masks(views, np.random.default_rng(0)), strict=True):
        assert np.mean(np.asarray(before.mask) != np.asarray(after.mask)) == pytest.approx(0.1, abs=0.02)


def test_one_view_is_given_what_belongs_to_another(views: list[View]) -> None:
    random = np.random.default_rng(0)
    assert len(differing(views, one_wrong_mask(views, random))) == 1
    assert len(differing(views, one_wrong_camera(views, random))) == 1


def test_views_without_masks_have_nothing_to_speckle(views: list[View]) -> None:
    bare = [replace(view, mask=None) for view in views]
    assert speckled_masks(bare, np.random.default_rng(0)) == bare
