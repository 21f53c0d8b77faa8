# SPDX-License-Identifier: Apache-2.0
"""A network's masks, of photographs without any, are those inside which features are looked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from uner3d_core.cli import main
from uner3d_core.errors import ImageError
from uner3d_core.evaluation.camera_agreement import compare
from uner3d_core.inputs.load import estimate_posed, read_views
from uner3d_core.inputs.segmentation import Segment, load_segmenter
from uner3d_core.poses import process
from uner3d_core.poses.foreground import find_foreground
from uner3d_core.poses.photographs import read_photograph

COUNT = 10
RED, GREEN = (1.0, 0.15, 0.15), (0.1, 0.7, 0.1)

needs_colmap = pytest.mark.skipif(not process.is_installed(), reason="pycolmap is not installed")


@pytest.fixture
def folder(arc: Callable[..., Any], draw_scene: Callable[..., Any], tmp_path: Path) -> Path:
    """A red box on a turntable before a green room that turns the other way, and is no place to look at."""
    place = tmp_path / "photos"
    place.mkdir()
    others = arc(COUNT, degrees=-8.0, height=2.0)
    for number, camera in enumerate(arc(COUNT, degrees=8.0)):
        picture, box = draw_scene(camera, floor=False)
        room, _ = draw_scene(others[number], floor=True)
        tinted = np.where(box[..., None], (60 + 0.75 * picture) * RED, room * GREEN)
        Image.fromarray(tinted.astype(np.uint8)).save(place / f"{number:02d}.png")
    return place


@needs_colmap
def test_features_are_looked_for_inside(
    folder: Path, arc: Callable[..., Any], small_network: Path, told: Any
) -> None:
    pytest.importorskip("onnxruntime")
    network = load_segmenter("u2net")
    asked: list[tuple[int, ...]] = []

    def counted(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        asked.append(image.shape)
        return network(image)

    posed = estimate_posed(folder, progress=told, segment=Segment(network.sha256, counted))
    truth = {f"{number:02d}.png": camera for number, camera in enumerate(arc(COUNT, degrees=8.0))}
    found = compare({frame.image.name: frame.camera for frame in posed.frames}, truth)
    assert found.registered == COUNT
    assert found.rotation_median < 1.5
    assert f"Masks: a trained network found the object in {COUNT} of {COUNT} pictures." in told.texts
    assert ("make masks", COUNT, COUNT) in told.stages

    # The reconstruction takes the same masks, and the network is asked no second time.
    views = read_views(posed, None, told, Segment(network.sha256, counted))
    assert len(asked) == COUNT
    assert all(view.mask is not None and 0.02 < (view.mask > 127).mean() < 0.5 for view in views)
    again = estimate_posed(folder, progress=told, segment=Segment(network.sha256, counted))
    assert len(asked) == COUNT
    assert [frame.mask for frame in again.frames] == [frame.mask for frame in posed.frames]


@needs_colmap
def test_command_line(folder: Path, small_network: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    cameras = tmp_path / "cameras.json"
    arguments = ["estimate-cameras", str(folder), "--mask-model", "u2net", "--output", str(cameras)]
    assert main(arguments) == 0
    assert len(list((tmp_path / "cameras_masks").iterdir())) == COUNT


def test_masks_that_are_given_come_first(folder: Path, tmp_path: Path) -> None:
    photographs = [read_photograph(path) for path in sorted(folder.iterdir())[:4]]
    given = tmp_path / "given.png"
    half = np.zeros((240, 240), np.uint8)
    half[:120] = 255
    Image.fromarray(half).save(given)
    white = Segment("", lambda image: np.full(image.shape[:2], 255, np.uint8))
    found = find_foreground(photographs, [given, None, None, None], white)
    assert found.masks is not None
    assert [int((mask > 127).sum()) for mask in found.masks] == [half.size // 2, *[half.size] * 3]
    assert set(found.made) == {photograph.path for photograph in photographs[1:]}
    assert "in 3 of 4 pictures, the others have theirs" in found.said
    assert not found.exact


def test_where_it_finds_nothing(folder: Path, tmp_path: Path) -> None:
    paths = sorted(folder.iterdir())[:3]
    photographs = [read_photograph(path) for path in paths]
    answers = iter([255, 0, 255])
    some = Segment("", lambda image: np.full(image.shape[:2], next(answers), np.uint8))
    found = find_foreground(photographs, [None] * 3, some)
    assert [photograph.name for photograph in found.photographs] == ["00.png", "02.png"]
    assert "found nothing there: 01.png" in found.said
    nothing = Segment("", lambda image: np.zeros(image.shape[:2], np.uint8))
    with pytest.raises(ImageError, match="black"):
        find_foreground(photographs, [None] * 3, nothing)
