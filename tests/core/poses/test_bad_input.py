# SPDX-License-Identifier: Apache-2.0
"""Whole runs of ``uner3d reconstruct`` with photographs that are not as they should be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from uner3d_core.cli import main
from uner3d_core.poses import process

pytestmark = pytest.mark.skipif(not process.is_installed(), reason="pycolmap is not installed")


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[Path], tuple[int, str, str]]:
    """Estimate the cameras of a folder by the command: exit code, last line of output, standard error."""

    def estimate(folder: Path) -> tuple[int, str, str]:
        output = tmp_path / "cameras.json"
        code = main(["estimate-cameras", str(folder), "--output", str(output), "--json"])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert output.is_file() == (code == 0)
        return code, captured.out.strip(), captured.err

    return estimate


@pytest.fixture
def photos(scene: Any, tmp_path: Path) -> Path:
    """Six good photographs, to which each test adds what it is about."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for image in scene.images[1:7]:
        shutil.copy(image, folder)
    return folder


def registered(out: str) -> tuple[int, int]:
    found = json.loads(out)
    return found["registered"], found["views"]


def test_reconstruct_says_it_on_one_line(scene: Any, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    shutil.copy(scene.images[0], tmp_path / "one")
    words = ["reconstruct", str(tmp_path / "one"), "--output", str(tmp_path / "cloud.ply")]
    finished = subprocess.run(
        [sys.executable, "-m", "uner3d_core", *words], capture_output=True, encoding="utf-8", check=False
    )
    assert finished.returncode == 1
    assert (
        finished.stderr.strip()
        .splitlines()[-1]
        .startswith("uner3d: 1 photograph can't tell where the cameras stood.")
    )
    assert not (tmp_path / "cloud.ply").exists()


def test_two_of_different_things(scene: Any, tmp_path: Path, run: Any) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    shutil.copy(scene.images[0], folder)
    noise = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    Image.fromarray(noise).resize((240, 240), Image.Resampling.BICUBIC).save(folder / "other.png")
    code, _, said = run(folder)
    assert code == 1
    assert "2 different photographs can't tell" in said


def test_fifty_copies(scene: Any, tmp_path: Path, run: Any) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    for number in range(50):
        shutil.copy(scene.images[0], folder / f"{number:02d}.png")
    code, _, said = run(folder)
    assert code == 1
    assert "copies: 01.png (of 00.png)" in said


def test_pdf_and_corrupt_jpeg_and_unreadable_file(photos: Path, run: Any) -> None:
    (photos / "invoice.pdf").write_bytes(b"%PDF-1.4")
    good = photos / "photo_003.png"
    Image.open(good).save(photos / "photo_010.jpg")
    cut = photos / "photo_011.jpg"
    cut.write_bytes((photos / "photo_010.jpg").read_bytes()[:3000])
    (photos / "photo_010.jpg").unlink()
    (photos / "photo_012.jpg").write_bytes(b"")
    code, out, said = run(photos)
    assert (code, registered(out)) == (0, (6, 8))
    for words in ("can't be read: invoice.pdf", "“photo_011.jpg” can't be read", "“photo_012.jpg” is empty"):
        assert words in said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="a superuser may read everything")
def test_forbidden_file(photos: Path, run: Any) -> None:
    (photos / "photo_001.png").chmod(0)
    code, out, said = run(photos)
    assert (code, registered(out)) == (0, (5, 6))
    assert "can't be read: Permission denied" in said


def test_cmyk_and_sixteen_bit(photos: Path, run: Any) -> None:
    first, second, third = sorted(photos.iterdir())[:3]
    Image.open(first).convert("CMYK").save(first.with_suffix(".jpg"), quality=95)
    grey = np.asarray(Image.open(second).convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(second.with_name("photo_002.png"))
    Image.open(third).convert("P").save(third.with_suffix(".webp"), lossless=True)
    first.unlink()
    third.unlink()
    code, out, _ = run(photos)
    assert (code, registered(out)) == (0, (6, 6))


def test_rotated_exif(photos: Path, scene: Any, run: Any, tmp_path: Path) -> None:
    """Pictures that lie on their sides and say so: as if they had been stored upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    for image in sorted(photos.iterdir()):
        Image.open(image).transpose(Image.Transpose.ROTATE_90).save(image, exif=exif)
    code, out, _ = run(photos)
    assert (code, registered(out)) == (0, (6, 6))
    content = json.loads((tmp_path / "cameras.json").read_text(encoding="utf-8"))
    up = np.mean([np.array(frame["transform_matrix"])[:3, 1] for frame in content["frames"]], axis=0)
    assert up[2] > 0.8


def test_heic_that_cannot_be_read(photos: Path, run: Any) -> None:
    """Without what reads HEIC, or because it is damaged."""
    (photos / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    code, out, said = run(photos)
    assert code == 0
    assert registered(out)[0] == 6
    assert "phone.heic" in said


@pytest.mark.slow
def test_three_hundred_of_two_objects(
    arc: Callable[..., Any], draw_scene: Callable[..., Any], tmp_path: Path, run: Any
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for kind, count in (("a", 170), ("b", 130)):
        for number, camera in enumerate(arc(count, degrees=340.0 / count)):
            picture = draw_scene(camera)[0]
            if kind == "b":
                picture = 255 - picture[:, ::-1]  # another object: mirrored, and dark where it was bright
            Image.fromarray(picture).save(folder / f"{kind}{number:03d}.png")
    code, out, said = run(folder)
    assert code == 0
    found, views = registered(out)
    assert views == 300
    assert 0.9 * 170 <= found <= 170
    assert "Others fit together, but not with these: b" in said
