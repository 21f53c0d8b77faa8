# SPDX-License-Identifier: Apache-2.0
"""A cloud becomes a field: right near the surface, coloured, in its own coordinates, positive outside."""

import math

import numpy as np
import pytest
import torch
from small_networks import Shown, randomised

from uner3d_core.field import Field
from uner3d_core.memory import Memory
from uner3d_core.point_e import surface
from uner3d_core.point_e.signed_distance import SignedDistanceTransformer
from uner3d_core.point_e.sizes import SurfaceSize
from uner3d_core.point_e.surface import SIDE, to_field
from uner3d_core.sampling import sample

RADIUS, TUBE = 0.33, 0.1


class Torus(SignedDistanceTransformer):
    """Answers with the distance to a torus, as the published network does: positive inside."""

    def __init__(self, steepness: float = 1.0, most: int = 1 << 30) -> None:
        super().__init__(SurfaceSize(8, 1, 1, 1))
        self.steepness, self.most = steepness, most
        self.questions = 0

    def forward(self, places: torch.Tensor, keys: object) -> torch.Tensor:
        if places.shape[1] > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.questions += places.shape[1]
        x, y, z = places.unbind(-1)
        ring = torch.sqrt(x**2 + y**2) - RADIUS
        return (TUBE - torch.sqrt(ring**2 + z**2)) * self.steepness


def torus_cloud() -> torch.Tensor:
    angles = torch.rand(512, 2, generator=torch.Generator().manual_seed(0)) * 2 * math.pi
    flat = RADIUS + TUBE * angles[:, 1].cos()
    x, y, z = flat * angles[:, 0].cos(), flat * angles[:, 0].sin(), TUBE * angles[:, 1].sin()
    red = torch.where(x > 0, 250.6, -3.0)
    return torch.stack([x, y, z, red, torch.full_like(x, 300.0), torch.full_like(x, 7.0)], dim=1)


def made(network: SignedDistanceTransformer, shown: Shown, cells: int = 128) -> Field:
    return to_field(torus_cloud(), network, cells, Memory(torch.device("cpu"), shown), shown)


@pytest.mark.parametrize("steepness", [1.0, 0.02, 30.0])
def test_the_surface_is_where_the_network_says(steepness: float, shown: Shown) -> None:
    network = Torus(steepness)
    field = made(network, shown)
    assert network.questions < 0.25 * 129**3
    cloud = sample(field, 3000, 0)
    x, y, z = cloud.positions.T
    distance = np.hypot(np.hypot(x, y) - RADIUS, z) - TUBE
    assert np.abs(distance).max() < 2e-3 * SIDE
    centre = np.stack([x, y, 0 * z], axis=1) * (RADIUS / np.hypot(x, y))[:, None]
    assert (np.einsum("nc,nc->n", cloud.normals, cloud.positions - centre) > 0.9 * TUBE).all()  # outwards
    assert field.distance(torch.tensor([[0.0, 0.0, 0.0], [RADIUS, 0, 0], [0.5, 0.5, 0.5]])).tolist()[1] < 0


def test_distances_are_those_of_a_full_grid_near_the_surface(shown: Shown) -> None:
    field = made(Torus(), shown)
    line = torch.linspace(-SIDE / 2, SIDE / 2, 129)
    places = torch.stack(torch.meshgrid(line, line, line, indexing="ij"), dim=-1)
    right = -Torus()(places.reshape(1, -1, 3), [])[0].reshape(129, 129, 129)
    near = right.abs() < 2.75 * field.voxel
    assert torch.allclose(field.distances[near], right[near], atol=0.05 * field.voxel)
    assert torch.equal(field.distances > 0, right > 0)


def test_colours_are_the_clouds(shown: Shown) -> None:
    field = made(Torus(), shown, 64)
    anchors = field.anchors
    assert np.array_equal(anchors.positions, torus_cloud()[:, :3].numpy())
    assert set(anchors.colours[:, 0].tolist()) == {0, 251}
    assert (anchors.colours[:, 1:] == [255, 7]).all()
    cloud = sample(field, 2000, 0)
    assert (cloud.colours[cloud.positions[:, 0] > 0.15, 0] == 251).all()


def test_short_of_memory_fewer_places_are_asked_about_at_once(shown: Shown) -> None:
    right = made(Torus(), shown, 32)
    field = made(Torus(most=5000), shown, 32)
    assert torch.equal(field.distances, right.distances)
    assert "batches of 1/4" in shown.texts[-1]


def test_a_network_that_finds_no_surface(shown: Shown) -> None:
    network = randomised(SignedDistanceTransformer(SurfaceSize(32, 2, 2, 2)))
    assert isinstance(network, SignedDistanceTransformer)
    network.output_proj.bias.add_(100)
    field = made(network, shown, 32)
    assert shown.texts == [
        "The network finds no surface in the cloud: where its answer is average is taken for it."
    ]
    assert len(sample(field, 500, 0)) == 500


def test_progress_counts_places(shown: Shown) -> None:
    made(Torus(), shown, 64)
    names = list(dict.fromkeys(name for name, _, _ in shown.stages))
    assert names[0] == f"surface, {33**3:,} places"
    assert len(names) == 2
    assert all(done <= total for _, done, total in shown.stages)
    assert surface.COARSEST == 32
