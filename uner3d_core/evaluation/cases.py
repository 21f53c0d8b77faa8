# SPDX-License-Identifier: Apache-2.0
"""Bench cases: pictures of an object whose true surface is known, rendered when first asked for and kept."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from uner3d_core.errors import EngineError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

CASE_VERSION = 1
"""Goes up when cases are rendered differently, so that old ones are rendered again."""


def find_models(given: Sequence[Path] | None) -> list[Path]:
    """List the glTF files among ``given`` files and folders; by default those beside the repository.

    Raises
    ------
    InputError
        If there are none.
    """
    if given is None:
        shared = os.environ.get("UNER3D_SHARED") or Path(__file__).resolve().parents[2].parent / "shared"
        given = [Path(shared) / "data" / "models"]
    models: list[Path] = []
    for path in given:
        models += sorted(path.glob("*.glb")) if path.is_dir() else [path]
    for model in models:
        if not model.is_file():
            raise InputError(f"There is no model “{model}”.", "Name .glb files or folders of them.")
    if not models:
        raise InputError("There are no models to reconstruct.", "Name .glb files with --cases.")
    return models


def default_cache() -> Path:
    """Name the folder of the person's caches where rendered cases are kept."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "uner3d" / "bench"


def rendered_case(model: Path, views: int, size: int, cache: Path) -> Path:
    """Find the folder of a rendered case in ``cache``, and render it first where it is missing or old.

    Raises
    ------
    EngineError
        If rendering fails, as it does where Blender is not installed as a module.
    """
    folder = cache / f"{model.stem}_{views}_{size}"
    identity = {"version": CASE_VERSION, "sha256": hashlib.sha256(model.read_bytes()).hexdigest()}
    description = folder / "case.json"
    if description.is_file():
        known = json.loads(description.read_text(encoding="utf-8"))
        if identity.items() <= known.items():
            return folder
    print(f"rendering {folder.name} …", file=sys.stderr, flush=True)
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "blender_addon.studio.cases", str(model)]
    command += ["--views", str(views), "--size", str(size), "--output", str(folder)]
    finished = subprocess.run(  # noqa: S603 -- a list of arguments, no shell
        command, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if finished.returncode != 0 or not description.is_file():
        last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
        raise EngineError(
            f"“{model.name}” can't be rendered: {last}",
            'The bench needs Blender: pip install "uner3d[demo]".',
        )
    return folder
