# SPDX-License-Identifier: Apache-2.0
"""A triangle mesh of another number of triangles, evenly sized: edges are collapsed or split, vertices moved.

Collapsing goes in rounds. In each, edges that lie apart from each other are collapsed together, the shortest
first, and only where the mesh keeps its topology (the link condition of Dey, Edelsbrunner, Guha and Nekhayev
1999) and no triangle turns over. So a closed surface stays closed, however coarse it gets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]

from uner3d_core.blocks import in_blocks

_TURNED = 0.2
"""Cosine between a triangle's normals before and after a change, below which it counts as turned over."""

_FEWEST_SHORT = 0.3
"""Share of the edges, the shortest of them, that a round chooses from."""

_STEP = 0.5
"""Share of the way to the mean of its neighbours that a vertex goes in a round of relaxation."""

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Edges:
    """The edges of a mesh.

    Parameters
    ----------
    ends : int64 array (E, 2)
        Vertices, the smaller index first.
    of_triangle : int64 array (T, 3)
        The edge from each corner of a triangle to the next one.
    sides : int64 array (E,)
        Number of triangles at each: 2, or 1 at an open border.
    """

    ends: IntArray
    of_triangle: IntArray
    sides: IntArray

    def at_border(self, vertices: int) -> BoolArray:
        """Tell which of so many vertices lie at an open border."""
        border = np.zeros(vertices, bool)
        border[self.ends[self.sides == 1]] = True
        return border


def find_edges(triangles: IntArray) -> Edges:
    """Find the edges of triangles (T, 3)."""
    start = triangles.ravel()
    end = triangles[:, [1, 2, 0]].ravel()
    size = int(triangles.max(initial=0)) + 1
    keys = np.minimum(start, end) * size + np.maximum(start, end)
    found, of_triangle, sides = np.unique(keys, return_inverse=True, return_counts=True)
    return Edges(np.stack([found // size, found % size], axis=1), of_triangle.reshape(-1, 3), sides)


def coarsened(
    vertices: FloatArray, triangles: IntArray, most: int, tell: Callable[[int], None]
) -> tuple[FloatArray, IntArray]:
    """Collapse short edges until at most ``most`` triangles are left, or no more can go.

    Parameters
    ----------
    vertices : float32 array (V, 3)
    triangles : int64 array (T, 3)
        No edge has more than two of them.
    most : int
        How many triangles to leave.
    tell : callable
        Is told how many triangles are gone, from time to time.

    Returns
    -------
    vertices, triangles
        Of the new mesh; a vertex stands halfway between the two that it came from.
    """
    vertices = vertices.copy()
    refused: IntArray = np.empty(0, np.int64)
    size, before = len(vertices), len(triangles)
    while len(triangles) > most:
        edges = find_edges(triangles)
        chosen = _apart(vertices, edges, refused, -(-(len(triangles) - most) // 2))
        goes = chosen[_collapsible(vertices, triangles, edges, chosen)]
        goes = goes[: -(-(len(triangles) - most) // 2)]
        keys = edges.ends[:, 0] * size + edges.ends[:, 1]
        # What would do harm now is not asked again, lest it keep its neighbours from going.
        refused = np.union1d(refused, keys[np.setdiff1d(chosen, goes)])
        if len(goes) == 0:
            if len(chosen) == 0:
                break
            continue
        kept, gone = edges.ends[goes].T
        vertices[kept] = _merged(vertices, edges, goes)
        target = np.arange(size)
        target[gone] = kept
        triangles = target[triangles]
        a, b, c = triangles.T
        triangles = triangles[(a != b) & (b != c) & (c != a)]
        tell(before - len(triangles))
    used, compact = np.unique(triangles, return_inverse=True)
    return vertices[used], compact.reshape(-1, 3)


def refined(vertices: FloatArray, triangles: IntArray, count: int) -> tuple[FloatArray, IntArray]:
    """Split long edges in the middle until there are ``count`` triangles, or one fewer.

    Parameters
    ----------
    vertices : float32 array (V, 3)
    triangles : int64 array (T, 3)
    count : int
        How many triangles to make.

    Returns
    -------
    vertices, triangles
        Of the new mesh; the first V vertices are the old ones.
    """
    while True:
        edges = find_edges(triangles)
        # The longest first, each with as many new triangles as it has sides.
        order = np.argsort(-_lengths(vertices, edges), kind="stable")
        order = order[np.cumsum(edges.sides[order]) <= count - len(triangles)]
        if len(order) == 0:
            return vertices, triangles
        middle = np.full(len(edges.ends), -1)
        middle[order] = len(vertices) + np.arange(len(order))
        vertices = np.concatenate([vertices, vertices[edges.ends[order]].mean(axis=1)])
        triangles = _cut(vertices, triangles, middle[edges.of_triangle])


def relaxed(
    vertices: FloatArray,
    triangles: IntArray,
    rounds: int,
    project: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
) -> FloatArray:
    """Move vertices along the surface towards the mean of their neighbours, so that triangles get even.

    Parameters
    ----------
    vertices : float32 array (V, 3)
    triangles : int64 array (T, 3)
    rounds : int
    project : callable
        Moves points (V, 3) onto the surface, and gives the surface's unit normals there too.

    Returns
    -------
    float32 array (V, 3)
        On the surface; no triangle is turned over by the moves.
    """
    edges = find_edges(triangles)
    border = edges.at_border(len(vertices))
    # A vertex at a border has only the two beside it there for neighbours, so that the border gets smooth.
    outline = edges.sides == 1
    toward = _neighbour_means(edges.ends[~outline], edges.ends[outline], border)
    vertices, normals = project(vertices)
    for _ in range(rounds):
        step = np.float32(_STEP) * (toward @ vertices - vertices)
        step -= normals * np.einsum("ij,ij->i", step, normals)[:, None]
        moved, moved_normals = project(vertices + step)
        back = _turned_vertices(vertices, moved, triangles)
        moved[back], moved_normals[back] = vertices[back], normals[back]
        vertices, normals = moved, moved_normals
    return vertices


def _neighbour_means(inner: IntArray, outline: IntArray, border: BoolArray) -> sparse.csr_matrix:
    """Make the matrix that takes each vertex to the mean of its neighbours."""
    start = np.concatenate([inner[:, 0], inner[:, 1]])
    end = np.concatenate([inner[:, 1], inner[:, 0]])
    free = ~border[start]
    start = np.concatenate([start[free], outline[:, 0], outline[:, 1]])
    end = np.concatenate([end[free], outline[:, 1], outline[:, 0]])
    number = np.bincount(start, minlength=len(border)).astype(np.float32)
    weights = 1 / number[start]
    return sparse.csr_matrix((weights, (start, end)), shape=(len(border), len(border)))


def _turned_vertices(before: FloatArray, after: FloatArray, triangles: IntArray) -> BoolArray:
    """Find the vertices that have to stay where they were, lest a triangle turn over."""
    stay = np.zeros(len(before), bool)
    now = after.copy()
    near = triangles  # those with a vertex whose place is another than when they were last looked at
    while True:
        corners = _turned_triangles(before, now, near)
        fresh = corners[~stay[corners]]
        if len(fresh) == 0:
            return stay
        stay[fresh] = True
        now[fresh] = before[fresh]
        changed = np.zeros(len(before), bool)
        changed[fresh] = True
        near = triangles[changed[triangles].any(axis=1)]


def _turned_triangles(before: FloatArray, after: FloatArray, triangles: IntArray) -> IntArray:
    """Choose the triangles that turn over where their vertices go from one place to another."""

    def turned(rows: slice) -> IntArray:
        some = triangles[rows]
        old, new = _unit_normals(before, some), _unit_normals(after, some)
        chosen: IntArray = some[np.einsum("ij,ij->i", old, new) < _TURNED]
        return chosen

    return np.concatenate([triangles[:0], *in_blocks(len(triangles), turned)])


def _unit_normals(vertices: FloatArray, triangles: IntArray) -> FloatArray:
    # Rows are taken four times as fast as they are indexed.
    a, b, c = (vertices.take(triangles[:, corner], axis=0) for corner in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    unit: FloatArray = normal / np.maximum(length, np.finfo(np.float32).tiny)
    return unit


def _lengths(vertices: FloatArray, edges: Edges) -> FloatArray:
    length: FloatArray = np.linalg.norm(
        vertices.take(edges.ends[:, 0], axis=0) - vertices.take(edges.ends[:, 1], axis=0), axis=1
    )
    return length


def _apart(vertices: FloatArray, edges: Edges, refused: IntArray, needed: int) -> IntArray:
    """Choose short edges no two of which touch or have neighbouring ends, the shortest first."""
    ends, size = edges.ends, len(vertices)
    length = _lengths(vertices, edges)
    short = min(len(length), max(int(len(length) * _FEWEST_SHORT), 8 * needed if needed < 1000 else 0))
    few = np.argpartition(length, short - 1)[:short]
    few = few[np.argsort(length[few], kind="stable")]
    few = few[~np.isin(ends[few, 0] * size + ends[few, 1], refused)]
    rank = np.full(len(ends), len(few))
    rank[few] = np.arange(len(few))
    best = _least(rank[few], ends[few], np.full(size, len(few)))
    # The best rank among a vertex and its neighbours.
    around = best.copy()
    np.minimum.at(around, ends[:, 0], best[ends[:, 1]])
    np.minimum.at(around, ends[:, 1], best[ends[:, 0]])
    first, second = ends[few].T
    mine = np.arange(len(few))
    chosen: IntArray = few[(around[first] == mine) & (around[second] == mine)]
    return chosen


def _least(values: IntArray, ends: IntArray, start: IntArray) -> IntArray:
    """Lower the entry of both ends of each edge to its value."""
    np.minimum.at(start, ends[:, 0], values)
    np.minimum.at(start, ends[:, 1], values)
    return start


def _merged(vertices: FloatArray, edges: Edges, chosen: IntArray) -> FloatArray:
    """Where the vertices stand that edges collapse to: in the middle, or at a border if one end is there."""
    border = edges.at_border(len(vertices))
    first, second = edges.ends[chosen].T
    share = np.float32(0.5) * (1 + border[second] - border[first].astype(np.float32))
    merged: FloatArray = vertices[first] + share[:, None] * (vertices[second] - vertices[first])
    return merged


def _collapsible(vertices: FloatArray, triangles: IntArray, edges: Edges, chosen: IntArray) -> BoolArray:
    """Tell which of some edges, that lie apart, can collapse without harm."""
    size = len(vertices)
    first, second = edges.ends[chosen].T
    border = edges.at_border(size)
    good = edges.sides[chosen] <= 2
    # Both ends at a border, but not the edge: the surface would be pinched.
    good &= ~(border[first] & border[second] & (edges.sides[chosen] == 2))
    start, end = edges.ends.T
    ones = np.ones(len(start), np.int32)
    linked = sparse.csr_matrix((ones, (start, end)), shape=(size, size))
    linked = linked + linked.T
    common = linked[first].multiply(linked[second]).tocsr()
    good &= np.asarray(common.sum(axis=1)).ravel() == edges.sides[chosen]
    # The third corners lose an edge; with three of them the two triangles beside would fall together.
    degree = np.diff(linked.indptr)
    thin = (degree[common.indices] <= 3) & ~border[common.indices]
    good &= np.bincount(common.nonzero()[0][thin], minlength=len(chosen)) == 0

    edge_of = np.full(size, -1)
    edge_of[first] = edge_of[second] = np.arange(len(chosen))
    owner = edge_of[triangles]
    touched = (owner >= 0).sum(axis=1) == 1  # those with two of its ends vanish
    near = triangles[touched]
    owner = owner[touched].max(axis=1)
    after = vertices.copy()
    after[first] = after[second] = _merged(vertices, edges, chosen)
    cosine = np.einsum("ij,ij->i", _unit_normals(vertices, near), _unit_normals(after, near))
    good &= np.bincount(owner[cosine < _TURNED], minlength=len(chosen)) == 0
    return np.asarray(good, dtype=bool)


def _cut(vertices: FloatArray, triangles: IntArray, middle: IntArray) -> IntArray:
    """Cut triangles at the vertices in the middle of their edges, (T, 3) with -1 where an edge is whole."""
    number = (middle >= 0).sum(axis=1)
    # Turn each triangle so that its pattern begins at the first corner: the split edges come first.
    pattern = middle >= 0
    turn = np.zeros(len(triangles), np.int64)
    one, two = number == 1, number == 2
    turn[one] = pattern[one].argmax(axis=1)
    turn[two] = ((~pattern[two]).argmax(axis=1) + 1) % 3
    places = (turn[:, None] + np.arange(3)) % 3
    a, b, c = np.take_along_axis(triangles, places, axis=1).T
    ab, bc, ca = np.take_along_axis(middle, places, axis=1).T

    def faces(which: BoolArray, *corners: IntArray) -> IntArray:
        return np.stack([corner[which] for corner in corners], axis=1)

    # Of the four corners that are left beside the one cut off, the shorter diagonal is taken.
    shorter = np.linalg.norm(vertices[ab] - vertices[c], axis=1) < np.linalg.norm(
        vertices[a] - vertices[bc], axis=1
    )
    here, there, three = two & shorter, two & ~shorter, number == 3
    return np.concatenate(
        [
            triangles[number == 0],
            faces(one, a, ab, c),
            faces(one, ab, b, c),
            faces(two, ab, b, bc),
            faces(here, a, ab, c),
            faces(here, ab, bc, c),
            faces(there, a, ab, bc),
            faces(there, a, bc, c),
            faces(three, a, ab, ca),
            faces(three, ab, b, bc),
            faces(three, ca, bc, c),
            faces(three, ab, bc, ca),
        ]
    )
