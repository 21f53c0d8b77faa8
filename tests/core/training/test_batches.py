# SPDX-License-Identifier: Apache-2.0
from dataclasses import fields

import pytest
import torch

from tests.core.training.conftest import SIZE, ball_views
from uner3d_core.network.projection import project, sample_maps
from uner3d_core.training.batches import TrainingBatch, chosen_objects, make_batch
from uner3d_core.training.config import BatchConfig
from uner3d_core.training.objects import TrainingObject, prepare_object

BALLS = [prepare_object(f"{radius}", ball_views(radius), SIZE) for radius in (0.5, 0.8, 1.0)]
CONFIG = BatchConfig(objects=2, points=256, rays=16, samples=4, most_views=4, shift=0.1, scale=0.3)


def same(a: TrainingBatch, b: TrainingBatch) -> bool:
    return all(
        torch.equal(getattr(a, field.name), getattr(b, field.name))
        for field in fields(a)
        if isinstance(getattr(a, field.name), torch.Tensor)
    ) and torch.equal(a.given.images, b.given.images)


def test_a_batch_is_a_function_of_seed_step_and_process() -> None:
    first = make_batch(BALLS, CONFIG, seed=1, step=5)
    torch.manual_seed(123)
    assert same(first, make_batch(BALLS, CONFIG, seed=1, step=5))
    assert not same(first, make_batch(BALLS, CONFIG, seed=2, step=5))
    assert not same(first, make_batch(BALLS, CONFIG, seed=1, step=6))
    two = [make_batch(BALLS, CONFIG, seed=1, step=5, process=each, processes=2) for each in (0, 1)]
    assert not same(*two)
    assert two[0].given.images.shape == two[1].given.images.shape


def test_each_pass_shows_every_object_once_in_an_order_of_its_own() -> None:
    order = [each for step in range(15) for each in chosen_objects(10, 3, 2 * step, 2)]
    passes = [order[:10], order[10:20], order[20:]]
    assert all(sorted(each) == list(range(10)) for each in passes)
    assert passes[0] != passes[1]


def test_the_number_of_views_is_drawn_from_the_range_or_fixed() -> None:
    def counts(least: int, most: int) -> set[int]:
        config = BatchConfig(objects=1, points=8, rays=0, least_views=least, most_views=most)
        return {make_batch(BALLS, config, seed=0, step=step).given.images.shape[1] for step in range(40)}

    assert counts(1, 4) == {1, 2, 3, 4}
    assert counts(1, 1) == {1}
    assert counts(5, 5) == {5}


@pytest.mark.parametrize("ball", BALLS)
def test_points_stay_where_they_are_in_the_pictures_however_the_frame_moves(ball: TrainingObject) -> None:
    # In a moved, turned, scaled and mirrored frame the points that all masks keep are those of a ball still.
    kept, total = 0, 0
    for step in range(6):
        batch = make_batch([ball], CONFIG, seed=0, step=step)
        middle = [batch.points[0][batch.kept[0] > 0.99].mean(0), batch.kept[0] > 0.99]
        inside, outside = batch.points[0][middle[1]], batch.points[0][batch.kept[0] < 0.01]
        centre = (inside.amax(0) + inside.amin(0)) / 2
        radius = (inside - centre).norm(dim=1).max()
        assert radius == pytest.approx(1.0, abs=0.4)
        kept += int(((outside - centre).norm(dim=1) > 0.8 * radius).sum())
        total += len(outside)
    assert kept > 0.95 * total


def test_rays_are_those_of_the_pictures() -> None:
    batch = make_batch(BALLS, CONFIG, seed=0, step=0)
    assert batch.ray_pixels.shape == (2, 16, 2)
    assert (batch.ray_views[:, 0] != batch.ray_views[:, 1]).all()
    rows = torch.arange(2)[:, None]
    masks = batch.all_views.masks[rows, batch.ray_views[:, :1]]
    seen = sample_maps(masks, batch.ray_pixels[:, None], batch.all_views.size)
    assert 0.5 < float(seen.mean()) < 1


def test_given_views_are_views_of_the_object() -> None:
    batch = make_batch(BALLS, CONFIG, seed=0, step=3)
    origin = project(torch.zeros(2, 1, 3), batch.given)
    assert (origin.pixels - SIZE / 2).abs().max() < 0.25 * SIZE
