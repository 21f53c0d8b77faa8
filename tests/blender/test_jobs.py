# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of earlier jobs are found, brought into the scene, and removed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy
import pytest

from blender_addon import api
from blender_addon.jobs import earlier, folders, runs
from uner3d_core import protocol
from uner3d_core.cloud_files import write_npz
from uner3d_core.errors import CloudFileError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all job folders, empty."""
    monkeypatch.setattr(folders, "job_home", lambda: tmp_path)
    return tmp_path


def finish(title: str, cloud: Any, age: float = 0.0) -> Path:
    """Make the folder of a finished job, so many seconds old."""
    folder = folders.new_job_folder(title)
    write_npz(folder / folders.CLOUD_FILE, cloud)
    (folder / folders.FIELD_FILE).write_bytes(b"field")
    (folder / protocol.JOB_FILE).write_text("{}")
    then = (folder / folders.CLOUD_FILE).stat().st_mtime - age
    os.utime(folder / folders.CLOUD_FILE, (then, then))
    return folder


@pytest.mark.parametrize("title", ["Chair", "ü 日本", "a/b\\c:d?", "x_y_", "", "long " * 30])
def test_folders_are_called_after_their_cloud(home: Path, sphere_cloud: Any, title: str) -> None:
    folder = finish(title, sphere_cloud(5))
    assert folder.parent == home
    (job,) = folders.finished_jobs()
    assert job.folder == folder
    expected = "".join("-" if letter in "/\\:?" else letter for letter in title)[:40].strip()
    assert job.title == expected


def test_the_newest_is_first_and_the_unfinished_are_left_out(home: Path, sphere_cloud: Any) -> None:
    finish("old", sphere_cloud(5), age=100)
    finish("new", sphere_cloud(5))
    finish("older", sphere_cloud(5), age=200)
    (finish("half", sphere_cloud(5)) / folders.FIELD_FILE).unlink()
    folders.new_job_folder("begun")
    (home / "job_notes.txt").write_text("mine")
    assert [job.title for job in folders.finished_jobs()] == ["new", "old", "older"]


def test_a_result_comes_into_the_scene_with_its_field(home: Path, sphere_cloud: Any) -> None:
    folder = finish("Chair", sphere_cloud(50))
    assert bpy.ops.uner3d.import_job(folder=folder.name) == {"FINISHED"}
    cloud = bpy.context.object
    assert cloud.name == "Chair"
    assert cloud.uner3d.points == 50
    assert Path(cloud.uner3d.field) == folder / folders.FIELD_FILE


def test_a_damaged_result_is_a_sentence(home: Path, sphere_cloud: Any) -> None:
    (finish("Chair", sphere_cloud(5)) / folders.CLOUD_FILE).write_bytes(b"no cloud")
    with pytest.raises(CloudFileError, match="is damaged"):
        api.import_job(folders.finished_jobs()[0])
    assert not bpy.data.objects


def test_a_result_is_removed_and_leaves_the_list(home: Path, sphere_cloud: Any) -> None:
    folders = [finish(title, sphere_cloud(5)) for title in ("Chair", "Table")]
    bpy.ops.uner3d.list_jobs()
    assert {job.title for job in runs.results()} == {"Chair", "Table"}
    assert bpy.ops.uner3d.remove_job(folder=folders[0].name) == {"FINISHED"}
    assert not folders[0].exists()
    assert [job.title for job in runs.results()] == ["Table"]


def test_they_are_looked_for_once_when_the_panel_is_first_drawn(
    home: Path, sphere_cloud: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish("Chair", sphere_cloud(5))
    monkeypatch.setattr(runs, "_queue", runs._Queue())
    earlier.unregister()
    earlier.look_in_a_moment()
    assert runs.results() == []  # drawing asks no disk
    assert bpy.app.timers.is_registered(earlier._look)
    bpy.app.timers.unregister(earlier._look)
    earlier._look()
    assert [job.title for job in runs.results()] == ["Chair"]
    earlier.look_in_a_moment()
    assert not bpy.app.timers.is_registered(earlier._look)


@pytest.mark.parametrize("name", ["", "..", "job_gone_abcdefgh", "../other"])
def test_only_what_is_listed_can_be_removed(home: Path, sphere_cloud: Any, name: str) -> None:
    other = home.parent / "other"
    other.mkdir(exist_ok=True)
    with pytest.raises(RuntimeError, match="This result is gone"):
        bpy.ops.uner3d.remove_job(folder=name)
    assert other.exists()
