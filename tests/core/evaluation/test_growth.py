# SPDX-License-Identifier: Apache-2.0
"""Time and memory of runs in processes of their own."""

import sys
from pathlib import Path

import pytest

from uner3d_core.errors import EngineError
from uner3d_core.evaluation import growth


def test_a_run_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="can't be reconstructed"):
        growth.measure(tmp_path, "draft")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_memory_is_that_of_the_child(tmp_path: Path) -> None:
    with (tmp_path / "errors").open("wb") as errors:
        small = growth._run([sys.executable, "-c", "pass"], errors)
        large = growth._run([sys.executable, "-c", "print(len(b'x' * 800_000_000))"], errors)
        assert growth._run([sys.executable, "-c", "raise SystemExit(3)"], errors)[0] == 3
    assert small[0] == large[0] == 0
    assert 0.7 < large[1] < 0.9
    assert small[1] < large[1]
