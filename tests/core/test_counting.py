# SPDX-License-Identifier: Apache-2.0
"""Numbers of things in sentences."""

import pytest

from uner3d_core.counting import counted


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 views"), (1, "1 view"), (2, "2 views"), (1_234_567, "1,234,567 views")]
)
def test_one_is_not_many(count: int, words: str) -> None:
    assert counted(count, "1 view", "{} views") == words
