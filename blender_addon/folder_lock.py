# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark on a folder, a job's or the engine's, that says: a Blender that is alive works in it.

It is a lock of the system on a file, so it goes with the process that holds it, however that ends, and the
number of a process that is long gone can't be mistaken for another's.
"""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE = "in_use.lock"
_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


@dataclass(frozen=True)
class FolderLock:
    """A lock that is held.

    Parameters
    ----------
    file : Path
        The file that is locked.
    descriptor : int
        Where it is open.
    """

    file: Path
    descriptor: int

    def release(self) -> None:
        """Give the folder free; the file goes."""
        os.close(self.descriptor)
        self.file.unlink(missing_ok=True)


def lock(folder: Path) -> FolderLock:
    """Mark a folder as in use.

    A file system that knows no locks, as some on the network, is worked on without one.

    Returns
    -------
    FolderLock
        To be released when that has ended.

    Raises
    ------
    BlockingIOError
        If it is in use already, by this Blender or another one.
    OSError
        If the file can't be made.
    """
    file = folder / LOCK_FILE
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            os.close(descriptor)
            raise BlockingIOError(error.errno, "The folder is in use", str(folder)) from error
    return FolderLock(file, descriptor)
