# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows allows paths of 260 characters, unless it was told otherwise; names inside torch take 171."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from .complaints import Fault, sentence

WINDOWS_LONGEST = 259
"""Characters, without the one that ends a path."""


def longest_allowed() -> int | None:
    """Tell how many characters a path may have; None where there is no such limit."""
    return WINDOWS_LONGEST if sys.platform == "win32" and not _is_told_otherwise() else None


def require_short_paths(folder: Path, names: Iterable[str], longest: int | None) -> None:
    """Make sure that files of these names can be made in a folder.

    Parameters
    ----------
    folder : Path
        The folder.
    names : iterable of str
        Names of files in it, with the folders that they lie in.
    longest : int, optional
        From :func:`longest_allowed`.

    Raises
    ------
    EngineError
        If the path of one is too long.
    """
    if longest is not None:
        path = max((str(folder / name) for name in names), key=len, default="")
        if len(path) > longest:
            detail = f"“{path}” has {len(path)} characters, of {longest} that are allowed"
            raise sentence(Fault.LONG_PATH, detail)


def _is_told_otherwise() -> bool:
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415 (Windows alone has it)

        try:
            key = r"SYSTEM\CurrentControlSet\Control\FileSystem"
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                return bool(winreg.QueryValueEx(opened, "LongPathsEnabled")[0])
        except OSError:  # a Windows that does not know of them
            return False
    return True
