# SPDX-License-Identifier: Apache-2.0
"""Rays add up as the formulas say, and colours come from the nearest points."""

import math

import pytest
import torch
from small_views import posed

from uner3d_core.network.inverse_distance import InverseDistance
from uner3d_core.network.projection import project
from uner3d_core.network.rendering import Rays, Samples, by_importance, rays_through, render, weights_of

RED, BLUE = torch.tensor([1.0, 0.1, 0.1]), torch.tensor([0.1, 0.2, 1.0])


def ball(points: torch.Tensor, directions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A dense ball with a radius of one half, red above and blue below."""
    density = torch.where(points.norm(dim=-1) < 0.5, 200.0, 0.0)
    return density, torch.where(points[..., 2:] > 0, RED, BLUE)


def fog(points: torch.Tensor, directions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.full(points.shape[:2], 0.7), torch.full(points.shape, 0.25)


def down_x(*heights: float) -> Rays:
    """Rays along -x at heights."""
    origins = torch.tensor([[[2.0, 0.0, height] for height in heights]])
    directions = torch.tensor([-1.0, 0.0, 0.0]).expand_as(origins)
    return Rays(origins, directions, torch.ones(1, len(heights)), torch.full((1, len(heights)), 3.0))


def test_fog_is_the_exponential() -> None:
    for samples in (Samples(16, 0), Samples(16, 16), Samples(8, 4, 4)):
        _, fine = render(down_x(0, 0.3), fog, fog, samples, background=(1.0, 0.0, 1.0))
        # The way before the first sample is not counted.
        stopped = 1 - torch.exp(-0.7 * (3 - fine.distances[..., 0]))
        assert torch.allclose(fine.opacity, stopped, atol=1e-5)
        expected = 0.25 * stopped[..., None] + (1 - stopped[..., None]) * torch.tensor([1.0, 0.0, 1.0])
        assert torch.allclose(fine.rgb, expected, atol=1e-5)


def test_weights_are_the_products() -> None:
    generator = torch.Generator().manual_seed(0)
    density = 5 * torch.rand(1, 1, 6, generator=generator)
    distances = torch.rand(1, 1, 6, generator=generator).sort().values
    found = weights_of(density, distances, torch.tensor([[1.2]]))[0, 0]
    ends = [*distances[0, 0].tolist(), 1.2]
    through = 1.0
    for number in range(6):
        alpha = 1 - math.exp(-density[0, 0, number].item() * (ends[number + 1] - ends[number]))
        assert found[number] == pytest.approx(through * alpha, abs=1e-6)
        through *= 1 - alpha


def test_fine_samples_find_the_surface() -> None:
    rays = down_x(0.1, 0.9)
    coarse, fine = render(rays, ball, ball, Samples(24, 24))
    exact = 2 - math.sqrt(0.25 - 0.01)
    assert abs(fine.distance[0, 0] - exact) < abs(coarse.distance[0, 0] - exact)
    assert fine.distance[0, 0] == pytest.approx(exact, abs=0.02)
    assert fine.opacity[0].tolist() == pytest.approx([1, 0], abs=1e-3)
    assert fine.rgb[0, 0].tolist() == pytest.approx(RED.tolist(), abs=1e-3)
    assert fine.rgb[0, 1].tolist() == pytest.approx([1, 1, 1], abs=1e-3)
    assert (fine.distances.diff(dim=-1) >= 0).all()


def test_importance_follows_the_weights() -> None:
    weights = torch.zeros(1, 1, 10)
    weights[..., 3], weights[..., 7] = 3.0, 1.0
    found = by_importance(down_x(0), weights, 400, None)[0, 0]
    within = ((found - 1) / 0.2).floor()
    assert (within == 3).float().mean() == pytest.approx(0.75, abs=0.01)
    assert (within == 7).float().mean() == pytest.approx(0.25, abs=0.01)


def test_random_samples_are_those_of_the_generator() -> None:
    once, again, other = (
        render(down_x(0.1), fog, fog, Samples(8, 4, 4), generator=torch.Generator().manual_seed(seed))[1]
        for seed in (1, 1, 2)
    )
    assert torch.equal(once.distances, again.distances)
    assert not torch.equal(once.distances, other.distances)


def test_rays_go_through_their_pixels() -> None:
    views = posed(objects=2, views=3)
    pixels = torch.rand(2, 3, 5, 2) * 32
    rays = rays_through(views, pixels)
    points = rays.points((rays.near + 0.5 * (rays.far - rays.near))[..., None])[:, :, 0]
    seen = project(points, views).pixels.reshape(2, 3, 3, 5, 2)
    for view in range(3):
        assert torch.allclose(seen[:, view, view], pixels[:, view], atol=1e-2)
    assert torch.allclose(rays.directions.norm(dim=-1), torch.ones(2, 15), atol=1e-5)
    assert (rays.far > rays.near).all()


def test_neighbours_share_their_colours() -> None:
    points = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [50, 0, 0]]])
    colours = torch.tensor([[[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]])
    colours.requires_grad_(True)
    everywhere = torch.ones(1, 4, dtype=torch.bool)
    places = torch.tensor([[[0.0, 0, 0], [0.5, 0, 0], [0.3, 0, 0], [30.0, 0, 0]]])
    weighting = InverseDistance(neighbours=3, power=1.0)
    mixed = weighting(places, points, colours, everywhere)
    found = mixed.detach()
    assert found[0, 0].tolist() == pytest.approx([1, 0, 0], abs=1e-3)
    assert found[0, 1, 0] == found[0, 1, 1]
    assert found[0, 2, 0] > found[0, 2, 1] > found[0, 2, 2] >= 0
    # By hand: relative distances of 0.3, 0.7 and 1.7 to a reach of 1.01 · 1.7.
    weights = [(1 - each / 1.717) / (each / 1.717 + 1e-4) for each in (0.3, 0.7, 1.7)]
    assert found[0, 2].tolist() == pytest.approx([each / sum(weights) for each in weights], abs=1e-4)
    left_out = weighting(places, points, colours.detach(), torch.tensor([[False, True, True, True]]))
    assert left_out[0, 0, 0] < 1e-3
    assert torch.equal(weighting(places, points, colours.detach(), ~everywhere), found)
    mixed.sum().backward()
    assert colours.grad is not None
    assert colours.grad.sum() == pytest.approx(12, abs=1e-3)


def test_a_ray_shows_the_cloud_where_it_is_stopped() -> None:
    rays = down_x(*torch.linspace(-0.45, 0.45, 19).tolist(), 0.9)
    _, fine = render(rays, ball, ball, Samples(48, 16), inverse_distance=InverseDistance(3))
    assert fine.rgb[0, 0].tolist() == pytest.approx(BLUE.tolist(), abs=1e-2)
    assert fine.rgb[0, 18].tolist() == pytest.approx(RED.tolist(), abs=1e-2)
    assert BLUE[0] < fine.rgb[0, 9, 0] < RED[0]  # between the halves their colours mix
    assert fine.rgb[0, 19].tolist() == pytest.approx([1, 1, 1], abs=1e-3)
