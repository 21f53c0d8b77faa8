# SPDX-License-Identifier: Apache-2.0
"""A wrong camera or mask among right ones is found; nothing is found where nothing is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.core.fitted.conftest import Scene
from uner3d_core.fitted.misfits import find_misfits
from uner3d_core.views import View


def with_mask_moved(views: list[View], which: int) -> list[View]:
    mask = np.roll(views[which].mask, 25, axis=1)
    return [replace(v, mask=mask) if i == which else v for i, v in enumerate(views)]


def with_camera_aside(views: list[View], which: int) -> list[View]:
    camera = views[which].camera
    pose = camera.world_to_camera.copy()
    pose[0, 3] += 0.5  # world units; the ball's radius is 1
    moved = replace(camera, world_to_camera=pose)
    return [replace(v, camera=moved) if i == which else v for i, v in enumerate(views)]


def test_right_views_fit(ball: Scene) -> None:
    assert find_misfits(ball.views) == []


def test_a_wrong_mask_is_found(ball: Scene) -> None:
    assert find_misfits(with_mask_moved(ball.views, 5)) == [5]


def test_a_wrong_camera_is_found(ball: Scene) -> None:
    assert find_misfits(with_camera_aside(ball.views, 11)) == [11]


def test_two_are_found(ball: Scene) -> None:
    assert sorted(find_misfits(with_camera_aside(with_mask_moved(ball.views, 2), 9))) == [2, 9]


def test_a_mask_of_next_to_nothing_is_found(ball: Scene) -> None:
    mask = np.zeros_like(ball.views[4].mask)
    mask[:20, :20] = 255
    views = [replace(view, mask=mask) if index == 4 else view for index, view in enumerate(ball.views)]
    assert find_misfits(views) == [4]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_few_views_have_no_majority(ball: Scene, count: int) -> None:
    assert find_misfits(with_mask_moved(ball.views[:count], 0)) == []


def test_views_without_masks_say_nothing(ball: Scene) -> None:
    assert find_misfits([replace(view, mask=None) for view in ball.views]) == []
