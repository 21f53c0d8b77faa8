# SPDX-License-Identifier: Apache-2.0
"""Masks that are wrong along their contours or lack pieces cost less than an intersection would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from tests.core.fitted.conftest import CENTRE, Scene
from uner3d_core.fitted.dissent import redrawn, tolerant_hull, without_cavities
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.hull import find_frame, hull_distance
from uner3d_core.fitted.pictures import Picture, load_pictures
from uner3d_core.views import View

RESOLUTION = 64


def pictures_of(views: list[View]) -> list[Picture]:
    return load_pictures(views, find_frame(views), torch.device("cpu"), 256)


def rough(views: list[View], strength: float) -> list[View]:
    """Move the contours of the masks at random, by as many pixels as ``strength``."""
    random = np.random.default_rng(0)
    result = []
    for view in views:
        inside = view.mask > 127
        distance = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
        noise = ndimage.gaussian_filter(random.normal(size=inside.shape), 3)
        mask = np.where(distance + strength * noise / noise.std() > 0, 255, 0).astype(np.uint8)
        result.append(replace(view, mask=mask))
    return result


def radius(hull: Grid, views: list[View]) -> float:
    """Mean distance, in world units, of the hull's surface from the middle of the ball of radius 1."""
    frame = find_frame(views)
    near = (hull.values.abs() < 0.5 * hull.voxel).nonzero().float() * hull.voxel + hull.origin
    world = near.double().numpy() * frame.scale + frame.centre
    return float(np.linalg.norm(world - CENTRE, axis=1).mean())


def test_silhouettes_that_agree_let_no_view_dissent(ball: Scene) -> None:
    assert tolerant_hull(pictures_of(ball.views), RESOLUTION)[1] == 0


def test_the_distance_is_the_largest_but_so_many(ball: Scene) -> None:
    pictures = pictures_of(ball.views)
    points = torch.rand(50, 3, generator=torch.Generator().manual_seed(0)) * 2 - 1
    each = torch.stack([hull_distance([picture], points) for picture in pictures])
    for dissent in (0, 1, 3):
        expected = each.sort(dim=0, descending=True).values[dissent]
        assert torch.equal(hull_distance(pictures, points, dissent), expected)


def test_rough_masks_do_not_shrink_the_ball(ball: Scene) -> None:
    views = rough(ball.views, 4.0)
    hull, dissent = tolerant_hull(pictures_of(views), RESOLUTION)
    assert dissent >= 1
    strict = torch.stack([hull_distance(pictures_of(views), hull.points(0, hull.values.shape[0]))])
    shrunk = hull.with_values(strict.reshape(hull.values.shape))
    true = radius(tolerant_hull(pictures_of(ball.views), RESOLUTION)[0], ball.views)
    assert abs(radius(hull, views) - true) < 0.4 * abs(radius(shrunk, views) - true)


def test_few_views_are_all_believed(ball: Scene) -> None:
    assert tolerant_hull(pictures_of(rough(ball.views[:5], 4.0)), RESOLUTION)[1] == 0


def test_cavities_are_filled_and_the_outside_stays() -> None:
    axis = torch.linspace(-1, 1, 41)
    distance = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).norm(dim=0) - 0.8
    hollow = torch.maximum(distance, 0.3 - (distance + 0.8))
    hollow[20, 20, 20:] = 0.05  # a channel, one grid point wide, to the outside
    filled = without_cavities(Grid(-torch.ones(3), 0.05, hollow))
    assert (filled.values[distance < -0.25] < 0).all()
    assert torch.equal(filled.values[distance > 0], hollow[distance > 0])


def test_a_wide_opening_stays() -> None:
    axis = torch.linspace(-1, 1, 41)
    x, y, z = torch.meshgrid(axis, axis, axis, indexing="ij")
    ring = ((x**2 + y**2).sqrt() - 0.6).square().add(z**2).sqrt() - 0.3
    grid = Grid(-torch.ones(3), 0.05, ring)
    assert torch.equal(without_cavities(grid).values < 0, ring < 0)


def test_pictures_are_redrawn_as_the_hull_shows(ball: Scene) -> None:
    pictures = pictures_of(ball.views)
    hull, _ = tolerant_hull(pictures, RESOLUTION)
    empty = [replace(picture, coverage=torch.zeros_like(picture.coverage)) for picture in pictures]
    for drawn, true in zip(redrawn(empty, hull), pictures, strict=True):
        assert ((drawn.coverage > 0.5) != (true.coverage > 0.5)).float().mean() < 0.02
        assert (drawn.outside.sign() != true.outside.sign()).float().mean() == pytest.approx(0, abs=0.02)
