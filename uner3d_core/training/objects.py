# SPDX-License-Identifier: Apache-2.0
"""The objects of a training: all their views in memory, and where the surface of their hull lies."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor
from torch.nn import functional

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import CameraError, ImageError, InputError, ReconstructionError
from uner3d_core.inputs import load_views
from uner3d_core.network.framing import find_sphere
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.progress import Progress
from uner3d_core.shapes.files import read_set
from uner3d_core.training.carving import kept_by_all
from uner3d_core.training.config import TrainingConfigError
from uner3d_core.training.folders import open_sets
from uner3d_core.views import View

RESOLUTION = 48
"""Voxels along each side of the cube in which the surface of the hull is looked for."""

SIDE = 1.1
"""Half the side of that cube, in the network's frame."""


@dataclass(frozen=True)
class TrainingObject:
    """One object: every view that there is of it, in the network's frame.

    Parameters
    ----------
    name : str
        Its folder's.
    images : uint8 tensor (V, 3, S, S)
        sRGB, not premultiplied.
    masks : uint8 tensor (V, 1, S, S)
        Coverage, 0 to 255.
    intrinsics : tensor (V, 3, 3)
        In pixels of these pictures.
    world_to_camera : tensor (V, 3, 4)
        From the network's frame to OpenCV camera coordinates.
    near : int32 tensor (M,)
        Voxels, of :data:`RESOLUTION` a side, beside which the hull of all views begins or ends.
    low, high : tensors (3,)
        Box of that hull.
    """

    name: str
    images: Tensor
    masks: Tensor
    intrinsics: Tensor
    world_to_camera: Tensor
    near: Tensor
    low: Tensor
    high: Tensor


def load_objects(folder: Path, size: int, count: int, progress: Progress) -> list[TrainingObject]:
    """Read sets of posed pictures.

    What is made of a set is kept in a folder beside them, since finding its frame and hull takes longer than
    reading that.

    Parameters
    ----------
    folder : Path
        Folder of the sets, as :func:`~uner3d_core.training.folders.open_sets` finds them.
    size : int
        Width and height, in pixels, that the pictures are scaled to.
    count : int
        How many are read, in the order of their names; 0 for all.
    progress : Progress
        Told of each, and of those that can't be used.

    Raises
    ------
    InputError
        If there are none.
    TrainingConfigError
        If none can be used.
    OutputError
        If what is made of them can't be kept.
    """
    places = open_sets(folder).places[: count or None]
    kept = folder / f".prepared_{size}"
    objects = []
    for done, place in enumerate(places, 1):
        try:
            objects.append(_load_object(place, str(place.relative_to(folder)), kept, size, progress))
        except (InputError, ImageError, CameraError, ReconstructionError) as problem:
            progress.log(f"“{place}” is left out: {problem}")
        progress.stage("objects", done, len(places))
    if not objects:
        raise TrainingConfigError(f"None of the sets in “{folder}” can be used.", "The log says why.")
    counts = {len(each.images) for each in objects}
    if len(counts) > 1:
        least = min(counts)
        progress.log(f"The objects have {least} to {max(counts)} views: {least} of each are used.")
        objects = [first_views(each, least) for each in objects]
    return objects


def _load_object(place: Path, name: str, folder: Path, size: int, progress: Progress) -> TrainingObject:
    """Read what was kept of a set if it is newer than that; else make it, and keep it."""
    kept = folder / f"{name.replace(os.sep, ' ')}.safetensors"
    if kept.exists() and kept.stat().st_mtime > place.stat().st_mtime:
        try:
            return TrainingObject(name, **load_file(kept))
        except (SafetensorError, TypeError):
            progress.log(f"“{kept}” can't be read and is made again.")
    views = read_set(place) if place.is_file() else load_views(place, progress=progress)
    item = prepare_object(name, views, size)
    tensors = {each.name: getattr(item, each.name) for each in fields(item) if each.name != "name"}
    folder.mkdir(exist_ok=True)
    with atomic_file(kept) as file:
        file.write(save({key: value.contiguous() for key, value in tensors.items()}))
    return item


def first_views(item: TrainingObject, count: int) -> TrainingObject:
    """Keep the first ``count`` views of an object."""
    return TrainingObject(
        item.name,
        item.images[:count],
        item.masks[:count],
        item.intrinsics[:count],
        item.world_to_camera[:count],
        item.near,
        item.low,
        item.high,
    )


def prepare_object(name: str, views: list[View], size: int) -> TrainingObject:
    """Cut and scale an object's views, and find the surface of its hull by their silhouettes.

    Raises
    ------
    ReconstructionError
        If the silhouettes have nothing in common.
    """
    centre, radius = find_sphere(views)
    batch = ViewBatch.from_views([views], size, torch.device("cpu"), [centre], [radius])
    points = voxel_centres()
    kept = kept_by_all(batch, points[None])[0] > 0.5
    solid = kept.float().reshape(1, 1, RESOLUTION, RESOLUTION, RESOLUTION)
    grown = functional.max_pool3d(solid, 3, 1, 1)
    shrunk = -functional.max_pool3d(-solid, 3, 1, 1)
    near = (grown != shrunk).flatten().nonzero()[:, 0].int()
    if len(near) == 0:  # thinner than a voxel
        near = torch.arange(len(points), dtype=torch.int32)
    inside = points[kept] if kept.any() else points
    voxel = 2 * SIDE / RESOLUTION
    return TrainingObject(
        name,
        (batch.images[0] * 255).round().byte(),
        (batch.masks[0] * 255).round().byte(),
        batch.intrinsics[0],
        batch.world_to_camera[0],
        near,
        inside.amin(0) - 2 * voxel,
        inside.amax(0) + 2 * voxel,
    )


def voxel_centres() -> Tensor:
    """Centres, (RESOLUTION³, 3), of the voxels in which the hull is looked for."""
    along = (torch.arange(RESOLUTION) + 0.5) * (2 * SIDE / RESOLUTION) - SIDE
    return torch.cartesian_prod(along, along, along)
