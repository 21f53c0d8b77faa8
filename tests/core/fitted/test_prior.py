# SPDX-License-Identifier: Apache-2.0
"""What the trained network is joined with: how much it weighs, what it may deny, and what views overrule."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.fitted.conftest import CENTRE, Scene
from tests.core.fitted.test_labelling import SIDE, VOXEL, box, camera, depth_map
from tests.core.fitted.test_method import DRAFT, Told
from uner3d_core.camera import Camera
from uner3d_core.errors import WeightsError
from uner3d_core.fitted.hull import find_frame
from uner3d_core.fitted.labelling import label
from uner3d_core.fitted.prior import Prior, weight_of
from uner3d_core.network.config import NetworkConfig
from uner3d_core.network.network import Encoded, Network
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.reconstruct import reconstruct
from uner3d_core.settings import NO_NETWORK
from uner3d_core.views import View


def prior(weight: float) -> Prior:
    """Expect the half of :func:`box` with x below 0 to be full."""
    occupancy = torch.full((SIDE, SIDE, SIDE), 0.02)
    occupancy[: SIDE // 2] = 0.98
    occupancy[box().values > 0] = 0.0
    nothing = torch.zeros(1, 1, 3, 16, 16)
    views = ViewBatch(nothing, nothing[:, :, :1], torch.eye(3)[None, None], torch.eye(3, 4)[None, None])
    network = Network(NetworkConfig(image_size=16, stages=1, encoder_width=8, hidden_resolution=0))
    return Prior(weight, occupancy, network, Encoded(views, nothing, nothing), torch.zeros(3), 1.0)


def test_the_more_views_the_less_the_network_weighs() -> None:
    weights = [weight_of(count) for count in range(1, 25)]
    assert weights[:4] == [1.0] * 4
    assert 0 < weights[7] < 1
    assert weights[11:] == [0.0] * 13
    assert weights == sorted(weights, reverse=True)


def test_what_the_network_denies_is_cut_from_the_hull() -> None:
    hull = box()
    cut = prior(1.0).bounded(hull)
    middle = SIDE // 2
    assert cut.values[middle // 2, middle, middle] < 0
    assert cut.values[middle + 3 :].min() > 0
    assert (cut.values >= hull.values).all()
    border = (cut.values[:, middle, middle] > 0).nonzero()[:, 0]
    assert middle in border or middle - 1 in border


def test_where_depths_say_nothing_the_labels_are_what_the_network_expects() -> None:
    labels = label(box(), [camera()], [depth_map(0.0, 0.0)], 0.0, prior=prior(1.0))
    inside = labels.values < 0
    assert inside[3 : SIDE // 2 - 1, 5:-5, 5:-5].all()
    assert not inside[SIDE // 2 + 1 :].any()


def test_labels_end_where_the_network_sees_the_border_between_grid_points() -> None:
    hull = box()
    places = hull.points(0, SIDE).reshape(SIDE, SIDE, SIDE, 3)
    slanted = places[..., 0] + 0.3 * places[..., 1] - 0.2 * VOXEL
    expected = replace(prior(1.0), occupancy=torch.sigmoid(-slanted / VOXEL) * (hull.values < 0))
    true = slanted / (1 + 0.3**2) ** 0.5
    steps = torch.where(true < 0, (true / VOXEL).floor() + 0.5, (true / VOXEL).ceil() - 0.5) * VOXEL
    labels = hull.with_values(steps)
    evened = expected.evened(labels, hull)
    near = (true.abs() < 1.2 * VOXEL) & (hull.values < -4 * VOXEL)
    error = (evened.values - true)[near].abs().mean()
    assert error < 0.3 * (labels.values - true)[near].abs().mean()
    far = true.abs() > 4 * VOXEL
    assert (evened.values == labels.values)[far].all()
    assert (replace(expected, weight=0.4).evened(labels, hull).values == labels.values).all()


def test_depths_that_many_views_agree_on_overrule_a_network_that_weighs_little() -> None:
    views, depths = [camera()] * 6, [depth_map(3.4)] * 6
    labels = label(box(), views, depths, 0.0, prior=prior(0.2))
    right = int((0.5 + 1) / VOXEL)
    just_behind = int((3.4 - 4 + 1) / VOXEL) + 3
    assert labels.values[right, SIDE // 2, just_behind] < 0


def test_of_one_view_a_whole_object_is_made(ball: Scene) -> None:
    told = Told()
    cloud = reconstruct(near_the_origin(ball.views[:1]), DRAFT, told).cloud
    forward = ball.views[0].camera.forward
    depths = cloud.positions @ forward
    across = cloud.positions - depths[:, None] * forward
    width = np.ptp(across, axis=0).max()
    assert 0.3 * width < np.ptp(depths) < 1.5 * width
    assert ("network", 1, 1) in told.stages
    assert any("is the only view: its distance is assumed" in text for text in told.texts)


def test_two_views_make_more_of_the_object_with_the_network(ball: Scene) -> None:
    across = [abs(float(view.camera.forward @ ball.views[0].camera.forward)) for view in ball.views]
    two = [ball.views[0], ball.views[int(np.argmin(across))]]
    errors = []
    for settings in (replace(DRAFT, network=NO_NETWORK), DRAFT):
        cloud = reconstruct(two, settings).cloud
        errors.append(float(np.abs(ball.distance(cloud.positions)).mean()))
    assert errors[1] < 0.8 * errors[0]


def test_with_many_views_or_without_a_network_it_is_not_asked(ball: Scene) -> None:
    for views, settings in ((ball.views, DRAFT), (ball.views[:3], replace(DRAFT, network=NO_NETWORK))):
        told = Told()
        reconstruct(views, settings, told)
        assert "network" not in {stage for stage, _, _ in told.stages}


def test_a_network_that_is_not_there_is_said(ball: Scene, tmp_path: Path) -> None:
    settings = replace(DRAFT, network=str(tmp_path / "nothing.safetensors"))
    with pytest.raises(WeightsError, match=r"nothing\.safetensors"):
        reconstruct(ball.views[:2], settings)


def test_of_one_view_the_object_is_taken_to_be_near_the_origin(ball: Scene) -> None:
    frame = find_frame(near_the_origin(ball.views[:1]))
    assert np.linalg.norm(frame.centre) < 0.2
    assert 0.8 < frame.scale < 1.6


def test_of_opposite_views_the_object_is_taken_to_be_near_the_origin(ball: Scene) -> None:
    first = near_the_origin(ball.views[:1])[0]
    behind = first.camera.opengl_camera_to_world.copy()
    behind[:3, :3] = behind[:3, :3] @ np.diag([-1.0, 1.0, -1.0])
    behind[:3, 3] *= -1
    opposite = Camera.from_opengl(behind, width=112, height=112, fx=170, fy=170, cx=56, cy=56)
    frame = find_frame([first, replace(first, camera=opposite)])
    assert np.linalg.norm(frame.centre) < 0.3


def near_the_origin(views: list[View]) -> list[View]:
    """Move the world so that the ball's centre is its origin."""
    moved = []
    for view in views:
        pose = view.camera.world_to_camera.copy()
        pose[:3, 3] += pose[:3, :3] @ CENTRE
        moved.append(replace(view, camera=replace(view.camera, world_to_camera=pose)))
    return moved
