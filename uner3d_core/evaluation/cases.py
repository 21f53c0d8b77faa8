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

RIGS = ("sphere", "ring")
"""Where a case's cameras stand: all around the object, or in one ring as a person walks around it."""

TRIALS = ("bowl", "rods", "vase", "glossy_ball", "rings")
"""Objects that the studio makes itself, each hard in its own way."""


def find_objects(given: Sequence[str] | None) -> list[str]:
    """List the objects to reconstruct, each a trial's name or a glTF file.

    Parameters
    ----------
    given : sequence of str, optional
        Names of trials, files and folders of them; by default the models beside the repository, where there
        are any, and all trials.

    Raises
    ------
    InputError
        If a name stands for nothing.
    """
    if given is None:
        shared = os.environ.get("UNER3D_SHARED") or Path(__file__).resolve().parents[2].parent / "shared"
        models = sorted((Path(shared) / "data" / "models").glob("*.glb"))
        return [*map(str, models), *TRIALS]
    found: list[str] = []
    for name in given:
        path = Path(name)
        models = sorted(path.glob("*.glb")) if path.is_dir() else [path]
        if name not in TRIALS and not (models and all(model.is_file() for model in models)):
            raise InputError(
                f"There is no model “{name}”.",
                f"Name .glb files, folders of them, or trials: {', '.join(TRIALS)}.",
            )
        found += [name] if name in TRIALS else map(str, models)
    return found


def identity_of(source: str, rig: str = RIGS[0]) -> dict[str, object]:
    """Tell what a rendered case depends on besides the number and size of its pictures."""
    content = source.encode() if source in TRIALS else Path(source).read_bytes()
    identity: dict[str, object] = {"version": CASE_VERSION, "sha256": hashlib.sha256(content).hexdigest()}
    return identity if rig == RIGS[0] else {**identity, "rig": rig}


def rendered_case(source: str, views: int, size: int, cache: Path, rig: str = RIGS[0]) -> Path:
    """Find the folder of an object's case in ``cache``, and render it first where it is missing or old.

    Raises
    ------
    EngineError
        If rendering fails, as it does where Blender is not installed as a module.
    """
    folder = cache / "_".join([Path(source).stem, *([] if rig == RIGS[0] else [rig]), f"{views}_{size}"])
    identity = identity_of(source, rig)
    description = folder / "case.json"
    if description.is_file():
        known = json.loads(description.read_text(encoding="utf-8"))
        if identity.items() <= known.items():
            return folder
    print(f"rendering {folder.name} …", file=sys.stderr, flush=True)
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "blender_addon.studio.cases", source]
    command += ["--views", str(views), "--size", str(size), "--rig", rig, "--output", str(folder)]
    finished = subprocess.run(  # noqa: S603 -- a list of arguments, no shell
        command, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if finished.returncode != 0 or not description.is_file():
        last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
        raise EngineError(
            f"“{Path(source).name}” can't be rendered: {last}",
            "The bench needs Blender as a module: install uner3d with the extra “demo”.",
        )
    return folder
