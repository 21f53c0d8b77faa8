# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that make masks: offered where images have none, fetched on a click, used by runs and sheets."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy
import fake_engine
import pytest
from drawn_panels import drawn
from test_inputs import looked_at
from test_view_cameras import write_png

from blender_addon import api, fetching, mask_networks, preferences
from blender_addon.engine.builds import MASKS, POINT_E
from blender_addon.panels.reconstruct import UNER3D_PT_Reconstruct
from uner3d_core import protocol
from uner3d_core.errors import InputError, WeightsError
from uner3d_core.inputs.mask_models import MASK_MODELS, VARIABLE

FETCH = """
    assert isinstance(task, protocol.FetchWeights)
    (Path(__file__).parent / "networks" / f"{task.mask_model}.onnx").write_bytes(b"network")
    say(protocol.Progress("u2net.onnx, MiB", 1, 4))
    say(protocol.Result({}, protocol.Figures(0, "cpu")))
"""
TELL_JOB = "\n    (Path(__file__).parent / 'job.json').write_text((folder / 'job.json').read_text())"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The folder of the networks, empty."""
    path = tmp_path / "networks"
    path.mkdir()
    monkeypatch.setenv(VARIABLE, str(path))
    mask_networks.forget()
    yield path
    fetching.unregister()
    mask_networks.forget()


@pytest.fixture
def settings(folder: Path, tmp_path: Path) -> Any:
    """A scene with two photographs without masks."""
    scene = bpy.context.scene
    made = [write_png(tmp_path / "photos" / f"{number}.png", 12, 8) for number in range(2)]
    api.add_images(scene, made)
    looked_at(scene)
    return scene.uner3d


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpy.context.preferences.system, "use_online_access", True)


def test_it_is_offered_where_images_have_no_mask(settings: Any) -> None:
    assert "mask_model" in drawn(UNER3D_PT_Reconstruct)
    assert "Fetch Network" not in drawn(UNER3D_PT_Reconstruct)
    settings.mask_model = "u2net"
    assert {"Fetch Network", "The network “U²-Net” is not there yet."} <= set(words())
    settings.mask_model = "NONE"
    settings.inputs.clear()
    looked_at()
    assert "mask_model" not in drawn(UNER3D_PT_Reconstruct)


def test_it_is_fetched_and_no_longer_missed(settings: Any, folder: Path, engine: Any, online: None) -> None:
    engine(FETCH)
    settings.mask_model = "u2net"
    assert "Fetch Network" in drawn(UNER3D_PT_Reconstruct)
    bpy.ops.uner3d.fetch_mask_network(network="u2net")
    assert (folder / MASK_MODELS["u2net"].file).is_file()
    assert "Fetch Network" not in drawn(UNER3D_PT_Reconstruct)
    told = []
    api.fetch_mask_network("u2net", on_progress=lambda state: told.append(state.stage))
    assert not fetching.is_running()
    with pytest.raises(InputError, match="no network that makes masks"):
        api.fetch_mask_network("unet")


def test_fetching_is_shown_and_cancelled(settings: Any, engine: Any, online: None) -> None:
    engine(fake_engine.HANG)
    settings.mask_model = "isnet"
    mask_networks.start("isnet")
    deadline = time.monotonic() + 30
    while not (fetching.advance().stage or time.monotonic() > deadline):
        time.sleep(0.02)
    assert "Cancel Fetching" in drawn(UNER3D_PT_Reconstruct)
    assert fetching.current(POINT_E) is None
    bpy.ops.uner3d.cancel_weights()
    while fetching.is_running() and time.monotonic() < deadline:
        fetching.advance()
        time.sleep(0.02)
    assert fetching.last_fault(MASKS) is None


def test_why_it_is_not_there_is_shown(settings: Any, engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engine("""say(protocol.Error("weights", "“u2net.onnx” can't be fetched: no route.", "Try later."))""")
    settings.mask_model = "u2net"
    monkeypatch.setattr(bpy.context.preferences.system, "use_online_access", False)
    with pytest.raises(WeightsError, match="online access is off"):
        api.fetch_mask_network("u2net")
    monkeypatch.setattr(bpy.context.preferences.system, "use_online_access", True)
    with pytest.raises(RuntimeError, match="no route"):
        bpy.ops.uner3d.fetch_mask_network(network="u2net")
    assert any("no route" in text for text in words())


def test_what_the_engine_lacks_is_offered(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preferences, "lacks_extra", lambda name: name == MASKS)
    assert "Add Mask Networks to Engine" not in drawn(UNER3D_PT_Reconstruct)
    settings.mask_model = "u2net"
    assert "Add Mask Networks to Engine" in drawn(UNER3D_PT_Reconstruct)


def test_runs_and_sheets_use_it(settings: Any, engine: Any, tmp_path: Path) -> None:
    engine(fake_engine.ANSWER + TELL_JOB)
    settings.mask_model = "isnet"
    bpy.ops.uner3d.reconstruct()
    assert asked(tmp_path).mask_model == "isnet"
    api.reconstruct(tmp_path / "photos", mask_model="u2net")
    assert asked(tmp_path).mask_model == "u2net"
    engine(
        """
    import shutil
    shutil.copyfile(task.images[0], task.sheet)
    say(protocol.Result({"sheet": str(task.sheet)}, protocol.Figures(0, "cpu", 2, 2)))
"""
        + TELL_JOB
    )
    api.show_masks(bpy.context.scene)
    assert asked(tmp_path).mask_model == "isnet"


def test_a_picture_to_imagine_from_gets_a_mask_too(settings: Any, engine: Any, tmp_path: Path) -> None:
    settings.method = "point_e"
    settings.inputs[1].enabled = False
    assert "mask_model" in drawn(UNER3D_PT_Reconstruct)
    settings.mask_model = "u2net"
    assert "Fetch Network" in drawn(UNER3D_PT_Reconstruct)
    engine(fake_engine.ANSWER + TELL_JOB)
    bpy.ops.uner3d.reconstruct()
    assert asked(tmp_path).mask_model == "u2net"
    api.imagine(tmp_path / "photos" / "0.png", mask_model="isnet")
    assert asked(tmp_path).mask_model == "isnet"
    settings.prompt_kind = "SENTENCE"
    assert "mask_model" not in drawn(UNER3D_PT_Reconstruct)


def words() -> list[str]:
    """Draw the panel; sentences that are wrapped come whole."""
    texts = drawn(UNER3D_PT_Reconstruct)
    return [*texts, *(f"{first} {second}" for first, second in pairwise(texts))]


def asked(tmp_path: Path) -> Any:
    """Read what the worker was asked."""
    found = next(tmp_path.rglob("job.json"))
    task = protocol.read_job(found.parent)
    found.unlink()
    return task
