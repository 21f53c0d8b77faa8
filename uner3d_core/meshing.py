# SPDX-License-Identifier: Apache-2.0
"""The zero set of a field as a mesh for people: any number of even triangles, in the cloud's colours.

A fitted field carries noise as small as its voxels, which a cloud hides and a shaded surface shows. So it is
filtered first, by a low-pass that leaves planes where they are and lets details of a few voxels pass. On the
bench's objects the filtered surface is nearer to the true one too.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse  # type: ignore[import-untyped]
from torch.nn import functional

from uner3d_core.coloured_mesh import ColouredMesh
from uner3d_core.colouring import Colours
from uner3d_core.errors import ReconstructionError
from uner3d_core.field import NEAR, Field
from uner3d_core.progress import Progress, Silent
from uner3d_core.remeshing import coarsened, find_edges, refined, relaxed
from uner3d_core.spreading import FloatArray, project
from uner3d_core.surface import extract_surface

SPECK = 64
"""Parts of fewer triangles, as marching cubes make them, are specks or bubbles of a voxel or two."""

BLUR = 1.2
"""Standard deviation, in voxels, of the Gauss function that the low-pass is made of."""

FURTHEST = 0.5
"""Voxels that the low-pass changes a distance by at most: what is thin stays, at most so much thinner."""

_ROUNDS_BEFORE, _ROUNDS_AFTER = 4, 6
_NEWTON_STEPS = 4


def make_mesh(
    field: Field,
    faces: int,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> ColouredMesh:
    """Triangulate the zero set of a field, without its noise, with a given number of triangles.

    Marching cubes give the topology. Short edges are then collapsed or long ones split until the number is
    reached, and the vertices, which stay on the surface, are moved apart until the triangles are even.

    Parameters
    ----------
    field : Field
        Distances are read on its device; the rest is worked out on the CPU.
    faces : int
        How many triangles, at least 4. Of a surface that is too intricate for so few there are more, and one
        fewer where an even number is not to be had.
    progress : Progress
        Is told the stages ``surface`` and ``faces``.

    Returns
    -------
    ColouredMesh
        Closed where the field is, open where nothing is known or the surface leaves the grid; without specks
        and bubbles. Normals and colours are those that points of a cloud have there.

    Raises
    ------
    ReconstructionError
        If the field has no zero set.
    """
    if faces < 4:
        raise ValueError(f"faces must be at least 4, not {faces}")
    progress.stage("surface", 0, 1)
    smooth = smoothed(field)
    extracted = extract_surface(smooth)
    vertices, triangles = extracted.vertices.cpu().numpy(), extracted.triangles.cpu().numpy()
    if len(triangles) == 0:
        raise ReconstructionError(
            "The field has no surface: it is empty or full everywhere.",
            "Check that the masks show the object and that the cameras look at it.",
        )
    vertices, triangles = _without_specks(vertices, triangles)
    progress.stage("surface", 1, 1)

    def on_surface(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        return project(smooth, points, _NEWTON_STEPS)

    if len(triangles) > faces:
        total = len(triangles) - faces
        vertices, triangles = coarsened(
            vertices, triangles, faces, lambda gone: progress.stage("faces", min(gone, total), total)
        )
    else:
        progress.stage("faces", 0, 1)
        vertices = relaxed(vertices, triangles, _ROUNDS_BEFORE, on_surface)
        vertices, triangles = refined(vertices, triangles, faces)
        progress.stage("faces", 1, 1)
    progress.stage("colours", 0, 1)
    vertices = relaxed(vertices, triangles, _ROUNDS_AFTER, on_surface)
    normals = smooth.normal(torch.from_numpy(vertices).to(field.device)).cpu().numpy()
    colours, _ = Colours(field).at(vertices, normals)
    progress.stage("colours", 1, 1)
    return ColouredMesh(vertices, triangles.astype(np.int32), colours, normals)


def smoothed(field: Field) -> Field:
    """Take the noise out of a field's distances, by the low-pass 2G − G² where G is a Gauss function.

    G alone would shrink whatever is round (by the curvature times its variance); to this filter that is of
    second order. What is unknown has no say.

    Returns
    -------
    Field
        With the same grid; distances are cut off where the file cuts them off.
    """
    known = torch.ones_like(field.distances) if field.unknown is None else (~field.unknown).float()
    weight = _blurred(known).clamp_min(1e-6)
    reach = NEAR * field.voxel
    distances = field.distances.clamp(-reach, reach)
    once = _blurred(distances * known) / weight
    twice = _blurred(once * known) / weight
    change = (2 * once - twice - distances).clamp(-FURTHEST * field.voxel, FURTHEST * field.voxel)
    return replace(field, distances=distances + change * known)


def _blurred(grid: torch.Tensor) -> torch.Tensor:
    """Convolve a grid (X, Y, Z) with a Gauss function, one axis after the other."""
    reach = math.ceil(2.5 * BLUR)
    ticks = torch.arange(-reach, reach + 1, device=grid.device)
    kernel = torch.softmax(-(ticks / BLUR).square() / 2, 0)
    for _ in range(3):
        rows = functional.pad(grid.reshape(-1, 1, grid.shape[-1]), (reach, reach), mode="replicate")
        grid = functional.conv1d(rows, kernel[None, None]).reshape(grid.shape).movedim(-1, 0)
    return grid.contiguous()


def _without_specks(
    vertices: FloatArray, triangles: npt.NDArray[np.int64]
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Leave out what has next to no triangles, unless there is nothing else."""
    ends = find_edges(triangles).ends
    linked = sparse.csr_matrix((np.ones(len(ends), np.int8), ends.T), shape=(len(vertices), len(vertices)))
    _, part = sparse.csgraph.connected_components(linked, directed=False)
    part_of_triangle = part[triangles[:, 0]]
    size = np.bincount(part_of_triangle)
    kept = size[part_of_triangle] >= min(SPECK, size.max())
    used, compact = np.unique(triangles[kept], return_inverse=True)
    return vertices[used], compact.reshape(-1, 3)
