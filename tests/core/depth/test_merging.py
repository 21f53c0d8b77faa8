# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ray_depths import hit_roof, hit_sphere, hit_wall, picture

from uner3d_core.depth.merging import merge
from uner3d_core.depth.pixels import find_pixels
from uner3d_core.depth_view import DepthView
from uner3d_core.errors import ReconstructionError
from uner3d_core.evaluation.scores import spacing_variation
from uner3d_core.evaluation.visible_surface import fibonacci_sphere
from uner3d_core.views import View


@pytest.fixture
def around() -> list[DepthView]:
    return [picture(hit_sphere, tuple(4.0 * place)) for place in fibonacci_sphere(12)]


def test_pixels_have_the_true_normals_and_share_the_true_area() -> None:
    pixels = find_pixels(picture(hit_wall, (1.0, 3.0, 0.7)))
    np.testing.assert_allclose(np.abs(pixels.normals[:, 1]), 1.0, atol=1e-6)
    assert (pixels.normals[:, 1] > 0).all()  # towards the camera
    assert pixels.area.sum() == pytest.approx(4.0, rel=0.03)
    offset = np.random.default_rng(0).random((len(pixels), 2)) - 0.5
    between = pixels.positions(np.arange(len(pixels)), offset)
    np.testing.assert_allclose(between[:, 1], 0.0, atol=2e-5)
    assert np.abs(between[:, [0, 2]]).max() < 1.0 + 1e-4  # nothing beyond the edge


@pytest.mark.parametrize("count", [1, 7, 1000, 30_000, 150_000])
def test_any_number_of_points_lies_on_the_surface(around: list[DepthView], count: int) -> None:
    cloud = merge(around, count, 0)
    assert len(cloud) == count
    radius = np.linalg.norm(cloud.positions.astype(float), axis=1)
    assert np.abs(radius - 1.0).max() < 1e-3 * np.sqrt(12)  # 0.1 % of the diagonal
    assert np.einsum("nc,nc->n", cloud.positions / radius[:, None], cloud.normals).min() > 0.98
    assert np.abs(cloud.colours - (127.5 + 127.5 * cloud.positions)).mean() < 2.0


def test_few_points_are_pixels_themselves(around: list[DepthView]) -> None:
    cloud = merge(around, 500, 0)
    assert np.abs(np.linalg.norm(cloud.positions.astype(float), axis=1) - 1.0).max() < 1e-6


def test_between_pixels_points_are_doubtful_where_the_surface_is_not_even() -> None:
    pixels = find_pixels(picture(hit_roof, (0.5, 0.4, 3.0)))
    quarters = np.random.default_rng(0).choice([-0.3, 0.3], (len(pixels), 2))
    which = np.arange(len(pixels))
    doubts = pixels.doubts(which, quarters)
    points = pixels.positions(which, quarters)
    error = np.abs(points[:, 2] + 0.4 * np.abs(points[:, 0])) / (3.0 / 144)  # pixels' widths
    assert (error <= doubts + 1e-3).all()
    assert error.max() > 0.05  # at the ridge
    assert (doubts < 1e-3).mean() > 0.8
    assert not pixels.doubts(which, np.zeros_like(quarters)).any()


def test_no_ridge_is_cut_off_where_pixels_suffice() -> None:
    places = [(x, y, 3.0) for x in (-0.8, 0.1, 0.9) for y in (-1.0, 0.2, 0.8)]
    cloud = merge([picture(hit_roof, place) for place in places], 20_000, 0)
    error = np.abs(cloud.positions[:, 2] + 0.4 * np.abs(cloud.positions[:, 0]))
    assert error.max() < 0.01 * 3.0 / 144  # of a pixel's width
    assert spacing_variation(cloud.positions) < 0.2


def test_the_cloud_and_its_beginnings_are_even(around: list[DepthView]) -> None:
    cloud = merge(around, 8000, 0)
    for count in (8000, 2000, 500):
        assert spacing_variation(cloud.positions[:count]) < 0.2
    octants = np.bincount((cloud.positions > 0) @ [1, 2, 4], minlength=8)
    assert octants.min() > 0.9 * octants.mean()


def test_the_same_seed_gives_the_same_cloud(around: list[DepthView]) -> None:
    first, again, other = (merge(around, 1000, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.positions, again.positions)
    assert not np.array_equal(first.positions, other.positions)


def test_both_sides_of_a_thin_wall_are_covered() -> None:
    sides = [picture(hit_wall, (0.5, y, 0.4)) for y in (3.0, -3.0)]
    cloud = merge(sides, 4000, 0)
    front = cloud.normals[:, 1] > 0
    assert front.mean() == pytest.approx(0.5, abs=0.05)
    for side in (front, ~front):
        assert spacing_variation(cloud.positions[side]) < 0.25


def blurred(shown: DepthView) -> DepthView:
    """Mean the depth over the pixel and its right and lower neighbour, as anti-aliasing does at edges."""
    depth = np.where(np.isfinite(shown.depth), shown.depth, 12.0)  # a far background
    mixed = (depth + np.roll(depth, -1, axis=1) + np.roll(depth, -1, axis=0)) / 3
    edge = np.abs(np.roll(depth, -1, axis=1) - depth) + np.abs(np.roll(depth, -1, axis=0) - depth) > 1.0
    full = np.full_like(shown.view.image[..., 0], 255)
    mask = np.where(edge | np.isfinite(shown.depth), full, 0).astype(np.uint8)
    view = View(shown.view.name, shown.view.image, shown.view.camera, mask)
    return DepthView(view, np.where(edge, mixed, shown.depth).astype(np.float32))


def test_mixed_depths_at_edges_make_no_floaters(around: list[DepthView]) -> None:
    mixed = [blurred(shown) for shown in around]
    assert sum(int((m.seen & ~s.seen).sum()) for m, s in zip(mixed, around, strict=True)) > 500
    radius = np.linalg.norm(merge(mixed, 20_000, 0).positions, axis=1)
    assert np.abs(radius - 1.0).max() < 0.02


def test_a_picture_that_shows_nothing_is_left_out(around: list[DepthView]) -> None:
    said: list[str] = []

    class Log:
        def stage(self, name: str, done: int, total: int) -> None: ...
        def preview(self, cloud: object) -> None: ...
        def log(self, text: str) -> None:
            said.append(text)

    nothing = replace(around[0], depth=np.full_like(around[0].depth, np.inf))
    assert len(merge([nothing, *around[1:]], 100, 0, Log())) == 100
    assert len(said) == 1
    assert "shows no surface" in said[0]
    with pytest.raises(ReconstructionError, match="None of the pictures"):
        merge([nothing], 100, 0)


def test_pictures_of_different_scales_contradict_each_other(around: list[DepthView]) -> None:
    halved = [replace(shown, depth=shown.depth / 2) for shown in around]
    cloud = merge([*around, halved[0]], 2000, 0)  # one is outvoted at its edges alone; the others stay
    radius = np.linalg.norm(cloud.positions, axis=1)
    assert (np.abs(radius - 1.0) < 1e-3).mean() > 0.8
