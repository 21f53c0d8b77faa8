# SPDX-License-Identifier: Apache-2.0
"""The camera that is assumed for a single picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uner3d_core.errors import InputError
from uner3d_core.inputs.load import find_posed, read_views


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNER3D_CACHE", str(tmp_path / "cache"))


def picture(folder: Path, alpha: bool) -> Path:
    """Draw a disc of 60 pixels about the pixel (140, 90)."""
    x, y = np.meshgrid(np.arange(200) + 0.5, np.arange(160) + 0.5)
    inside = np.hypot(x - 140, y - 90) < 30
    image = np.zeros((160, 200, 4), np.uint8)
    image[..., :3] = np.random.default_rng(0).integers(0, 255, (160, 200, 1))
    image[..., 3] = 255 * inside if alpha else 255
    path = folder / "only.png"
    Image.fromarray(image).save(path)
    return path


def test_the_object_stands_upright_at_the_origin(tmp_path: Path) -> None:
    posed = find_posed(picture(tmp_path, alpha=True))
    (view,) = read_views(posed)
    assert posed.is_estimated
    pixels, depth = view.camera.project([[0.0, 0.0, 0.0], [0.0, 0.0, 0.3]])
    assert pixels[0] == pytest.approx([140, 90], abs=1.0)
    assert pixels[1, 1] < pixels[0, 1] - 5
    assert pixels[1, 0] == pytest.approx(pixels[0, 0], abs=3.0)
    assert depth[0] > 0
    assert view.camera.centre[1] < 0 < view.camera.centre[2]
    radius = 0.5 / depth[0] * view.camera.fx
    assert radius == pytest.approx(30, rel=0.1)


def test_a_picture_that_shows_no_outline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1 photograph can't tell where the cameras stood"):
        find_posed(picture(tmp_path, alpha=False))
