# SPDX-License-Identifier: Apache-2.0
"""All views matched with their neighbours: a depth map for each, in which the others believe."""

from __future__ import annotations

from functools import partial

import torch

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.stereo import DepthMap, keep_consistent, sweep
from uner3d_core.memory import Memory
from uner3d_core.progress import Progress


def match(
    pictures: list[Picture],
    neighbours: list[list[int]],
    hull: Grid,
    depths: list[torch.Tensor],
    *,
    agreement: float,
    memory: Memory,
    stage: str,
    progress: Progress,
) -> list[DepthMap]:
    """Sweep every view against its neighbours and keep what they confirm.

    Parameters
    ----------
    pictures : list of Picture
        The views.
    neighbours : list of lists of int
        For each the views that it is matched with.
    hull : Grid
        Where the object can be at all.
    depths : list of tensors (D, height, width) or (D, 1, 1)
        What to try for each pixel of each view.
    agreement : float
        Depths of two views, working units, that differ by less are of the same point.
    memory : Memory
        Says how much is compared at once.
    stage : str
        What the progress is told.
    progress : Progress
        Is told each view.
    """
    maps = []
    for index, picture in enumerate(pictures):
        progress.stage(stage, index, len(pictures))
        others = [pictures[other] for other in neighbours[index]]
        if others:
            maps.append(memory.attempt(partial(sweep, picture, others, hull, depths[index])))
        else:
            maps.append(DepthMap(torch.zeros_like(picture.coverage), torch.zeros_like(picture.coverage)))
    progress.stage(stage, len(pictures), len(pictures))
    return keep_consistent(pictures, maps, neighbours, agreement)
