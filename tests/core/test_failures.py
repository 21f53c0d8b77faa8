# SPDX-License-Identifier: Apache-2.0
"""Exceptions of Python, torch and the system become sentences."""

import errno
from pathlib import Path
from typing import NoReturn

import pytest

from uner3d_core.errors import DeviceError, EngineError, ImageError, OutputError, Uner3dError
from uner3d_core.failures import explain


def not_needed() -> NoReturn:
    raise AssertionError("no traceback is needed for a known fault")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), DeviceError),
        (RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB"), DeviceError),
        (RuntimeError("MPS backend out of memory (MPS allocated: 18 GB)"), DeviceError),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 80 bytes"),
            DeviceError,
        ),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), EngineError),
        (ImportError("DLL load failed while importing _C"), EngineError),
        (OSError(errno.ENOSPC, "No space left on device"), OutputError),
    ],
)
def test_known_fault_has_its_class_and_a_hint(error: Exception, kind: type[Uner3dError]) -> None:
    explained = explain(error, not_needed)
    assert type(explained) is kind
    assert explained.hint


def test_missing_package_is_named() -> None:
    assert "torch" in explain(ModuleNotFoundError("…", name="torch"), not_needed).message


def test_error_that_is_one_already_stays() -> None:
    error = ImageError("a.png is empty.", "Remove it.")
    assert explain(error, not_needed) is error


def test_unforeseen_fault_is_one_line_that_names_the_traceback() -> None:
    explained = explain(ZeroDivisionError("one\ntwo"), lambda: Path("traceback.log"))
    assert "ZeroDivisionError: one two" in explained.message
    assert "traceback.log" in explained.hint
