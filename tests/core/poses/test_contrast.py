# SPDX-License-Identifier: Apache-2.0
"""Faint detail becomes as strong as other detail, noise and what is outside the object do not."""

from __future__ import annotations

import numpy as np

from uner3d_core.poses.contrast import even_contrast


def stripes(strength: float) -> np.ndarray:
    waves = np.sin(np.arange(64) * 2 * np.pi / 8)
    return np.rint(120 + strength * np.tile(waves, (64, 1))).astype(np.uint8)


def test_faint_detail_becomes_strong() -> None:
    faint, strong = (even_contrast(stripes(strength), None).astype(float).std() for strength in (8, 80))
    assert 0.8 < faint / strong < 1.0
    assert stripes(8).std() < 0.15 * stripes(80).std()


def test_flicker_stays_small() -> None:
    noise = 120 + np.random.default_rng(0).integers(-1, 2, (64, 64)).astype(np.uint8)
    assert even_contrast(noise, None).astype(float).std() < 0.5 * even_contrast(stripes(8), None).std()


def test_only_the_object_counts() -> None:
    mask = np.zeros((64, 64), dtype=bool)
    mask[16:48, 16:48] = True
    dark, bright = (even_contrast(np.where(mask, stripes(8), outside), mask) for outside in (0, 255))
    np.testing.assert_array_equal(dark, bright)
    assert (dark[~mask] == 128).all()
    assert dark[mask].std() > 20
