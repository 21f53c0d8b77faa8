# SPDX-License-Identifier: Apache-2.0
"""The method on one page: hull, stereo, cameras, joining, fitting, colours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch.nn import functional

from uner3d_core.field import Field
from uner3d_core.fitted import fitting
from uner3d_core.fitted.colours import colour_points
from uner3d_core.fitted.consistency import Consistency, are_far_apart, photo_consistency
from uner3d_core.fitted.dissent import redrawn, tolerant_hull
from uner3d_core.fitted.exposure import equalise
from uner3d_core.fitted.fusion import join
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.guarding import fill_missed, fill_unsupported
from uner3d_core.fitted.hull import LEAST_SPREAD, are_one_sided, find_frame, within_ball
from uner3d_core.fitted.labelling import FULLNESS, FULLNESS_FAR_APART, FULLNESS_OPEN, label
from uner3d_core.fitted.matching import match
from uner3d_core.fitted.misfits import find_misfits
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures
from uner3d_core.fitted.presets import PRESETS, Preset
from uner3d_core.fitted.prior import Prior, ask_network
from uner3d_core.fitted.refinement import refine
from uner3d_core.fitted.results import coloured_field, early_cloud, score_given
from uner3d_core.fitted.scene import (
    box_grid,
    find_scene,
    known_parts,
    shows_scene,
    unknown_places,
)
from uner3d_core.fitted.speckles import speckled, without_speckles
from uner3d_core.fitted.stereo import (
    DepthMap,
    choose_neighbours,
    depths_around,
    plane_depths,
    view_angles,
)
from uner3d_core.fitted.tracing import depth_of
from uner3d_core.inputs.frames import listed
from uner3d_core.memory import Memory
from uner3d_core.progress import Progress, Silent
from uner3d_core.reconstruct import Stopwatch
from uner3d_core.settings import Settings
from uner3d_core.views import View

NEIGHBOURS = 4
"""Other views that each is matched with."""
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
        How well the field explains the pictures that it was made from, see ``score_given``.

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
        views = without_misfits(with_clean_masks(views, progress), progress)
    rough = rough_shape(
        views, preset, settings.network, generator, memory, progress=progress, stopwatch=stopwatch
    )
    # Without silhouettes the patches alone say too little.
    if settings.refine_cameras and not rough.open_scene:
        with stopwatch.stage("cameras"):
            better = with_refined_cameras(views, rough, preset, settings.seed, progress)
        if better is not views:
            views = better
            rough = rough_shape(
                views, preset, settings.network, generator, memory, progress=progress, stopwatch=stopwatch
            )
    tell_bounds(views, rough, progress)
    open_scene, frame, pictures, hull = rough.open_scene, rough.frame, rough.pictures, rough.hull
    matched, maps, surface = rough.matched, rough.maps, rough.surface
    find_depths = partial(
        match, neighbours=rough.neighbours, hull=hull, agreement=AGREEMENT, memory=memory, progress=progress
    )
    for number, (reach, count) in enumerate(preset.sweeps, start=1):
        with stopwatch.stage("fine stereo"):
            depths = [depths_around(depth_of(surface, p), reach, count) for p in pictures]
            matched, maps = pictures, find_depths(pictures, depths=depths, stage="fine stereo")
            last = number == len(preset.sweeps)
            labels = label(
                hull,
                pictures,
                maps,
                rough.fullness,
                consistency=rough.consistency,
                prior=rough.prior,
            )
            surface = join(
                hull,
                labels,
                pictures,
                maps,
                final=last,
                far_apart=rough.far_apart,
                expected=rough.prior.weight if rough.prior else 0.0,
            )
    with stopwatch.stage("guarding"):
        # Only now: what is missed by little before the finer sweeps is found by them.
        if not open_scene:
            surface = fill_missed(surface, hull, pictures, few=rough.prior is not None)
            allowed = rough.prior.bounded(hull) if rough.prior else hull
            surface = fill_unsupported(surface, allowed, pictures, far_apart=rough.far_apart)
        seen = [depth_of(surface, picture) for picture in pictures]
        pictures = evenly_exposed(pictures, seen, surface, generator, progress)
        progress.preview(early_cloud(surface, frame, pictures, generator))
    if preset.steps:
        with stopwatch.stage("fitting"):
            surface = fitting.fit(
                surface,
                hull,
                known_parts(surface, unknown_places(surface, hull, matched, maps), pictures)
                if open_scene
                else pictures,
                maps,
                grid_colours(surface, pictures, seen),
                steps=preset.steps,
                batch=preset.batch,
                weights=replace(preset.weights, silhouette=0.0) if open_scene else preset.weights,
                memory=memory,
                generator=generator,
                progress=progress,
            )
            seen = [depth_of(surface, picture) for picture in pictures]
    with stopwatch.stage("colours"):
        progress.stage("colours", 0, 1)
        field = coloured_field(
            surface,
            frame,
            pictures,
            seen,
            unknown=unknown_places(surface, hull, matched, maps) if open_scene else None,
            anchors=preset.anchors,
            settings=settings,
            memory=memory,
            unseen=rough.prior.colours if rough.prior else None,
        )
        progress.stage("colours", 1, 1)
        scores = score_given(field, frame, surface, pictures, depths=seen, generator=generator)
    return field, scores


@dataclass(frozen=True)
class Rough:
    """What the silhouettes and a first sweep through coarse pictures tell.

    Parameters
    ----------
    open_scene : bool
        Whether nothing bounds an object, so that the scene itself is reconstructed.
    frame : Frame
        The working frame.
    pictures, matched : lists of Picture
        The views, and as coarse as they were matched.
    neighbours : list of lists of int
        For each the views that it is matched with.
    hull : Grid
        Where anything can be.
    dissent : int
        Number of views that may deny a place in it.
    maps : list of DepthMap
        What each view found.
    surface : Grid
        Joined from them.
    fullness : float
        Evidence that all of the hull is full.
    consistency : Consistency or None
        What views say of every place, where they are far apart.
    prior : Prior or None
        What a trained network expects, where views are few.
    """

    open_scene: bool
    frame: Frame
    pictures: list[Picture]
    matched: list[Picture]
    neighbours: list[list[int]]
    hull: Grid
    dissent: int
    maps: list[DepthMap]
    surface: Grid
    fullness: float
    consistency: Consistency | None
    prior: Prior | None

    @property
    def far_apart(self) -> bool:
        """Whether the views are too few or too far apart for plane sweeps alone."""
        return self.consistency is not None or self.prior is not None


def rough_shape(
    views: list[View],
    preset: Preset,
    network: str,
    generator: torch.Generator,
    memory: Memory,
    *,
    progress: Progress,
    stopwatch: Stopwatch,
) -> Rough:
    """Find what the silhouettes allow, and in it a first surface."""
    with stopwatch.stage("silhouettes"):
        progress.stage("silhouettes", 0, 1)
        open_scene = shows_scene(views)
        if open_scene:
            (frame, pictures, hull), dissent = bound_scene(views, preset, memory, progress), 0
        else:
            frame, pictures, hull, dissent = bound_object(views, preset, memory)
        progress.stage("silhouettes", 1, 1)
    prior = None
    if not open_scene:
        with stopwatch.stage("network"):
            prior = ask_network(network, views, frame, hull, memory=memory, progress=progress)
        start = hull if prior is None else prior.bounded(hull)
        progress.preview(early_cloud(start, frame, pictures, generator))
    with stopwatch.stage("stereo"):
        neighbours = choose_neighbours(pictures, NEIGHBOURS)
        coarse = [picture.shrunk(preset.coarse_side) for picture in pictures]
        maps = match(
            coarse,
            neighbours,
            hull,
            [plane_depths(picture, hull, preset.planes)[:, None, None] for picture in coarse],
            agreement=AGREEMENT,
            memory=memory,
            stage="stereo",
            progress=progress,
        )
        fullness, consistency = FULLNESS_OPEN if open_scene else FULLNESS, None
        if prior is not None:
            fullness *= 1 - prior.weight
        labels = label(hull, coarse, maps, fullness, prior=prior)
        final, guessed = not preset.sweeps, prior is not None
        expected = prior.expected if prior else 0.0
        surface = join(hull, labels, coarse, maps, final=final, far_apart=guessed, expected=expected)
        if not open_scene and are_far_apart(pictures):
            fullness, consistency = FULLNESS_FAR_APART, photo_consistency(surface, hull, coarse)
            labels = label(hull, coarse, maps, fullness, consistency=consistency, prior=prior)
            surface = join(hull, labels, coarse, maps, final=final, far_apart=True, expected=expected)
        progress.preview(early_cloud(surface, frame, coarse, generator))
    return Rough(
        open_scene,
        frame,
        pictures,
        coarse,
        neighbours,
        hull,
        dissent,
        maps,
        surface,
        fullness,
        consistency,
        prior,
    )


def prior_alone(views: list[View], preset: Preset, settings: Settings, device: torch.device) -> Field:
    """Take the network's word for the shape, and colour it as ours: what the fit is compared with."""
    memory, progress = Memory(device, Silent()), Silent()
    frame, pictures, hull, _ = bound_object(views, preset, memory)
    prior = ask_network(settings.network, views, frame, hull, memory=memory, progress=progress)
    surface = hull if prior is None else prior.bounded(hull)
    return coloured_field(
        surface,
        frame,
        pictures,
        [depth_of(surface, picture) for picture in pictures],
        unknown=None,
        anchors=preset.anchors,
        settings=settings,
        memory=memory,
        unseen=prior.colours if prior else None,
    )


def tell_bounds(views: list[View], rough: Rough, progress: Progress) -> None:
    """Say what was taken for the object, and where the views can't tell how deep it is."""
    if rough.open_scene:
        progress.log(
            "No mask leaves anything out: the scene is reconstructed, as far as several images show it."
        )
    elif not any(view.has_silhouette for view in views):
        progress.log("No mask leaves anything out, so all that the images show is taken for the object.")
    if rough.dissent:
        progress.log(
            "The masks contradict each other in many places: "
            f"what at most {rough.dissent} of them lack is kept, and their outlines are evened."
        )
    tell_unknown_depth(rough.pictures, rough.prior, progress)


def with_refined_cameras(
    views: list[View], rough: Rough, preset: Preset, seed: int, progress: Progress
) -> list[View]:
    """Correct the cameras where that explains the pictures better, and tell by how much."""
    progress.stage("cameras", 0, 1)
    refined = refine(
        views,
        rough.frame,
        rough.hull,
        rough.surface,
        longest_side=preset.longest_side,
        generator=torch.Generator().manual_seed(seed),
    )
    progress.stage("cameras", 1, 1)
    if refined is None:
        return views
    worst, moves = int(refined.moves.argmax()), refined.moves
    progress.log(
        f"The cameras are a little off: corrected by {float(moves.square().mean().sqrt()):.1f} pixels on "
        f"average, “{views[worst].name}” by {float(moves[worst]):.1f}, focal lengths by "
        f"{100 * (float(refined.zooms.median()) - 1):+.1f} %."
    )
    return refined.views


def bound_object(views: list[View], preset: Preset, memory: Memory) -> tuple[Frame, list[Picture], Grid, int]:
    """Find where the object can be: in the hull of its silhouettes, of which so many may deny a place."""
    frame = find_frame(views)
    pictures = load_pictures(views, frame, memory.device, preset.longest_side)
    hull, dissent = tolerant_hull(pictures, preset.resolution)
    if are_one_sided(views, frame.centre):
        hull = within_ball(hull)
    return frame, redrawn(pictures, hull) if dissent else pictures, hull, dissent


def bound_scene(
    views: list[View], preset: Preset, memory: Memory, progress: Progress
) -> tuple[Frame, list[Picture], Grid]:
    """Find where the scene is that pictures without masks show: in the box of what several agree on."""
    frame, half = find_scene(views, memory, progress)
    pictures = load_pictures(views, frame, memory.device, preset.longest_side)
    return frame, pictures, box_grid(half, preset.resolution)


def tell_unknown_depth(pictures: list[Picture], prior: Prior | None, progress: Progress) -> None:
    """Say it where the views can't tell how deep the object is, or what its other sides look like."""
    if len(pictures) == 1 and prior is not None:
        progress.log(
            f"“{pictures[0].name}” is the only view: its distance is assumed, and the sides that it does not "
            "show are what the trained network expects. Give views from all around for what is really there."
        )
    elif len(pictures) == 1:
        progress.log(
            f"“{pictures[0].name}” is the only view, and one view tells no depth: the cloud is its outline, "
            "drawn out along the line of sight, and not the object's shape. Give views from all around."
        )
    elif view_angles(pictures).max() < LEAST_SPREAD:
        progress.log("All cameras look from nearly the same side: how deep the object is can't be told.")
    elif prior is not None:
        progress.log(
            f"The views are few, {len(pictures)}: what they leave open is what the trained network expects."
        )


def with_clean_masks(views: list[View], progress: Progress) -> list[View]:
    """Filter the masks that single wrong pixels are strewn over, and tell how many."""
    noisy = [view.mask is not None and speckled(view.mask) for view in views]
    if any(noisy):
        progress.log(f"Masks strewn with single wrong pixels, and filtered: {sum(noisy)} of {len(views)}.")
    return [without_speckles(view) if bad else view for view, bad in zip(views, noisy, strict=True)]


def without_misfits(views: list[View], progress: Progress) -> list[View]:
    """Leave out the views that contradict all others, and tell which."""
    misfits = find_misfits(views)
    if misfits:
        names = listed([views[index].name for index in misfits])
        progress.log(f"Left out, as their cameras or masks contradict all other views: {names}.")
    return [view for index, view in enumerate(views) if index not in misfits]


def evenly_exposed(
    pictures: list[Picture],
    depths: list[torch.Tensor],
    surface: Grid,
    generator: torch.Generator,
    progress: Progress,
) -> list[Picture]:
    """Bring the pictures to one exposure where they differ, and tell by how much."""
    evened, stops = equalise(pictures, depths, surface, generator)
    if stops:
        progress.log(f"The pictures differ in exposure or white balance, by up to {stops:.1f} stops: evened.")
    return evened


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
