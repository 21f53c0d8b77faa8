# SPDX-License-Identifier: Apache-2.0
"""What the reconstruction is compared with: the truth itself, simpler methods, and itself without a part."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.spatial import cKDTree  # type: ignore[import-untyped]
from torch.nn import functional

from uner3d_core.evaluation.scores import CLOUD_POINTS
from uner3d_core.fitted.colours import colour_points, to_bytes
from uner3d_core.fitted.fitting import Weights
from uner3d_core.fitted.hull import find_box, find_frame, hull_grid
from uner3d_core.fitted.matching import match
from uner3d_core.fitted.method import AGREEMENT, NEIGHBOURS, fit_preset
from uner3d_core.fitted.pictures import load_pictures
from uner3d_core.fitted.presets import PRESETS, Preset
from uner3d_core.fitted.results import coloured_field
from uner3d_core.fitted.stereo import choose_neighbours, plane_depths
from uner3d_core.fitted.tracing import FAR, depth_of
from uner3d_core.memory import Memory
from uner3d_core.ordering import progressive_order
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Silent
from uner3d_core.reconstruct import Stopwatch
from uner3d_core.sampling import sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from uner3d_core.evaluation.truth import Truth
    from uner3d_core.field import Field
    from uner3d_core.settings import Settings
    from uner3d_core.views import View

HULL_RESOLUTION = 128
"""Voxels along the longest side of the visual hull."""
STEREO_PLANES = 128
"""Depths that stereo alone tries, through the whole hull."""
HIDDEN = 0.015
"""Working units behind other true points from which on a true point is hidden."""

_NO_GEOMETRIC_LOSS = Weights(silhouette=0.0, depth=0.0)
_NO_COLOUR_LOSS = Weights(colour=0.0)

WITHOUT: dict[str, Callable[[Preset], Preset]] = {
    "no coarse to fine": lambda preset: replace(preset, coarse_side=preset.longest_side, sweeps=()),
    "no fit": lambda preset: replace(preset, steps=0),
    "no geometric loss": lambda preset: replace(preset, weights=_NO_GEOMETRIC_LOSS),
    "no colour loss": lambda preset: replace(preset, weights=_NO_COLOUR_LOSS),
}
"""Presets that leave a part of the method out."""


def visual_hull(views: list[View], settings: Settings) -> Field:
    """Make the visual hull of the silhouettes, the largest shape that explains them all, coloured as ours.

    Raises
    ------
    ReconstructionError
        If the silhouettes have nothing in common.
    """
    frame = find_frame(views)
    pictures = load_pictures(views, frame, torch.device("cpu"), PRESETS["final"].longest_side)
    low, high = find_box(pictures)
    grid = hull_grid(pictures, low, high, HULL_RESOLUTION)
    depths = [depth_of(grid, picture) for picture in pictures]
    memory = Memory(torch.device("cpu"), Silent())
    anchors = PRESETS[settings.preset].anchors
    return coloured_field(
        grid, frame, pictures, depths, unknown=None, anchors=anchors, settings=settings, memory=memory
    )


def stereo_alone(views: list[View], settings: Settings) -> PointCloud:
    """Sweep planes through the hull once, at full resolution, and take the depths that views agree on."""
    frame = find_frame(views)
    pictures = load_pictures(views, frame, torch.device("cpu"), PRESETS[settings.preset].longest_side)
    hull = hull_grid(pictures, *find_box(pictures), HULL_RESOLUTION)
    depths = [plane_depths(picture, hull, STEREO_PLANES)[:, None, None] for picture in pictures]
    neighbours = choose_neighbours(pictures, NEIGHBOURS)
    memory = Memory(torch.device("cpu"), Silent())
    maps = match(
        pictures,
        neighbours,
        hull,
        depths,
        agreement=AGREEMENT,
        memory=memory,
        stage="stereo",
        progress=Silent(),
    )
    positions, colours, confidence = [], [], []
    for picture, found in zip(pictures, maps, strict=True):
        known = found.confidence > 0
        positions.append(found.points(picture, known))
        colours.append(picture.colours[:, known].T)
        confidence.append(found.confidence[known])
    points = torch.cat(positions).numpy().astype(np.float64) * frame.scale + frame.centre
    chosen = np.random.default_rng(settings.seed).permutation(len(points))[: settings.points]
    return PointCloud(
        points[chosen].astype(np.float32),
        to_bytes(torch.cat(colours)[chosen]),
        np.zeros((len(chosen), 3), np.float32),
        torch.cat(confidence)[chosen].numpy(),
    )


def without(part: str, views: list[View], settings: Settings) -> PointCloud:
    """Reconstruct without one of the parts in :data:`WITHOUT`, on the CPU."""
    preset = WITHOUT[part](PRESETS[settings.preset])
    device = torch.device("cpu")
    field, _ = fit_preset(views, preset, settings, device, progress=Silent(), stopwatch=Stopwatch())
    return sample(field, settings.points, settings.seed)


def with_nearest_colours(field: Field, cloud: PointCloud) -> PointCloud:
    """Give the points of a cloud the colour of the field's nearest anchor, without weighting any."""
    nearest = cKDTree(field.anchors.positions).query(cloud.positions, workers=-1)[1]
    return replace(cloud, colours=field.anchors.colours[nearest])


def true_cloud(truth: Truth, views: list[View]) -> tuple[PointCloud, Truth]:
    """Take evenly spaced true points with colours from the pictures: no cloud can be expected to be better.

    Which view sees which point is told by the other true points before it.

    Returns
    -------
    cloud : PointCloud
        A third of the points of a bench case.
    others : Truth
        The true points that are left to compare these with.
    """
    frame = find_frame(views)
    pictures = load_pictures(views, frame, torch.device("cpu"), PRESETS["final"].longest_side)
    every = torch.from_numpy((truth.points - frame.centre) / frame.scale).float()
    depths = []
    for picture in pictures:
        pixels, depth = picture.project(every)
        column, row = pixels.floor().long().unbind(1)
        shown = (column >= 0) & (row >= 0) & (column < picture.width) & (row < picture.height)
        nearest = torch.full((picture.height * picture.width,), FAR)
        nearest.scatter_reduce_(0, (row * picture.width + column)[shown], depth[shown], "amin")
        closed = -functional.max_pool2d(-nearest.view(1, 1, picture.height, picture.width), 3, 1, 1)
        depths.append(closed[0, 0])
    places = progressive_order(truth.points)
    order, left = np.split(places, [min(CLOUD_POINTS, len(places) // 3)])
    normals = truth.normals[order]
    colours, confidence = colour_points(pictures, depths, every[order], torch.from_numpy(normals), HIDDEN)
    cloud = PointCloud(truth.points[order], to_bytes(colours), normals, confidence.numpy())
    return cloud, replace(truth, points=truth.points[left], normals=truth.normals[left])
