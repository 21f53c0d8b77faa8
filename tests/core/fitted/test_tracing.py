# SPDX-License-Identifier: Apache-2.0
"""Rays meet a ball of which everything is known."""

from __future__ import annotations

import pytest
import torch

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.tracing import FAR, box_range, trace

RADIUS = 0.7


@pytest.fixture(scope="module")
def ball() -> Grid:
    axis = torch.linspace(-1, 1, 81)
    distance = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).norm(dim=0) - RADIUS
    return Grid(-torch.ones(3), 0.025, distance)


def rays(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Origins outside the box, and directions of many lengths towards points in it."""
    generator = torch.Generator().manual_seed(0)
    origin = torch.nn.functional.normalize(torch.randn(count, 3, generator=generator), dim=1) * 3
    target = torch.rand(count, 3, generator=generator) * 2 - 1
    return origin, (target - origin) * (0.2 + torch.rand(count, 1, generator=generator))


def test_hits_and_misses_are_those_of_the_formula(ball: Grid) -> None:
    origin, direction = rays(2_000)
    near, far = box_range(ball, origin, direction)
    found, closest = trace(ball, origin, direction, near, far)
    a, b = (direction**2).sum(1), (origin * direction).sum(1)
    root = b**2 - a * ((origin**2).sum(1) - RADIUS**2)
    apart = (origin - direction * (b / a)[:, None]).norm(dim=1)
    grazing = (apart - RADIUS).abs() < 0.01
    hit = root > 0
    assert ((found < FAR) == hit)[~grazing].all()
    expected = (-b - root.clamp_min(0).sqrt()) / a
    sure = hit & ~grazing
    error = (found - expected)[sure].abs() * direction[sure].norm(dim=1)
    assert error.max() < 0.01
    assert torch.equal(closest[sure], found[sure])


def test_a_ray_that_misses_tells_where_it_came_closest(ball: Grid) -> None:
    origin = torch.tensor([3.0, 0.0, 0.8])
    direction = torch.tensor([[-1.0, 0.0, 0.0]])
    found, closest = trace(ball, origin, direction, torch.tensor([2.0]), torch.tensor([4.0]))
    assert found.item() == FAR
    assert closest.item() == pytest.approx(3.0, abs=0.1)


def test_no_rays_are_no_error(ball: Grid) -> None:
    nothing = torch.empty(0)
    found, closest = trace(ball, torch.zeros(3), torch.empty(0, 3), nothing, nothing)
    assert len(found) == len(closest) == 0
