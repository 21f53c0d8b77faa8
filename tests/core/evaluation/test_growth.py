# SPDX-License-Identifier: Apache-2.0
"""Time and memory of runs in processes of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

from uner3d_core.errors import EngineError
from uner3d_core.evaluation import growth


def test_a_run_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="can't be reconstructed"):
        growth.measure(tmp_path, "draft")


MEASURE = """
import sys
from uner3d_core.evaluation import growth

for code in ("pass", "print(len(b'x' * 800_000_000))", "raise SystemExit(3)"):
    print(*growth._run([sys.executable, "-c", code], sys.stderr.buffer))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_memory_is_that_of_the_child() -> None:
    # What a process held before it became another program counts, too, and this one holds much.
    done = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, check=True, encoding="utf-8")
    small, large, failed = ([float(word) for word in line.split()] for line in done.stdout.splitlines())
    assert [small[0], large[0], failed[0]] == [0, 0, 3]
    assert small[1] < 0.5
    assert 0.7 < large[1] < 0.9
