# SPDX-License-Identifier: Apache-2.0
"""Masks with single wrong pixels are known from clean ones, and are cleaned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from tests.core.fitted.conftest import Scene
from uner3d_core.fitted.method import with_clean_masks
from uner3d_core.fitted.speckles import speckled, without_speckles
from uner3d_core.progress import Silent

Mask = npt.NDArray[np.uint8]


def with_speckles(mask: Mask, share: float) -> Mask:
    wrong = np.random.default_rng(3).random(mask.shape) < share
    return np.where(wrong, 255 - mask, mask).astype(np.uint8)


class Told(Silent):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def log(self, text: str) -> None:
        self.texts.append(text)


def test_a_clean_mask_stays_as_it_is(ball: Scene) -> None:
    told = Told()
    assert with_clean_masks(ball.views, told) == ball.views
    assert told.texts == []


def test_thin_lines_are_no_speckles() -> None:
    mask = np.zeros((100, 100), np.uint8)
    mask[::6] = 255
    mask[:, 50] = 255
    np.fill_diagonal(mask, 255)
    assert not speckled(mask)


@pytest.mark.parametrize("share", [0.02, 0.1])
def test_speckles_are_taken_away_and_told(ball: Scene, share: float) -> None:
    views = [replace(view, mask=with_speckles(view.mask, share)) for view in ball.views]
    told = Told()
    cleaned = with_clean_masks(views, told)
    assert told.texts == ["Masks strewn with single wrong pixels, and filtered: 16 of 16."]
    wrong = [(a.mask >= 128) != (b.mask >= 128) for a, b in zip(cleaned, ball.views, strict=True)]
    assert np.mean(wrong) < share / 15


def test_the_contour_is_soft_again(ball: Scene) -> None:
    cleaned = without_speckles(ball.views[0]).mask
    partly = (cleaned > 10) & (cleaned < 245)
    assert 0.5 < partly.sum() / (np.pi * np.sqrt((cleaned > 128).sum() * 4 / np.pi)) < 4
