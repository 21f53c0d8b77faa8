# SPDX-License-Identifier: Apache-2.0
"""Views far apart: where they agree inside a hull that is too large, and what that carves."""

from __future__ import annotations

import pytest
import torch

from tests.core.fitted.conftest import CENTRE, Scene
from uner3d_core.fitted.consistency import Consistency, are_far_apart, photo_consistency
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.labelling import FULLNESS, FULLNESS_FAR_APART, label
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures
from uner3d_core.fitted.stereo import DepthMap

SIDE = 56
VOXEL = 2.4 / (SIDE - 1)


@pytest.fixture(scope="module")
def pictures(ball: Scene) -> list[Picture]:
    return load_pictures(ball.views, Frame(CENTRE, 1.0), torch.device("cpu"), 112)


def ball_grid(radius: float) -> Grid:
    axis = torch.linspace(-1.2, 1.2, SIDE)
    points = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1)
    return Grid(torch.full((3,), -1.2), VOXEL, points.norm(dim=-1) - radius)


def directions() -> torch.Tensor:
    """Unit vectors (N, 3) away from the bowl."""
    random = torch.nn.functional.normalize(
        torch.randn((400, 3), generator=torch.Generator().manual_seed(0)), dim=1
    )
    return random[random[:, 2] < 0.3]


def test_few_views_all_around_are_far_apart(pictures: list[Picture]) -> None:
    assert are_far_apart(pictures[::2])
    assert not are_far_apart([pictures[0], pictures[0]])
    assert not are_far_apart(pictures[:1])


def test_views_agree_on_the_surface_and_not_elsewhere(pictures: list[Picture]) -> None:
    hull = ball_grid(1.12)
    found = photo_consistency(hull, hull, pictures)
    at = {radius: hull.with_values(found.correlation).sample(radius * directions()) for radius in (1.0, 0.8)}
    assert at[1.0].mean() > 0.5
    assert at[0.8].mean() < 0.15
    texture = hull.with_values(found.texture).sample(directions())
    assert texture.mean() > 0.6
    assert found.correlation[0, 0, 0] == 0


def test_where_they_agree_the_hull_is_cut(pictures: list[Picture]) -> None:
    hull, inner = ball_grid(1.0), ball_grid(0.8)
    nothing = [DepthMap(torch.zeros_like(p.coverage), torch.zeros_like(p.coverage)) for p in pictures]
    assert label(hull, pictures, nothing, FULLNESS).values[SIDE // 2, SIDE // 2, SIDE // 2] < -0.9
    ones = torch.ones_like(hull.values)
    agreed = torch.where(inner.values.abs() < 1.5 * VOXEL, ones, 0 * ones)
    cut = label(hull, pictures, nothing, FULLNESS_FAR_APART, consistency=Consistency(agreed, ones))
    radii = ball_grid(0.0).values[cut.values.abs() < VOXEL]
    assert abs(float(radii.mean()) - 0.8) < 2 * VOXEL
