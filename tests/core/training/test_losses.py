# SPDX-License-Identifier: Apache-2.0
import math

import pytest
import torch

from uner3d_core.training.config import ScheduleConfig
from uner3d_core.training.losses import (
    cross_view_colour_loss,
    cross_view_depth_loss,
    hull_loss,
    photometric_loss,
    silhouette_loss,
    visibility,
)
from uner3d_core.training.schedule import colour_weight, learning_rate, open_bands, progress


def test_hull_loss_is_its_formula() -> None:
    logits, kept = torch.tensor([0.3, -1.2, 2.0]), torch.tensor([0.0, 1.0, 0.25])
    o = torch.sigmoid(logits)
    expected = -((1 - kept) * torch.log(1 - o) + 0.5 * kept * torch.log(o)).mean()
    torch.testing.assert_close(hull_loss(logits, kept, 0.5), expected)


def test_hull_loss_pushes_out_what_a_view_denies_and_fills_what_none_does() -> None:
    logits = torch.zeros(2, requires_grad=True)
    hull_loss(logits, torch.tensor([0.0, 1.0]), 1.0).backward()
    assert logits.grad is not None
    assert logits.grad[0] > 0 > logits.grad[1]


def test_silhouette_loss_leaves_outlines_alone() -> None:
    opacity = torch.tensor([0.9, 0.2, 0.5])
    loss = silhouette_loss(opacity, torch.tensor([1.0, 0.0, 0.5]))
    assert float(loss) == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 3, rel=1e-5)


def test_depth_loss_minds_only_what_is_looked_through() -> None:
    one = torch.ones(1)
    assert float(cross_view_depth_loss(one * 2.0, one * 2.5, one, 0.1)) == 0  # hidden: allowed
    assert float(cross_view_depth_loss(one * 2.5, one * 2.0, one, 0.1)) == pytest.approx(4.5)  # 5 - ½
    assert float(cross_view_depth_loss(one * 2.5, one * 2.0, 0 * one, 0.1)) == 0


def test_photometric_loss_is_the_mean_over_what_the_mask_covers() -> None:
    colour, pixel = (
        torch.tensor([[0.5, 0.5, 0.5], [0.0, 0.0, 0.0]]),
        torch.tensor([[0.2, 0.5, 0.8], [1.0, 1, 1]]),
    )
    assert float(photometric_loss(colour, pixel, torch.tensor([1.0, 0.0]))) == pytest.approx(0.2)


def test_hidden_points_have_no_say_about_colours() -> None:
    seen = visibility(torch.tensor([2.0, 1.0]), torch.tensor([2.0, 2.0]), 0.1)
    assert seen[0] == 1
    assert seen[1] < 1e-6
    loss = cross_view_colour_loss(torch.zeros(2, 3), torch.tensor([[0.0, 0, 0], [1.0, 1, 1]]), seen)
    assert float(loss) < 1e-6


def test_structure_comes_first_colour_after_and_bands_from_coarse_to_fine() -> None:
    schedule = ScheduleConfig(steps=100, structure=0.4, bands=0.5, warm_up=0.1, learning_rate=1.0)
    assert [colour_weight(schedule, done) for done in (0.0, 0.39, 0.6, 1.0)] == [0, 0, 1, 1]
    assert [open_bands(schedule, done) for done in (0.0, 0.25, 0.5, 1.0)] == [0, 0.5, 1, 1]
    rates = [learning_rate(schedule, done / 100) for done in range(101)]
    assert rates[0] > 0
    assert max(rates) == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.0)


def test_a_schedule_by_the_clock_counts_seconds() -> None:
    by_clock = ScheduleConfig(minutes=2)
    assert progress(by_clock, 10**6, 30) == 0.25
    assert progress(by_clock, 1, 500) == 1
    assert progress(ScheduleConfig(steps=10), 5, 10**6) == 0.5
