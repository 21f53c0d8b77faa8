# SPDX-License-Identifier: Apache-2.0
"""Sets of views on disk, and the command that makes them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uner3d_core.errors import InputError
from uner3d_core.shapes import random_views
from uner3d_core.shapes.__main__ import main
from uner3d_core.shapes.files import read_set, write_set
from uner3d_core.shapes.generation import HELD_OUT


def test_views_come_back(tmp_path: Path) -> None:
    views = random_views(1, 2, 16)
    write_set(tmp_path / "set.npz", views)
    for one, two in zip(views, read_set(tmp_path / "set.npz"), strict=True):
        assert np.array_equal(one.image, two.image)
        assert np.array_equal(one.mask, two.mask)
        assert np.array_equal(one.camera.world_to_camera, two.camera.world_to_camera)
        assert (one.camera.fx, one.camera.cy) == (two.camera.fx, two.camera.cy)


def test_a_set_holds_no_truth(tmp_path: Path) -> None:
    write_set(tmp_path / "set.npz", random_views(1, 1, 16))
    with np.load(tmp_path / "set.npz") as archive:
        assert set(archive) == {"shape", "images", "masks", "lenses", "world_to_camera"}


def test_a_damaged_set_is_told(tmp_path: Path) -> None:
    write_set(tmp_path / "set.npz", random_views(1, 1, 16))
    content = (tmp_path / "set.npz").read_bytes()
    (tmp_path / "set.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"set\.npz"):
        read_set(tmp_path / "set.npz")


def test_command_makes_what_is_missing(tmp_path: Path) -> None:
    options = ["--count", "2", "--views", "2", "--size", "16", "--output", str(tmp_path)]
    assert main(options) == 0
    first, second = sorted(tmp_path.iterdir())
    kept, content = first.stat().st_mtime_ns, second.read_bytes()
    second.unlink()
    assert main(options) == 0
    assert first.stat().st_mtime_ns == kept
    assert second.read_bytes() == content


def test_several_processes_make_the_same(tmp_path: Path) -> None:
    options = ["--count", "2", "--views", "1", "--size", "16", "--output"]
    assert main([*options, str(tmp_path / "one")]) == 0
    assert main([*options, str(tmp_path / "two"), "--processes", "2"]) == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_command_draws_a_sheet(tmp_path: Path) -> None:
    assert main(["--count", "3", "--size", "16", "--sheet", str(tmp_path / "sheet.png")]) == 0
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (8 * 16, 16)


def test_training_seeds_end_before_those_held_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--first", str(HELD_OUT - 1), "--count", "2", "--output", str(tmp_path)]) == 1
    assert "kept for evaluation" in capsys.readouterr().err
