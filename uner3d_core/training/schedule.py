# SPDX-License-Identifier: Apache-2.0
"""What changes in the course of a training: structure first, colour after, bands from coarse to fine."""

from __future__ import annotations

import math

from uner3d_core.training.config import ScheduleConfig


def progress(schedule: ScheduleConfig, step: int, seconds: float) -> float:
    """How much of the training is done, 0 to 1, after ``step`` steps that took ``seconds``."""
    if schedule.steps:
        return min(step / schedule.steps, 1.0)
    return min(seconds / (60 * schedule.minutes), 1.0)


def learning_rate(schedule: ScheduleConfig, done: float) -> float:
    """Learning rate: a linear warm-up, then half a cosine down to nothing (Loshchilov & Hutter, 2017)."""
    if done < schedule.warm_up:
        # Not nothing in the first step: it would teach nothing.
        return schedule.learning_rate * max(done / schedule.warm_up, 0.01)
    falling = (done - schedule.warm_up) / max(1 - schedule.warm_up, 1e-9)
    return schedule.learning_rate * (1 + math.cos(math.pi * falling)) / 2


def colour_weight(schedule: ScheduleConfig, done: float) -> float:
    """Weight of all that is rendered: nothing while structure alone is learnt, then soon one."""
    return min(max((done - schedule.structure) / 0.05, 0.0), 1.0)


def open_bands(schedule: ScheduleConfig, done: float) -> float:
    """Share of the positional encoding's bands that are open: it grows to one."""
    return 1.0 if schedule.bands == 0 else min(done / schedule.bands, 1.0)
