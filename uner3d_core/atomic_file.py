# SPDX-License-Identifier: Apache-2.0
"""Files that are whole or not there: written under another name, then renamed."""

from __future__ import annotations

import errno
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from uner3d_core.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.ENOENT, errno.ENOTDIR}


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Open ``path`` for writing; what stood there stays until the new content is complete.

    Parameters
    ----------
    path : Path
        File to make or to replace. Its folder must exist.

    Yields
    ------
    binary file
        Open for writing. If the block raises, ``path`` is as it was before.

    Raises
    ------
    OutputError
        If the disk is full, or the folder is missing or not writable.
    """
    temporary = path.with_name(f".{secrets.token_hex(4)}.partial")
    try:
        with temporary.open("xb") as file:
            yield file
        temporary.replace(path)
    except OSError as problem:
        raise _output_error(path, problem) from problem
    finally:
        if temporary.exists():
            temporary.unlink()


def _output_error(path: Path, problem: OSError) -> OutputError:
    if problem.errno in _FULL or problem.errno is None:  # numpy tells no number where not all is written
        return OutputError(
            f"“{path.name}” can't be written: the disk is full.", "Free some space or choose another folder."
        )
    if problem.errno in _FORBIDDEN:
        return OutputError(
            f"“{path.name}” can't be written: the folder “{path.parent}” is not writable.",
            "Choose another folder, or close the program that has the file open.",
        )
    if problem.errno in _NO_FOLDER:
        return OutputError(
            f"“{path.name}” can't be written: there is no folder “{path.parent}”.", "Choose another folder."
        )
    return OutputError(
        f"“{path.name}” can't be written: {problem.strerror or problem}.", "Choose another name or folder."
    )
