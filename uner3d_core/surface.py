# SPDX-License-Identifier: Apache-2.0
"""The zero set of a field as a triangle mesh: marching cubes (Lorensen and Cline 1987).

The table of cases is derived here rather than typed in. On a face of a cube whose corners alternate between
inside and outside, the inside corners are always separated; that choice depends on the face alone, so
neighbouring cubes agree and the mesh has no holes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import torch

from uner3d_core.field import Field

# Corner c of a cube lies at (c & 1, c >> 1 & 1, c >> 2 & 1). Faces list their corners counter-clockwise as
# seen from outside the cube.
_FACES = ((0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6))


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with shared vertices, counter-clockwise as seen from outside.

    Parameters
    ----------
    vertices : float32 tensor (V, 3)
        World coordinates.
    triangles : int64 tensor (T, 3)
        Indices of vertices.
    """

    vertices: torch.Tensor
    triangles: torch.Tensor

    def areas(self) -> torch.Tensor:
        """Area of each triangle in square world units, float32 (T,)."""
        a, b, c = (self.vertices[self.triangles[:, corner]] for corner in range(3))
        doubled: torch.Tensor = torch.linalg.vector_norm(torch.linalg.cross(b - a, c - a), dim=1)
        return doubled / 2

    @property
    def area(self) -> float:
        """Area of the whole mesh in square world units."""
        return float(self.areas().double().sum())


def extract_surface(field: Field) -> Mesh:
    """Triangulate the zero set of a field.

    The vertices are exact zeros of the field's trilinear interpolation. Where the surface leaves the grid or
    gets where nothing is known, the mesh is open.

    Parameters
    ----------
    field : Field
        Its device is where the work is done.

    Returns
    -------
    Mesh
        On the field's device; without triangles if the distance has one sign everywhere.
    """
    distances, device = field.distances, field.device
    inside = (distances < 0).to(torch.uint8)
    count = _sum_of_corners(inside)
    crossed = (count > 0) & (count < 8)
    if field.unknown is not None:
        crossed &= _sum_of_corners(field.unknown.to(torch.uint8)) == 0
    cells = crossed.nonzero()

    _, height, depth = distances.shape
    stride = torch.tensor([height * depth, depth, 1], device=device)
    base = cells @ stride if device.type == "cpu" else (cells * stride).sum(dim=1)
    corner_offsets = [(c & 1) * height * depth + (c >> 1 & 1) * depth + (c >> 2 & 1) for c in range(8)]
    case = torch.zeros_like(base)
    for corner, offset in enumerate(corner_offsets):
        case |= inside.view(-1).take(base + offset).long() << corner

    # An edge of the grid is known by its lower end and its axis.
    edge_keys = torch.tensor([3 * corner_offsets[lower] + axis for lower, axis in _edges()], device=device)
    table, sizes = (part.to(device) for part in _triangle_table())
    cell_of_triangle = torch.repeat_interleave(torch.arange(len(base), device=device), sizes[case])
    first = torch.cumsum(sizes[case], 0) - sizes[case]
    number = torch.arange(len(cell_of_triangle), device=device) - first[cell_of_triangle]
    edges = table[case[cell_of_triangle], number]
    keys = 3 * base[cell_of_triangle, None] + edge_keys[edges]

    used, triangles = torch.unique(keys, return_inverse=True)
    lower, axis = used // 3, used % 3
    start = distances.view(-1).take(lower)
    end = distances.view(-1).take(lower + stride[axis])
    grid = torch.stack([lower // (height * depth), lower // depth % height, lower % depth], dim=1).float()
    grid.scatter_add_(1, axis[:, None], (start / (start - end))[:, None])
    origin = torch.tensor(field.origin, dtype=torch.float32, device=device)
    return Mesh(grid * field.voxel + origin, triangles)


def _sum_of_corners(values: torch.Tensor) -> torch.Tensor:
    """Sum a grid (X, Y, Z) over the eight corners of each cell, (X - 1, Y - 1, Z - 1)."""
    total = values[1:] + values[:-1]
    total = total[:, 1:] + total[:, :-1]
    return total[:, :, 1:] + total[:, :, :-1]


@cache
def _edges() -> tuple[tuple[int, int], ...]:
    """Return lower corner and axis of the twelve edges of a cube."""
    return tuple((corner, axis) for axis in range(3) for corner in range(8) if not corner >> axis & 1)


@cache
def _triangle_table() -> tuple[torch.Tensor, torch.Tensor]:
    """Derive the triangles of all 256 cases as edges (256, T, 3), and their number in each case (256,)."""
    cases = [_polygons_to_triangles(_polygons(case)) for case in range(256)]
    longest = max(len(triangles) for triangles in cases)
    table = torch.zeros(256, longest, 3, dtype=torch.int64)
    for case, triangles in enumerate(cases):
        table[case, : len(triangles)] = torch.tensor(triangles, dtype=torch.int64).reshape(-1, 3)
    return table, torch.tensor([len(triangles) for triangles in cases])


def _polygons(case: int) -> list[list[int]]:
    """Trace the loops of edges that the surface cuts; bit c of ``case`` says that corner c is inside."""
    edge_of = {frozenset((low, low | 1 << axis)): number for number, (low, axis) in enumerate(_edges())}
    following: dict[int, int] = {}
    for face in _FACES:
        ring = [(a, b, edge_of[frozenset((a, b))]) for a, b in pairwise((*face, face[0]))]
        leaving = [i for i, (a, b, _) in enumerate(ring) if case >> a & 1 and not case >> b & 1]
        for i in leaving:
            # Walk back over the run of inside corners to the edge that entered it.
            entered = next(
                ring[i - back][2]
                for back in range(1, 4)
                if not case >> ring[i - back][0] & 1 and case >> ring[i - back][1] & 1
            )
            following[ring[i][2]] = entered
    loops = []
    while following:
        start, current = following.popitem()
        loop = [start]
        while current != start:
            loop.append(current)
            current = following.pop(current)
        loops.append(loop)
    return loops


def _polygons_to_triangles(loops: list[list[int]]) -> list[tuple[int, int, int]]:
    """Cut each loop into a fan of triangles."""
    fans = [_fan(loop) for loop in loops]
    return [(fan[0], c, b) for fan in fans for b, c in pairwise(fan[1:])]


def _fan(loop: list[int]) -> list[int]:
    """Turn a loop of edges so that no diagonal of the fan from its first one lies in a face of the cube.

    The cube beyond that face might have the same diagonal, and four triangles would meet in it.
    """
    faces = [
        frozenset(number for number, edge in enumerate(_edges()) if _lies_in(edge, face)) for face in _FACES
    ]
    turned = [loop[start:] + loop[:start] for start in range(len(loop))]
    return next(
        fan for fan in turned if not any({fan[0], corner} <= face for corner in fan[2:-1] for face in faces)
    )


def _lies_in(edge: tuple[int, int], face: tuple[int, ...]) -> bool:
    lower, axis = edge
    return lower in face and lower | 1 << axis in face
