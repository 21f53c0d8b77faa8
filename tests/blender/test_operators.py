# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every operator that a script calls: when it returns all is done, or it raises a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest

from blender_addon import operators
from blender_addon.jobs import placing, runs

NAMES = sorted(
    cls.bl_idname.removeprefix("uner3d.") for cls in operators.CLASSES if issubclass(cls, bpy.types.Operator)
)
APART = ("engine_", "run_queue")
"""Operators that change what is installed have tests of their own, and the queue's is a window's alone."""


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UNER3D_ENGINE_PYTHON", str(tmp_path / "gone"))


def call(name: str) -> set[str] | str:
    """Call an operator as a script does: what it returned, or the sentence that it raised."""
    try:
        result: set[str] = getattr(bpy.ops.uner3d, name)("EXEC_DEFAULT")
    except RuntimeError as error:
        return str(error)
    return result


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(APART)])
@pytest.mark.parametrize("kind", ["nothing", "a cloud"])
def test_it_ends_with_a_result_or_a_sentence(name: str, kind: str, sphere_cloud: Any) -> None:
    if kind == "a cloud":
        cloud: Any = placing.add_to_scene(sphere_cloud(10), "Chair", bpy.context.scene)
        cloud.uner3d.field = "gone.safetensors"
    ended = call(name)
    if isinstance(ended, str):
        assert "Traceback" not in ended
        assert len(ended) > 20
    else:
        assert ended in ({"FINISHED"}, {"CANCELLED"})
    assert runs.current() is None
