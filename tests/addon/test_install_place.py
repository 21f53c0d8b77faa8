# SPDX-License-Identifier: Apache-2.0
"""The engine's folder: what we take for ours, what stays, and how the engine in it stands."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from blender_addon.engine import long_paths, place
from blender_addon.engine.place import Place, claim, default_folder, hold, remove, remove_downloads
from blender_addon.engine.state import Installed, Remedy, State, look, write_record
from uner3d_core import __version__
from uner3d_core.doctor import Device
from uner3d_core.errors import EngineError, OutputError

WHOLE = Installed(
    __version__, "2.9.0", "3.13.1", "cpu", sys.executable, (Device("cpu", "Some", 1 << 30),), 1000, 500
)


@pytest.fixture
def engine(tmp_path: Path) -> Place:
    """A folder that looks like that of a whole engine."""
    made = Place(tmp_path / "é engine")
    claim(made)
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    (made.downloads / "a.whl").touch()
    write_record(made, WHOLE)
    return made


def test_the_default_folder_is_not_blenders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(place.FOLDER_VARIABLE, raising=False)
    for variable in ("LOCALAPPDATA", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert default_folder().is_relative_to(tmp_path)
    assert "blender" not in str(default_folder().relative_to(tmp_path)).lower()
    monkeypatch.setenv(place.FOLDER_VARIABLE, str(tmp_path / "shared"))
    assert default_folder() == tmp_path / "shared"


def test_a_folder_that_holds_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(EngineError, match="holds other things"):
        claim(Place(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_add_ons_own_folder_is_refused() -> None:
    inside = Path(place.__file__).parents[1] / "engine-environment"
    with pytest.raises(EngineError, match="removes that folder with the add-on"):
        claim(Place(inside))
    assert not inside.exists()


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="can't be written"):
        claim(Place(tmp_path / "file" / "engine"))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_is_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(EngineError, match="can't be written: Permission denied"):
            claim(Place(tmp_path / "engine"))
    finally:
        tmp_path.chmod(0o700)


def test_one_at_a_time(engine: Place) -> None:
    with hold(engine):
        with pytest.raises(EngineError, match="Another Blender"), hold(engine):
            pass
        with pytest.raises(EngineError, match="Another Blender"):
            remove(engine)
    assert look(engine).state is State.READY
    with hold(engine):
        pass


def test_removing_leaves_nothing(engine: Place) -> None:
    remove(engine)
    assert not engine.folder.exists()
    assert look(engine).state is State.NOT_INSTALLED


def test_removing_leaves_what_is_not_ours(engine: Place) -> None:
    (engine.folder / "thesis.txt").touch()
    remove(engine)
    assert [path.name for path in engine.folder.iterdir()] == ["thesis.txt"]


def test_nothing_is_removed_where_nothing_is_ours(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "downloads").mkdir()
    for action in (remove, remove_downloads):
        with pytest.raises(EngineError, match="nothing was removed"):
            action(Place(tmp_path))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_removing_does_not_follow_links(engine: Place, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    engine.downloads.rename(elsewhere)
    engine.downloads.symlink_to(elsewhere)
    remove(engine)
    assert [path.name for path in elsewhere.iterdir()] == ["a.whl"]


def test_removing_the_downloads_leaves_the_engine(engine: Place) -> None:
    remove_downloads(engine)
    assert not engine.downloads.exists()
    assert look(engine).state is State.READY


def test_a_whole_engine_is_ready(engine: Place) -> None:
    found = look(engine)
    assert (found.state, found.installed, found.error) == (State.READY, WHOLE, None)


@pytest.mark.parametrize(
    ("damage", "remedy", "sentence"),
    [
        ("no record", Remedy.RESUME, "was not finished"),
        ("bad record", Remedy.REPAIR, "record is damaged"),
        ("no python", Remedy.REPAIR, "engine's Python is gone"),
        ("no base", Remedy.REPAIR, "was made from is gone: “/nowhere/python”"),
        ("other version", Remedy.UPDATE, f"has uner3d 0.0.9, this add-on {__version__}"),
    ],
)
def test_what_is_not_whole_is_never_ready(engine: Place, damage: str, remedy: Remedy, sentence: str) -> None:
    if damage == "no record":
        engine.record.unlink()
    elif damage == "bad record":
        engine.record.write_text('{"uner3d": "0.1.0", "devices": []}', encoding="utf-8")
    elif damage == "no python":
        engine.python.unlink()
    elif damage == "no base":
        write_record(engine, replace(WHOLE, base_python="/nowhere/python"))
    else:
        write_record(engine, replace(WHOLE, uner3d="0.0.9"))
    found = look(engine)
    assert (found.state, found.remedy) == (State.BROKEN, remedy)
    assert found.error is not None
    assert sentence in found.error.message
    assert found.error.hint


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX devices")
def test_a_record_that_can_not_be_written_is_not_there(engine: Place) -> None:
    engine.record.unlink()
    moved = Place(engine.folder / "gone")
    with pytest.raises(OutputError):
        write_record(moved, WHOLE)
    assert look(engine).state is State.BROKEN


def test_paths_longer_than_windows_allows_are_told_of(tmp_path: Path) -> None:
    names = ["short", "torch/" + "x" * 200]
    long_paths.require_short_paths(tmp_path, names, None)
    long_paths.require_short_paths(tmp_path, names, len(str(tmp_path)) + 207)
    with pytest.raises(EngineError, match="longer than this system allows"):
        long_paths.require_short_paths(tmp_path, names, len(str(tmp_path)) + 206)
