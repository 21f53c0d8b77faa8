# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong ends with a sentence in the panel, and the scene is as it was.

The engine is the real worker but for the reconstruction itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from drawn_panels import drawn
from fake_engine import contents, job_folders

import uner3d_core
from blender_addon import api, folder_lock
from blender_addon.jobs import driving, folders, runs
from blender_addon.jobs.run import Run
from blender_addon.panels.jobs import UNER3D_PT_Jobs
from blender_addon.panels.reconstruct import UNER3D_PT_Reconstruct
from uner3d_core.errors import CloudFileError, EngineError, InputError, OutputError, Uner3dError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program starts by its first line")

KILL = "os.kill(os.getpid(), signal.SIGKILL)\n"
DELETE = "shutil.rmtree(task.cloud.parent)\n"
STAGES = {
    "at once": "{fault}\nreturn finish(task)",
    "at work": "progress.stage('fit', 1, 4)\n{fault}\nreturn finish(task)",
    "after a preview": "progress.preview(cloud(7))\n{fault}\nprogress.preview(cloud(7))\nreturn finish(task)",
    "after the field": "task.field.write_bytes(b'field')\n{fault}\nreturn finish(task)",
}


def run_out(run: Run) -> Uner3dError:
    """Go on until the queue is empty, and tell the sentence in the panel."""
    limit = time.monotonic() + 30
    while runs.current() is not None:
        assert time.monotonic() < limit
        driving.advance()
        time.sleep(0.005)
    assert run.error is not None
    assert runs.last_error() is run.error
    assert runs.ended()[0].error is run.error
    for panel in (UNER3D_PT_Reconstruct, UNER3D_PT_Jobs):
        assert "".join(run.error.message.split()) in "".join("".join(drawn(panel)).split())
    return run.error


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "Chair"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"x")
    return folder


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_worker(worker: Any, photos: Path, stage: str) -> None:
    worker(STAGES[stage].format(fault=KILL))
    before = contents()
    error = run_out(run := api.start_reconstruct(photos))
    assert isinstance(error, EngineError)
    assert "was killed by the system" in error.message
    assert error.hint
    assert contents() == before
    assert [path.name for path in run.folder.iterdir()] == ["worker.log"]


def test_a_worker_killed_after_its_result_was_written_loses_nothing(worker: Any, photos: Path) -> None:
    worker("finish(task)\n" + KILL)
    run_out(run := api.start_reconstruct(photos))
    assert [result.folder for result in runs.results()][:1] == [run.folder]
    folders.remove_job(runs.results()[0])


@pytest.mark.parametrize("stage", STAGES)
def test_a_job_folder_deleted_at_work(worker: Any, photos: Path, stage: str) -> None:
    worker(STAGES[stage].format(fault=DELETE))
    before = contents(), job_folders()
    error = run_out(api.start_reconstruct(photos))
    assert isinstance(error, OutputError | EngineError | CloudFileError)
    assert error.message.endswith(".")
    assert error.hint
    assert (contents(), job_folders()) == before


def test_a_job_folder_deleted_before_its_turn(worker: Any, photos: Path, scene: Any) -> None:
    worker("return finish(task)")
    before = contents(), job_folders()
    queued = api.start_reconstruct(photos), api.start_inputs(scene)
    for run in queued:
        shutil.rmtree(run.folder)
    run_out(queued[-1])
    assert all(isinstance(run.error, InputError | OutputError) for run in queued)
    assert (contents(), job_folders()) == before


def test_a_job_folder_deleted_after_the_result(worker: Any, photos: Path) -> None:
    worker("result = finish(task)\nshutil.rmtree(task.cloud.parent)\nreturn result")
    before = contents(), job_folders()
    assert "cloud.npz" in run_out(api.start_reconstruct(photos)).message
    assert (contents(), job_folders()) == before


def test_a_disk_that_is_full_at_the_result(worker: Any, photos: Path) -> None:
    worker("""
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    return finish(task)
    """)
    before = contents(), job_folders()
    error = run_out(api.start_reconstruct(photos))
    assert isinstance(error, OutputError)
    assert "the disk is full" in error.message
    assert (contents(), job_folders()) == before


def test_a_disk_that_is_full_after_the_cloud_keeps_it(worker: Any, photos: Path) -> None:
    worker("""
    import resource
    result = finish(task)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    return result
    """)
    assert api.reconstruct(photos).uner3d.points == 100_000
    assert any("the disk is full" in warning for warning in runs.last_warnings())
    folders.remove_job(runs.results()[0])


def test_a_python_that_vanished_while_a_job_waited(worker: Any, photos: Path) -> None:
    python = worker("return finish(task)")
    before = contents(), job_folders()
    run = api.start_reconstruct(photos)
    python.unlink()
    assert "is not there" in run_out(run).message
    assert (contents(), [folder for folder in job_folders() if folder != run.folder]) == before


@pytest.fixture
def pictures(tmp_path: Path, worker: Any) -> Path:
    """Two pictures with cameras, which the engine reads as a run does; they are the inputs."""
    pytest.importorskip("PIL", reason="the engine's Python is this one, and reads pictures by Pillow")
    worker("""
    from uner3d_core.inputs import load_views
    views = load_views(task.input, progress=progress, images=task.images)
    progress.log(f"{len(views)} read")
    return finish(task)
    """)
    folder = tmp_path / "photos"
    folder.mkdir()
    image = bpy.data.images.new("picture", 8, 8)
    frames = []
    for name in ("a.png", "b.png"):
        image.filepath_raw, image.file_format = str(folder / name), "PNG"
        image.save()
        frames.append({"file_path": name, "transform_matrix": np.eye(4).tolist()})
    bpy.data.images.remove(image)
    cameras = {"fl_x": 8, "w": 8, "h": 8, "frames": frames}
    (folder / "transforms.json").write_text(json.dumps(cameras))
    api.add_images(bpy.context.scene, [folder])
    return folder


@pytest.mark.parametrize("when", ["before", "while it waits"])
@pytest.mark.parametrize("fault", ["vanished", "damaged"])
def test_an_image_of_the_list_that_can_not_be_read_is_left_out(pictures: Path, when: str, fault: str) -> None:
    def spoil() -> None:
        (pictures / "b.png").unlink()
        if fault == "damaged":
            (pictures / "b.png").write_bytes(b"no image")

    if when == "before":
        spoil()
    run = api.start_inputs(bpy.context.scene)
    if when != "before":
        spoil()
    api.complete(run)
    assert "1 read" in runs.last_warnings()
    assert any("b.png" in warning and "Left out" in warning for warning in runs.last_warnings())
    assert "b.png" in " ".join(drawn(UNER3D_PT_Reconstruct))
    folders.remove_job(runs.results()[0])


@pytest.mark.parametrize("fault", ["vanished", "damaged"])
def test_a_list_of_which_nothing_can_be_read_is_a_sentence(pictures: Path, fault: str) -> None:
    run = api.start_inputs(bpy.context.scene)
    for name in ("a.png", "b.png"):
        (pictures / name).unlink()
        if fault == "damaged":
            (pictures / name).write_bytes(b"no image")
    before = contents(), job_folders()
    error = run_out(run)
    assert "a.png" in error.message if fault == "damaged" else "None of the images" in error.message
    assert error.hint
    assert (contents(), [folder for folder in job_folders() if folder != run.folder]) == (
        before[0],
        [folder for folder in before[1] if folder != run.folder],
    )
    if fault == "vanished":
        with pytest.raises(InputError, match=r"All 2 images are gone: a\.png, b\.png"):
            api.start_inputs(bpy.context.scene)


def test_cameras_deleted_while_queued(worker: Any, scene: Any) -> None:
    worker("return finish(task)")
    run = api.start_inputs(scene)
    bpy.data.objects.remove(scene.uner3d.inputs[0].camera)
    before = contents()
    assert "A camera was deleted" in run_out(run).message
    assert contents() == before
    assert not run.folder.exists()


def test_two_scenes_of_which_one_is_deleted(worker: Any, photos: Path) -> None:
    worker("return finish(task)")
    other: Any = bpy.data.scenes.new("Other")
    with bpy.context.temp_override(scene=other):
        first = api.start_reconstruct(photos, name="theirs")
    second = api.start_reconstruct(photos, name="ours")
    bpy.data.scenes.remove(other)
    limit = time.monotonic() + 30
    while runs.current() is not None:
        assert time.monotonic() < limit
        driving.advance()
        time.sleep(0.005)
    assert "its scene was deleted" in str(first.error)
    assert second.error is None
    assert [item.name for item in bpy.data.objects if item.uner3d.is_cloud] == ["ours"]
    for result in [job for job in runs.results() if job.folder in {first.folder, second.folder}]:
        folders.remove_job(result)  # nothing is lost: it could be imported
    assert not first.folder.exists()


def test_five_hundred_images_are_queued_at_once(worker: Any, tmp_path: Path) -> None:
    worker("progress.log(f'{len(task.images)} images')\nreturn finish(task)")
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(500):
        (photos / f"{number:03d}.png").write_bytes(b"x")
    api.add_images(bpy.context.scene, [photos])
    start = time.monotonic()
    run = api.start_inputs(bpy.context.scene)
    assert time.monotonic() - start < 2.0
    api.complete(run)
    assert runs.last_warnings() == ("500 images",)
    folders.remove_job(runs.results()[0])


@pytest.mark.parametrize("ending", ["cancel", "close"])
def test_cancel_ends_all_that_the_worker_has_started(worker: Any, photos: Path, ending: str) -> None:
    worker("""
    import subprocess
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    progress.log(f"{os.getpid()} {child.pid}")
    time.sleep(1000)
    """)
    run = api.start_reconstruct(photos)
    limit = time.monotonic() + 30
    while not run.state.log:
        assert time.monotonic() < limit
        driving.advance()
    processes = [Path("/proc", number) for number in run.state.log[0].split()]
    if not processes[0].parent.is_dir():
        pytest.skip("this system has no /proc")
    assert all(process.exists() for process in processes)
    if ending == "cancel":
        bpy.ops.uner3d.cancel()
        while runs.current() is not None:
            assert time.monotonic() < limit
            driving.advance()
    else:
        runs.end_all()
    while any(_is_alive(process) for process in processes):
        assert time.monotonic() < limit
        time.sleep(0.01)


def _is_alive(process: Path) -> bool:
    """Tell whether a process runs; one that has ended may wait for its parent to ask after it."""
    try:
        return (process / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class TestSecondBlender:
    """What another process holds is left alone."""

    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "jobs"
        folder.mkdir()
        monkeypatch.setattr(folders, "job_home", lambda: folder)
        return folder

    @pytest.fixture
    def other(self) -> Any:
        """Make another process work in a folder until it is killed."""
        held = []

        def work_in(folder: Path) -> subprocess.Popen[str]:
            code = (
                f"import sys; sys.path.insert(0, {str(Path(uner3d_core.__file__).parents[1])!r})\n"
                "from pathlib import Path; from blender_addon import folder_lock\n"
                "folder_lock.lock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
            )
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
            held.append(process)
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            return process

        yield work_in
        for process in held:
            process.kill()
            process.communicate()

    def age(self, folder: Path, days: float) -> None:
        then = time.time() - days * 86400
        for path in (*folder.iterdir(), folder):
            os.utime(path, (then, then))

    def test_both_work_at_the_same_time(self, worker: Any, photos: Path, home: Path) -> None:
        worker("progress.stage('fit', 1, 4)\ntime.sleep(0.5)\nreturn finish(task)")
        code = (
            f"import os, sys; sys.path.insert(0, {str(Path(uner3d_core.__file__).parents[1])!r})\n"
            "import bpy, blender_addon; from pathlib import Path\n"
            "from blender_addon import api; from blender_addon.jobs import folders\n"
            "blender_addon.register(); folders.job_home = lambda: Path(sys.argv[1])\n"
            "cloud = api.reconstruct(Path(sys.argv[2]), name='theirs')\n"
            "print(len(cloud.data.vertices), flush=True); os._exit(0)"
        )
        theirs = subprocess.Popen(
            [sys.executable, "-c", code, str(home), str(photos)], stdout=subprocess.PIPE, encoding="utf-8"
        )
        ours = 0
        while theirs.poll() is None:
            api.reconstruct(photos, name="ours")
            ours += 1
        told, _ = theirs.communicate()
        assert told.splitlines()[-1] == "100000"
        titles = [job.title for job in folders.finished_jobs()]
        assert titles.count("theirs") == 1
        assert titles.count("ours") == ours

    def test_a_job_of_another_blender_is_not_removed(
        self, worker: Any, photos: Path, home: Path, other: Any
    ) -> None:
        worker("return finish(task)")
        api.reconstruct(photos)
        (result,) = runs.results()
        process = other(result.folder)
        with pytest.raises(InputError, match="still running"):
            folders.remove_job(result)
        assert result.cloud.exists()
        process.kill()
        process.communicate()
        folders.remove_job(result)  # the lock went with the process, though its file is left
        assert not result.folder.exists()

    def test_a_given_folder_serves_one_job_at_a_time(
        self, worker: Any, photos: Path, other: Any, tmp_path: Path
    ) -> None:
        worker("return finish(task)")
        folder = tmp_path / "mine"
        folder.mkdir()
        api.reconstruct(photos, job_folder=folder)
        other(folder)
        with pytest.raises(InputError, match="Another job works"):
            api.start_reconstruct(photos, job_folder=folder)
        assert runs.current() is None

    def test_only_what_crashed_blenders_have_left_is_cleared(
        self, worker: Any, photos: Path, home: Path, other: Any
    ) -> None:
        worker("return finish(task)")
        api.reconstruct(photos, job_folder=None, name="finished")
        names = ("crashed", "young", "in use", "log", "old log")
        made = {name: folders.new_job_folder(name) for name in names}
        for name, folder in made.items():
            (folder / ("worker.log" if "log" in name else "job.json")).write_text("{}")
        other(made["in use"])
        for name, days in {"crashed": 3, "young": 1, "in use": 3, "log": 3, "old log": 31}.items():
            self.age(made[name], days)
        self.age(runs.results()[0].folder, 100)
        api.start_reconstruct(photos).cancel()  # they are cleared beside the next job
        limit = time.monotonic() + 30
        while made["crashed"].exists() or made["old log"].exists():
            assert time.monotonic() < limit
            time.sleep(0.01)
        folders.clear_abandoned(home)  # once more, so that what is wrongly cleared is gone, too
        runs.end_all()
        left = {path.name[len("job_") : -9] for path in home.iterdir()}
        assert left == {"finished", "young", "in use", "log"}
        assert (made["in use"] / folder_lock.LOCK_FILE).exists()


def test_job_folders_that_can_not_be_reached_are_a_sentence(
    worker: Any, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, addon: Any
) -> None:
    worker("return finish(task)")

    def no_home() -> Path:
        raise OSError(5, "Input/output error")

    run = api.start_reconstruct(photos, job_folder=tmp_path / "mine")
    monkeypatch.setattr(folders, "job_home", no_home)
    assert api.complete(run).uner3d.points == 100_000
    assert "can't be looked for" in str(runs.results_error())
    with pytest.raises(OutputError, match="No folder for the job"):
        api.start_reconstruct(photos)
    addon.unregister()
    addon.register()
