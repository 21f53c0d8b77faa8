# SPDX-License-Identifier: Apache-2.0
"""Cameras that are a little off, made to fit the pictures before anything is made from them.

A first, coarse surface is enough to find again in other views what one view shows, and the silhouettes tell
where they contradict each other. From both the cameras' small errors follow, those of their focal lengths
too. Cameras are changed only if that moves the pictures by more than such measurements err, so that exact
ones stay exact. Where the whole scene is, and how large, no picture tells: the object stays where the given
cameras, on the whole, show it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from uner3d_core.fitted.adjustment import Corrections, adjust, cross_matrix, derivatives
from uner3d_core.fitted.coherence import Contours, contradictions, trace_contours
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.patches import SurfacePoints, best_views, surface_points, visibility
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures
from uner3d_core.fitted.tracing import depth_of
from uner3d_core.fitted.tracks import follow
from uner3d_core.views import View

LEAST_VIEWS = 3
"""Fewer views can't tell a wrong camera from a wrong depth."""
MOST_POINTS = 3000
"""Surface points that are looked for in the pictures."""
MOST_VIEWS = 6
"""Views in which each is: those that see it best."""
TRACED_SIDE = 104
"""Longest side of the depth maps that tell which view sees what."""
ROUNDS = 2
"""Times that points are looked for, with the cameras that the time before gave."""
LEAST_CONTRADICTION = 0.3
"""Pixels, as a root mean square, from which on silhouettes say that cameras or masks are off. On rendered
objects it is at most 0.12 with exact cameras, and 1.1 with those that are a pixel off."""
LEAST_MOVE, LEAST_MOVE_ALONE = 0.4, 0.8
"""Root mean squares, in pixels, by which corrections must move the object in the pictures to be made: where
the silhouettes, too, say that something is off, and where patches alone do. Those of exact cameras move it by
0.05 to 0.35, with 8 views by up to 0.52; those of cameras that are a pixel off by 1.3."""
MEASURED = 300
"""Points by which it is told where the object lies after the corrections, and how far they moved it."""
SIMILARITY_STEPS = 3
SAME_LENS = 1e-3
"""Focal lengths, beside the pictures' widths, that differ by a smaller share are of one lens."""


@dataclass(frozen=True)
class Refined:
    """Views with corrected cameras.

    Parameters
    ----------
    views : list of View
        The views.
    moves : tensor (V,)
        By how many pixels, as a root mean square, the corrections move the object in each.
    zooms : tensor (V,)
        Factors of the focal lengths.
    """

    views: list[View]
    moves: Tensor
    zooms: Tensor


def refine(
    views: list[View],
    frame: Frame,
    hull: Grid,
    surface: Grid,
    *,
    longest_side: int,
    generator: torch.Generator,
) -> Refined | None:
    """Correct the cameras' errors, if there are any worth the name.

    Parameters
    ----------
    views : list of View
        All views.
    frame : Frame
        The working frame.
    hull, surface : Grid
        Signed distances of what the silhouettes allow, and of what is known of the surface.
    longest_side : int
        Pictures whose window around the object has more pixels a side are scaled down to this.
    generator : torch.Generator
        Chooses the points that are compared.

    Returns
    -------
    Refined or None
        None if the cameras explain the pictures as they are.
    """
    found = surface_points(surface)
    if len(views) < LEAST_VIEWS or not len(found.positions):
        return None
    pictures = load_pictures(views, frame, surface.values.device, longest_side)
    chosen = torch.randperm(len(found.positions), generator=generator)[:MOST_POINTS].to(surface.values.device)
    points = SurfacePoints(found.positions[chosen], found.normals[chosen])
    depths = [depth_of(surface, picture.shrunk(TRACED_SIDE)) for picture in pictures]
    seen = best_views(visibility(pictures, depths, points, 2 * surface.voxel), MOST_VIEWS)
    contours = trace_contours(pictures, generator)
    corrections, moved = Corrections.none(_lenses(views)), pictures
    contradicted = _contradicted(pictures, contours, hull)
    least = LEAST_MOVE if contradicted > LEAST_CONTRADICTION else LEAST_MOVE_ALONE
    for _ in range(ROUNDS):
        tracks = follow(moved, points, seen)
        corrections, positions = adjust(
            pictures, corrections, points.positions, tracks=tracks, contours=contours, hull=hull
        )
        moved = corrections.applied(pictures)
        points = replace(points, positions=positions)
        similarity, left = _similarity(moved, pictures, positions[:MEASURED])
        moves = left.square().sum(2).mean(1).sqrt()
        if moves.square().mean().sqrt() < least:
            return None
    if _contradicted(moved, contours, hull) > max(contradicted, LEAST_CONTRADICTION):
        return None
    return Refined(_corrected(views, frame, corrections, similarity), moves, corrections.zooms)


def _lenses(views: list[View]) -> Tensor:
    """Give each view's lens a number (V,): those of one focal length are one."""
    angles = np.log([view.camera.fx / view.camera.width for view in views])
    order = np.argsort(angles)
    fresh = np.diff(angles[order], prepend=angles[order[0]]) > SAME_LENS
    lenses = np.empty(len(views), np.int64)
    lenses[order] = np.cumsum(fresh)
    return torch.from_numpy(lenses)


def _contradicted(pictures: list[Picture], contours: Contours, hull: Grid) -> float:
    """By how many pixels silhouettes contradict each other, as a root mean square over all contours."""
    found = contradictions(pictures, contours, hull)
    return math.sqrt(float(found.residual.square().sum()) / max(1, len(contours.view)))


def _similarity(moved: list[Picture], given: list[Picture], points: Tensor) -> tuple[Tensor, Tensor]:
    """Find where the moved cameras' object lies in the given cameras' world.

    Returns
    -------
    similarity : float64 tensor (4, 4)
        From the given to the moved cameras' world. With it the moved cameras show the points as nearly where
        the given ones do as one similarity can do.
    left : float64 tensor (V, N, 2)
        By how many pixels they still don't.
    """
    similarity = torch.eye(4, dtype=torch.float64)
    places, count = points.double().cpu(), len(points)
    shifts = torch.eye(3, dtype=torch.float64).expand(count, 3, 3)
    for _ in range(SIMILARITY_STEPS):
        there = places @ similarity[:3, :3].T + similarity[:3, 3]
        slopes, left = [], []
        for index in range(len(given)):
            view = torch.full((count,), index)
            pixels, _, slope = derivatives(moved, view, there)
            ways = torch.cat([cross_matrix(-there), shifts, there[..., None]], dim=2)
            slopes.append(slope @ ways)
            left.append(derivatives(given, view, places)[0] - pixels)
        found = torch.linalg.lstsq(torch.cat(slopes).view(-1, 7), torch.cat(left).view(-1, 1)).solution[:, 0]
        change = torch.eye(4, dtype=torch.float64)
        change[:3, :3] = torch.linalg.matrix_exp(cross_matrix(found[None, :3]))[0] * torch.exp(found[6])
        change[:3, 3] = found[3:6]
        similarity = change @ similarity
    return similarity, torch.stack(left)


def _corrected(views: list[View], frame: Frame, corrections: Corrections, similarity: Tensor) -> list[View]:
    """Correct the views' cameras, in the given world."""
    size = float(similarity[:3, :3].det()) ** (1 / 3)
    whole, place = similarity[:3, :3].numpy(), similarity[:3, 3].numpy()
    corrected = []
    turns, shifts, zooms = (
        corrections.rotations.numpy(),
        corrections.shift.numpy(),
        corrections.zooms.tolist(),
    )
    for view, turn, shift, zoom in zip(views, turns, shifts, zooms, strict=True):
        camera = view.camera
        rotation = turn @ camera.world_to_camera[:3, :3]
        translation = (camera.world_to_camera[:3] @ [*frame.centre, 1.0]) / frame.scale + shift
        pose = np.eye(4)
        pose[:3, :3] = rotation @ whole / size
        pose[:3, 3] = (rotation @ place + translation) / size * frame.scale - pose[:3, :3] @ frame.centre
        camera = replace(camera, world_to_camera=pose, fx=camera.fx * zoom, fy=camera.fy * zoom)
        corrected.append(replace(view, camera=camera))
    return corrected
