# SPDX-License-Identifier: GPL-3.0-or-later
"""The masks are shown before a run, by a worker of their own, and nothing of the person's is changed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bpy
import fake_engine
import pytest
from drawn_panels import drawn
from test_view_cameras import write_png

from blender_addon import api
from blender_addon.jobs import mask_sheet
from blender_addon.panels.reconstruct import UNER3D_PT_Reconstruct
from uner3d_core.errors import InputError

DRAW = """
    import shutil
    assert isinstance(task, protocol.ShowMasks)
    shutil.copyfile(task.images[0], task.sheet)
    notes = ["Masks: the background is even and was keyed out."]
    figures = protocol.Figures(0, "cpu", len(task.images), len(task.images), notes=notes)
    say(protocol.Result({"sheet": str(task.sheet)}, figures))
"""


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    made = [write_png(tmp_path / "ü photos" / f"{number}.png", 12, 8) for number in range(2)]
    api.add_images(bpy.context.scene, made)
    return made


def over(sheet: mask_sheet.Sheet) -> mask_sheet.Sheet:
    deadline = time.monotonic() + 60
    while mask_sheet._tick() is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sheet.state.ended
    return sheet


def test_a_script_gets_the_sheet_as_an_image(images: list[Path], engine: Any) -> None:
    engine(DRAW)
    image = api.show_masks(bpy.context.scene)
    assert image.name == mask_sheet.IMAGE_NAME
    assert tuple(image.size) == (12, 8)
    assert image.packed_file is not None
    settings = bpy.context.scene.uner3d
    assert [row.filepath for row in settings.inputs] == [str(path) for path in images]
    assert not settings.mask_folder
    assert not list(Path(bpy.app.tempdir).glob("masks_*"))
    again = api.show_masks(bpy.context.scene)
    assert [item.name for item in bpy.data.images] == [again.name]


def test_the_panel_says_what_was_chosen_until_the_inputs_change(images: list[Path], engine: Any) -> None:
    engine(DRAW)
    scene = bpy.context.scene
    assert "Show Masks" in drawn(UNER3D_PT_Reconstruct)
    sheet = mask_sheet.start_masks(scene)
    assert "Show Masks" not in drawn(UNER3D_PT_Reconstruct)
    assert mask_sheet.image_of(over(sheet)) is not None
    seen = drawn(UNER3D_PT_Reconstruct)
    assert any("background" in text for text in seen)
    assert "Open Sheet" in seen
    scene.uner3d.inputs[1].enabled = False
    assert mask_sheet.sheet_of(scene) is None
    assert "Open Sheet" not in drawn(UNER3D_PT_Reconstruct)


def test_what_goes_wrong_is_a_sentence_in_the_panel(images: list[Path], engine: Any) -> None:
    engine(fake_engine.FAIL)
    sheet = over(mask_sheet.start_masks(bpy.context.scene))
    assert sheet.error is not None
    assert any("show nothing" in text for text in drawn(UNER3D_PT_Reconstruct))
    with pytest.raises(RuntimeError, match="The pictures show nothing"):
        bpy.ops.uner3d.show_masks()


def test_it_is_cancelled(images: list[Path], engine: Any) -> None:
    engine(fake_engine.HANG)
    sheet = mask_sheet.start_masks(bpy.context.scene)
    assert bpy.ops.uner3d.cancel_masks() == {"FINISHED"}
    assert mask_sheet.image_of(over(sheet)) is None
    assert "Show Masks" in drawn(UNER3D_PT_Reconstruct)


def test_without_images_it_is_a_sentence() -> None:
    assert not bpy.ops.uner3d.show_masks.poll()
    with pytest.raises(InputError, match="no images among the inputs"):
        api.show_masks(bpy.context.scene)
