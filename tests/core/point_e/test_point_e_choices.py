# SPDX-License-Identifier: Apache-2.0
"""Several clouds at once to choose from; the surface of the chosen one is found without making it again."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_networks import Shown

from uner3d_core import cli
from uner3d_core.cloud_files import read_ply
from uner3d_core.errors import InputError, OutputError
from uner3d_core.point_cloud import PointCloud
from uner3d_core.point_e import method
from uner3d_core.point_e.choices import write_choices
from uner3d_core.point_e.method import from_cloud, imagine
from uner3d_core.prompt import Prompt
from uner3d_core.protocol import Imagine, read_job, write_job
from uner3d_core.reconstruct import reconstruct
from uner3d_core.run import run
from uner3d_core.settings import Settings

SENTENCE = Prompt(text="a red motorcycle")


def settings(folder: Path, seed: int = 5) -> Settings:
    return Settings(300, "draft", "cpu", "point-e", seed, weights=str(folder))


def test_a_file_for_each_seed(weights_folder: Path, tmp_path: Path, shown: Shown) -> None:
    files = write_choices(SENTENCE, 3, settings(weights_folder), tmp_path / "new", shown)
    assert {seed: file.name for seed, file in files.items()} == {
        5: "seed_5.ply",
        6: "seed_6.ply",
        7: "seed_7.ply",
    }
    clouds = [read_ply(file) for file in files.values()]
    for file in files.values():
        picture = np.array(Image.open(file.with_suffix(".png")))
        assert picture.shape == (160, 160, 4)
        covered = picture[..., 3] > 0
        assert 0.01 < covered.mean() < 0.9
        assert not covered[[0, -1]].any()
    assert [len(cloud) for cloud in clouds] == [256] * 3
    assert not np.array_equal(clouds[0].positions, clouds[1].positions)


def test_the_chosen_one_gives_what_its_seed_gives(
    weights_folder: Path, tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = reconstruct(SENTENCE, settings(weights_folder), shown)
    file = write_choices(SENTENCE, 1, settings(weights_folder), tmp_path, shown)[5]
    monkeypatch.setattr(method, "imagine", None)  # it is not made again
    made = reconstruct(Prompt(cloud=read_ply(file)), settings(weights_folder), shown)
    assert np.array_equal(made.cloud.positions, right.cloud.positions)
    assert np.array_equal(made.cloud.colours, right.cloud.colours)


def test_on_the_command_line(
    weights_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGBA", (9, 9), (200, 0, 0, 255)).save(tmp_path / "a.png")
    more = ["--preset", "draft", "--device", "cpu", "--weights", str(weights_folder)]
    words = ["imagine", str(tmp_path / "a.png"), "--output", str(tmp_path / "ü"), "--seeds", "2", *more]
    assert cli.main(words) == 0
    files = capsys.readouterr().out.split()
    assert files == [str(tmp_path / "ü" / f"seed_{seed}.ply") for seed in (0, 1)]
    assert cli.main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["clouds"]["1"] == files[1]
    output = tmp_path / "dense.ply"
    method_words = ["--method", "point-e", "--points", "5000", "--output", str(output)]
    assert cli.main(["reconstruct", files[1], *method_words, *more]) == 0
    assert len(read_ply(output)) == 5000


@pytest.mark.parametrize("count", [0, 65])
def test_a_count_out_of_range(count: int, tmp_path: Path, shown: Shown) -> None:
    with pytest.raises(InputError, match=f"{count} clouds can't be made at once"):
        write_choices(SENTENCE, count, Settings(), tmp_path, shown)


def test_a_folder_that_can_not_be_made(tmp_path: Path, shown: Shown) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="can't be made"):
        write_choices(SENTENCE, 1, Settings(), tmp_path / "file" / "folder", shown)


def cloud(count: int, reach: float) -> PointCloud:
    positions = np.full((count, 3), reach, np.float32)
    zeros = np.zeros((count, 3), np.float32)
    return PointCloud(positions, zeros.astype(np.uint8), zeros, np.zeros(count, np.float32))


@pytest.mark.parametrize("other", [cloud(0, 0), cloud(20_000, 0), cloud(10, 0.6)])
def test_clouds_that_are_none_of_ours(other: PointCloud) -> None:
    with pytest.raises(InputError, match="around the origin") as caught:
        from_cloud(other)
    assert "uner3d imagine" in caught.value.hint


def test_a_cloud_suggests_no_other(weights_folder: Path, shown: Shown) -> None:
    with pytest.raises(InputError, match="suggests no other"):
        imagine(
            Prompt(cloud=cloud(3, 0)),
            [1],
            4,
            settings(weights_folder),
            memory=None,  # type: ignore[arg-type]
            progress=shown,
            stopwatch=None,  # type: ignore[arg-type]
        )


def test_a_job_makes_several(weights_folder: Path, tmp_path: Path, shown: Shown) -> None:
    Image.new("RGBA", (9, 9), (200, 0, 0, 255)).save(tmp_path / "a.png")
    folder = tmp_path / "job"
    folder.mkdir()
    task = Imagine(tmp_path, folder, 2, settings=settings(weights_folder), images=(tmp_path / "a.png",))
    write_job(folder, task)
    assert read_job(folder) == task
    result = run(task, shown)
    assert result.files == {str(seed): str(folder / f"seed_{seed}.ply") for seed in (5, 6)}
    assert (result.figures.views, result.figures.device, result.figures.preset) == (1, "cpu", "draft")
    for other in (Imagine(None, folder, 3, prompt="a cup"), Imagine(tmp_path, folder, 3, mask_model="isnet")):
        write_job(folder, other)
        assert read_job(folder) == other
