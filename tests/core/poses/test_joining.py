# SPDX-License-Identifier: Apache-2.0
"""Models that share pictures become one, unless they contradict each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from uner3d_core.poses.joining import join_models
from uner3d_core.poses.request import Model, Shot


def model(cameras: dict[int, Any], scale: float = 1.0, turn: float = 0.0) -> Model:
    """A model of cameras, in a world of its own that is turned about an axis, moved and scaled."""
    rotation = Rotation.from_rotvec([0.1, turn, 0.3 * turn]).as_matrix() if turn else np.eye(3)
    shots = {}
    for place, camera in cameras.items():
        pose = camera.world_to_camera
        turned = pose[:3, :3] @ rotation.T
        centre = scale * rotation @ camera.centre + [0.0, turn, 2.0 * turn]
        world_to_camera = np.column_stack([turned, -turned @ centre]).tolist()
        shots[place] = Shot([camera.fx, camera.fy], [120.0, 120.0], [0.0] * 4, world_to_camera, 100)
    return Model(shots, [[0.0, 0.0, 0.0]], 0.5)


@pytest.fixture
def cameras(arc: Callable[..., Any]) -> dict[int, Any]:
    return dict(enumerate(arc(12)))


def part(cameras: dict[int, Any], *places: int) -> dict[int, Any]:
    return {place: cameras[place] for place in places}


def test_shared_pictures_join(cameras: dict[int, Any]) -> None:
    first = model(part(cameras, *range(8)))
    second = model(part(cameras, *range(5, 12)), scale=2.5, turn=0.7)
    (joined,) = join_models([first, second])
    assert list(joined.shots) == list(range(12))
    whole = model(cameras)
    for place, shot in joined.shots.items():
        np.testing.assert_allclose(shot.world_to_camera, whole.shots[place].world_to_camera, atol=1e-9)
    assert len(joined.points) == 2


def test_chain_of_three(cameras: dict[int, Any]) -> None:
    parts = [range(2, 8), range(5, 12), range(5)]
    models = [model(part(cameras, *places), 1.0 + n, 0.3 * n) for n, places in enumerate(parts)]
    (joined,) = join_models(models)
    assert list(joined.shots) == list(range(12))


def test_nothing_or_little_in_common(cameras: dict[int, Any]) -> None:
    models = [model(part(cameras, *range(7))), model(part(cameras, *range(5, 12)), turn=0.7)]
    assert [len(each.shots) for each in join_models(models)] == [7, 7]


def test_contradiction(cameras: dict[int, Any]) -> None:
    """Two shared pictures agree, and the others do not: one of the models is wrong."""
    wrong = dict(part(cameras, *range(5, 12)))
    wrong[5], wrong[6] = cameras[6], cameras[5]
    assert len(join_models([model(part(cameras, *range(8))), model(wrong, turn=0.7)])) == 2


def test_another_zoom(cameras: dict[int, Any]) -> None:
    far = model(part(cameras, *range(5, 12)), turn=0.7)
    shots = {place: replace(shot, focal_lengths=[400.0, 400.0]) for place, shot in far.shots.items()}
    assert len(join_models([model(part(cameras, *range(8))), replace(far, shots=shots)])) == 2
