# SPDX-License-Identifier: Apache-2.0
"""Right cameras fill the outlines; wrong ones leave parts of them empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage
from scipy.spatial.transform import Rotation

from uner3d_core.poses.hints import LEAST_FILLED
from uner3d_core.poses.outlines import filled_share


def outline(camera: Any) -> npt.NDArray[np.uint8]:
    """Draw a board that stands on edge."""
    x, y, z = np.meshgrid(np.linspace(-0.6, 0.6, 80), np.linspace(-0.1, 0.1, 8), np.linspace(0.0, 0.9, 60))
    places = np.stack([x, y, z], -1).reshape(-1, 3) @ camera.world_to_camera[:3, :3].T
    places += camera.world_to_camera[:3, 3]
    column = (camera.fx * places[:, 0] / places[:, 2] + camera.cx).astype(int)
    row = (camera.fy * places[:, 1] / places[:, 2] + camera.cy).astype(int)
    drawn = np.zeros((camera.height, camera.width), dtype=bool)
    drawn[row, column] = True
    return ndimage.binary_closing(drawn, iterations=3).astype(np.uint8) * 255


@pytest.fixture
def outlines(arc: Callable[..., Any]) -> tuple[list[Any], list[npt.NDArray[np.uint8]]]:
    cameras = arc(12, degrees=30.0)
    return cameras, [outline(camera) for camera in cameras]


def test_right_cameras(outlines: Any) -> None:
    assert filled_share(*outlines) > 0.99


def test_the_unit_does_not_matter(outlines: Any) -> None:
    cameras, masks = outlines
    scaled = []
    for camera in cameras:
        pose = camera.world_to_camera.copy()
        pose[:3, 3] *= 40.0
        scaled.append(replace(camera, world_to_camera=pose))
    assert filled_share(scaled, masks) > 0.99


def test_one_wrong_mask_is_no_contradiction(outlines: Any) -> None:
    cameras, masks = outlines
    masks[3] = np.zeros_like(masks[3])
    masks[3][100:110, 100:110] = 255
    assert filled_share(cameras, masks) > 0.97


def test_folded_ring(outlines: Any) -> None:
    """Half of the cameras stand where they don't, as if the board had been recognised on the wrong side."""
    cameras, masks = outlines
    eighth = np.eye(4)
    eighth[:3, :3] = Rotation.from_euler("z", 45, degrees=True).as_matrix()
    folded = [
        camera if number < 6 else replace(camera, world_to_camera=camera.world_to_camera @ eighth)
        for number, camera in enumerate(cameras)
    ]
    assert filled_share(folded, masks) < LEAST_FILLED


def test_shuffled_cameras(outlines: Any) -> None:
    cameras, masks = outlines
    assert filled_share([cameras[(5 * number) % 12] for number in range(12)], masks) < LEAST_FILLED


def test_empty_masks(outlines: Any) -> None:
    cameras, masks = outlines
    assert filled_share(cameras, [np.zeros_like(mask) for mask in masks]) == 0.0
