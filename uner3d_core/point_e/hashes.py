# SPDX-License-Identifier: Apache-2.0
"""The hashes of files of weights, written down beside them. Needs no torch, so that the add-on can ask."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import WeightsError

HASHES = "sha256.json"
"""In the folder of the weights: file name to the hash of the first good load."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def remember_hash(path: Path, digest: str) -> None:
    """Write down a file's hash in its folder, unless it is there."""
    hashes = known_hashes(path.parent)
    if hashes.get(path.name) == digest:
        return
    hashes[path.name] = digest
    with atomic_file(path.parent / HASHES) as opened:
        opened.write(json.dumps(hashes, indent=2, sort_keys=True).encode())


def check_hash(path: Path, digest: str) -> None:
    """Raise ``WeightsError`` if another hash was written down for a file of that name."""
    known = known_hashes(path.parent).get(path.name)
    if known not in (None, digest):
        raise WeightsError(
            f"“{path}” is not the file that was loaded first: its SHA-256 has changed.",
            f"Fetch the weights again; if you replaced it yourself, remove its line in “{HASHES}” beside it.",
        )


def known_hashes(folder: Path) -> dict[str, str]:
    """Tell the hashes that are written down in a folder, by the files' names; none where there is no list.

    Raises
    ------
    WeightsError
        If the list can't be read.
    """
    file = folder / HASHES
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise WeightsError(f"“{file}” can't be read: {error}.", "Remove it, or repair it.") from error
    if not isinstance(content, dict):
        raise WeightsError(f"“{file}” holds no hashes.", "Remove it, or repair it.")
    return content
