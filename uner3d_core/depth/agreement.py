# SPDX-License-Identifier: Apache-2.0
"""What pictures with depth say about points: whether they see them, and in which colour."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uner3d_core.camera import Camera
from uner3d_core.depth.pixels import FloatArray
from uner3d_core.depth_view import DepthView
from uner3d_core.progress import Progress

_NEAR = 2.0
"""A point is at the depth that a pixel shows if it is at most so many pixels' widths before or behind it."""

_FLATTEST = 0.1
"""Cosine between normal and ray below which that margin grows no more."""

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Witness:
    """A picture with depth, ready to be asked.

    Parameters
    ----------
    camera : Camera
        Of the picture.
    depth : float32 array (height, width)
        World units along the viewing direction; infinite where nothing is seen.
    nearest : float32 array (height, width)
        The smallest of each pixel's depth and of the eight around it.
    image : uint8 array (height, width, 3)
        sRGB.
    clear : float32 array (height, width)
        How much of a pixel shows the object, 0 to 1.
    """

    camera: Camera
    depth: npt.NDArray[np.float32]
    nearest: npt.NDArray[np.float32]
    image: npt.NDArray[np.uint8]
    clear: npt.NDArray[np.float32]

    @classmethod
    def of(cls, shown: DepthView) -> Witness:
        """Make a witness of a picture."""
        depth = np.where(shown.seen, shown.depth, np.float32(np.inf))
        nearest = depth.copy()
        for axis in (0, 1):
            for shift in (slice(1, None), slice(None, -1)):
                other = slice(1, None) if shift == slice(None, -1) else slice(None, -1)
                here = (shift, slice(None)) if axis == 0 else (slice(None), shift)
                there = (other, slice(None)) if axis == 0 else (slice(None), other)
                nearest[here] = np.minimum(nearest[here], nearest[there])
        mask = shown.view.mask
        clear = np.ones(depth.shape, np.float32) if mask is None else mask / np.float32(255)
        return cls(shown.view.camera, depth, nearest, shown.view.image, clear)


def ask(
    positions: FloatArray, normals: FloatArray, witnesses: Sequence[Witness]
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Ask all pictures about points that one of them shows.

    Parameters
    ----------
    positions, normals : float64 arrays (N, 3)
        In the world.
    witnesses : sequence of Witness
        The picture that a point is from may be among them.

    Returns
    -------
    facing : float64 array (N,)
        Cosines between the normal and the way to the camera, summed over the pictures that see the point.
    votes : int array (N,)
        How many more pictures see the point than see through it.
    """
    total, votes = np.zeros(len(positions)), np.zeros(len(positions), np.int64)
    for witness in witnesses:
        camera = witness.camera
        pixels, depth = camera.project(positions)
        column, row = pixels.astype(np.int64).T
        inside = (depth > 0) & (pixels >= 0).all(axis=1)
        inside &= (column < camera.width) & (row < camera.height)
        column, row = np.where(inside, column, 0), np.where(inside, row, 0)
        tolerance = _NEAR * depth / min(camera.fx, camera.fy)
        behind = depth - witness.nearest[row, column]  # negative before what the picture shows
        votes -= inside & (behind < -tolerance)
        seen = inside & (np.abs(behind) <= tolerance)
        votes += seen
        facing = _facing(positions, normals, camera)
        # An even slope alone takes a surface that lies askew so far back within a pixel.
        askew = tolerance / np.maximum(facing, _FLATTEST)
        seen = inside & (np.abs(depth - witness.depth[row, column]) <= askew)
        total += np.where(seen, np.maximum(facing, 0.0), 0.0)
    return total, votes


def colours_of(
    positions: FloatArray, normals: FloatArray, witnesses: Sequence[Witness], progress: Progress
) -> npt.NDArray[np.uint8]:
    """Mean colours of points in the pictures that see them, those that face them squarely counting most.

    Parameters
    ----------
    positions, normals : float64 arrays (N, 3)
        In the world.
    witnesses : sequence of Witness
        At least one of them sees each point.
    progress : Progress
        Is told how many points are done.

    Returns
    -------
    uint8 array (N, 3)
        sRGB.
    """
    colours = np.empty((len(positions), 3), np.uint8)

    def work(start: int) -> None:
        part = slice(start, start + _CHUNK)
        total = np.zeros((len(colours[part]), 3))
        weights = np.full(len(total), 1e-12)
        for witness in witnesses:
            _add_colours(positions[part], normals[part], witness, total, weights)
        colours[part] = np.rint(total / weights[:, None])

    starts = range(0, len(positions), _CHUNK)
    with ThreadPoolExecutor() as pool:
        for start, _ in zip(starts, pool.map(work, starts), strict=True):
            progress.stage("colours", start, len(positions))
    progress.stage("colours", len(positions), len(positions))
    return colours


def _add_colours(
    positions: FloatArray, normals: FloatArray, witness: Witness, total: FloatArray, weights: FloatArray
) -> None:
    """Add what a picture shows of points that it sees, from pixels around them at their depth."""
    camera = witness.camera
    pixels, depth = camera.project(positions)
    inside = (depth > 0) & ((pixels >= 0) & (pixels < [camera.width, camera.height])).all(axis=1)
    column, row = np.where(inside[:, None], pixels, 0).astype(np.intp).T
    seen = witness.depth[row, column]
    near = np.flatnonzero(inside & (np.abs(seen - depth) <= _tolerance(depth, _FLATTEST, camera)))
    facing = _facing(positions[near], normals[near], camera)
    pixels, depth, seen = pixels[near], depth[near], seen[near]
    looking = (facing > 0) & (np.abs(seen - depth) <= _tolerance(depth, facing, camera))
    near, facing, pixels, depth = near[looking], facing[looking], pixels[looking], depth[looking]
    tolerance = _tolerance(depth, facing, camera)
    corner = np.floor(pixels - 0.5)
    fraction = pixels - 0.5 - corner
    for x in (0, 1):
        for y in (0, 1):
            column, row = (corner + np.array([x, y])).astype(np.intp).T
            inside = (column >= 0) & (row >= 0) & (column < camera.width) & (row < camera.height)
            column, row = np.where(inside, column, 0), np.where(inside, row, 0)
            agrees = inside & (np.abs(witness.depth[row, column] - depth) <= tolerance)
            share = np.abs(1 - x - fraction[:, 0]) * np.abs(1 - y - fraction[:, 1]) + 1e-6
            weight = np.where(agrees, share * facing**2 * witness.clear[row, column] ** 2, 0.0)
            total[near] += weight[:, None] * witness.image[row, column]
            weights[near] += weight


def _tolerance(depth: FloatArray, facing: FloatArray | float, camera: Camera) -> FloatArray:
    """How far a point may be from a pixel's depth, which changes within the pixel on surfaces askew."""
    tolerance: FloatArray = _NEAR * depth / min(camera.fx, camera.fy) / np.maximum(facing, _FLATTEST)
    return tolerance


def _facing(positions: FloatArray, normals: FloatArray, camera: Camera) -> FloatArray:
    """Cosine (N,) between normals and the ways to a camera."""
    way = camera.centre - positions
    facing: FloatArray = np.einsum("nc,nc->n", normals, way) / np.sqrt(np.einsum("nc,nc->n", way, way))
    return facing
