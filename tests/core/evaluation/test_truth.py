# SPDX-License-Identifier: Apache-2.0
"""The true surface from files: points, meshes, and what is neither."""

import sys
from pathlib import Path

import numpy as np
import pytest
import trimesh

from uner3d_core.cloud_files import write_ply
from uner3d_core.errors import CloudFileError, InputError
from uner3d_core.evaluation.truth import read_truth
from uner3d_core.point_cloud import PointCloud


def cloud_of(positions: np.ndarray) -> PointCloud:
    count = len(positions)
    return PointCloud(
        positions.astype(np.float32),
        np.zeros((count, 3), np.uint8),
        np.zeros((count, 3), np.float32),
        np.ones(count, np.float32),
    )


def test_points_are_taken_as_they_are(tmp_path: Path) -> None:
    points = np.array([[0.0, 0.0, 0.0], [3.0, 4.0, 0.0], [1.0, 1.0, 0.0]])
    write_ply(tmp_path / "truth.ply", cloud_of(points))
    truth = read_truth(tmp_path / "truth.ply")
    assert np.array_equal(truth.points, points)
    assert truth.diagonal == pytest.approx(5.0)


def test_a_mesh_is_sampled_where_it_can_be_seen(tmp_path: Path) -> None:
    box, hidden = trimesh.creation.box(extents=(1, 2, 3)), trimesh.creation.box(extents=(0.2, 0.2, 0.2))
    trimesh.util.concatenate([box, hidden]).export(tmp_path / "ünï.obj")
    truth = read_truth(tmp_path / "ünï.obj", count=2000)
    assert truth.points.shape == (2000, 3)
    assert truth.diagonal == pytest.approx(14**0.5)
    assert np.abs(truth.points / [0.5, 1.0, 1.5]).max(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_gltf_is_turned_to_z_up_as_blender_turns_it(tmp_path: Path) -> None:
    # One unit wide, up to five high along glTF's y, up to three towards the viewer along its z.
    box = trimesh.creation.box(
        extents=(1, 5, 3), transform=trimesh.transformations.translation_matrix((0, 2.5, 1.5))
    )
    box.export(tmp_path / "box.glb")
    points = read_truth(tmp_path / "box.glb", count=3000).points
    assert points.min(axis=0) == pytest.approx([-0.5, -3.0, 0.0], abs=0.02)
    assert points.max(axis=0) == pytest.approx([0.5, 0.0, 5.0], abs=0.02)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.glb", b"no mesh"), ("a.obj", b""), ("a.npz", b"no archive"), ("a.txt", b"1 2 3"), ("a.npz", b"")],
)
def test_what_is_no_surface_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_truth(tmp_path / name)
    assert name in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", ["gone.ply", "gone.glb", "gone.npz"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises((InputError, CloudFileError), match=name):
        read_truth(tmp_path / name)


def test_an_array_that_is_called_an_archive_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "truth.npz").open("wb") as file:
        np.save(file, np.zeros((3, 3)))
    with pytest.raises(InputError, match=r"truth\.npz"):
        read_truth(tmp_path / "truth.npz")


def test_an_archive_with_pickles_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "truth.npz", points=np.array([{"a": 1}], dtype=object), diagonal=1.0)
    with pytest.raises(InputError):
        read_truth(tmp_path / "truth.npz")


@pytest.mark.parametrize("package", ["trimesh", "embreex"])
def test_without_its_packages_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    trimesh.creation.box().export(tmp_path / "box.glb")
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "trimesh.ray.ray_pyembree", raising=False)
    monkeypatch.delattr(trimesh.ray, "ray_pyembree", raising=False)
    with pytest.raises(InputError, match=package) as caught:
        read_truth(tmp_path / "box.glb")
    assert "the extra “demo”" in caught.value.hint


def test_a_ply_with_faces_is_a_mesh_and_one_without_is_points(tmp_path: Path) -> None:
    path = tmp_path / "sphere.ply"
    trimesh.creation.icosphere(subdivisions=3).export(path)
    assert len(read_truth(path, count=5000).points) == 5000
    trimesh.PointCloud(np.eye(3)).export(path)
    assert len(read_truth(path, count=5000).points) == 3
