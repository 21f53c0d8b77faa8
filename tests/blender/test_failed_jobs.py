# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that failed are known to the next session, and can be tried again where their inputs are there."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import bpy
import pytest
from drawn_panels import drawn
from fake_engine import ANSWER, FAIL, HANG

from blender_addon import api
from blender_addon.jobs import earlier, failures, folders, runs
from blender_addon.panels.jobs import ITS_FILE, UNER3D_PT_Jobs
from uner3d_core.errors import Cancelled, InputError, ReconstructionError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "jobs"
    folder.mkdir()
    monkeypatch.setattr(folders, "job_home", lambda: folder)
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "Stühle"
    folder.mkdir()
    (folder / "1.png").write_bytes(b"the engine of these tests looks at none")
    return folder


def next_session() -> None:
    """Forget what Blender knows of jobs, and nothing on the disk; look for it as the panel does."""
    runs._queue.ended.clear()
    runs.dismiss()
    earlier.look()


def fail(photos: Path) -> None:
    with pytest.raises(ReconstructionError):
        api.reconstruct(photos, name="Chair")


def test_the_next_session_knows_a_failed_job_and_why(engine: Any, photos: Path) -> None:
    engine(FAIL)
    fail(photos)
    next_session()
    (job,) = runs.ended()
    assert (job.title, job.error.message, job.error.hint) == (
        "Chair",
        "The pictures show nothing.",
        "Turn on a lamp.",
    )
    text = " ".join(drawn(UNER3D_PT_Jobs))
    assert "Chair" in text
    assert "Try Again" in text
    assert ITS_FILE[:12] not in text


def test_it_can_be_tried_again_and_is_listed_no_longer(engine: Any, photos: Path, home: Path) -> None:
    engine(FAIL)
    fail(photos)
    next_session()
    engine(ANSWER)
    assert bpy.ops.uner3d.retry_job(number=runs.ended()[0].number) == {"FINISHED"}
    assert bpy.context.object.name.startswith("Chair")
    assert not runs.ended()
    assert not list(home.glob("failed_*"))


def test_images_of_the_panel_can_be_tried_again(engine: Any, photos: Path) -> None:
    engine(FAIL)
    scene = bpy.context.scene
    api.add_images(scene, [photos / "1.png"])
    with pytest.raises(RuntimeError, match="show nothing"):
        bpy.ops.uner3d.reconstruct()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    next_session()
    engine(ANSWER)
    bpy.ops.uner3d.retry_job(number=runs.ended()[0].number)
    assert bpy.context.object.uner3d.is_cloud


def test_inputs_that_are_gone_are_named(engine: Any, photos: Path) -> None:
    engine(FAIL)
    fail(photos)
    next_session()
    photos.rename(photos.with_name("elsewhere"))
    again = runs.ended()[0].again
    assert again is not None
    with pytest.raises(InputError, match=r"Stühle.*is gone"):
        again()


def test_a_job_from_cameras_says_why_it_can_not_be_tried_again(engine: Any, scene: Any) -> None:
    engine(FAIL)
    with pytest.raises(RuntimeError, match="show nothing"):
        bpy.ops.uner3d.reconstruct()
    assert runs.ended()[0].again is not None  # its cameras are there
    next_session()
    assert runs.ended()[0].again is None
    assert ITS_FILE in " ".join(" ".join(drawn(UNER3D_PT_Jobs)).split())


def test_forgetting_it_is_for_good(engine: Any, photos: Path, home: Path) -> None:
    engine(FAIL)
    fail(photos)
    bpy.ops.uner3d.forget_job(number=runs.ended()[0].number)
    assert not list(home.glob("failed_*"))
    next_session()
    assert not runs.ended()


def test_a_cancelled_job_is_of_its_session_alone(engine: Any, photos: Path, home: Path) -> None:
    engine(HANG)
    run = api.start_reconstruct(photos)
    while run.state.stage != "fit":
        run.advance()
        time.sleep(0.01)
    run.cancel()
    with pytest.raises(Cancelled):
        api.complete(run)
    assert not list(home.glob("failed_*"))


def test_looking_twice_lists_nothing_twice(engine: Any, photos: Path) -> None:
    engine(FAIL)
    fail(photos)
    earlier.look()
    earlier.look()
    assert len(runs.ended()) == 1


@pytest.mark.parametrize("content", ["", "[1", '{"title": 3}', "[" * 9999])
def test_what_is_damaged_is_passed_over(home: Path, content: str) -> None:
    (home / "failed_x").mkdir()
    (home / "failed_x" / "failure.json").write_text(content)
    next_session()
    assert not runs.ended()


def test_after_a_month_it_is_removed(engine: Any, photos: Path, home: Path) -> None:
    engine(FAIL)
    fail(photos)
    (folder,) = home.glob("failed_*")
    long_ago = time.time() - 86400 * (failures.KEPT_DAYS + 1)
    os.utime(folder / "failure.json", (long_ago, long_ago))
    next_session()
    assert not runs.ended()
    assert not folder.exists()


def test_a_full_disk_does_not_hide_the_error(engine: Any, photos: Path, monkeypatch: Any) -> None:
    engine(FAIL)

    def full(*given: Any) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(failures, "keep", full)
    fail(photos)
    assert runs.ended()[0].kept is None
