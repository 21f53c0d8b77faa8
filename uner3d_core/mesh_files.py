# SPDX-License-Identifier: Apache-2.0
"""Meshes in files: PLY for everybody, NPZ between the worker and the add-on.

Numpy is all that this module needs, so Blender can import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.atomic_file import atomic_file
from uner3d_core.coloured_mesh import ColouredMesh
from uner3d_core.errors import CloudFileError, OutputError
from uner3d_core.npz import ArrayKinds, read_arrays

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_VERTEX = np.dtype([("positions", "<f4", 3), ("normals", "<f4", 3), ("colours", "u1", 3)])
_FACE = np.dtype([("count", "u1"), ("triangle", "<i4", 3)])
_ARRAYS: ArrayKinds = {
    "positions": (np.dtype("<f4"), (3,)),
    "triangles": (np.dtype("<i4"), (3,)),
    "colours": (np.dtype("u1"), (3,)),
    "normals": (np.dtype("<f4"), (3,)),
}


def mesh_writer(path: Path) -> Callable[[Path, ColouredMesh], None]:
    """Find the function that writes the kind of mesh that a file's name ends in.

    Raises
    ------
    OutputError
        If it ends otherwise.
    """
    writers = {".ply": write_mesh_ply, ".npz": write_mesh_npz}
    if path.suffix.lower() not in writers:
        raise OutputError(f"“{path.name}” names no kind of mesh.", f"Let it end in {' or '.join(writers)}.")
    return writers[path.suffix.lower()]


def write_mesh_ply(path: Path, mesh: ColouredMesh) -> None:
    """Write a mesh as binary little-endian PLY.

    A vertex holds x y z nx ny nz (float) and red green blue (uchar, sRGB), a face the list vertex_indices.

    Parameters
    ----------
    path : Path
        File to write; replaced when the new one is complete.
    mesh : ColouredMesh
        The mesh.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    lines = [
        "ply",
        "format binary_little_endian 1.0",
        "comment UNeR3D mesh, colours are sRGB",
        f"element vertex {len(mesh.positions)}",
        *(f"property float {name}" for name in ("x", "y", "z", "nx", "ny", "nz")),
        *(f"property uchar {name}" for name in ("red", "green", "blue")),
        f"element face {len(mesh.triangles)}",
        "property list uchar int vertex_indices",
        "end_header",
        "",
    ]
    vertices = np.empty(len(mesh.positions), _VERTEX)
    vertices["positions"], vertices["normals"] = mesh.positions, mesh.normals
    vertices["colours"] = mesh.colours
    faces = np.empty(len(mesh.triangles), _FACE)
    faces["count"], faces["triangle"] = 3, mesh.triangles
    with atomic_file(path) as file:
        file.write("\n".join(lines).encode("ascii"))
        file.write(vertices.data)
        file.write(faces.data)


def write_mesh_npz(path: Path, mesh: ColouredMesh) -> None:
    """Write a mesh as an uncompressed NPZ archive of the arrays of :class:`ColouredMesh`.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    with atomic_file(path) as file:
        np.savez(
            file,
            positions=mesh.positions,
            triangles=mesh.triangles,
            colours=mesh.colours,
            normals=mesh.normals,
        )


def read_mesh_npz(path: Path) -> ColouredMesh:
    """Read a mesh that :func:`write_mesh_npz` wrote.

    Raises
    ------
    CloudFileError
        If the file is missing, damaged, or holds anything but the arrays of a mesh.
    """
    try:
        mesh = ColouredMesh(**read_arrays(path, _ARRAYS))
        if not np.isfinite(mesh.positions).all():
            raise ValueError("a vertex is nowhere")
    except ValueError as problem:
        raise CloudFileError(
            f"“{path.name}” is damaged or not a mesh of UNeR3D.", "Make the mesh again."
        ) from problem
    return mesh
