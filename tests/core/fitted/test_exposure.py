# SPDX-License-Identifier: Apache-2.0
"""Pictures of different exposures are brought to one; others are left as they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tests.core.fitted.conftest import CENTRE, Scene
from uner3d_core.fitted.exposure import equalise, to_linear, to_srgb, view_gains
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures
from uner3d_core.fitted.tracing import depth_of

SIDE = 64


@pytest.fixture
def pictures(ball: Scene) -> list[Picture]:
    return load_pictures(ball.views, Frame(CENTRE, 1.0), torch.device("cpu"), 112)


@pytest.fixture
def surface(ball: Scene) -> Grid:
    axis = torch.linspace(-1.2, 1.2, SIDE)
    points = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1).reshape(-1, 3)
    values = torch.from_numpy(ball.distance(points.numpy() + CENTRE)).float()
    return Grid(torch.full((3,), -1.2), 2.4 / (SIDE - 1), values.reshape(SIDE, SIDE, SIDE))


def exposed(picture: Picture, stops: float) -> Picture:
    colours = to_srgb(to_linear(picture.colours) * 2**stops)
    return Picture(**{**vars(picture), "colours": colours})


def depths(pictures: list[Picture], surface: Grid) -> list[torch.Tensor]:
    return [depth_of(surface, picture) for picture in pictures]


def test_srgb_there_and_back() -> None:
    values = torch.linspace(0, 1, 256)
    torch.testing.assert_close(to_srgb(to_linear(values)), values, atol=1e-5, rtol=0)


def test_equal_pictures_stay_as_they_are(pictures: list[Picture], surface: Grid) -> None:
    same, stops = equalise(pictures, depths(pictures, surface), surface, torch.Generator())
    assert stops == 0.0
    assert same is pictures


def test_exposures_are_evened_out(pictures: list[Picture], surface: Grid) -> None:
    given = [(0.0, 0.5, 0.0, -0.5)[number % 4] for number in range(len(pictures))]
    changed = [exposed(picture, stops) for picture, stops in zip(pictures, given, strict=True)]
    evened, stops = equalise(changed, depths(changed, surface), surface, torch.Generator().manual_seed(0))
    assert stops == pytest.approx(math.sqrt(0.125), abs=0.03)
    for before, after in zip(pictures, evened, strict=True):
        # What was clipped by the exposure is lost.
        plain = (before.colours.amax(0) < 0.8) & (before.coverage == 1)
        assert np.abs((before.colours - after.colours)[:, plain].numpy()).mean() < 0.01


def test_gains_are_those_of_the_channels() -> None:
    random = torch.Generator().manual_seed(0)
    colours = torch.rand((1, 500, 3), generator=random) * 0.3 + 0.05
    gains = torch.tensor([[0.0, 0.0, 0.0], [0.2, -0.1, 0.3], [-0.3, 0.2, -0.2]])
    seen = torch.rand((3, 500), generator=random) < 0.7
    found = view_gains(colours * torch.exp(gains)[:, None], seen)
    torch.testing.assert_close(found, gains, atol=0.02, rtol=0)
