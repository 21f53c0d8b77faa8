# SPDX-License-Identifier: Apache-2.0
"""Models that have pictures in common become one: the mapper begins anew where it can't go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from uner3d_core.poses.request import Model, Shot

FloatArray = npt.NDArray[np.float64]

LEAST_SHARED = 3
"""Pictures that two models must have in common."""
FARTHEST = 0.03
"""Distance between a shared picture's two places, in the extent of all of these, that is still one place."""
WIDEST = 3.0
"""Degrees between its two orientations, likewise."""
ZOOM = 0.05
"""Share by which its two focal lengths may differ."""


def join_models(models: Sequence[Model]) -> list[Model]:
    """Join models to the largest one where the pictures they share agree.

    Parameters
    ----------
    models : sequence of Model
        The one of the most pictures first.

    Returns
    -------
    list of Model
        Likewise. Cameras of pictures in both are those of the larger model.
    """
    remaining = list(models)
    joined: list[Model] = []
    while remaining:
        whole = remaining.pop(0)
        at = 0
        while at < len(remaining):
            more = _joined(whole, remaining[at])
            if more is None:
                at += 1
            else:
                whole, at = more, 0
                remaining = [model for model in remaining if not set(model.shots) <= set(whole.shots)]
        joined.append(whole)
    return sorted(joined, key=lambda model: len(model.shots), reverse=True)


def _joined(model: Model, other: Model) -> Model | None:
    """Bring the other into the model's world; None where too few shared pictures agree on how."""
    shared = sorted(set(model.shots) & set(other.shots))
    if len(shared) < LEAST_SHARED or set(other.shots) <= set(model.shots):
        return None
    one, two = _poses(model, shared), _poses(other, shared)
    relative = np.einsum("nji,njk->nik", one[:, :, :3], two[:, :, :3])  # from the other's world
    left, _, right = np.linalg.svd(relative.sum(0))
    rotation = left @ np.diag([1.0, 1.0, np.linalg.det(left @ right)]) @ right
    angles = np.degrees(
        np.arccos(np.clip((np.einsum("nij,ij->n", relative, rotation) - 1.0) / 2.0, -1.0, 1.0))
    )
    places, others = _centres(one), _centres(two) @ rotation.T
    spread, other_spread = (each - each.mean(0) for each in (places, others))
    if (size := float(np.linalg.norm(other_spread))) <= 0.0:
        return None
    scale = float(np.linalg.norm(spread)) / size
    translation = places.mean(0) - scale * others.mean(0)
    off = np.linalg.norm(scale * others + translation - places, axis=1).max()
    zooms = [model.shots[place].focal_lengths[0] / other.shots[place].focal_lengths[0] for place in shared]
    extent = float(np.linalg.norm(np.ptp(places, axis=0)))
    if off > FARTHEST * extent or angles.max() > WIDEST or np.abs(np.array(zooms) - 1.0).max() > ZOOM:
        return None
    added = {place: shot for place, shot in other.shots.items() if place not in model.shots}
    moved = {place: _moved(shot, scale, rotation, translation) for place, shot in added.items()}
    points = np.array(other.points).reshape(-1, 3) @ rotation.T * scale + translation
    return Model(
        dict(sorted({**model.shots, **moved}.items())),
        [*model.points, *points.tolist()],
        max(model.error, other.error),
    )


def _poses(model: Model, places: Sequence[int]) -> FloatArray:
    return np.array([model.shots[place].world_to_camera for place in places])


def _centres(poses: FloatArray) -> FloatArray:
    return np.asarray(-np.einsum("nji,nj->ni", poses[:, :, :3], poses[:, :, 3]))


def _moved(shot: Shot, scale: float, rotation: FloatArray, translation: FloatArray) -> Shot:
    pose = np.array(shot.world_to_camera)
    turned = pose[:, :3] @ rotation.T
    offset = scale * pose[:, 3] - turned @ translation
    return replace(shot, world_to_camera=np.column_stack([turned, offset]).tolist())
