# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: which files make up an engine, so that an installation goes on with the same ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from uner3d_core.atomic_file import atomic_file

from .fetch import File


def read_plan(path: Path, kind: Mapping[str, str]) -> list[File] | None:
    """Read the plan of an engine of this kind.

    Parameters
    ----------
    path : Path
        The plan's file.
    kind : mapping of str to str
        What the files depend on: versions, the build, the system.

    Returns
    -------
    list of File or None
        The files; None where there is no plan, or one for another kind of engine.
    """
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        return [File(**file) for file in plan["files"]] if plan["kind"] == dict(kind) else None
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # none, or a damaged one: it is made anew
        return None


def write_plan(path: Path, kind: Mapping[str, str], files: Sequence[File]) -> None:
    """Keep the plan of an engine.

    Raises
    ------
    OutputError
        If it can't be written.
    """
    content = {"kind": dict(kind), "files": [asdict(file) for file in files]}
    with atomic_file(path) as out:
        out.write(json.dumps(content, indent=1).encode())
