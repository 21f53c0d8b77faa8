# SPDX-License-Identifier: Apache-2.0
"""Inside and outside: votes of depth maps, and the smallest surface that explains them."""

from __future__ import annotations

import numpy as np
import torch

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.labelling import FULLNESS, cast_votes, drop_specks, label, minimise
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.stereo import DepthMap

SIDE = 40
VOXEL = 2.0 / (SIDE - 1)


def box() -> Grid:
    """Make a hull that fills the cube from -0.9 to 0.9 of a grid from -1 to 1."""
    axis = torch.linspace(-1, 1, SIDE)
    x, y, z = torch.meshgrid(axis, axis, axis, indexing="ij")
    return Grid(torch.full((3,), -1.0), VOXEL, torch.stack([x, y, z]).abs().amax(0) - 0.9)


def camera() -> Picture:
    """Look along +z from (0, 0, -4) at the cube."""
    plain = torch.full((3, 64, 64), 0.5)
    all_covered = torch.ones((64, 64))
    return Picture(
        "one", plain, all_covered, -all_covered, torch.eye(3), torch.tensor([0.0, 0.0, 4.0]), 90, 90, 32, 32
    )


def depth_map(depth: float, confidence: float = 1.0) -> DepthMap:
    return DepthMap(torch.full((64, 64), depth), torch.full((64, 64), confidence))


def test_a_depth_empties_what_is_before_it_and_fills_what_is_behind() -> None:
    free, full = cast_votes(box(), [camera()], [depth_map(4.0, 0.5)], thickness=0.3)
    middle = SIDE // 2
    before, behind, far_behind = int(0.25 * SIDE), middle + 1, SIDE - 3
    assert free[middle, middle, before] == 0.5
    assert free[middle, middle, behind] == 0
    assert full[middle, middle, behind] == 0.5
    assert full[middle, middle, before] == 0
    assert full[middle, middle, far_behind] == 0


def test_the_border_lies_at_the_depth() -> None:
    labels = label(box(), [camera()] * 2, [depth_map(4.2)] * 2, FULLNESS)
    column = labels.values[SIDE // 2, SIDE // 2]
    depth = 4 + labels.origin[2] + VOXEL * torch.arange(SIDE)
    crossing = depth[(column < 0).nonzero()[0, 0]]
    assert abs(float(crossing) - 4.2) < 1.5 * VOXEL


def test_where_nothing_is_known_the_hull_is_full() -> None:
    hull = box()
    labels = label(hull, [camera()], [depth_map(0.0, 0.0)], FULLNESS)
    assert torch.equal(labels.values < 0, hull.values < 0.3 * VOXEL)


def test_a_single_wrong_ray_drills_no_tunnel() -> None:
    wrong = depth_map(3.1)  # the front of the cube, all over but in one pixel
    wrong.depth[32, 32] = 4.8
    labels = label(box(), [camera()], [wrong], FULLNESS)
    assert (labels.values[SIDE // 2 - 1 : SIDE // 2 + 1, SIDE // 2 - 1 : SIDE // 2 + 1, 6:30] < 0).all()


def test_the_minimum_has_hardly_anything_between_in_and_out() -> None:
    axis = torch.linspace(-1, 1, SIDE)
    x, y, z = torch.meshgrid(axis, axis, axis, indexing="ij")
    force = torch.where((x**2 + y**2 + z**2).sqrt() < 0.6, -1.0, 1.0)
    nowhere = torch.zeros_like(force, dtype=torch.bool)
    found = minimise(force, torch.full_like(force, 0.5), nowhere)
    assert ((found < 0.01) | (found > 0.99)).float().mean() > 0.99
    assert ((found > 0.5) == (force < 0)).float().mean() > 0.995


def test_specks_are_dropped_and_parts_stay() -> None:
    inside = np.zeros((40, 40, 40), bool)
    inside[2:30, 2:30, 2:30] = True
    inside[34:38, 34:38, 34:38] = True  # a part
    both = inside.copy()
    both[35, 3, 3] = True  # a speck
    assert np.array_equal(drop_specks(both), inside)
