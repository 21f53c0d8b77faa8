# SPDX-License-Identifier: Apache-2.0
"""Whatever Python, torch or the system raise, as an error that a person can read."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path

from uner3d_core.errors import DeviceError, EngineError, OutputError, Uner3dError

_OUT_OF_MEMORY = ("out of memory", "can't allocate memory")


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether an exception says that memory ran out; torch has several ways to say so."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _OUT_OF_MEMORY)


def explain(error: Exception, save_traceback: Callable[[], Path]) -> Uner3dError:
    """Say in a sentence what an exception means.

    Parameters
    ----------
    error : Exception
        What was raised; a :class:`Uner3dError` says it already.
    save_traceback : callable
        Called for what nobody foresaw; tells the file where the traceback is.

    Returns
    -------
    Uner3dError
        The same fault, with what to do.
    """
    if isinstance(error, Uner3dError):
        return error
    if isinstance(error, ImportError):
        missing = f"“{error.name}” is not installed" if isinstance(error, ModuleNotFoundError) else f"{error}"
        return EngineError(
            f"The engine “{sys.executable}” is not complete: {missing}.",
            "Install uner3d again in that Python, with all it needs.",
        )
    if is_out_of_memory(error):
        return DeviceError(
            "The memory does not suffice.",
            "Choose a lower preset, fewer points, fewer or smaller images, or another device.",
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError("The disk is full.", "Free some space or choose another folder.")
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return Uner3dError(
        f"Something went wrong that should not ({what[:200]}).",
        f"Please report it with the file “{save_traceback()}”.",
    )
