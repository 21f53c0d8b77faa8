# SPDX-License-Identifier: Apache-2.0
"""Numbers of things in sentences."""

from __future__ import annotations


def counted(count: int, one: str, many: str) -> str:
    """Say how many there are.

    Parameters
    ----------
    count : int
        How many.
    one : str
        The words for one, such as ``1 view``.
    many : str
        Those for any other number, which stands at ``{}``, such as ``{} views``.

    Returns
    -------
    str
        Numbers from a thousand on have commas.
    """
    return one if count == 1 else many.replace("{}", f"{count:,}", 1)
