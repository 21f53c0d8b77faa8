# SPDX-License-Identifier: Apache-2.0
import io
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from uner3d_core.coloured_mesh import ColouredMesh
from uner3d_core.errors import CloudFileError, OutputError
from uner3d_core.mesh_files import mesh_writer, read_mesh_npz, write_mesh_npz, write_mesh_ply


@pytest.fixture
def mesh() -> ColouredMesh:
    """A tetrahedron."""
    positions = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    triangles = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)
    colours = np.arange(12, dtype=np.uint8).reshape(4, 3)
    return ColouredMesh(positions, triangles, colours, positions)


def test_npz_gives_back_what_was_written(mesh: ColouredMesh, tmp_path: Path) -> None:
    write_mesh_npz(tmp_path / "a.npz", mesh)
    found = read_mesh_npz(tmp_path / "a.npz")
    for entry in fields(mesh):
        np.testing.assert_array_equal(getattr(found, entry.name), getattr(mesh, entry.name))


def test_other_programs_read_the_ply(mesh: ColouredMesh, tmp_path: Path) -> None:
    write_mesh_ply(tmp_path / "a.ply", mesh)
    found: Any = trimesh.load(tmp_path / "a.ply", process=False)
    np.testing.assert_array_equal(found.vertices, mesh.positions)
    np.testing.assert_array_equal(found.faces, mesh.triangles)
    np.testing.assert_array_equal(found.visual.vertex_colors[:, :3], mesh.colours)
    assert found.is_watertight


@pytest.mark.parametrize(
    "change",
    [
        {"triangles": np.array([[0, 1, 4]], np.int32)},
        {"triangles": np.array([[0, 1, -1]], np.int32)},
        {"triangles": np.array([[0, 1, 2]], np.int64)},
        {"triangles": np.int32(3)},
        {"colours": np.zeros((3, 3), np.uint8)},
        {"positions": np.full((4, 3), np.nan, np.float32)},
        {"normals": np.array([None] * 4)},
    ],
)
def test_a_damaged_archive_is_a_sentence(mesh: ColouredMesh, tmp_path: Path, change: dict[str, Any]) -> None:
    content = io.BytesIO()
    np.savez(content, **{entry.name: getattr(mesh, entry.name) for entry in fields(mesh)} | change)
    (tmp_path / "a.npz").write_bytes(content.getvalue())
    with pytest.raises(CloudFileError, match="damaged or not a mesh"):
        read_mesh_npz(tmp_path / "a.npz")


def test_a_file_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CloudFileError, match="can't be read"):
        read_mesh_npz(tmp_path / "none.npz")
    (tmp_path / "a.npz").write_bytes(b"no archive")
    with pytest.raises(CloudFileError, match="damaged"):
        read_mesh_npz(tmp_path / "a.npz")
    with pytest.raises(OutputError, match="no kind of mesh"):
        mesh_writer(Path("a.obj"))
