# SPDX-License-Identifier: Apache-2.0
"""The grid holds what the network says, without asking it everywhere."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from small_views import SMALL, posed

from uner3d_core.network import occupancy
from uner3d_core.network.network import Network
from uner3d_core.network.occupancy import occupancy_grid


@pytest.fixture
def network() -> Network:
    """A network as it begins: solid in the hull, empty around it."""
    torch.manual_seed(0)
    return Network(replace(SMALL, hidden_resolution=0)).eval().requires_grad_(False)


def everywhere(
    network: Network, views: Any, resolution: int, low: float = -1, high: float = 1
) -> torch.Tensor:
    axis = torch.linspace(low, high, resolution)
    points = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1).reshape(1, -1, 3)
    return network.query(network.encode(views), points).occupancy.reshape((resolution,) * 3)


@pytest.mark.parametrize("resolution", [20, 45])
def test_it_is_what_the_network_says(
    network: Network, resolution: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = posed(views=4)
    monkeypatch.setattr(occupancy, "COARSEST", 12)
    asked = []
    ask = occupancy.ask
    monkeypatch.setattr(occupancy, "ask", lambda n, e, points: asked.append(len(points)) or ask(n, e, points))
    found = occupancy_grid(network, network.encode(views), resolution)
    right = everywhere(network, views, resolution)
    assert 0.05 < (right > 0.5).float().mean() < 0.5
    assert ((found > 0.5) == (right > 0.5)).all()
    assert (found - right).abs().max() < 0.06
    assert sum(asked) < 0.6 * resolution**3


def test_a_box_is_the_grids(network: Network) -> None:
    views = posed(views=3)
    box = (torch.full((3,), -0.5), torch.full((3,), 0.75))
    found = occupancy_grid(network, network.encode(views), 24, box)
    right = everywhere(network, views, 24, -0.5, 0.75)
    assert ((found > 0.5) == (right > 0.5)).all()


def test_full_insides_are_not_asked(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network.density.bias.fill_(6.0)
    asked = []
    ask = occupancy.ask
    monkeypatch.setattr(occupancy, "ask", lambda n, e, points: asked.append(len(points)) or ask(n, e, points))
    views = posed(views=6, size=64)
    found = occupancy_grid(network, network.encode(views), 96)
    assert asked[-1] < 0.5 * (found > 0.5).sum()


def test_what_no_view_shows_is_empty(network: Network) -> None:
    views = posed(views=2)
    empty = replace(views, masks=torch.zeros_like(views.masks))
    assert not occupancy_grid(network, network.encode(empty), 50).any()
