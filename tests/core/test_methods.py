# SPDX-License-Identifier: Apache-2.0
"""A method fits in by its line in the list: what it takes is read, what it makes is sampled or kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from uner3d_core.cloud_files import read_npz
from uner3d_core.errors import InputError
from uner3d_core.methods import METHODS, Method, find_method, load_fit
from uner3d_core.point_cloud import PointCloud
from uner3d_core.prompt import Prompt
from uner3d_core.protocol import Reconstruct
from uner3d_core.run import run
from uner3d_core.settings import Settings


def grey(prompt: Prompt, settings: Settings, *_: object) -> tuple[PointCloud, dict[str, float]]:
    """A method that makes the cloud itself, of the picture's mean colour."""
    assert prompt.image is not None
    zeros = np.zeros((settings.points, 3), np.float32)
    colours = np.tile(prompt.image.mean(axis=(0, 1)).astype(np.uint8), (settings.points, 1))
    return PointCloud(zeros, colours, zeros, np.ones(settings.points, np.float32)), {"likeness": 0.5}


def test_a_method_that_makes_the_cloud_itself(
    tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METHODS, "grey", Method(f"{__name__}:grey", takes="prompt"))
    Image.new("RGB", (4, 3), (10, 20, 30)).save(tmp_path / "a.png")
    settings = Settings(points=7, device="cpu", method="grey")
    cloud, field, cameras = tmp_path / "a.npz", tmp_path / "a.safetensors", tmp_path / "cameras.json"
    task = Reconstruct(tmp_path / "a.png", cloud, field, cameras, settings=settings)
    result = run(task, told)
    assert result.files == {"cloud": str(task.cloud)}  # there is no field to save
    assert (result.figures.points, result.figures.views, result.figures.registered) == (7, 1, 0)
    assert result.figures.scores == {"likeness": 0.5}
    assert f"“{cameras}” is not used: “grey” needs no cameras." in told.texts
    assert (read_npz(task.cloud).colours == [10, 20, 30]).all()


def test_every_method_can_be_loaded() -> None:
    assert all(callable(load_fit(name)) for name in METHODS)


def test_an_unknown_method() -> None:
    with pytest.raises(InputError, match="“magic” is no method") as caught:
        find_method("magic")
    assert "uner3d, point-e" in caught.value.hint
