# SPDX-License-Identifier: Apache-2.0
"""The sheet of masks: what a run would use, drawn without a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from uner3d_core.cli import main
from uner3d_core.errors import InputError, OutputError
from uner3d_core.inputs.mask_sheet import CONTOUR, LABEL, TILE, Masked, draw_sheet
from uner3d_core.protocol import ShowMasks, read_job, write_job
from uner3d_core.run import run


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """Four photographs without cameras: a dark disc before plain grey."""
    folder = tmp_path / "photos"
    folder.mkdir()
    y, x = np.mgrid[0:120, 0:160]
    for number in range(4):
        picture = np.full((120, 160, 3), 180, np.uint8)
        picture[(y - 60) ** 2 + (x - 60 - 10 * number) ** 2 < 900] = (90, 40 + 20 * number, 30)
        Image.fromarray(picture).save(folder / f"shot_{number}.png")
    return folder


def orange(sheet: Any) -> Any:
    return (np.asarray(sheet) == CONTOUR).all(-1)


def test_photographs_without_cameras(studio: Path, tmp_path: Path, told: Any) -> None:
    sheet = tmp_path / "sheet.png"
    result = run(ShowMasks(studio, sheet), told)
    assert result.files == {"sheet": str(sheet)}
    assert (result.figures.views, result.figures.registered) == (4, 4)
    assert "Masks: the background is even and was keyed out." in result.figures.notes
    drawn = Image.open(sheet)
    assert drawn.size == (4 * TILE, TILE + LABEL)
    contour = orange(drawn)
    for column in range(4):
        tile = contour[:TILE, column * TILE : (column + 1) * TILE]
        rows, columns = np.nonzero(tile)
        assert np.ptp(rows) == pytest.approx(60 * TILE / 160, abs=5)
        assert columns.mean() == pytest.approx((60 + 10 * column) * TILE / 160, abs=4)


def test_what_can_be_told_before_the_run(studio: Path, tmp_path: Path, told: Any) -> None:
    shots = sorted(studio.iterdir())
    for number, shot in enumerate(shots):
        picture = np.array(Image.open(shot))
        picture[40:80, 60:100] = np.random.default_rng(number).integers(0, 150, (40, 40, 1))
        Image.fromarray(picture).save(shot)
    Image.open(shots[3]).filter(ImageFilter.GaussianBlur(6)).save(shots[3])
    (studio / "shot_9.png").write_bytes(shots[0].read_bytes())
    notes = run(ShowMasks(studio, tmp_path / "sheet.png"), told).figures.notes
    assert "Left out, as they are copies: shot_9.png (of shot_0.png)." in notes
    assert any(note.startswith("4 photographs are few") for note in notes)
    assert any(note.startswith("Blurred beside the others: shot_3.png.") for note in notes)


def test_a_single_photograph(studio: Path, tmp_path: Path, told: Any) -> None:
    result = run(ShowMasks(studio / "shot_0.png", tmp_path / "sheet.png"), told)
    assert (result.figures.views, result.figures.registered) == (1, 1)


def test_pictures_with_cameras(make_scene: Any, tmp_path: Path, told: Any) -> None:
    """Their alpha is the mask, as in a run."""
    result = run(ShowMasks(make_scene(), tmp_path / "sheet.png"), told)
    assert (result.figures.views, result.figures.registered) == (3, 3)
    assert "Masks: 3 of 3 pictures have one." in result.figures.notes


def test_without_masks(make_scene: Any, tmp_path: Path, told: Any) -> None:
    result = run(ShowMasks(make_scene(mode="RGB"), tmp_path / "sheet.png"), told)
    assert (result.figures.views, result.figures.registered) == (3, 0)
    assert not orange(Image.open(tmp_path / "sheet.png")).any()


def test_what_is_left_out_is_dark() -> None:
    image = np.full((96, 192, 3), 200, np.uint8)
    mask = np.zeros((96, 192), np.uint8)
    mask[:, :96] = 255
    sheet = np.asarray(draw_sheet([Masked("a" * 80 + ".png", image, mask)]))
    assert (sheet[48:144, 4:90] == 200).all()
    assert (sheet[48:144, 100:188] == 50).all()


def test_many_rows() -> None:
    image = np.zeros((192, 100, 3), np.uint8)
    assert draw_sheet([Masked("a.png", image, None)] * 17).size == (8 * TILE, 3 * (TILE + LABEL))


def test_job(studio: Path, tmp_path: Path) -> None:
    job = tmp_path / "job"
    job.mkdir()
    task = ShowMasks(studio, job / "masks.png", None, studio / "masks", (studio / "a.png",), "isnet")
    write_job(job, task)
    assert read_job(job) == task


def test_command(studio: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    assert main(["masks", str(studio), "--sheet", str(sheet), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sheet"], told["views"], told["masked"]) == (str(sheet), 4, 4)
    assert any("keyed out" in text for text in told["said"])


def test_wrong_ending(studio: Path, tmp_path: Path, told: Any) -> None:
    with pytest.raises(OutputError, match=r"end in \.png"):
        run(ShowMasks(studio, tmp_path / "sheet.jpg"), told)


def test_no_pictures(tmp_path: Path, told: Any) -> None:
    with pytest.raises(InputError, match="no images"):
        run(ShowMasks(tmp_path, tmp_path / "sheet.png"), told)
