# SPDX-License-Identifier: Apache-2.0
"""What is done when a device's memory does not suffice: the same in batches of half the size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

from uner3d_core.failures import is_out_of_memory
from uner3d_core.progress import Progress

SMALLEST_SHARE = 1 / 64
"""Below this share of the usual batches it is given up: something else fills the memory."""

T = TypeVar("T")


class Memory:
    """How much is computed at once, as a share of the usual batches.

    Parameters
    ----------
    device : torch.device
        Whose memory it is.
    progress : Progress
        Is told when the batches get smaller.
    """

    def __init__(self, device: torch.device, progress: Progress) -> None:
        self.device = device
        self._progress = progress
        self._share = 1.0

    def attempt(self, work: Callable[[float], T]) -> T:
        """Do ``work`` with the share that is possible, and again with half of it while memory runs out.

        Raises
        ------
        Exception
            What ``work`` raises; for want of memory once the share is at :data:`SMALLEST_SHARE`.
        """
        while True:
            try:
                return work(self._share)
            except Exception as error:
                if not is_out_of_memory(error) or self._share <= SMALLEST_SHARE:
                    raise
            # Only here is what the failed attempt held let go of.
            self._share /= 2
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            self._progress.log(
                f"The memory of “{self.device}” ran short: going on with batches of 1/{1 / self._share:.0f}."
            )
