# SPDX-License-Identifier: Apache-2.0
import math

import pytest
import torch
from analytic_fields import Distance, field_of, sphere, thin_rod, torus, two_boxes

from uner3d_core.field import Field
from uner3d_core.surface import Mesh, extract_surface


def _edges(mesh: Mesh) -> torch.Tensor:
    return torch.cat([mesh.triangles[:, [i, (i + 1) % 3]] for i in range(3)])


@pytest.mark.parametrize(
    ("distance", "characteristic"), [(sphere, 2), (torus, 0), (two_boxes, 4), (thin_rod, 2)]
)
def test_mesh_is_closed_and_has_the_right_number_of_holes(distance: Distance, characteristic: int) -> None:
    mesh = extract_surface(field_of(distance))
    directed = {tuple(edge) for edge in _edges(mesh).tolist()}
    assert len(directed) == 3 * len(mesh.triangles)
    assert all((b, a) in directed for a, b in directed)
    assert len(mesh.vertices) - len(directed) // 2 + len(mesh.triangles) == characteristic


def test_any_signs_give_a_closed_mesh() -> None:
    # Random signs meet every case of the table, ambiguous faces too.
    grid = torch.randn(20, 20, 20, generator=torch.Generator().manual_seed(0))
    grid[[0, -1]] = grid[:, [0, -1]] = grid[:, :, [0, -1]] = 1.0
    mesh = extract_surface(Field((0, 0, 0), 1.0, grid, field_of(sphere, 4).anchors))
    edges, number = torch.unique(_edges(mesh), dim=0, return_counts=True)
    backwards, number_backwards = torch.unique(_edges(mesh).flip(1), dim=0, return_counts=True)
    assert torch.equal(edges, backwards)
    assert torch.equal(number, number_backwards)


def test_area_volume_and_direction_are_those_of_the_sphere() -> None:
    mesh = extract_surface(field_of(sphere))
    a, b, c = (mesh.vertices[mesh.triangles[:, corner]] for corner in range(3))
    volume = float((torch.linalg.cross(a, b) * c).sum() / 6)
    assert mesh.area == pytest.approx(4 * math.pi, rel=2e-3)
    assert volume == pytest.approx(4 / 3 * math.pi, rel=2e-3)


def test_vertices_are_zeros_of_the_field() -> None:
    field = field_of(torus)
    assert field.distance(extract_surface(field).vertices).abs().max() < 1e-4 * field.voxel


def test_mesh_of_nothing_is_empty() -> None:
    mesh = extract_surface(Field((0, 0, 0), 1.0, torch.ones(5, 5, 5), field_of(sphere, 4).anchors))
    assert mesh.triangles.shape == (0, 3)
    assert mesh.area == 0
