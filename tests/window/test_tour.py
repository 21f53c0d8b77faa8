# SPDX-License-Identifier: Apache-2.0
"""The tour, where there is a screen, and a Blender on PATH or named by the variable UNER3D_BLENDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import blender_window
import numpy as np
import pytest
import tour
from PIL import Image


@pytest.mark.slow
def test_the_whole_way_in_a_real_window(tmp_path: Path) -> None:
    named = os.environ.get("UNER3D_BLENDER")
    try:
        blender = blender_window.find_blender(Path(named) if named else None)
        code, lines = tour.take_tour(blender, tmp_path, Path(sys.executable))
    except blender_window.NoWindowError as missing:
        pytest.skip(str(missing))
    assert code == 0, lines
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) >= len(lines) > 10
    for path in pictures:
        assert np.asarray(Image.open(path)).std() > 10, f"{path.name} is empty"


def test_a_machine_without_blender_or_screen_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["tour.py", "--blender", str(tmp_path / "blender")])
    assert tour.main() == 0
    assert capsys.readouterr().out == f"Skipped: there is no Blender at “{tmp_path / 'blender'}”.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="programs end in .exe there")
def test_a_blender_is_found_from_any_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "blender" / "blender"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.chdir(tmp_path)
    assert blender_window.find_blender(Path("blender") / "blender") == program


def test_a_window_dump_is_read(tmp_path: Path) -> None:
    """Of 2 × 1 pixels, with a palette of one colour and two unused bytes at the end of each row."""
    header = np.zeros(25, ">u4")
    header[[0, 4, 5, 12, 19]] = 100, 2, 1, 10, 1
    pixels = bytes([30, 20, 10, 0, 60, 50, 40, 0, 9, 9])
    (tmp_path / "a.xwd").write_bytes(header.tobytes() + bytes(12) + pixels)
    image = blender_window.read_window_dump(tmp_path / "a.xwd")
    assert np.asarray(image).tolist() == [[[10, 20, 30], [40, 50, 60]]]
