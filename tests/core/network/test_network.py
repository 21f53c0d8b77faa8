# SPDX-License-Identifier: Apache-2.0
"""The network agrees with its formulas, and keeps what is promised of views, directions and hidden sides."""

from dataclasses import replace

import plain_networks as plain
import pytest
import torch
from small_views import SMALL, posed, randomised, some_points

from uner3d_core.errors import InputError
from uner3d_core.network.config import NetworkConfig
from uner3d_core.network.encoding import PositionalEncoding
from uner3d_core.network.hidden_sides import grid_points, hidden_features, look_through
from uner3d_core.network.network import Network
from uner3d_core.network.projection import project
from uner3d_core.network.view_batch import ViewBatch


def small(**changes: object) -> Network:
    return randomised(Network(replace(SMALL, **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("normalisation", ["group", "batch"])
@pytest.mark.parametrize("first_pool", [True, False])
def test_it_agrees_with_the_formulas(normalisation: str, first_pool: bool) -> None:
    network = small(normalisation=normalisation, first_pool=first_pool)
    views, points = posed(objects=2), some_points(objects=2)
    answer = network.query(network.encode(views, hidden=False), points)
    state = network.state_dict()
    maps = [plain.our_maps(state, network.config, views, view) for view in range(3)]
    right, colours = plain.our_answer(state, network.config, views, maps, points[0])
    assert right.std() > 0.1  # or agreement would mean nothing
    assert colours.std() > 0.05
    assert torch.allclose(answer.density_logit[0], right, atol=1e-4)
    assert torch.allclose(answer.rgb[0], colours, atol=1e-5)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_any_number_of_views_in_any_order(count: int) -> None:
    network = small()
    views, points = posed(objects=2, views=count), some_points(objects=2)
    found = network.query(network.encode(views), points)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(count))
    again = network.query(network.encode(views.choose(order)), points)
    assert found.density_logit.shape == (2, 50)
    assert torch.allclose(found.density_logit, again.density_logit, atol=1e-5)
    assert torch.allclose(found.rgb, again.rgb, atol=1e-5)
    assert ((found.rgb >= 0) & (found.rgb <= 1)).all()


def test_every_view_has_a_say() -> None:
    network = small()
    views, points = posed(views=3), some_points()
    three, two = (network.query(network.encode(each), points) for each in (views, views.choose([0, 1])))
    assert (three.density_logit - two.density_logit).abs().mean() > 0.01
    assert (three.rgb - two.rgb).abs().mean() > 0.001


def test_objects_do_not_mix() -> None:
    network = small()
    views, points = posed(objects=2), some_points(objects=2)
    together = network.query(network.encode(views), points)
    second = ViewBatch(views.images[1:], views.masks[1:], views.intrinsics[1:], views.world_to_camera[1:])
    alone = network.query(network.encode(second), points[1:])
    assert torch.allclose(together.density_logit[1], alone.density_logit[0], atol=1e-5)


@pytest.mark.parametrize("blend", [True, False])
def test_directions_change_colours_alone(blend: bool) -> None:
    network = small(colour_directions=True, blend_colours=blend)
    encoded, points = network.encode(posed()), some_points()
    directions = torch.nn.functional.normalize(some_points(seed=5), dim=-1)
    one, other = (network.query(encoded, points, each) for each in (directions, -directions))
    assert torch.equal(one.density_logit, other.density_logit)
    assert (one.rgb - other.rgb).abs().max() > 1e-3
    assert torch.equal(one.density_logit, network.query(encoded, points).density_logit)


def test_without_the_switch_directions_change_nothing() -> None:
    network = small()
    encoded, points = network.encode(posed()), some_points()
    assert torch.equal(network.query(encoded, points, points).rgb, network.query(encoded, points).rgb)


def test_it_begins_as_the_hull() -> None:
    torch.manual_seed(0)
    network = Network(SMALL)
    points = some_points(count=500)
    with torch.no_grad():
        occupancy = network.query(network.encode(posed(views=8)), points).occupancy[0]
    radius = points[0].norm(dim=1)
    assert (occupancy[radius < 0.6] > 0.5).all()
    assert (occupancy[radius > 1.0] < 0.01).all()


def test_density_is_the_occupancy_over_its_length() -> None:
    network = small()
    answer = network.query(network.encode(posed()), some_points())
    stopped = 1 - torch.exp(-answer.density(0.05) * 0.05)
    assert torch.allclose(stopped, answer.occupancy, atol=1e-6)


def test_hidden_sides_are_known() -> None:
    views, resolution = posed(views=2), 24
    ball = (grid_points(resolution, torch.device("cpu")).norm(dim=1) < 0.5).float()
    frustums = look_through(ball.reshape(1, resolution, resolution, resolution), views, 0.05)
    towards = torch.nn.functional.normalize(views.camera_centres[0, 0], dim=0)
    points = torch.stack([0.9 * towards, -0.9 * towards, 0.5 * towards])[None]
    features = hidden_features(project(points, views), frustums, views.size)[0, 0]
    transmittance, behind = features[:, 0], torch.atanh(features[:, 2])
    assert transmittance[0] > 0.95
    assert transmittance[1] < 0.05
    assert behind.tolist() == pytest.approx([-0.4, 1.4, 0.0], abs=0.08)


def test_hidden_sides_matter_and_can_be_left_out() -> None:
    network = small()
    views, points = posed(), some_points()
    knowing, not_knowing = (network.query(network.encode(views, hidden=h), points) for h in (True, False))
    assert (knowing.density_logit - not_knowing.density_logit).abs().max() > 1e-3
    without = small(hidden_resolution=0)
    assert without.encode(views).frustums is None
    assert without.query(without.encode(views), points).density_logit.isfinite().all()


@pytest.mark.parametrize("mixed", [False, True])
def test_all_learns(mixed: bool) -> None:
    torch.manual_seed(0)
    network = Network(replace(SMALL, colour_directions=True))
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    views, points = posed(), some_points()
    target = (points.norm(dim=-1) < 0.5).float()
    for _ in range(4):  # what begins at zero keeps what is before it still for a step or two
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            answer = network.query(network.encode(views), points, points)
        loss = (answer.occupancy - target).square().mean() + (answer.rgb - points.abs()).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    still = [name for name, each in network.named_parameters() if each.grad is None or not each.grad.any()]
    assert still == []


def test_points_behind_a_camera_are_answered() -> None:
    network = small()
    views = posed()
    answer = network.query(network.encode(views), views.camera_centres[:, :1] * 1.5)
    assert answer.density_logit.isfinite().all()


def test_half_precision_keeps_pixels_exact() -> None:
    network = small()
    views, points = posed(), some_points()
    right = network.query(network.encode(views), points)
    pixels = project(points, views).pixels
    with torch.autocast("cpu", torch.bfloat16):
        found = network.query(network.encode(views), points)
        assert torch.equal(project(points, views).pixels, pixels)
    assert (found.rgb - right.rgb).abs().mean() < 0.02


def test_bands_open_one_after_the_other() -> None:
    code = PositionalEncoding(4, 1.5)
    points = some_points()[0]
    closed, half, opened = (code(points, alpha).reshape(50, 9, 3) for alpha in (0.0, 0.5, 1.0))
    assert torch.equal(closed[:, 0], points)
    assert not closed[:, 1:].any()
    assert torch.equal(half[:, :5], opened[:, :5])
    assert not half[:, 5:].any()
    assert torch.allclose(opened[:, 8], torch.cos(12 * points), atol=1e-5)


def test_the_first_answer_has_the_same_bands_open() -> None:
    network = small()
    shut, opened = (network.encode(posed(), alpha=alpha).frustums for alpha in (0.0, 1.0))
    assert shut is not None
    assert opened is not None
    assert (shut.transmittance - opened.transmittance).abs().max() > 1e-3


def test_a_config_survives_its_dictionary() -> None:
    config = replace(SMALL, pooling=("mean",), normalisation="frozen")
    assert NetworkConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    "wrong",
    [
        {"stages": 6},
        {"stages": 2.5},
        {"stages": True},
        {"encoder_width": 12},
        {"normalisation": "layer"},
        {"pooling": []},
        {"pooling": ["mean", "mean"]},
        {"pooling": "mean"},
        {"blocks_per_view": 3, "blocks": 2},
        {"band_factor": float("nan")},
        {"first_pool": "yes"},
        {"depth": 3},
    ],
)
def test_a_wrong_config_is_told(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        NetworkConfig.from_dict(wrong)
