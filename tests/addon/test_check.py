# SPDX-License-Identifier: Apache-2.0
"""What the check says about Pythons that can't be the engine."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from blender_addon.engine.check import check_engine
from uner3d_core import __version__
from uner3d_core.doctor import Device, Report, to_json
from uner3d_core.errors import EngineError

MakeEngine = Callable[[str | None], Path]

GOOD = Report(
    uner3d=__version__,
    schema=1,
    python="3.13.1",
    executable="python",
    platform="Some system",
    machine="arm64",
    torch="2.9.0",
    torch_error="",
    devices=(Device("cpu", "Some processor", 16 << 30), Device("cuda:0", "Some card", 8 << 30)),
    free_disk_bytes={"/": 1 << 40},
    packages={"numpy": "2.2.0"},
)


def says(report: Report) -> str:
    return f"print('a stray line')\nprint({to_json(report)!r})"


def test_good_engine_is_reported(make_engine: MakeEngine) -> None:
    assert check_engine(make_engine(says(GOOD))) == GOOD


@pytest.mark.parametrize(
    ("main", "sentence"),
    [
        (None, "has no uner3d_core"),
        (
            says(replace(GOOD, torch=None, torch_error="DLL load failed")),
            "works .DLL load failed",
        ),
        (says(replace(GOOD, uner3d="0.0.1")), f"has uner3d 0.0.1, this add-on {__version__}"),
        ('print(\'{"uner3d": "9.9", "other": 1}\')', "has uner3d 9.9"),
        ("import numpy", "can't run the engine: ModuleNotFoundError: No module named 'numpy'"),
        ("print('hello')", "can't run the engine: it gave no report"),
        ("print([[[[[[[[[[[[[[1]]]]]]]]]]]]]])", "can't run the engine: it gave no report"),
    ],
)
def test_unfit_engine_is_refused_with_its_reason(
    make_engine: MakeEngine, main: str | None, sentence: str
) -> None:
    with pytest.raises(EngineError, match=sentence) as caught:
        check_engine(make_engine(main))
    assert caught.value.hint


def test_engine_that_never_answers(make_engine: MakeEngine) -> None:
    engine = make_engine("import time\nwhile True: print('y' * 1000)")
    with pytest.raises(EngineError, match="did not answer"):
        check_engine(engine, timeout=0.5)


def test_python_that_vanished(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="is not there"):
        check_engine(tmp_path / "python")


def test_folder_instead_of_a_python(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="is not there"):
        check_engine(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_program_that_is_no_python(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho what is $1 >&2\nexit 2\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(EngineError, match="what is -m"):
        check_engine(program)
