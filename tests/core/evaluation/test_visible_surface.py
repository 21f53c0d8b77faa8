# SPDX-License-Identifier: Apache-2.0
"""Points that can be seen from outside, on meshes whose hidden parts are known."""

import numpy as np
import pytest
import trimesh

from uner3d_core.evaluation.visible_surface import fibonacci_sphere, sample_triangles, sample_visible

SQUARE = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
TWO_TRIANGLES = np.array([[0, 1, 2], [0, 2, 3]])


def visible(mesh: trimesh.Trimesh, count: int = 3000, seed: int = 0):
    return sample_visible(np.array(mesh.vertices), np.array(mesh.faces), count, mesh.ray.intersects_any, seed)


def test_directions_are_unit_vectors_without_a_preferred_side() -> None:
    directions = fibonacci_sphere(200)
    assert np.allclose(np.linalg.norm(directions, axis=1), 1.0)
    assert np.abs(directions.mean(axis=0)).max() < 0.01


def test_samples_are_uniform_by_area_and_on_the_mesh() -> None:
    points, normals = sample_triangles(SQUARE, TWO_TRIANGLES, 40_000, np.random.default_rng(0))
    assert np.allclose(points[:, 2], 0.0)
    assert np.allclose(normals, [0.0, 0.0, 1.0])
    counts, _, _ = np.histogram2d(points[:, 0], points[:, 1], bins=(4, 2), range=((0, 2), (0, 1)))
    assert counts.min() > 4700
    assert counts.max() < 5300


def test_a_convex_body_is_seen_everywhere() -> None:
    points, normals = visible(trimesh.creation.icosphere(subdivisions=2))
    assert np.all((points * normals).sum(axis=1) > 0.9)
    assert np.abs(points.mean(axis=0)).max() < 0.05


def test_what_is_inside_is_not_seen() -> None:
    outer = trimesh.creation.icosphere(subdivisions=2, radius=1.0)
    inner = trimesh.creation.box(extents=(0.5, 0.5, 0.5))
    points, _ = visible(trimesh.util.concatenate([outer, inner]))
    assert np.linalg.norm(points, axis=1).min() > 0.9


def test_the_inside_of_an_open_cup_is_seen() -> None:
    # A box without its lid has no thickness: its sides are seen from both sides.
    box = trimesh.creation.box(extents=(1.0, 1.0, 1.0))
    open_box = trimesh.Trimesh(box.vertices, box.faces[box.face_normals[:, 2] < 0.5], process=False)
    points, _ = visible(open_box)
    bottom = points[:, 2] < -0.499
    assert 0.15 < bottom.mean() < 0.25


def test_faces_turned_inside_out_are_seen_too() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=2)
    sphere.invert()
    points, _ = visible(sphere)
    assert np.abs(points.mean(axis=0)).max() < 0.05


def test_the_same_seed_gives_the_same_points() -> None:
    mesh = trimesh.creation.icosphere(subdivisions=1)
    first, again, other = visible(mesh, 100, 3)[0], visible(mesh, 100, 3)[0], visible(mesh, 100, 4)[0]
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_mesh_that_nothing_of_can_be_seen_is_an_error() -> None:
    def blocked(origins, directions):
        return np.ones(len(origins), dtype=bool)

    with pytest.raises(ValueError, match="no surface"):
        sample_visible(SQUARE, TWO_TRIANGLES, 10, blocked)
