# SPDX-License-Identifier: Apache-2.0
"""The whole way with random weights: a picture or a sentence to a cloud of any density and its files."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from small_networks import Shown

from uner3d_core import cli
from uner3d_core.cloud_files import read_npz, read_ply, write_npz
from uner3d_core.errors import Cancelled, InputError, WeightsError
from uner3d_core.field import Field
from uner3d_core.memory import Memory
from uner3d_core.point_e import clip, generation
from uner3d_core.point_e.method import choose_base, imagine
from uner3d_core.point_e.weights import NETWORKS, Weights
from uner3d_core.prompt import Prompt
from uner3d_core.protocol import Reconstruct
from uner3d_core.reconstruct import Stopwatch, reconstruct
from uner3d_core.run import run
from uner3d_core.settings import Settings

PICTURE = Prompt(
    image=np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8),
    mask=np.full((40, 30), 255, np.uint8),
)
SENTENCE = Prompt(text="a red motorcycle")


def settings(folder: Path, **changes: object) -> Settings:
    chosen = {"points": 700, "preset": "draft", "device": "cpu", "method": "point-e", "weights": str(folder)}
    return Settings(**{**chosen, **changes})  # type: ignore[arg-type]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30, 4), dtype=np.uint8)
    pixels[..., 3] = 0
    pixels[5:30, 5:25, 3] = 255
    file = tmp_path / "phöto.png"
    Image.fromarray(pixels).save(file)
    return file


@pytest.mark.parametrize("prompt", [PICTURE, SENTENCE])
def test_a_prompt_gives_a_cloud_and_a_field(prompt: Prompt, weights_folder: Path, shown: Shown) -> None:
    made = reconstruct(prompt, settings(weights_folder), shown)
    assert len(made.cloud) == 700
    assert isinstance(made.field, Field)
    assert len(made.field.anchors) == 256  # of 64 and 192 points
    assert np.abs(made.cloud.positions).max() <= 0.52
    assert (made.cloud.confidence == 0).all()
    assert set(made.scores) == {"points_to_surface"}
    assert list(made.stages) == ["prompt", "1,024 points", "4,096 points", "surface", "sampling"]
    assert ("1,024 points", 16, 16) in shown.stages
    assert ("4,096 points", 16, 16) in shown.stages
    assert [len(cloud) for cloud in shown.clouds] == [64] * 16 + [256] * 16
    assert not any(cloud.progressive for cloud in shown.clouds)


def test_in_half_precision(weights_folder: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "HALF_PRECISION", ("cpu",))
    assert len(reconstruct(PICTURE, settings(weights_folder), shown).cloud) == 700


def test_early_clouds_survive_as_files(weights_folder: Path, tmp_path: Path, shown: Shown) -> None:
    reconstruct(PICTURE, settings(weights_folder), shown)
    write_npz(tmp_path / "a.npz", shown.clouds[-1])
    assert np.array_equal(read_npz(tmp_path / "a.npz").positions, shown.clouds[-1].positions)


def test_a_network_that_is_told_one_vector(weights_folder: Path, shown: Shown) -> None:
    by_vector, by_grid = (
        reconstruct(PICTURE, settings(weights_folder, network=name), shown).field
        for name in ("base40M-imagevec", "base40M")
    )
    assert by_vector is not None
    assert by_grid is not None
    assert not np.array_equal(by_vector.anchors.positions, by_grid.anchors.positions)


def test_the_same_seed_gives_the_same_cloud(weights_folder: Path, shown: Shown) -> None:
    first, again, other = (
        reconstruct(PICTURE, settings(weights_folder, seed=seed), shown).cloud.positions for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_several_seeds_at_once(weights_folder: Path, shown: Shown) -> None:
    memory = Memory(torch.device("cpu"), shown)
    chosen = settings(weights_folder)
    together = imagine(PICTURE, [4, 9], 4, chosen, memory=memory, progress=shown, stopwatch=Stopwatch())
    assert together.shape == (2, 256, 6)
    assert not torch.equal(together[0], together[1])
    colours = together[..., 3:]
    assert torch.equal(colours, colours.round().clamp(0, 255))


def test_the_prompt_is_encoded_once(
    weights_folder: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    real = clip.image_features
    monkeypatch.setattr(clip, "image_features", lambda *given: (calls.append(1), real(*given))[1])
    reconstruct(PICTURE, settings(weights_folder), shown)
    assert calls == [1]


@pytest.mark.parametrize("stage", ["prompt", "1,024 points", "4,096 points", "surface", "sampling"])
def test_cancelled_at_each_stage(stage: str, weights_folder: Path, shown: Shown) -> None:
    shown.stop_at = stage
    with pytest.raises(Cancelled):
        reconstruct(PICTURE, settings(weights_folder), shown)
    assert shown.stages[-1][0].startswith(stage)
    assert shown.stages[-1][1] < 17 or not stage.endswith("points")


def test_short_of_memory_it_goes_on(
    weights_folder: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = generation.PointDiffusionTransformer.forward

    def short(
        self: generation.PointDiffusionTransformer, points: torch.Tensor, *rest: torch.Tensor
    ) -> torch.Tensor:
        if len(points) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(self, points, *rest)

    monkeypatch.setattr(generation.PointDiffusionTransformer, "forward", short)
    assert len(reconstruct(PICTURE, settings(weights_folder), shown).cloud) == 700
    assert sum("ran short" in text for text in shown.texts) == 1


def test_the_best_network_that_is_there_is_taken(weights_folder: Path) -> None:
    there = Weights(str(weights_folder))
    assert choose_base("", PICTURE, there) == "base40M"
    assert choose_base("base40M-imagevec", PICTURE, there) == "base40M-imagevec"
    assert choose_base("", SENTENCE, there) == "base40M-textvec"
    (weights_folder / "base_1b.safetensors").write_bytes(b"")
    assert choose_base("", PICTURE, there) == "base1B"
    nowhere = Weights(str(weights_folder / "nowhere"))
    assert choose_base("", PICTURE, nowhere) == "base40M"
    assert choose_base("", SENTENCE, nowhere) == "base40M-textvec"


@pytest.mark.parametrize(
    ("name", "prompt", "said"),
    [
        ("base40M", SENTENCE, "“base40M” makes clouds from pictures, and was given a sentence"),
        (
            "base40M-textvec",
            PICTURE,
            "“base40M-textvec” makes clouds from sentences, and was given a picture",
        ),
        ("base9000", PICTURE, "is no network of Point-E"),
    ],
)
def test_a_prompt_that_the_network_does_not_take(
    name: str, prompt: Prompt, said: str, weights_folder: Path
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        choose_base(name, prompt, Weights(str(weights_folder)))
    assert "base40M" in caught.value.hint


def test_a_prompt_that_does_not_fit_is_told_before_weights_that_are_missing(
    tmp_path: Path, shown: Shown
) -> None:
    with pytest.raises(InputError, match="was given a sentence"):
        reconstruct(SENTENCE, settings(tmp_path, network="base40M"), shown)


@pytest.mark.parametrize("name", ["base40M", "upsample", "sdf"])
def test_weights_that_are_missing(name: str, weights_folder: Path, shown: Shown) -> None:
    (weights_folder / NETWORKS[name].name).unlink()
    with pytest.raises(WeightsError, match="There are no weights") as caught:
        reconstruct(PICTURE, settings(weights_folder, network="base40M"), shown)
    assert "uner3d weights get point-e" in caught.value.hint
    assert shown.stages == []  # before any work


@pytest.mark.parametrize("name", ["upsample", "sdf"])
def test_damaged_weights_are_told_before_the_work(name: str, weights_folder: Path, shown: Shown) -> None:
    file = weights_folder / NETWORKS[name].name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(WeightsError, match="cut short"):
        reconstruct(PICTURE, settings(weights_folder), shown)
    assert not any(done for stage, done, _ in shown.stages if stage != "prompt")


def test_a_picture_on_the_command_line(
    weights_folder: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--method", "point-e", "--preset", "draft", "--device", "cpu", "--points", "5000", "--json"]
    outputs = ["--output", str(tmp_path / "a.ply"), "--field", str(tmp_path / "a.safetensors")]
    assert cli.main(["reconstruct", str(photo), *words, *outputs, "--weights", str(weights_folder)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["points"], figures["views"], figures["registered"]) == (5000, 1, 0)
    assert len(read_ply(tmp_path / "a.ply")) == 5000
    resample = ["resample", str(tmp_path / "a.safetensors"), "--points", "20000", "--device", "cpu"]
    assert cli.main([*resample, "--output", str(tmp_path / "b.ply")]) == 0
    assert len(read_ply(tmp_path / "b.ply")) == 20000


class Trap:
    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.touched),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("half", "cut short"),
        ({"ln_pre.bias": torch.zeros(3)}, "holds the weights of another network"),
        ("code", "Nothing in it was run"),
    ],
)
def test_files_that_are_no_weights_are_one_line_on_the_command_line(
    content: object,
    said: str,
    weights_folder: Path,
    photo: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = weights_folder / NETWORKS["base40M"].name
    if content == "half":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        torch.save({"a": Trap(tmp_path / "touched")} if content == "code" else content, file)
    words = ["--method", "point-e", "--preset", "draft", "--device", "cpu", "--network", "base40M"]
    outputs = ["--output", str(tmp_path / "a.ply"), "--weights", str(weights_folder)]
    assert cli.main(["reconstruct", str(photo), *words, *outputs]) == 1
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert complaint.startswith("uner3d: ")
    assert said in complaint
    assert not (tmp_path / "touched").exists()
    assert not (tmp_path / "a.ply").exists()


def test_a_sentence_on_the_command_line(
    weights_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "reconstruct",
        "--prompt",
        "a cup",
        "--method",
        "point-e",
        "--preset",
        "draft",
        "--points",
        "300",
    ]
    more = ["--device", "cpu", "--output", str(tmp_path / "a.npz"), "--weights", str(weights_folder)]
    assert cli.main([*words, *more]) == 0
    assert "300 points in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("method", "picture", "sentence", "said"),
    [
        ("uner3d", False, "a cup", "“uner3d” takes a folder of pictures, and was given none"),
        ("uner3d", False, "", "“uner3d” takes a folder of pictures"),
        ("point-e", True, "a cup", "There is a picture and a sentence"),
        ("point-e", False, "", "There is neither a picture nor a sentence"),
    ],
)
def test_inputs_that_a_method_does_not_take(
    method: str, picture: bool, sentence: str, said: str, photo: Path, tmp_path: Path, shown: Shown
) -> None:
    task = Reconstruct(
        photo if picture else None, tmp_path / "a.npz", settings=Settings(method=method), prompt=sentence
    )
    with pytest.raises(InputError, match=said):
        run(task, shown)


def test_methods_refuse_what_others_take(weights_folder: Path, shown: Shown) -> None:
    with pytest.raises(InputError, match="“uner3d” takes pictures with cameras"):
        reconstruct(PICTURE, Settings(), shown)
    with pytest.raises(InputError, match="“point-e” takes one picture or a sentence"):
        reconstruct([None], settings(weights_folder), shown)  # type: ignore[list-item]
