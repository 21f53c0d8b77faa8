# SPDX-License-Identifier: Apache-2.0
"""Cavities on whose walls the views agree stay; others are filled as wholes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.core.fitted.conftest import CENTRE, Scene
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.guarding import fill_missed, fill_unsupported
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures

SIDE = 72
VOXEL = 2.4 / (SIDE - 1)
BELOW = torch.tensor([0.0, 0.0, -1.15])
"""Where a second bowl is imagined, which the pictures do not show."""


@pytest.fixture(scope="module")
def pictures(ball: Scene) -> list[Picture]:
    return load_pictures(ball.views, Frame(CENTRE, 1.0), torch.device("cpu"), 112)


@pytest.fixture(scope="module")
def points() -> torch.Tensor:
    axis = torch.linspace(-1.2, 1.2, SIDE)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1)


def grid(values: torch.Tensor) -> Grid:
    return Grid(torch.full((3,), -1.2), VOXEL, values.float())


def true_surface(ball: Scene, points: torch.Tensor) -> torch.Tensor:
    world = points.reshape(-1, 3).numpy().astype(np.float64) + CENTRE
    return torch.from_numpy(ball.distance(world)).reshape(points.shape[:3])


def test_a_true_cavity_stays_and_a_false_one_is_filled(
    ball: Scene, pictures: list[Picture], points: torch.Tensor
) -> None:
    hull = grid(points.norm(dim=-1) - 1)
    true = true_surface(ball, points)
    false_bowl = 0.7 - (points - BELOW).norm(dim=-1)
    carved = grid(torch.maximum(true, false_bowl))
    guarded = fill_unsupported(carved, hull, pictures)
    above, below = torch.tensor([[0.0, 0.0, 0.6], [0.0, 0.0, -0.6]]).split(1)
    assert carved.sample(above) > 0
    assert carved.sample(below) > 0
    assert guarded.sample(above) > 0
    assert guarded.sample(below) < 0


def test_many_false_dents_are_filled_together(
    ball: Scene, pictures: list[Picture], points: torch.Tensor
) -> None:
    hull = grid(points.norm(dim=-1) - 1)
    carved = hull.values
    dents = []
    for turn in torch.arange(0, 6.28, 0.8):
        dent = 0.9 * torch.stack([torch.cos(turn), torch.sin(turn), torch.tensor(0.0)])
        dents.append(dent)
        carved = torch.maximum(carved, 0.13 - (points - dent).norm(dim=-1))
    guarded = fill_unsupported(grid(carved), hull, pictures)
    assert (grid(carved).sample(torch.stack(dents)) > 0).all()
    assert (guarded.sample(torch.stack(dents)) < 0).all()


def test_a_hole_in_a_thin_wall_is_closed_in_the_wall(points: torch.Tensor) -> None:
    x, y, z = points.unbind(-1)
    across = torch.maximum(x.abs(), y.abs())
    hull = grid(torch.maximum(across - 0.8, (z - 0.1).abs() - 0.2))
    wall = torch.maximum(across - 0.8, z.abs() - 0.05)
    holed = grid(torch.maximum(wall, 0.06 - (x**2 + y**2).sqrt()).clamp(-0.05, 0.05))
    covered = torch.ones((64, 64))
    above = torch.tensor([0.0, 0.0, 4.0])
    camera = Picture(
        "one", covered.expand(3, -1, -1), covered, -9 * covered, torch.eye(3), above, 160, 160, 32, 32
    )
    filled = fill_missed(holed, hull, [camera])
    in_the_hole, behind_it = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 0.2]]).split(1)
    assert holed.sample(in_the_hole) > 0
    assert filled.sample(in_the_hole) < 0
    assert filled.sample(behind_it) > 0


def test_what_has_no_cavity_stays_as_it_is(pictures: list[Picture], points: torch.Tensor) -> None:
    hull = grid(points.norm(dim=-1) - 1)
    assert torch.equal(fill_unsupported(hull, hull, pictures).values, hull.values)


def test_silhouettes_that_show_through_are_filled(pictures: list[Picture], points: torch.Tensor) -> None:
    hull = grid(points.norm(dim=-1) - 1)
    tunnel = 0.3 - points[..., :2].norm(dim=-1)  # along z, through and through
    drilled = grid(torch.maximum(hull.values, tunnel))
    filled = fill_missed(drilled, hull, pictures)
    middle = torch.zeros((1, 3))
    assert drilled.sample(middle) > 0
    assert (filled.values < 0).sum() > (drilled.values < 0).sum()
