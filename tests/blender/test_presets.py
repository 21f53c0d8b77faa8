# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks and setups: what is kept comes back, and nothing else gets in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest

from blender_addon import api, presets
from blender_addon.jobs import placing
from uner3d_core.errors import InputError, OutputError


@pytest.fixture
def cloud(sphere_cloud: Any) -> Any:
    return placing.add_to_scene(sphere_cloud(10), "Chair", bpy.context.scene)


@pytest.fixture(autouse=True)
def empty_folders() -> Iterator[None]:
    """None is kept before and after."""
    yield
    for kind in presets.KINDS.values():
        for path in presets.kept(kind):
            path.unlink()


def values(kind: presets.Kind, block: Any) -> dict[str, Any]:
    return {name: getattr(kind.settings(block), name) for name in kind.names}


def test_a_look_is_kept_and_used_for_another_cloud(cloud: Any, sphere_cloud: Any) -> None:
    settings = cloud.uner3d
    settings.density, settings.shape, settings.lit, settings.exposure = 0.25, "Discs", True, -1.5
    settings.radius_kind, settings.relative_radius, settings.radius = "RELATIVE", 0.8, 7.0
    assert bpy.ops.uner3d.keep_preset(kind="look", name="Glowing ü") == {"FINISHED"}
    assert [path.stem for path in presets.kept(presets.LOOK)] == ["Glowing ü"]
    other = placing.add_to_scene(sphere_cloud(20), "Table", bpy.context.scene)
    radius = other.uner3d.radius
    assert bpy.ops.uner3d.apply_preset(kind="look", name="Glowing ü") == {"FINISHED"}
    assert values(presets.LOOK, other) == {**values(presets.LOOK, cloud), "radius": radius}
    assert bpy.ops.uner3d.remove_preset(kind="look", name="Glowing ü") == {"FINISHED"}
    assert presets.kept(presets.LOOK) == []


def test_a_setup_goes_through_a_shared_file(tmp_path: Path) -> None:
    scene = bpy.context.scene
    scene.uner3d.points, scene.uner3d.preset, scene.uner3d.seed = 12_345, "final", 7
    file = tmp_path / "My Setup.json"
    assert bpy.ops.uner3d.export_preset(kind="setup", filepath=str(file)) == {"FINISHED"}
    before = values(presets.SETUP, scene)
    scene.uner3d.points, scene.uner3d.preset, scene.uner3d.seed = 5, "draft", 0
    assert bpy.ops.uner3d.import_preset(kind="setup", filepath=str(file)) == {"FINISHED"}
    assert values(presets.SETUP, scene) == before
    assert [path.stem for path in presets.kept(presets.SETUP)] == ["My Setup"]


def test_scripts_save_and_load(cloud: Any, tmp_path: Path) -> None:
    cloud.uner3d.radius, cloud.uner3d.density = 0.5, 0.1
    api.save_look(tmp_path / "a.json", cloud)
    cloud.uner3d.radius, cloud.uner3d.density = 0.7, 0.2
    api.load_look(tmp_path / "a.json", cloud)
    assert cloud.uner3d.radius == 0.5
    assert cloud.uner3d.density == pytest.approx(0.1)
    assert json.loads((tmp_path / "a.json").read_text())["settings"]["density"] == 0.1
    with pytest.raises(InputError, match="is no setup"):
        api.load_setup(tmp_path / "a.json", bpy.context.scene)
    with pytest.raises(OutputError, match="names no look"):
        api.save_look(tmp_path / "a.py", cloud)


@pytest.mark.parametrize(
    "change",
    [
        {"density": 1.5},
        {"density": float("nan")},
        {"density": "0.5"},
        {"density": True},
        {"shape": "Teapots"},
        {"shape": 1},
        {"lit": 1},
        {"field": "/etc/passwd"},
        {"is_cloud": False},
        {"shape_object": "Cube"},
        {"bl_rna": 1},
    ],
)
def test_what_is_wrong_changes_nothing(cloud: Any, tmp_path: Path, change: dict[str, Any]) -> None:
    before = values(presets.LOOK, cloud)
    content = {"uner3d": "look", "version": 1, "settings": {"exposure": 3.0, **change}}
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=next(iter(change))):
        api.load_look(tmp_path / "a.json", cloud)
    assert values(presets.LOOK, cloud) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b"\xff", b"[" * 60_000, b'{"uner3d": "look", "version": 1, "settings": []}',
     b'{"uner3d": "setup", "version": 1, "settings": {}}',
     b'{"uner3d": "look", "version": 2, "settings": {}}',
     b" " * 70_000 + b'{"uner3d": "look", "version": 1, "settings": {}}'],
)  # fmt: skip
def test_a_file_that_is_no_look_is_a_sentence(cloud: Any, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.json"):
        api.load_look(tmp_path / "a.json", cloud)
    assert presets.kept(presets.LOOK) == []


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "c:d", "new\nline", "x" * 61, " "])
def test_names_stay_in_their_folder(cloud: Any, name: str) -> None:
    for operator in (bpy.ops.uner3d.keep_preset, bpy.ops.uner3d.apply_preset, bpy.ops.uner3d.remove_preset):
        with pytest.raises(RuntimeError, match="can't be the name"):
            operator(kind="look", name=name)


def test_without_a_cloud_or_a_file_it_is_a_sentence() -> None:
    with pytest.raises(RuntimeError, match="No cloud is active"):
        bpy.ops.uner3d.keep_preset(kind="look", name="a")
    with pytest.raises(RuntimeError, match="can't be read"):
        bpy.ops.uner3d.apply_preset(kind="setup", name="none")
    with pytest.raises(RuntimeError, match="There is no setup “none”"):
        bpy.ops.uner3d.remove_preset(kind="setup", name="none")
