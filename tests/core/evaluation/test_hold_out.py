# SPDX-License-Identifier: Apache-2.0
"""Pictures held out of a run are compared with what its cloud shows in their cameras."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from uner3d_core.camera import Camera
from uner3d_core.errors import InputError
from uner3d_core.evaluation import hold_out as module
from uner3d_core.evaluation.hold_out import foretell, hold_out, split_views
from uner3d_core.evaluation.splatting import disc_radius, draw, splat
from uner3d_core.field import Field
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Progress, Silent
from uner3d_core.reconstruct import Reconstruction
from uner3d_core.settings import Settings
from uner3d_core.views import View

SIZE = 64


def ball(count: int = 20_000) -> PointCloud:
    """Points of a ball of radius 1 with colours by place."""
    index = np.arange(count) + 0.5
    height, angle = 1 - 2 * index / count, index * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - height**2)
    points = np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=1).astype(np.float32)
    colours = np.rint(127.5 + 60 * points).astype(np.uint8)
    return PointCloud(points, colours, points, np.ones(count, np.float32))


def view_of(cloud: PointCloud, name: str, *, masked: bool = True) -> View:
    """What a camera four units in front of the ball sees."""
    pose = np.eye(4)
    pose[2, 3] = 4.0
    camera = Camera.from_opengl(pose, width=SIZE, height=SIZE, fx=90, fy=90, cx=SIZE / 2, cy=SIZE / 2)
    drawn = splat(cloud, camera, disc_radius(cloud.positions))
    return View(name, drawn[..., :3], camera, drawn[..., 3] if masked else None)


def test_held_out_views_are_spread_and_in_order() -> None:
    views = [view_of(ball(500), f"{index:02}.png") for index in range(10)]
    given, held_out = split_views(views, 3)
    assert [view.name for view in held_out] == ["01.png", "05.png", "08.png"]
    assert [view.name for view in given] == [f"{index:02}.png" for index in (0, 2, 3, 4, 6, 7, 9)]


@pytest.mark.parametrize("count", [0, 4, 5, -1])
def test_too_many_or_none_is_a_sentence(count: int) -> None:
    with pytest.raises(InputError, match="held out"):
        split_views([view_of(ball(500), "a.png")] * 4, count)


def test_what_the_cloud_shows_is_foretold_exactly() -> None:
    view = view_of(ball(), "a.png")
    figures = foretell(draw(ball(), [view])[0], view)
    assert figures.psnr > 60
    assert figures.psnr_over_black is not None
    assert figures.psnr_over_black > 60
    assert figures.iou == 1
    assert figures.covered == pytest.approx(np.pi * (90 / np.sqrt(15) / SIZE) ** 2, rel=0.1)


def test_colours_that_are_off_by_a_tenth_cost_what_they_should() -> None:
    view = view_of(ball(), "a.png", masked=False)
    paler = replace(view, image=np.where(view.image > 0, view.image + 25.5, 0).astype(np.uint8))
    figures = foretell(draw(ball(), [paler])[0], paler)
    assert figures.psnr == pytest.approx(20, abs=0.3)
    assert figures.iou is figures.psnr_over_black is None


def test_the_run_sees_all_but_the_held_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    views = [view_of(ball(), f"{index}.png") for index in range(6)]
    seen: list[str] = []

    def reconstruct(given: list[View], settings: Settings, progress: Progress) -> Reconstruction:
        seen.extend(view.name for view in given)
        field = Field.__new__(Field)
        return Reconstruction(field, ball(), {"stereo": 1.5}, "cpu", {})

    monkeypatch.setattr(module, "reconstruct", reconstruct)
    found = hold_out(views, 2, Settings(), Silent(), tmp_path / "sheet.png")
    assert seen == ["0.png", "2.png", "3.png", "5.png"]
    assert [figures.name for figures in found.pictures] == ["1.png", "4.png"]
    assert found.given == 4
    assert found.psnr == pytest.approx(np.mean([figures.psnr for figures in found.pictures]))
    assert found.iou == 1
    assert (tmp_path / "sheet.png").stat().st_size > 1000
