# SPDX-License-Identifier: Apache-2.0
"""The true surface to score against, from a file of points or a mesh."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from uner3d_core.cloud_files import read_ply
from uner3d_core.errors import CloudFileError, InputError
from uner3d_core.evaluation.visible_surface import sample_visible

TRUE_POINTS = 300_000
"""How many points stand for the true surface."""

MESH_ENDINGS = (".glb", ".gltf", ".obj", ".off", ".stl")


@dataclass(frozen=True)
class Truth:
    """Points on the part of a surface that can be seen from outside.

    Parameters
    ----------
    points : float32 array (N, 3)
        World coordinates, uniform by area.
    normals : float32 array (N, 3)
        Outward unit normals; zero where they are not known.
    diagonal : float
        Length of the diagonal of the surface's bounding box, in world units.
    """

    points: npt.NDArray[np.float32]
    normals: npt.NDArray[np.float32]
    diagonal: float


def read_truth(path: Path, count: int = TRUE_POINTS, seed: int = 0) -> Truth:
    """Read the true surface from a point file or a mesh.

    Parameters
    ----------
    path : Path
        ``.ply`` whose vertices are the true points, ``truth.npz`` of a bench case, or a mesh
        (:data:`MESH_ENDINGS`, or ``.ply`` with faces). A glTF file, whose y axis points up, is turned to
        Blender's z up as Blender's importer turns it.
    count : int
        Number of points sampled on a mesh, uniformly by area, where it can be seen from outside.
    seed : int
        The same mesh and seed give the same points.

    Raises
    ------
    InputError
        If the file is of another kind or damaged, or a mesh can't be read because trimesh or embreex is not
        installed.
    CloudFileError
        If the point file can't be read.
    """
    ending = path.suffix.lower()
    if ending == ".npz":
        return _read_case_truth(path)
    if ending == ".ply" and not _has_faces(path):
        cloud = read_ply(path)
        points = cloud.positions
        if len(points) == 0:
            raise CloudFileError(f"“{path.name}” holds no points.", "Give a file with the true points.")
        return Truth(points, cloud.normals, float(np.linalg.norm(np.ptp(points, axis=0))))
    if ending in (*MESH_ENDINGS, ".ply"):
        return _sample_mesh(path, count, seed)
    raise InputError(
        f"“{path.name}” is neither points nor a mesh that can be read.",
        f"Give a .ply with points or a mesh: {', '.join(MESH_ENDINGS)}.",
    )


def _has_faces(path: Path) -> bool:
    """Tell whether the header of a PLY file names any; one that can't be read is told of when it is."""
    try:
        with path.open("rb") as file:
            header = file.read(1 << 16).partition(b"end_header")[0]
    except OSError:
        return False
    found = re.search(rb"^element\s+face\s+(\d+)\s*$", header, re.MULTILINE)
    return found is not None and int(found[1]) > 0


def _read_case_truth(path: Path) -> Truth:
    try:
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as arrays:
            points, normals = (arrays[name].astype(np.float32) for name in ("points", "normals"))
            return Truth(points, normals, float(arrays["diagonal"]))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as problem:
        raise InputError(
            f"“{path.name}” can't be read as the true surface of a bench case.", "Render the case again."
        ) from problem


def _sample_mesh(path: Path, count: int, seed: int) -> Truth:
    try:
        import trimesh  # noqa: PLC0415 -- only the extra "demo" brings it
        from trimesh.ray import ray_pyembree  # noqa: PLC0415
    except ImportError as problem:
        raise InputError(
            f"Scoring against a mesh needs the Python package {problem.name}, which is not installed.",
            "Install uner3d with the extra “demo”, or give true points as .ply.",
        ) from problem
    if not path.is_file():
        raise InputError(f"There is no file “{path}”.", "Check the path of the mesh.")
    try:
        mesh: Any = trimesh.load(path, force="mesh", process=False)
    except Exception as problem:  # trimesh's readers raise whatever their parsers do
        raise InputError(f"“{path.name}” can't be read as a mesh.", "Export the mesh again.") from problem
    vertices = np.asarray(mesh.vertices, dtype=np.float64)
    triangles = np.asarray(mesh.faces, dtype=np.int64)
    if len(triangles) == 0:
        raise InputError(f"“{path.name}” holds no triangles.", "Give points as .ply, or a mesh with faces.")
    if path.suffix.lower() in (".glb", ".gltf"):
        vertices = vertices[:, [0, 2, 1]] * [1.0, -1.0, 1.0]
    rays: Any = ray_pyembree.RayMeshIntersector(trimesh.Trimesh(vertices, triangles, process=False))
    points, normals = sample_visible(vertices, triangles, count, rays.intersects_any, seed)
    used = vertices[np.unique(triangles)]
    diagonal = float(np.linalg.norm(np.ptp(used, axis=0)))
    return Truth(points.astype(np.float32), normals.astype(np.float32), diagonal)
