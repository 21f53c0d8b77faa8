# SPDX-License-Identifier: Apache-2.0
"""Points on the zero set of a field: evenly spaced, coloured, in a progressive order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from uner3d_core.errors import ReconstructionError
from uner3d_core.field import Field
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Progress, Silent
from uner3d_core.surface import Mesh, extract_surface

COLOUR_NEIGHBOURS = 8
"""Anchors that give a point its colour: our reading of UNeR3D (arXiv 2312.06706), which names none."""

COLOUR_POWER = 2.0
"""Power of the distance in inverse-distance weighting (Shepard 1968): our reading of the same."""


def sample(field: Field, count: int, seed: int, progress: Progress = Silent()) -> PointCloud:  # noqa: B008
    """Spread points evenly over the zero set of a field."""
    progress.stage("sampling", 0, 3)
    mesh = extract_surface(field)
    if not len(mesh.triangles):
        raise ReconstructionError("The field has no surface.", "Check the masks and cameras.")
    generator = torch.Generator().manual_seed(seed)
    points = _project(field, _random_points(mesh, count, generator))
    points = points[torch.randperm(count, generator=generator).to(points.device)]
    progress.stage("sampling", 1, 3)
    normals = field.normal(points)
    positions = points.cpu().numpy()
    colours, confidence = _colours(field, positions)
    progress.stage("sampling", 3, 3)
    return PointCloud(positions, colours, normals.cpu().numpy(), confidence)


def _random_points(mesh: Mesh, count: int, generator: torch.Generator) -> torch.Tensor:
    """Points on a mesh by area: the mesh's triangles in a row are cut into ``count`` equal shares."""
    areas = mesh.areas().double().cpu()
    ends = torch.cumsum(areas, 0)
    share = (torch.arange(count) + torch.rand(count, generator=generator, dtype=torch.float64)) / count
    triangle = torch.searchsorted(ends, share * ends[-1]).clamp(max=len(areas) - 1).to(mesh.vertices.device)
    u, v = torch.rand(2, count, generator=generator).to(mesh.vertices.device)
    u, v = torch.where(u + v > 1, 1 - u, u), torch.where(u + v > 1, 1 - v, v)
    a, b, c = (mesh.vertices[mesh.triangles[triangle, corner]] for corner in range(3))
    return a + u[:, None] * (b - a) + v[:, None] * (c - a)


def _project(field: Field, points: torch.Tensor, steps: int = 3) -> torch.Tensor:
    """Move points onto the zero set by Newton's steps along the gradient, at most a voxel each."""
    for _ in range(steps):
        distance, gradient = field.distance_and_gradient(points)
        step = distance / gradient.square().sum(dim=1).clamp(min=1e-3)
        step = step[:, None] * gradient
        length = step.norm(dim=1, keepdim=True)
        points = points - step * (field.voxel / length.clamp(min=field.voxel))
    return points


def _colours(
    field: Field, positions: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Colours and confidence by inverse-distance weighting over the nearest anchors."""
    anchors = field.anchors
    if not len(anchors):
        return np.full((len(positions), 3), 128, np.uint8), np.zeros(len(positions), np.float32)
    k = min(COLOUR_NEIGHBOURS, len(anchors))
    distance, index = cKDTree(anchors.positions).query(positions, k=np.arange(1, k + 1), workers=-1)
    weight = 1 / (distance**COLOUR_POWER + (1e-3 * field.voxel) ** COLOUR_POWER)
    weight /= weight.sum(axis=1, keepdims=True)
    colours = np.einsum("nk,nkc->nc", weight, anchors.colours[index].astype(np.float64))
    confidence = np.einsum("nk,nk->n", weight, anchors.confidence[index].astype(np.float64))
    return np.rint(colours).astype(np.uint8), confidence.astype(np.float32)
