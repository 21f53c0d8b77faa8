# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
import pytest

from blender_addon import details
from blender_addon.jobs import placing
from uner3d_core.protocol import Figures


@pytest.fixture
def cloud(sphere_cloud: Any) -> Any:
    return placing.add_to_scene(sphere_cloud(1234), "Chair", bpy.context.scene)


def test_what_the_run_told_is_known(cloud: Any) -> None:
    scores = {"silhouette_iou": 0.98123, "psnr_given": 30.06, "seen": 0.995, "f_score": 0.5}
    stages = {"stereo": 2.0, "colours": 0.25}
    notes = ["Left out: a.png."]
    figures = Figures(1234, "cuda", 24, 23, stages, scores, preset="final", notes=notes)
    placing.describe(cloud, Path("field.safetensors"), figures)
    told = details.of_cloud(cloud)
    assert told.as_text().splitlines() == [
        "Chair",
        "Points: 1,234",
        "Views: 23 of 24",
        "Preset: Final",
        "Device: cuda",
        "Time: 2.2 s",
        "    Stereo: 2.0 s",
        "    Colours: 0.2 s",
        "Silhouettes' overlap: 0.981 IoU",
        "Colours in given views: 30.1 dB PSNR",
        "Surface seen: 99.5%",
        "f_score: 0.5",
        "Left out: a.png.",
    ]
    assert bpy.ops.uner3d.copy_details() == {"FINISHED"}


@pytest.mark.parametrize(
    "figures",
    [
        "",
        "no JSON",
        "[1]",
        '{"stages": 3, "scores": [], "views": "many", "notes": 7, "device": 1}',
        json.dumps({"stages": {"a": "b"}, "scores": None}),
    ],
)
def test_figures_that_can_not_be_understood_are_left_out(cloud: Any, figures: str) -> None:
    cloud.uner3d.figures = figures
    assert details.of_cloud(cloud) == details.Details("Chair", (("Points", "1,234"),), ())


def test_a_file_of_an_earlier_version_is_understood(cloud: Any) -> None:
    old = {key: value for key, value in asdict(Figures(5, "cpu", 3, 3)).items() if key != "notes"}
    cloud.uner3d.figures = json.dumps(old)
    assert ("Views", "3") in details.of_cloud(cloud).figures
