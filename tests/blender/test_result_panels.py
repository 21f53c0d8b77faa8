# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels of a result are drawn on a layout that notes what is put on it, and knows what can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest
from drawn_panels import drawn

from blender_addon import presets
from blender_addon.jobs import placing
from blender_addon.panels.cloud import UNER3D_PT_Cloud, UNER3D_PT_Details, UNER3D_PT_Field
from blender_addon.panels.presets import UNER3D_PT_Looks, UNER3D_PT_Setups
from uner3d_core.protocol import Figures


@pytest.fixture
def cloud(sphere_cloud: Any) -> Any:
    return placing.add_to_scene(sphere_cloud(10), "Chair", bpy.context.scene)


def test_what_needs_a_field_is_offered_where_there_is_one(cloud: Any) -> None:
    assert {"density", "render_density", "shape", "radius"} <= set(drawn(UNER3D_PT_Cloud))
    assert not UNER3D_PT_Field.poll(bpy.context)
    cloud.uner3d.field = "field.safetensors"
    assert UNER3D_PT_Field.poll(bpy.context)
    assert {"mesh_faces", "Convert to Mesh", "Resample"} <= set(drawn(UNER3D_PT_Field))


def test_details_are_shown(cloud: Any) -> None:
    figures = Figures(10, "cpu", 24, 24, {"stereo": 2.0}, {"seen": 0.5}, notes=["Left out: a.png."])
    placing.describe(cloud, Path("field.safetensors"), figures)
    seen = drawn(UNER3D_PT_Details)
    assert {"Views", "24", "Surface seen", "50.0%", "Left out: a.png.", "Copy Details"} <= set(seen)


@pytest.mark.parametrize("panel", [UNER3D_PT_Looks, UNER3D_PT_Setups])
def test_what_was_kept_is_listed(cloud: Any, panel: Any) -> None:
    kind = panel.kind
    bpy.ops.uner3d.keep_preset(kind=kind.word, name="Mine")
    seen = drawn(panel, kind=kind, keep=panel.keep)
    assert {"Mine", panel.keep, "From File", "To File"} <= set(seen)
    presets.remove(kind, "Mine")
    assert "Mine" not in drawn(panel, kind=kind, keep=panel.keep)
