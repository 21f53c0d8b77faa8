# SPDX-License-Identifier: Apache-2.0
"""The folders where the system wants a person's files kept: those that can be made again, and others."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """Name the person's folder for one kind of such files; it need not be there yet."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "uner3d" / kind


def data_folder(kind: str) -> Path:
    """Name the person's folder for one kind of files that are to stay; it need not be there yet."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "uner3d" / kind


def forget_oldest(folder: Path, mark: str, most: int) -> None:
    """Keep the ``most`` subfolders that were used last, of those that hold a file called ``mark``."""
    kept = sorted(folder.glob(f"*/{mark}"), key=lambda file: file.parent.stat().st_mtime)
    for file in kept[:-most]:
        shutil.rmtree(file.parent, ignore_errors=True)
