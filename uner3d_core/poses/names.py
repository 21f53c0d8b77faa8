# SPDX-License-Identifier: Apache-2.0
"""What the names of photographs tell: whether they are the frames of one sequence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

LEAST_STEPS = 0.8
"""Share of the names whose number follows on that of the name before."""
LARGEST_STEP = 5


def follow_each_other(names: Sequence[str]) -> bool:
    """Tell whether names, in their order, count up in small steps, as those of a camera and of frames do.

    Parameters
    ----------
    names : sequence of str
        File names, sorted.
    """
    numbers = []
    for name in names:
        digits = re.findall(r"\d+", name)
        if not digits:
            return False
        numbers.append(int(digits[-1]))
    steps = [0 < later - earlier <= LARGEST_STEP for earlier, later in pairwise(numbers)]
    return bool(steps) and sum(steps) >= LEAST_STEPS * len(steps)
