# SPDX-License-Identifier: Apache-2.0
"""How far estimated cameras are from known ones, after the similarity that brings the two worlds together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from uner3d_core.errors import CameraError
from uner3d_core.inputs import camera_files as files
from uner3d_core.inputs.images import image_size
from uner3d_core.progress import Silent

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.camera import Camera

FloatArray = npt.NDArray[np.float64]

LEAST_CAMERAS = 3
"""Fewer centres fix no similarity."""
_ROUNDS = 10
_TRIM = 3.0  # medians of the distances: centres that are farther off do not pull at the alignment


@dataclass(frozen=True)
class Similarity:
    """The map x ↦ scale · rotation · x + translation.

    Parameters
    ----------
    scale : float
        Above zero.
    rotation : array (3, 3)
        Proper rotation.
    translation : array (3,)
        In units of the target.
    """

    scale: float
    rotation: FloatArray
    translation: FloatArray

    def apply(self, points: FloatArray) -> FloatArray:
        """Map points (N, 3)."""
        mapped: FloatArray = self.scale * points @ self.rotation.T + self.translation
        return mapped


@dataclass(frozen=True)
class Agreement:
    """How near estimated cameras are to the true ones.

    Parameters
    ----------
    known, registered : int
        Number of true cameras, and how many of their pictures have an estimated one.
    position_median, position_worst : float
        Distances of the centres in per cent of the true cameras' extent, the diagonal of the axis-aligned box
        around their centres.
    rotation_median, rotation_worst : float
        Angles between the orientations in degrees.
    focal_median : float
        Median difference of the focal lengths, as shares of the width, in per cent.
    """

    known: int
    registered: int
    position_median: float
    position_worst: float
    rotation_median: float
    rotation_worst: float
    focal_median: float


def read_cameras(path: Path) -> dict[str, Camera]:
    """Read the cameras of the images that exist, by the images' names.

    Parameters
    ----------
    path : Path
        A ``transforms.json``, or the folder of a COLMAP model; the images lie in its folder, in ``images``
        beside it, or where it says.

    Raises
    ------
    CameraError
        If the file can't be understood, or none of its images is there.
    """
    places = (path, path / "images", path.parent, path.parent / "images", path.parent.parent / "images")
    frames = files.read_cameras(path, places, image_size, Silent())
    if not frames:
        raise CameraError(f"None of the images that “{path}” names is there.", "Put the file beside them.")
    return {frame.image.name: frame.camera for frame in frames}


def compare(estimated: dict[str, Camera], truth: dict[str, Camera]) -> Agreement:
    """Align the estimated cameras to the true ones and measure what is left.

    Parameters
    ----------
    estimated, truth : dict of str to Camera
        Cameras by their images' names; those of one set alone count as not registered, or not at all.

    Raises
    ------
    CameraError
        If fewer than three cameras have the same image.
    """
    names = _shared_names(estimated, truth)
    found = np.stack([estimated[name].centre for name in names])
    true = np.stack([truth[name].centre for name in names])
    similarity = align(found, true)
    every = np.stack([camera.centre for camera in truth.values()])
    extent = float(np.linalg.norm(every.max(0) - every.min(0)))
    distances = np.linalg.norm(similarity.apply(found) - true, axis=1) / extent * 100.0
    angles = np.array(
        [
            _degrees_between(
                estimated[name].world_to_camera[:3, :3] @ similarity.rotation.T,
                truth[name].world_to_camera[:3, :3],
            )
            for name in names
        ]
    )
    focal = [
        abs(estimated[name].fx / estimated[name].width / (truth[name].fx / truth[name].width) - 1.0) * 100.0
        for name in names
    ]
    return Agreement(
        len(truth),
        len(names),
        float(np.median(distances)),
        float(distances.max()),
        float(np.median(angles)),
        float(angles.max()),
        float(np.median(focal)),
    )


def align_cameras(estimated: dict[str, Camera], truth: dict[str, Camera]) -> Similarity:
    """Find the similarity that brings the world of estimated cameras to that of the true ones.

    Parameters
    ----------
    estimated, truth : dict of str to Camera
        Cameras by their images' names.

    Raises
    ------
    CameraError
        If fewer than three cameras have the same image.
    """
    names = _shared_names(estimated, truth)
    return align(
        np.stack([estimated[name].centre for name in names]), np.stack([truth[name].centre for name in names])
    )


def _shared_names(estimated: dict[str, Camera], truth: dict[str, Camera]) -> list[str]:
    names = sorted(set(estimated) & set(truth))
    if len(names) < LEAST_CAMERAS:
        raise CameraError(
            f"Only {len(names)} images have a camera in both files.",
            "Compare files whose images have the same names.",
        )
    return names


def align(points: FloatArray, target: FloatArray) -> Similarity:
    """Find the similarity that brings points to their targets.

    Least squares in closed form (Umeyama 1991), repeated without the pairs that stay far apart, so that a few
    wrong ones do not spoil it.

    Parameters
    ----------
    points, target : arrays (N, 3)
        Pairs, N at least 3.
    """
    kept = np.ones(len(points), dtype=bool)
    similarity = _least_squares(points, target)
    for _ in range(_ROUNDS):
        distances = np.linalg.norm(similarity.apply(points) - target, axis=1)
        near = distances <= _TRIM * np.median(distances) + 1e-12
        if near.sum() < LEAST_CAMERAS or (near == kept).all():
            break
        kept = near
        similarity = _least_squares(points[kept], target[kept])
    return similarity


def _least_squares(points: FloatArray, target: FloatArray) -> Similarity:
    mean, target_mean = points.mean(0), target.mean(0)
    spread = float(((points - mean) ** 2).sum())
    if spread <= 0.0:
        raise CameraError("All cameras stand in one place.", "Compare cameras that stand apart.")
    left, values, right = np.linalg.svd((target - target_mean).T @ (points - mean))
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    rotation = left @ np.diag(signs) @ right
    scale = float((values * signs).sum()) / spread
    return Similarity(scale, rotation, target_mean - scale * rotation @ mean)


def _degrees_between(rotation: FloatArray, other: FloatArray) -> float:
    # By the chord and not by the trace, whose arc cosine knows no small angles.
    chord = float(np.linalg.norm(rotation - other)) / (2.0 * np.sqrt(2.0))
    return float(np.degrees(2.0 * np.arcsin(min(chord, 1.0))))
