# SPDX-License-Identifier: Apache-2.0
"""A turntable is noticed by what stands still, and what turns is told from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from uner3d_core.evaluation.camera_agreement import compare
from uner3d_core.inputs.load import estimate_posed
from uner3d_core.poses import process
from uner3d_core.poses.cropping import find_crops
from uner3d_core.poses.turntable import moving_parts

COUNT = 16


def turntable(
    arc: Callable[..., Any], draw_scene: Callable[..., Any], background: Any
) -> tuple[list[Any], list[Any]]:
    """The box turns by 8 degrees a picture before a background that never changes."""
    generator = np.random.default_rng(5)
    pictures, boxes = [], []
    for camera in arc(COUNT, degrees=8.0):
        picture, box = draw_scene(camera, floor=False)
        whole = np.where(box[..., None], picture, background) + generator.normal(0, 1.5, picture.shape)
        pictures.append(np.clip(whole, 0, 255).astype(np.uint8))
        boxes.append(box)
    return pictures, boxes


@pytest.fixture
def room(arc: Callable[..., Any], draw_scene: Callable[..., Any]) -> Any:
    """A patterned floor, as one camera sees it."""
    return draw_scene(arc(1)[0], floor=True)[0][::-1]


def test_what_moves(arc: Callable[..., Any], draw_scene: Callable[..., Any], room: Any) -> None:
    pictures, boxes = turntable(arc, draw_scene, room)
    masks = moving_parts([picture[..., 0] for picture in pictures])
    assert masks is not None
    overlaps = [
        ((mask > 127) & box).sum() / ((mask > 127) | box).sum()
        for mask, box in zip(masks, boxes, strict=True)
    ]
    assert min(overlaps) > 0.8


def test_pictures_that_are_cropped_elsewhere(
    arc: Callable[..., Any], draw_scene: Callable[..., Any], room: Any
) -> None:
    pictures, boxes = turntable(arc, draw_scene, room)
    offsets = np.random.default_rng(1).integers(0, 14, (COUNT, 2)) * 2
    parts = [np.s_[row : row + 200, column : column + 200] for row, column in offsets]
    greys = [picture[part][..., 0] for picture, part in zip(pictures, parts, strict=True)]
    found = find_crops(np.stack(greys).astype(np.float32))
    assert found is not None
    assert np.abs(found - (offsets - offsets.min(0))).max() <= 1
    masks = moving_parts(greys)
    assert masks is not None
    for mask, box, part in zip(masks, boxes, parts, strict=True):
        assert ((mask > 127) & box[part]).sum() > 0.9 * box[part].sum()
        assert (mask > 127).sum() < 1.6 * box[part].sum()


def test_pictures_of_a_camera_that_moves_are_no_crops(scene: Any) -> None:
    greys = [np.asarray(Image.open(path).convert("L"), dtype=np.float32) for path in scene.images]
    assert find_crops(np.stack(greys)) is None


def test_camera_that_moves(scene: Any) -> None:
    greys = [np.asarray(Image.open(path).convert("L")) for path in scene.images]
    assert moving_parts(greys) is None


def test_plain_background_is_no_turntable(arc: Callable[..., Any], draw_scene: Callable[..., Any]) -> None:
    pictures, _ = turntable(arc, draw_scene, np.full((240, 240, 3), 120.0))
    assert moving_parts([picture[..., 0] for picture in pictures]) is None


def test_few_or_unlike_pictures() -> None:
    pictures = [np.zeros((20, 30), np.uint8)] * 12
    assert moving_parts(pictures[:5]) is None
    assert moving_parts([*pictures, np.zeros((30, 20), np.uint8)]) is None


@pytest.mark.skipif(not process.is_installed(), reason="pycolmap is not installed")
def test_turntable_is_explained_and_solved(
    arc: Callable[..., Any], draw_scene: Callable[..., Any], room: Any, tmp_path: Path, told: Any
) -> None:
    for number, picture in enumerate(turntable(arc, draw_scene, room)[0]):
        Image.fromarray(picture).save(tmp_path / f"{number:02d}.png")
    posed = estimate_posed(tmp_path, progress=told)
    assert any(text.startswith("A turntable: ") for text in told.texts)
    truth = {f"{number:02d}.png": camera for number, camera in enumerate(arc(COUNT, degrees=8.0))}
    found = compare({frame.image.name: frame.camera for frame in posed.frames}, truth)
    assert found.registered == COUNT
    assert found.position_median < 2.0
    assert all(frame.mask is not None for frame in posed.frames)
