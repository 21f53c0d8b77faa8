# SPDX-License-Identifier: Apache-2.0
"""Meshes for people: as many triangles as asked for, closed, even, smooth, and in the field's colours."""

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from analytic_fields import NO_ANCHORS, Distance, field_of, sphere, thin_rod, torus, two_boxes

from uner3d_core.coloured_mesh import ColouredMesh
from uner3d_core.errors import ReconstructionError
from uner3d_core.field import Anchors, Field
from uner3d_core.meshing import FURTHEST, make_mesh, smoothed
from uner3d_core.remeshing import find_edges
from uner3d_core.surface import extract_surface


def edges_of(mesh: ColouredMesh) -> set[tuple[int, int]]:
    """Every edge of every triangle, in its direction."""
    corners = mesh.triangles
    return {tuple(edge) for i in range(3) for edge in corners[:, [i, (i + 1) % 3]].tolist()}


def corners_of(mesh: ColouredMesh) -> npt.NDArray[np.float64]:
    corners: npt.NDArray[np.float64] = mesh.positions.astype(np.float64)[mesh.triangles]
    return corners


def volume_of(mesh: ColouredMesh) -> float:
    a, b, c = np.moveaxis(corners_of(mesh), 1, 0)
    return float(np.einsum("ij,ij->i", np.cross(a, b), c).sum() / 6)


@pytest.mark.parametrize("faces", [400, 6_000, 50_000])
@pytest.mark.parametrize(
    ("distance", "characteristic"), [(sphere, 2), (torus, 0), (two_boxes, 4), (thin_rod, 2)]
)
def test_it_has_the_faces_asked_for_and_is_closed(
    distance: Distance, characteristic: int, faces: int
) -> None:
    mesh = make_mesh(field_of(distance), faces)
    directed = edges_of(mesh)
    assert len(mesh.triangles) == faces
    assert len(directed) == 3 * faces  # no edge twice in one direction: two faces at each
    assert all((b, a) in directed for a, b in directed)
    assert len(mesh.positions) - len(directed) // 2 + faces == characteristic


@pytest.mark.parametrize("faces", [2_000, 60_000])
def test_it_is_a_sphere_with_even_triangles(faces: int) -> None:
    mesh = make_mesh(field_of(sphere), faces)
    assert volume_of(mesh) == pytest.approx(4 / 3 * math.pi, rel=0.01)
    np.testing.assert_allclose(np.linalg.norm(mesh.positions, axis=1), 1, atol=0.002)
    np.testing.assert_allclose(mesh.normals, mesh.positions, atol=0.02)
    a, b, c = np.moveaxis(corners_of(mesh), 1, 0)
    doubled = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    sides = sum(((x - y) ** 2).sum(axis=1) for x, y in ((a, b), (b, c), (c, a)))
    quality = 2 * np.sqrt(3) * doubled / sides  # 1 where all sides are equal
    assert quality.mean() > 0.85
    assert np.quantile(quality, 0.01) > 0.5


def test_noise_of_a_voxel_is_gone_and_the_shape_is_not() -> None:
    clean = field_of(torus)
    noise = torch.randn(clean.distances.shape, generator=torch.Generator().manual_seed(0))
    noisy = replace(clean, distances=clean.distances + 0.15 * clean.voxel * noise)

    def roughness(field: Field) -> float:
        return float(clean.distance(extract_surface(field).vertices).square().mean().sqrt()) / clean.voxel

    assert roughness(noisy) > 0.1
    assert roughness(smoothed(noisy)) < 0.04
    assert roughness(smoothed(clean)) < 0.02


def test_what_is_thin_stays() -> None:
    field = field_of(thin_rod)  # 1.3 voxels in radius
    points = extract_surface(smoothed(field)).vertices
    around = points[points[:, 2].abs() < 0.8, :2].norm(dim=1).mean()
    assert float(around) == pytest.approx(0.05, abs=FURTHEST * field.voxel)


def test_a_scene_stays_open_where_nothing_is_known() -> None:
    field = field_of(sphere)
    unknown = torch.zeros_like(field.distances, dtype=torch.bool)
    unknown[:, :, :32] = True
    mesh = make_mesh(replace(field, unknown=unknown), 10_000)
    edges = find_edges(mesh.triangles.astype(np.int64))
    border = mesh.positions[edges.ends[edges.sides == 1].ravel()]
    assert set(edges.sides.tolist()) == {1, 2}
    assert abs(len(mesh.triangles) - 10_000) <= 1
    assert mesh.positions[:, 2].min() > -field.voxel
    np.testing.assert_allclose(border[:, 2], border[:, 2].mean(), atol=0.5 * field.voxel)  # no stairs
    np.testing.assert_allclose(np.linalg.norm(border, axis=1), 1, atol=0.01)


def test_specks_are_left_out() -> None:
    field = field_of(sphere)
    grid = field.distances.clone()
    grid[2:4, 2:4, 2:4] = -2 * field.voxel
    mesh = make_mesh(replace(field, distances=grid), 2_000)
    np.testing.assert_allclose(np.linalg.norm(mesh.positions, axis=1), 1, atol=0.01)


def test_colours_are_those_of_the_nearest_anchors() -> None:
    positions = np.array([[0, 0, 1], [0, 0, -1]], np.float32)
    anchors = Anchors(positions, np.array([[255, 0, 0], [0, 0, 255]], np.uint8), np.ones(2, np.float32))
    mesh = make_mesh(field_of(sphere, anchors=anchors), 2_000)
    top, bottom = mesh.positions[:, 2].argmax(), mesh.positions[:, 2].argmin()
    assert mesh.colours[[top, bottom], 0].tolist() == [255, 0]
    assert mesh.colours[[top, bottom], 2].tolist() == [0, 255]


def test_the_same_field_gives_the_same_mesh() -> None:
    first, second = (make_mesh(field_of(two_boxes), 3_000) for _ in range(2))
    np.testing.assert_array_equal(first.positions, second.positions)
    np.testing.assert_array_equal(first.triangles, second.triangles)


def test_a_field_without_a_surface_is_a_sentence() -> None:
    with pytest.raises(ReconstructionError, match="no surface"):
        make_mesh(Field((0, 0, 0), 1.0, torch.ones(5, 5, 5), NO_ANCHORS), 100)
