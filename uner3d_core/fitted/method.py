# SPDX-License-Identifier: Apache-2.0
"""The method on one page: hull, stereo, joining, fitting, colours."""

from __future__ import annotations

from functools import partial

import torch
from torch.nn import functional

from uner3d_core.field import Field
from uner3d_core.fitted import fitting
from uner3d_core.fitted.colours import colour_points
from uner3d_core.fitted.consistency import are_far_apart, photo_consistency
from uner3d_core.fitted.exposure import equalise
from uner3d_core.fitted.fusion import join
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.guarding import fill_missed, fill_unsupported
from uner3d_core.fitted.hull import find_box, find_frame, hull_grid
from uner3d_core.fitted.labelling import label
from uner3d_core.fitted.misfits import find_misfits
from uner3d_core.fitted.pictures import Picture, load_pictures
from uner3d_core.fitted.presets import PRESETS, Preset
from uner3d_core.fitted.results import coloured_field, early_cloud, silhouette_overlap
from uner3d_core.fitted.stereo import (
    DepthMap,
    choose_neighbours,
    depths_around,
    keep_consistent,
    plane_depths,
    sweep,
    view_angles,
)
from uner3d_core.fitted.tracing import depth_of
from uner3d_core.inputs.frames import listed
from uner3d_core.memory import Memory
from uner3d_core.progress import Progress
from uner3d_core.reconstruct import Stopwatch
from uner3d_core.settings import Settings
from uner3d_core.views import View

NEIGHBOURS = 4
"""Other views that each is matched with."""
LEAST_SPREAD = 15.0
"""Degrees between the views, as seen from the object, below which depth is a guess."""
AGREEMENT = 0.02
"""Depths of two views, working units, that differ by less are of the same point."""


def fit(
    views: list[View],
    settings: Settings,
    device: torch.device,
    progress: Progress,
    stopwatch: Stopwatch,
) -> tuple[Field, dict[str, float]]:
    """Fit a field to posed views, coarse to fine.

    Parameters
    ----------
    views : list of View
        Pictures with cameras and silhouettes.
    settings : Settings
        Preset and seed.
    device : torch.device
        Where to compute.
    progress : Progress
        Is told every stage.
    stopwatch : Stopwatch
        Takes the time of every stage.

    Returns
    -------
    Field
        In world coordinates.
    dict
        How well the field explains the silhouettes.

    Raises
    ------
    ReconstructionError
        If silhouettes and cameras have nothing in common.
    """
    preset = PRESETS[settings.preset]
    return fit_preset(views, preset, settings, device, progress=progress, stopwatch=stopwatch)


def fit_preset(
    views: list[View],
    preset: Preset,
    settings: Settings,
    device: torch.device,
    *,
    progress: Progress,
    stopwatch: Stopwatch,
) -> tuple[Field, dict[str, float]]:
    """Like :func:`fit`, with a preset that need not be one of those that have a name."""
    generator = torch.Generator().manual_seed(settings.seed)
    memory = Memory(device, progress)
    with stopwatch.stage("silhouettes"):
        progress.stage("silhouettes", 0, 1)
        views = without_misfits(views, progress)
        frame = find_frame(views)
        pictures = load_pictures(views, frame, device, preset.longest_side)
        if view_angles(pictures).max() < LEAST_SPREAD:
            progress.log("All cameras look from nearly the same side: how deep the object is can't be told.")
        low, high = find_box(pictures)
        hull = hull_grid(pictures, low, high, preset.resolution)
        progress.stage("silhouettes", 1, 1)
        progress.preview(early_cloud(hull, frame, pictures, generator))
    with stopwatch.stage("stereo"):
        neighbours = choose_neighbours(pictures, NEIGHBOURS)
        coarse = [picture.shrunk(preset.coarse_side) for picture in pictures]
        depths = [plane_depths(picture, hull, preset.planes)[:, None, None] for picture in coarse]
        maps = match(coarse, neighbours, hull, depths, memory=memory, stage="stereo", progress=progress)
        surface = join(hull, label(hull, coarse, maps), coarse, maps, final=not preset.sweeps)
        far_apart = are_far_apart(pictures)
        consistency = photo_consistency(surface, hull, coarse) if far_apart else None
        if far_apart:
            labels = label(hull, coarse, maps, consistency)
            surface = join(hull, labels, coarse, maps, final=not preset.sweeps, far_apart=True)
        progress.preview(early_cloud(surface, frame, coarse, generator))
    for number, (reach, count) in enumerate(preset.sweeps, start=1):
        with stopwatch.stage("fine stereo"):
            depths = [depths_around(depth_of(surface, p), reach, count) for p in pictures]
            maps = match(
                pictures, neighbours, hull, depths, memory=memory, stage="fine stereo", progress=progress
            )
            last = number == len(preset.sweeps)
            labels = label(hull, pictures, maps, consistency)
            surface = join(hull, labels, pictures, maps, final=last, far_apart=far_apart)
    with stopwatch.stage("guarding"):
        # Only now: what is missed by little before the finer sweeps is found by them.
        surface = fill_missed(surface, hull, pictures)
        surface = fill_unsupported(surface, hull, pictures, far_apart=far_apart)
        seen = [depth_of(surface, picture) for picture in pictures]
        pictures, stops = equalise(pictures, seen, surface, generator)
        if stops:
            progress.log(
                f"The pictures differ in exposure or white balance, by up to {stops:.1f} stops: evened."
            )
        progress.preview(early_cloud(surface, frame, pictures, generator))
    if preset.steps:
        with stopwatch.stage("fitting"):
            surface = fitting.fit(
                surface,
                hull,
                pictures,
                maps,
                grid_colours(surface, pictures, seen),
                steps=preset.steps,
                batch=preset.batch,
                weights=preset.weights,
                memory=memory,
                generator=generator,
                progress=progress,
            )
            seen = [depth_of(surface, picture) for picture in pictures]
    with stopwatch.stage("colours"):
        progress.stage("colours", 0, 1)
        field = coloured_field(
            surface, frame, pictures, seen, anchors=preset.anchors, settings=settings, memory=memory
        )
        progress.stage("colours", 1, 1)
        scores = {"silhouette_iou": silhouette_overlap(surface, pictures)}
    return field, scores


def without_misfits(views: list[View], progress: Progress) -> list[View]:
    """Leave out the views that contradict all others, and tell which."""
    misfits = find_misfits(views)
    if misfits:
        names = listed([views[index].name for index in misfits])
        progress.log(f"Left out, as their cameras or masks contradict all other views: {names}.")
    return [view for index, view in enumerate(views) if index not in misfits]


def match(
    pictures: list[Picture],
    neighbours: list[list[int]],
    hull: Grid,
    depths: list[torch.Tensor],
    *,
    memory: Memory,
    stage: str,
    progress: Progress,
) -> list[DepthMap]:
    """Sweep every view against its neighbours and keep what they confirm."""
    maps = []
    for index, picture in enumerate(pictures):
        progress.stage(stage, index, len(pictures))
        others = [pictures[other] for other in neighbours[index]]
        if others:
            maps.append(memory.attempt(partial(sweep, picture, others, hull, depths[index])))
        else:
            maps.append(DepthMap(torch.zeros_like(picture.coverage), torch.zeros_like(picture.coverage)))
    progress.stage(stage, len(pictures), len(pictures))
    return keep_consistent(pictures, maps, neighbours, AGREEMENT)


def grid_colours(surface: Grid, pictures: list[Picture], depths: list[torch.Tensor]) -> torch.Tensor:
    """Colours (X, Y, Z, 3) to start the fit from: each grid point takes those of the nearest surface."""
    near = (surface.values.abs() < (fitting.BAND + 1) * surface.voxel).nonzero()
    at = near.float() * surface.voxel + surface.origin
    gradient = surface.gradient(at)
    normals = functional.normalize(gradient, dim=-1)
    on_surface = at - surface.sample(at)[:, None] * normals
    found, _ = colour_points(pictures, depths, on_surface, normals, surface.voxel)
    colours = torch.full((*surface.values.shape, 3), 0.5, device=at.device)
    colours[near[:, 0], near[:, 1], near[:, 2]] = found
    return colours
