# SPDX-License-Identifier: Apache-2.0
"""The surface that one picture with depth shows, pixel by pixel.

All is worked out on the inverse depth, since that of a plane is linear in the picture: differences between
neighbouring pixels give its exact normal, and what lies between two pixels of a plane is on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uner3d_core.camera import Camera
from uner3d_core.depth_view import DepthView

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_BEND = 0.5
"""Two pixels show one surface where the step between them differs from the step before it, or behind it, by
at most so many pixels' width on the surface. A larger one is an edge behind which something else begins."""

_FLATTEST = 0.1
"""Cosine between normal and ray below which a pixel is not taken to cover more of the surface."""


@dataclass(frozen=True)
class Pixels:
    """What the pixels of one picture show; of P pixels whose depth is known and not alone.

    Parameters
    ----------
    camera : Camera
        Of the picture.
    row, column : int arrays (P,)
        Which pixels.
    inverse_depth : float64 array (P,)
        At their centres, per world unit.
    slopes : float64 array (P, 4)
        Change of the inverse depth per pixel towards the left, right, upper and lower neighbour, as seen
        from left to right and from top to bottom; zero where that neighbour shows something else.
    joined : bool array (P, 4)
        Whether these neighbours show the same surface.
    normals : float64 array (P, 3)
        Unit vectors in the world that point to the camera's side.
    facing : float64 array (P,)
        Cosine between normal and the way to the camera, 0 to 1.
    area : float64 array (P,)
        How much of the surface a pixel covers, in square world units.
    doubt : float64 array (P, 4)
        How far from even the surface is in the upper left, upper right, lower left and lower right quarter of
        a pixel and in the neighbours there, along the viewing direction, in pixels' widths: zero on a plane,
        infinite where any of them shows something else.
    """

    camera: Camera
    row: npt.NDArray[np.intp]
    column: npt.NDArray[np.intp]
    inverse_depth: FloatArray
    slopes: FloatArray
    joined: BoolArray
    normals: FloatArray
    facing: FloatArray
    area: FloatArray
    doubt: FloatArray

    def __len__(self) -> int:
        return len(self.row)

    @property
    def on_edge(self) -> BoolArray:
        """Whether a neighbour shows something else; bool (P,)."""
        edge: BoolArray = ~self.joined.all(axis=1)
        return edge

    def doubts(self, which: npt.NDArray[np.intp], offset: FloatArray) -> FloatArray:
        """Tell by how many pixels' widths the points that :meth:`positions` gives may be off; (K,).

        The centre of a pixel is what was rendered, and certain. Between centres something may lie that no
        pixel shows, least likely where the surface is even.
        """
        quarter = 2 * (offset[:, 1] > 0) + (offset[:, 0] > 0)
        doubt: FloatArray = np.where((offset == 0).all(axis=1), 0.0, self.doubt[which, quarter])
        return doubt

    def positions(self, which: npt.NDArray[np.intp], offset: FloatArray) -> FloatArray:
        """World points (K, 3) in the pixels ``which`` (K,), at ``offset`` (K, 2) pixels from their centres.

        An offset, from -0.5 to 0.5, counts only towards neighbours that show the same surface.
        """
        side = np.stack([offset[:, 0] > 0, 2 + (offset[:, 1] > 0)], axis=1)
        joined = np.take_along_axis(self.joined[which], side, axis=1)
        offset = np.where(joined, offset, 0.0)
        slope = np.take_along_axis(self.slopes[which], side, axis=1)
        inverse = self.inverse_depth[which] + (slope * offset).sum(axis=1)
        centre = np.stack([self.column[which], self.row[which]], axis=1) + 0.5
        return self.camera.unproject(centre + offset, 1.0 / inverse)


def find_pixels(shown: DepthView) -> Pixels:
    """Find the surface that a picture with depth shows.

    A pixel none of whose neighbours shows the same surface is left out: what is averaged over an edge between
    near and far lies on neither.

    Parameters
    ----------
    shown : DepthView
        Without lens distortion.

    Returns
    -------
    Pixels
        Of as many pixels as show anything; perhaps none.
    """
    camera, seen = shown.view.camera, shown.seen
    inverse = np.divide(1.0, shown.depth, where=seen, out=np.full(seen.shape, np.nan), dtype=np.float64)
    across, down = _steps(inverse, 1), _steps(inverse, 0)
    joins_across = _joins(inverse, across, 1, camera.fx)
    joins_down = _joins(inverse, down, 0, camera.fy)
    joined = np.stack([joins_across[:, :-1], joins_across[:, 1:], joins_down[:-1], joins_down[1:]], axis=2)
    steps = np.stack([across[:, :-1], across[:, 1:], down[:-1], down[1:]], axis=2)
    slopes = np.where(joined, steps, 0.0)

    row, column = np.nonzero(seen & joined.any(axis=2))
    inverse_depth, joined, slopes = inverse[row, column], joined[row, column], slopes[row, column]
    x = (column + 0.5 - camera.cx) / camera.fx
    y = (row + 0.5 - camera.cy) / camera.fy
    # A plane n · p = d has the inverse depth n · (x, y, 1) / d.
    steps = steps[row, column]
    along_x = camera.fx * _slope(steps[:, :2], joined[:, :2])
    along_y = camera.fy * _slope(steps[:, 2:], joined[:, 2:])
    normals = -np.stack([along_x, along_y, inverse_depth - x * along_x - y * along_y], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    rays = np.stack([x, y, np.ones_like(x)], axis=1)
    length = np.linalg.norm(rays, axis=1)
    facing = -np.einsum("pc,pc->p", normals, rays) / length
    # Of a sphere around the camera a pixel covers depth² · length² / (fx fy length³).
    area = length**-1 / (camera.fx * camera.fy * inverse_depth**2) / np.maximum(facing, _FLATTEST)
    turned = normals @ camera.world_to_camera[:3, :3]
    # A step of the depth is that of its inverse times depth²; a pixel is depth / focal wide.
    doubt = _bends(inverse, across, down)[row, column] * min(camera.fx, camera.fy) / inverse_depth[:, None]
    doubt[~(joined[:, [0, 1, 0, 1]] & joined[:, [2, 2, 3, 3]])] = np.inf
    return Pixels(camera, row, column, inverse_depth, slopes, joined, turned, facing, area, doubt)


def _steps(inverse: FloatArray, axis: int) -> FloatArray:
    """List the steps between neighbours along an axis, before and behind all; NaN where one shows nothing."""
    steps: FloatArray = np.diff(inverse, axis=axis, prepend=np.nan, append=np.nan)
    return steps


def _bends(inverse: FloatArray, across: FloatArray, down: FloatArray) -> FloatArray:
    """Find by how much the steps around each quarter of a pixel differ, at most; (height, width, 4).

    These are the steps towards the two neighbours there, each compared with the one before it, the one behind
    it and the parallel one. Infinite where one of these is not known.
    """
    bend_across, bend_down = _largest_change(across, 1), _largest_change(down, 0)
    # Between the four pixels that meet in a corner; corners lie around all pixels.
    twist = np.abs(np.diff(across, axis=0, prepend=np.nan, append=np.nan))
    quarters = []
    for y in (0, 1):
        for x in (0, 1):
            corner = twist[y : y + len(inverse), x : x + inverse.shape[1]]
            aside = bend_across[:, x : x + inverse.shape[1]]
            quarters.append(np.maximum(corner, np.maximum(aside, bend_down[y : y + len(inverse)])))
    bends: FloatArray = np.nan_to_num(np.stack(quarters, axis=2), nan=np.inf)
    return bends


def _largest_change(steps: FloatArray, axis: int) -> FloatArray:
    """Find by how much each step differs from those before and behind it; NaN where one is not known."""
    change = np.abs(np.diff(steps, axis=axis, prepend=np.nan, append=np.nan))
    size = steps.shape[axis]
    larger: FloatArray = np.maximum(
        np.take(change, np.arange(size), axis), np.take(change, np.arange(1, size + 1), axis)
    )
    return larger


def _joins(inverse: FloatArray, steps: FloatArray, axis: int, focal: float) -> BoolArray:
    """Tell which steps along an axis lie on one surface."""
    steps, inverse = np.moveaxis(steps, axis, 0), np.moveaxis(inverse, axis, 0)
    unknown = np.full_like(steps[:1], np.nan)
    before = np.abs(steps - np.concatenate([unknown, steps[:-1]]))
    behind = np.abs(steps - np.concatenate([steps[1:], unknown]))
    # Where neither is known, a surface that faces the camera is the best guess.
    bend = np.fmin(
        np.fmin(before, behind), np.where(np.isnan(before) & np.isnan(behind), np.abs(steps), np.nan)
    )
    nearer = np.fmax(np.concatenate([unknown, inverse]), np.concatenate([inverse, unknown]))
    joins: BoolArray = np.moveaxis(bend <= _BEND * nearer / focal, 0, axis)
    return joins


def _slope(steps: FloatArray, joined: BoolArray) -> FloatArray:
    """Slope of the surface along an axis, from the steps towards both neighbours (P, 2).

    Where neither shows the same surface, the smaller step counts: it is either a surface seen at a flat
    angle, or an edge, whose pixels are not to count for more than those.
    """
    mean = np.where(joined, steps, 0.0).sum(axis=1) / np.maximum(joined.sum(axis=1), 1)
    size = np.where(np.isnan(steps), np.inf, np.abs(steps))
    smaller = np.take_along_axis(steps, size.argmin(axis=1)[:, None], axis=1)[:, 0]
    slope: FloatArray = np.where(joined.any(axis=1), mean, np.nan_to_num(smaller))
    return slope
