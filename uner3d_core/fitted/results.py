# SPDX-License-Identifier: Apache-2.0
"""From the surface in the working frame to what leaves the method, in world units."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from scipy.spatial import cKDTree  # type: ignore[import-untyped]
from torch.nn import functional

from uner3d_core.colouring import Colours
from uner3d_core.field import Anchors, Field
from uner3d_core.fitted.colours import POINTS_AT_ONCE, colour_points, to_bytes
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.patches import surface_points
from uner3d_core.fitted.pictures import Frame, Picture
from uner3d_core.fitted.tracing import FAR, depth_of
from uner3d_core.memory import Memory
from uner3d_core.point_cloud import PointCloud
from uner3d_core.settings import Settings
from uner3d_core.spreading import random_points
from uner3d_core.surface import extract_surface

EARLY_POINTS = 6_000
EARLY_SIDE = 64
"""Longest side of the pictures that colour an early cloud."""
OVERLAP_SIDE = 128
"""Longest side of the pictures on which silhouettes are compared."""
COMPARED = 30_000
"""Pixels, of all pictures together, whose colours are compared with the field's."""


def world_field(surface: Grid, frame: Frame, unknown: torch.Tensor | None) -> Field:
    """Bring the surface, but for what is unknown (X, Y, Z), to world units; without colours."""
    origin = surface.origin.cpu().numpy().astype(np.float64) * frame.scale + frame.centre
    nothing = Anchors(np.empty((0, 3), np.float32), np.empty((0, 3), np.uint8), np.empty(0, np.float32))
    return Field(
        tuple(origin), surface.voxel * frame.scale, surface.values * frame.scale, nothing, unknown=unknown
    )


def coloured_field(
    surface: Grid,
    frame: Frame,
    pictures: list[Picture],
    depths: list[torch.Tensor],
    *,
    unknown: torch.Tensor | None,
    anchors: int,
    settings: Settings,
    memory: Memory,
    unseen: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> Field:
    """Bring the surface, seen at these depths, to world units and put so many coloured anchors on it.

    ``unseen`` gives colours (N, 3) to points (N, 3) that no picture shows; else they have the nearest seen.
    """
    bare = world_field(surface, frame, unknown)
    positions = random_points(extract_surface(bare), anchors, np.random.default_rng(settings.seed))
    points = torch.from_numpy((positions - frame.centre) / frame.scale).to(surface.values.device).float()
    normals = functional.normalize(surface.gradient(points), dim=-1)
    colours, confidence = memory.attempt(
        lambda share: colour_points(
            pictures, depths, points, normals, surface.voxel, at_once=int(share * POINTS_AT_ONCE)
        )
    )
    hidden = confidence <= 0
    if unseen is not None and hidden.any():
        colours[hidden] = unseen(points[hidden])
    else:
        colours = filled_in(colours, confidence, positions)
    metadata = {"method": settings.method, "preset": settings.preset, "seed": str(settings.seed)}
    coloured = Anchors(positions, to_bytes(colours), confidence.cpu().numpy())
    return Field(bare.origin, bare.voxel, bare.distances, coloured, metadata, unknown)


def filled_in(
    colours: torch.Tensor, confidence: torch.Tensor, positions: npt.NDArray[np.float32]
) -> torch.Tensor:
    """Give points (N, 3) that no picture shows the colour of the nearest one that is seen."""
    seen = (confidence > 0).cpu().numpy()
    if seen.all() or not seen.any():
        return colours
    nearest = cKDTree(positions[seen]).query(positions[~seen])[1]
    filled = colours.clone()
    filled[torch.from_numpy(~seen)] = colours[torch.from_numpy(seen)][torch.from_numpy(nearest)]
    return filled


def early_cloud(
    surface: Grid, frame: Frame, pictures: list[Picture], generator: torch.Generator
) -> PointCloud:
    """Take some points of a surface that is still to be improved, to be looked at meanwhile."""
    found = surface_points(surface)
    chosen = torch.randperm(len(found.positions), generator=generator)[:EARLY_POINTS]
    chosen = chosen.to(found.positions.device)
    points, normals = found.positions[chosen], found.normals[chosen]
    small = [picture.shrunk(EARLY_SIDE) for picture in pictures]
    depths = [depth_of(surface, picture) for picture in small]
    colours, confidence = colour_points(small, depths, points, normals, surface.voxel)
    colours = filled_in(colours, confidence, points.cpu().numpy())
    positions = points.cpu().numpy().astype(np.float64) * frame.scale + frame.centre
    return PointCloud(
        positions.astype(np.float32),
        to_bytes(colours),
        normals.cpu().numpy().astype(np.float32),
        confidence.cpu().numpy().astype(np.float32),
        progressive=False,
    )


def silhouette_overlap(surface: Grid, pictures: list[Picture]) -> float:
    """Mean over the views of the silhouettes' intersection with the surface's, over their union."""
    overlaps = []
    for picture in (picture.shrunk(OVERLAP_SIDE) for picture in pictures):
        drawn = depth_of(surface, picture) < FAR / 2
        shown = picture.coverage > 0.5
        overlaps.append(float((drawn & shown).sum() / (drawn | shown).sum().clamp_min(1)))
    return sum(overlaps) / len(overlaps)


def score_given(
    field: Field,
    frame: Frame,
    surface: Grid,
    pictures: list[Picture],
    *,
    depths: list[torch.Tensor],
    generator: torch.Generator,
) -> dict[str, float]:
    """Score a field in the very pictures that it was made from; new views only held-out pictures can score.

    Returns
    -------
    dict
        ``psnr_given``: PSNR in dB of the field's colours at random pixels that both the picture and the
        surface, seen at these depths, cover; not a number where there are none. ``seen``: the share of the
        surface that any picture shows. ``silhouette_iou``, where there are silhouettes: their overlap with
        the surface's.
    """
    points, shown = [], []
    for picture, depth in zip(pictures, depths, strict=True):
        covered = ((depth < FAR / 2) & (picture.coverage > 0.99)).reshape(-1).nonzero()[:, 0]
        order = torch.randperm(len(covered), generator=generator)[: COMPARED // len(pictures)]
        chosen = covered[order.to(covered.device)]
        directions = picture.directions(picture.pixel_centres().reshape(-1, 2)[chosen])
        points.append(picture.centre + directions * depth.reshape(-1)[chosen, None])
        shown.append(picture.colours.reshape(3, -1)[:, chosen].T)
    world = torch.cat(points).cpu().numpy().astype(np.float64) * frame.scale + frame.centre
    positions = world.astype(np.float32)
    normals = field.normal(torch.from_numpy(positions).to(field.device)).cpu().numpy()
    colours, _ = Colours(field).at(positions, normals)
    difference = colours / 255.0 - torch.cat(shown).cpu().numpy()
    error = float((difference**2).mean()) if len(difference) else math.nan
    scores = {"psnr_given": -10 * math.log10(error) if error > 0 else math.nan}
    scores["seen"] = float((field.anchors.confidence > 0).mean())
    if field.unknown is None:
        scores["silhouette_iou"] = silhouette_overlap(surface, pictures)
    return scores
