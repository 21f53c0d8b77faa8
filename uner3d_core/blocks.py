# SPDX-License-Identifier: Apache-2.0
"""Rows of long arrays, worked on in blocks, by a few threads at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 1 << 18
"""Fewer rows, and the threads wait for each other between their steps."""
_MOST_THREADS = 4
"""More of them wait for the memory, not for a processor."""

Found = TypeVar("Found")


def in_blocks(count: int, work: Callable[[slice], Found]) -> list[Found]:
    """Do something to all rows of arrays, block by block.

    Parameters
    ----------
    count : int
        How many rows there are.
    work : callable
        Called with the rows of a block, in any order and from several threads: numpy lets others work while
        it does.

    Returns
    -------
    list
        What ``work`` returned for each block, in the order of the rows; empty where there are none.
    """
    blocks = [slice(start, min(start + ROWS, count)) for start in range(0, count, ROWS)]
    threads = min(len(blocks), os.cpu_count() or 1, _MOST_THREADS)
    if threads < 2:
        return [work(rows) for rows in blocks]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, blocks))
