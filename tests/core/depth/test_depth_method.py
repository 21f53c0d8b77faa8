# SPDX-License-Identifier: Apache-2.0
"""The method depth from files, as the command line runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ray_depths import hit_sphere, picture

from uner3d_core import cli
from uner3d_core.cloud_files import read_ply
from uner3d_core.evaluation.visible_surface import fibonacci_sphere
from uner3d_core.inputs.frames import Frame
from uner3d_core.inputs.transforms import write_transforms


@pytest.fixture
def renders(tmp_path: Path) -> Path:
    """A folder as the README describes it, with six pictures of the unit sphere."""
    folder = tmp_path / "rënders"
    for part in ("images", "depth"):
        (folder / part).mkdir(parents=True)
    frames = []
    for number, place in enumerate(fibonacci_sphere(6)):
        shown = picture(hit_sphere, tuple(4.0 * place), 48)
        image = folder / "images" / f"{number}.png"
        Image.fromarray(np.dstack([shown.view.image, shown.view.mask])).save(image)
        np.save(folder / "depth" / f"{number}.npy", shown.depth)
        frames.append(Frame(image, shown.view.camera))
    write_transforms(folder / "transforms.json", frames)
    return folder


def test_a_folder_becomes_a_cloud(renders: Path, tmp_path: Path) -> None:
    arguments = ["reconstruct", str(renders), "--method", "depth", "--output", str(tmp_path / "cloud.ply")]
    assert cli.main([*arguments, "--points", "700"]) == 0
    cloud = read_ply(tmp_path / "cloud.ply")
    assert len(cloud) == 700
    assert np.abs(np.linalg.norm(cloud.positions, axis=1) - 1.0).max() < 1e-5


def test_a_field_that_there_is_not_is_said(
    renders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["reconstruct", str(renders), "--method", "depth", "--output", str(tmp_path / "cloud.ply")]
    assert cli.main([*arguments, "--points", "700", "--field", str(tmp_path / "a.safetensors")]) == 0
    assert "there is no field to save" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "a.safetensors").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(renders: Path, tmp_path: Path) -> None:
    limited = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from uner3d_core import cli\nsys.exit(cli.main(sys.argv[1:]))"
    )
    before = {*tmp_path.iterdir()}
    arguments = ["reconstruct", str(renders), "--method", "depth", "--output", str(tmp_path / "cloud.ply")]
    done = subprocess.run(
        [sys.executable, "-c", limited, *arguments, "--points", "700"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "“cloud.ply” can't be written: the disk is full." in done.stderr.splitlines()[-1]
    assert {*tmp_path.iterdir()} == before


def test_pictures_that_see_nothing_are_one_sentence(
    renders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (renders / "depth").iterdir():
        np.save(path, np.full((48, 48), 1e10, np.float32))
    arguments = ["reconstruct", str(renders), "--method", "depth", "--output", str(tmp_path / "cloud.ply")]
    assert cli.main(arguments) == 1
    assert "None of the pictures shows a surface." in capsys.readouterr().err.splitlines()[-1]
