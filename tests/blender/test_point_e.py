# SPDX-License-Identifier: GPL-3.0-or-later
"""The method Point-E in Blender: what is asked of the worker, and what becomes of its answers."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from drawn_panels import drawn
from fake_engine import ANSWER, HANG, job_folders
from tiny_point_e import write_tiny_worker

from blender_addon import api, fetching, preferences, weights
from blender_addon.engine.builds import POINT_E
from blender_addon.jobs import choices, folders, runs
from blender_addon.panels.reconstruct import UNER3D_PT_Reconstruct
from blender_addon.standing import Place
from uner3d_core import protocol
from uner3d_core.errors import Cancelled, InputError, WeightsError
from uner3d_core.point_e.hashes import HASHES
from uner3d_core.point_e.weights import CLIP, NETWORKS, NOTICE, VOCABULARY, Weights
from uner3d_core.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program starts by its first line")

CHOICES = """
    from uner3d_core.cloud_files import write_ply
    if isinstance(task, protocol.Imagine):
        seeds = range(task.settings.seed, task.settings.seed + task.seeds)
        for seed in seeds:
            write_ply(folder / f"seed_{seed}.ply", cloud(9))
            (folder / f"seed_{seed}.png").write_bytes(b"picture")
        files = {str(seed): str(folder / f"seed_{seed}.ply") for seed in seeds}
        say(protocol.Result(files, protocol.Figures(9, "cpu")))
        sys.exit()
"""
FETCH = """
    (Path(task.settings.weights) / f"{task.settings.network}.txt").write_text("fetched")
    say(protocol.Progress("base_40m.pt, MiB", 1, 4))
    say(protocol.Result({}, protocol.Figures(0, "cpu")))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The folder of the weights, empty."""
    path = tmp_path / "wëights"
    path.mkdir()
    monkeypatch.setattr(preferences, "weights_folder", lambda: str(path))
    weights.forget()
    yield path
    fetching.unregister()
    choices.dismiss()


@pytest.fixture
def settings(folder: Path, tmp_path: Path) -> Any:
    """A scene that asks for Point-E, with a picture."""
    scene = bpy.context.scene
    image = bpy.data.images.new("a", 8, 8, alpha=True)
    image.filepath_raw, image.file_format = str(tmp_path / "cüp.png"), "PNG"
    image.save()
    api.add_images(scene, [tmp_path / "cüp.png"])
    scene.uner3d.method, scene.uner3d.points = "point_e", 500
    return scene.uner3d


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpy.context.preferences.system, "use_online_access", True)


def put_weights(folder: Path) -> None:
    for name in (
        CLIP.name,
        VOCABULARY.name,
        *(NETWORKS[each].name for each in ("base40M", "upsample", "sdf")),
    ):
        (folder / name).write_bytes(b"weights")


def test_the_cloud_stands_upright_at_the_cursor(engine: Any, settings: Any) -> None:
    engine(ANSWER)
    bpy.context.scene.cursor.location = (1, 2, 3)
    bpy.ops.uner3d.reconstruct()
    bpy.context.view_layer.update()
    cloud = bpy.context.object
    assert cloud.name == "cüp"
    corners = np.array([cloud.matrix_world @ vertex.co for vertex in cloud.data.vertices])
    lowest, highest = corners.min(axis=0), corners.max(axis=0)
    assert (highest - lowest).max() == pytest.approx(1.0, abs=5e-3)
    assert lowest[2] == pytest.approx(3.0, abs=5e-3)
    assert (lowest + highest)[:2] / 2 == pytest.approx([1.0, 2.0], abs=5e-3)
    assert tuple(cloud.rotation_euler) == (0.0, 0.0, 0.0)
    assert cloud.uner3d.field
    bpy.ops.uner3d.resample(points=20)
    assert cloud.location.z != 0.0


def test_an_earlier_job_stands_where_the_cursor_was(
    engine: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "job_home", lambda: tmp_path)
    engine(ANSWER)
    bpy.context.scene.cursor.location = (1, 2, 3)
    bpy.ops.uner3d.reconstruct()
    first = bpy.context.object
    bpy.context.scene.cursor.location = (9, 9, 9)
    (job,) = folders.finished_jobs()
    assert api.import_job(job).matrix_world == first.matrix_world


def test_what_the_worker_is_asked(engine: Any, settings: Any, tmp_path: Path, folder: Path) -> None:
    engine(ANSWER + "\n    (Path(__file__).parent / 'job').write_text((folder / 'job.json').read_text())")
    settings.network, settings.preset, settings.seed = "base300M", "final", 7
    bpy.ops.uner3d.reconstruct()
    task = protocol.read_job(_folder_with_job(tmp_path))
    assert isinstance(task, protocol.Reconstruct)
    assert task.input == tmp_path / "cüp.png"
    asked = (task.settings.method, task.settings.network, task.settings.weights, task.settings.seed)
    assert asked == ("point-e", "base300M", str(folder), 7)
    settings.prompt_kind, settings.prompt, settings.network = "SENTENCE", "  a red cup ", "base40M_textvec"
    bpy.ops.uner3d.reconstruct()
    task = protocol.read_job(_folder_with_job(tmp_path))
    assert isinstance(task, protocol.Reconstruct)
    assert (task.input, task.prompt, task.settings.network) == (None, "a red cup", "base40M-textvec")


def _folder_with_job(tmp_path: Path) -> Path:
    (tmp_path / "asked").mkdir(exist_ok=True)
    (tmp_path / "job").replace(tmp_path / "asked" / protocol.JOB_FILE)
    return tmp_path / "asked"


@pytest.mark.parametrize(("kind", "said"), [("PICTURE", "no picture"), ("SENTENCE", "no sentence")])
def test_nothing_to_imagine_from(kind: str, said: str, engine: Any, settings: Any) -> None:
    engine(ANSWER)
    settings.prompt_kind = kind
    settings.inputs.clear()
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.uner3d.reconstruct()


def test_of_several_pictures_the_selected_one(engine: Any, settings: Any, tmp_path: Path) -> None:
    engine(ANSWER)
    (tmp_path / "b.png").write_bytes((tmp_path / "cüp.png").read_bytes())
    api.add_images(bpy.context.scene, [tmp_path / "b.png"])
    settings.active_input = 1
    bpy.ops.uner3d.reconstruct()
    assert bpy.context.object.name == "b"
    settings.inputs[1].enabled = False
    bpy.ops.uner3d.reconstruct()
    assert bpy.context.object.name == "cüp"


def test_several_clouds_to_choose_from(engine: Any, settings: Any) -> None:
    engine(CHOICES + ANSWER)
    before = len(bpy.data.objects)
    folders_before = set(job_folders())
    settings.seeds, settings.seed = 3, 5
    bpy.ops.uner3d.reconstruct()
    assert len(bpy.data.objects) == before
    offered = choices.offered()
    assert [choice.seed for choice in offered] == [5, 6, 7]
    assert all(choice.cloud.is_file() and choice.picture.is_file() for choice in offered)
    assert {"Choose a cloud", "Take 5", "Take 7"} <= set(drawn(UNER3D_PT_Reconstruct))
    bpy.ops.uner3d.take_choice(seed=6)
    cloud = bpy.context.object
    assert (cloud.name, len(cloud.data.vertices)) == ("cüp", 500)
    assert choices.offered() == offered
    with pytest.raises(RuntimeError, match="no cloud of seed 9"):
        bpy.ops.uner3d.take_choice(seed=9)
    bpy.ops.uner3d.dismiss_choices()
    assert choices.offered() == ()
    assert not offered[0].cloud.exists()
    assert {Path(cloud.uner3d.field).parent} == set(job_folders()) - folders_before


def test_choices_for_scripts(engine: Any, folder: Path) -> None:
    engine(CHOICES + ANSWER)
    offered = api.imagine_choices("a cup", 2, Settings(points=30, method="point-e"))
    cloud = api.take_choice(offered[1], 40)
    assert (cloud.name, len(cloud.data.vertices)) == ("a cup", 40)
    with pytest.raises(InputError, match="One cloud is no choice"):
        api.imagine_choices("a cup", 1)
    with pytest.raises(InputError, match="65 clouds"):
        api.imagine_choices("a cup", 65)


def test_cancelled_choices_leave_nothing(engine: Any, settings: Any) -> None:
    engine(HANG)
    settings.seeds = 2
    before = set(job_folders())
    run = api.start_inputs(bpy.context.scene)

    def cancel(state: Any) -> None:
        if state.stage:
            run.cancel()

    with pytest.raises(Cancelled):
        api.complete_choices(run, cancel)
    assert (choices.offered(), runs.current(), set(job_folders())) == ((), None, before)


def test_what_is_imagined_stands_where_the_cursor_was(engine: Any, settings: Any) -> None:
    engine(ANSWER)
    scene = bpy.context.scene
    scene.cursor.location, settings.longest_side = (1, 2, 3), 2.0
    for seeds in (1, 2):
        settings.seeds = seeds
        run = api.start_inputs(scene)
        assert run.estimated_place == Place((1.0, 2.0, 3.0), 2.0)
        runs.cancel_all()
        runs.end_all()


def test_how_the_weights_stand_is_shown(settings: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def shown() -> str:
        weights.forget()
        return " ".join(drawn(UNER3D_PT_Reconstruct))

    assert "weights of “base40M” are missing: 2.1 GB" in " ".join(shown().split())
    (folder / f"{CLIP.name}.part").write_bytes(b"a")
    assert "Resume Fetching" in shown()
    put_weights(folder)
    with monkeypatch.context() as patch:
        patch.setattr(Weights, "changed", lambda *_: [])
        assert "Weights of “base40M” are there" in shown()
    weights.forget()
    weights.standing("base40M", of_sentence=False)
    deadline = time.monotonic() + 10
    found: tuple[Path, ...] = ()
    while not found and time.monotonic() < deadline:
        time.sleep(0.05)
        weights._registry.seen.clear()
        found = weights.standing("base40M", of_sentence=False).changed
    assert {path.name for path in found} == {CLIP.name, VOCABULARY.name}
    (folder / HASHES).write_text('{"sdf.pt": "0"}')
    settings.prompt_kind = "SENTENCE"
    assert "base40M-textvec" in shown()


def test_nothing_is_fetched_without_consent_or_access(engine: Any, settings: Any, monkeypatch: Any) -> None:
    engine(FETCH)
    with pytest.raises(InputError, match="not agreed to"):
        api.fetch_weights()
    with pytest.raises(RuntimeError, match="not agreed to"):
        bpy.ops.uner3d.fetch_weights()
    monkeypatch.setattr(bpy.context.preferences.system, "use_online_access", False)
    with pytest.raises(WeightsError, match="online access is off"):
        api.fetch_weights(accept=True)
    assert fetching.current(POINT_E) is None


def test_the_worker_fetches_them(engine: Any, settings: Any, folder: Path, online: None) -> None:
    engine(FETCH)
    bpy.ops.uner3d.fetch_weights(accept=True)
    assert (folder / "base40M.txt").is_file()
    stages = []
    api.fetch_weights("base1B", accept=True, on_progress=lambda state: stages.append(state.stage))
    assert (folder / "base1B.txt").is_file()
    with pytest.raises(InputError, match="no network"):
        api.fetch_weights("base9", accept=True)
    assert fetching.current(POINT_E) is None


def test_fetching_is_shown_and_cancelled(engine: Any, settings: Any, folder: Path, online: None) -> None:
    engine(HANG)
    weights.start("base40M")
    deadline = time.monotonic() + 30
    while not (fetching.advance().stage or time.monotonic() > deadline):
        time.sleep(0.02)
    assert "Cancel Fetching" in drawn(UNER3D_PT_Reconstruct)
    with pytest.raises(InputError, match="fetched already"):
        weights.start("base40M")
    bpy.ops.uner3d.cancel_weights()
    while fetching.current(POINT_E) is not None and time.monotonic() < deadline:
        fetching.advance()
        time.sleep(0.02)
    assert fetching.last_fault(POINT_E) is None


def test_why_fetching_failed_is_shown(engine: Any, settings: Any, online: None) -> None:
    engine(
        """say(protocol.Error("weights", "“sdf.pt” can't be fetched: no route.", "Check the connection."))"""
    )
    with pytest.raises(WeightsError, match="no route"):
        api.fetch_weights(accept=True)
    assert "no route" in " ".join(drawn(UNER3D_PT_Reconstruct))


def test_the_dialog_says_what_the_notice_says() -> None:
    from blender_addon.operators.weights import _NOTICE

    assert " ".join(_NOTICE) == " ".join(NOTICE.split())


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
def test_the_whole_way_with_small_networks(
    settings: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = write_tiny_worker(tmp_path / "engine", folder)
    monkeypatch.setenv("UNER3D_ENGINE_PYTHON", str(engine))
    settings.seeds, settings.preset = 2, "draft"
    bpy.ops.uner3d.reconstruct()
    offered = choices.offered()
    size = bpy.data.images.load(str(offered[0].picture)).size
    assert tuple(size) == (160, 160)
    cloud = api.take_choice(offered[1], 700)
    assert len(cloud.data.vertices) == 700
    settings.seeds = 1
    seen: list[int] = []
    made = api.imagine(
        "a cup",
        Settings(300, "draft", "cpu", "point-e", weights=str(folder)),
        on_progress=lambda state: seen.append(len(state.previews)),
    )
    assert len(made.data.vertices) == 300
    assert max(seen) > 0
    assert len(api.resample(made, 900).data.vertices) == 900
