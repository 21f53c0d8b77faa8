# SPDX-License-Identifier: Apache-2.0
"""Cameras that are a little off are corrected; exact ones stay; the object stays where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation  # type: ignore[import-untyped]

from tests.core.fitted.conftest import CENTRE, Scene
from uner3d_core.fitted.adjustment import Corrections, derivatives
from uner3d_core.fitted.coherence import contradictions, trace_contours
from uner3d_core.fitted.method import Rough, rough_shape
from uner3d_core.fitted.patches import SurfacePoints
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures
from uner3d_core.fitted.presets import PRESETS
from uner3d_core.fitted.refinement import Refined, refine
from uner3d_core.fitted.tracks import Tracks, follow
from uner3d_core.memory import Memory
from uner3d_core.progress import Silent
from uner3d_core.reconstruct import Stopwatch
from uner3d_core.settings import NO_NETWORK
from uner3d_core.views import View

CPU = torch.device("cpu")


def shaken(views: list[View], pixels: float) -> list[View]:
    """Turn each camera about where it stands, so that its picture moves by about so many pixels."""
    random = np.random.default_rng(5)
    turned = []
    for view in views:
        turn = np.eye(4)
        turn[:3, :3] = Rotation.from_rotvec(random.normal(0, pixels / view.camera.fx, 3)).as_matrix()
        camera = replace(view.camera, world_to_camera=turn @ view.camera.world_to_camera)
        turned.append(replace(view, camera=camera))
    return turned


def rough(views: list[View]) -> Rough:
    generator = torch.Generator().manual_seed(0)
    return rough_shape(
        views,
        PRESETS["draft"],
        NO_NETWORK,
        generator,
        Memory(CPU, Silent()),
        progress=Silent(),
        stopwatch=Stopwatch(),
    )


def refined(views: list[View], shape: Rough | None = None) -> Refined | None:
    shape, generator = shape or rough(views), torch.Generator().manual_seed(0)
    return refine(views, shape.frame, shape.hull, shape.surface, longest_side=256, generator=generator)


def pixels_of_ball(views: list[View]) -> np.ndarray:
    """Where each view has points of the ball, (V, 200, 2)."""
    points = np.random.default_rng(0).normal(size=(200, 3))
    points = CENTRE + points / np.linalg.norm(points, axis=1, keepdims=True)
    return np.stack([view.camera.project(points)[0] for view in views])


def pixels_off(views: list[View], truth: list[View]) -> float:
    difference = pixels_of_ball(views) - pixels_of_ball(truth)
    return float(np.sqrt((difference**2).sum(-1).mean()))


def test_shaken_cameras_are_corrected(ball: Scene) -> None:
    views = shaken(ball.views, 1.5)
    found = refined(views)
    assert found is not None
    assert pixels_off(found.views, ball.views) < 0.4 * pixels_off(views, ball.views)
    assert [view.name for view in found.views] == [view.name for view in views]
    assert found.moves.shape == (len(views),)
    # What all have in common stays: the object is where the given cameras show it.
    common = (pixels_of_ball(found.views) - pixels_of_ball(views)).mean((0, 1))
    assert np.abs(common).max() < 0.2


@pytest.fixture(scope="module")
def of_exact(ball: Scene) -> Rough:
    return rough(ball.views)


def test_exact_cameras_stay(ball: Scene, of_exact: Rough) -> None:
    assert refined(ball.views, of_exact) is None


def test_two_lenses_that_contradict_each_other_are_corrected(ball: Scene) -> None:
    views = [
        replace(view, camera=replace(view.camera, fx=zoom * view.camera.fx, fy=zoom * view.camera.fy))
        for view, zoom in zip(ball.views, np.resize([0.98, 1.02], len(ball.views)), strict=True)
    ]
    found = refined(views)
    assert found is not None
    assert pixels_off(found.views, ball.views) < 0.5 * pixels_off(views, ball.views)


def test_too_few_views_stay(ball: Scene) -> None:
    assert refined(shaken(ball.views[:2], 2.0)) is None


@pytest.fixture
def pictures(ball: Scene) -> list[Picture]:
    return load_pictures(ball.views, Frame(CENTRE, 1.0), CPU, 256)


@pytest.mark.parametrize(("pixels", "least", "most"), [(0.0, 0.0, 0.2), (3.0, 1.0, 4.0)])
def test_silhouettes_of_one_object_are_coherent(
    ball: Scene, of_exact: Rough, pixels: float, least: float, most: float
) -> None:
    moved = load_pictures(shaken(ball.views, pixels), of_exact.frame, CPU, 256)
    contours = trace_contours(moved, torch.Generator().manual_seed(0))
    residual = contradictions(moved, contours, of_exact.hull).residual
    assert least <= float(residual.square().sum() / len(contours.view)) ** 0.5 < most


def test_a_patch_is_followed_to_where_a_picture_shows_it(pictures: list[Picture]) -> None:
    directions = torch.nn.functional.normalize(
        torch.randn((300, 3), generator=torch.Generator().manual_seed(0)), dim=1
    )
    points = SurfacePoints(directions, directions)
    towards = torch.stack([torch.nn.functional.normalize(p.centre - directions, dim=1) for p in pictures])
    seen = (towards * directions).sum(-1)
    seen = torch.where(seen > 0.6, seen, torch.zeros_like(seen))
    seen[:, directions[:, 2] > 0.2] = 0  # the bowl is there
    tracks = follow(pictures, points, seen)
    assert len(tracks.point) > 50
    assert misses(pictures, points, tracks).norm(dim=1).median() < 0.15
    # With cameras every second of which points 1.5 pixels to the side, patches are found that far from where
    # they were, in these.
    aside = [replace(picture, cx=picture.cx + 1.5 * (i % 2)) for i, picture in enumerate(pictures)]
    tracks = follow(aside, points, seen)
    of_right_ones = (tracks.view % 2 == 1) & (seen.argmax(0)[tracks.point] % 2 == 0)
    assert of_right_ones.sum() > 20
    miss = misses(aside, points, tracks)[of_right_ones].median(0).values
    assert miss.tolist() == pytest.approx([-1.5, 0.0], abs=0.15)


def misses(pictures: list[Picture], points: SurfacePoints, tracks: Tracks) -> torch.Tensor:
    """How far from where the cameras see the points these were found, in pixels (O, 2)."""
    predicted = torch.stack([picture.project(points.positions)[0] for picture in pictures])
    return tracks.pixels - predicted[tracks.view, tracks.point]


def test_derivatives_are_those_of_small_changes(pictures: list[Picture]) -> None:
    points = torch.rand((len(pictures), 3), generator=torch.Generator().manual_seed(1)).double() - 0.5
    view = torch.arange(len(pictures))
    pixels, camera, place = derivatives(pictures, view, points)
    small = 1e-3
    for axis in range(3):
        step = small * torch.eye(3, dtype=torch.float64)[axis]
        there, _, _ = derivatives(pictures, view, points + step)
        assert torch.allclose((there - pixels) / small, place[:, :, axis], rtol=0.02, atol=0.5)
    still = Corrections.none(torch.zeros(len(pictures), dtype=torch.long))
    for unknown in range(7):
        change = torch.zeros((len(pictures), 6), dtype=torch.float64)
        lens = torch.full((1,), small if unknown == 6 else 0.0, dtype=torch.float64)
        if unknown < 6:
            change[:, unknown] = small
        changed = still.plus(torch.cat([change.reshape(-1), lens])).applied(pictures)
        there, _, _ = derivatives(changed, view, points)
        assert torch.allclose((there - pixels) / small, camera[:, :, unknown], rtol=0.02, atol=0.5)
