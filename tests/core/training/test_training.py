# SPDX-License-Identifier: Apache-2.0
"""Whole runs of a tiny network on tiny pictures, as the command starts them."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.core.conftest import Told
from tests.core.training.conftest import ball_views, config_text, write_set
from uner3d_core.errors import InputError
from uner3d_core.network import weights
from uner3d_core.progress import Silent
from uner3d_core.training import loop
from uner3d_core.training.checkpoints import checkpoints, load_checkpoint
from uner3d_core.training.config import TrainingConfigError, TrainingError, read_config

pytest.importorskip("lightning_fabric")
pytest.importorskip("tensorboard")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*pkg_resources:UserWarning")


def write_config(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run(config: Path, output: Path) -> Path:
    return loop.train(read_config(config), output, "cpu", Silent())


def start(config: Path, output: Path, *before: str) -> subprocess.Popen[str]:
    command = [
        *(before or (sys.executable, "-m")),
        "uner3d_core",
        "train",
        str(config),
        "--output",
        str(output),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.Popen(
        [*command, "--device", "cpu"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def last_state(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(checkpoints(folder / "checkpoints")[-1])


def test_a_run_leaves_weights_logs_curves_and_its_config(sets: Path) -> None:
    output = sets / "run"
    path = run(write_config(sets, config_text(steps=6, structure=0.5)), output)
    network = weights.load(path)
    assert network.config.mlp_width == 16
    assert weights.notes(path)["steps"] == "6"
    lines = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    scores = lines[-1]["held_out"]
    assert set(scores) == {"1", "2"}
    assert all(0 <= scores[count][name] <= 1 for count in scores for name in ("iou", "hull_iou"))
    assert any(output.joinpath("tensorboard").iterdir())
    assert json.loads((output / "config.json").read_text())["schedule"]["steps"] == 6
    assert (output / "command.txt").read_text()


def test_training_lowers_the_loss_from_pictures_alone(sets: Path) -> None:
    # Nothing but pictures, masks and cameras is there: no depths, points, distances or meshes.
    kinds = {path.suffix for path in (sets / "training").rglob("*") if path.is_file()}
    assert kinds == {".png", ".json"}
    text = config_text(steps=40, learning_rate=0.01, structure=1.0).replace("minutes = 0", "minutes = 9")
    run(write_config(sets, text), sets / "run")
    lines = [json.loads(line) for line in (sets / "run" / "log.jsonl").read_text().splitlines()]
    found = lines[-1]["held_out"]
    assert found["1"]["iou"] > found["1"]["hull_iou"] + 0.05


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Work as the child processes do: how sums are split over threads changes their last bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
def test_a_killed_run_goes_on_as_if_it_had_never_stopped(sets: Path) -> None:
    config = write_config(sets, config_text(steps=16, structure=0.3, average=0.9))
    whole, killed = sets / "whole", sets / "killed"
    run(config, whole)
    process = start(config, killed)
    stop = random.SystemRandom().randint(1, 10)
    deadline = time.monotonic() + 120
    while not (found := checkpoints(killed / "checkpoints")) or load_step(found) < stop:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert load_step(checkpoints(killed / "checkpoints")) < 16
    run(config, killed)
    one, other = last_state(whole), last_state(killed)
    assert one.keys() == other.keys()
    assert any(name.startswith("optimizer/") for name in one)
    for name, value in one.items():
        assert torch.equal(value, other[name]), f"{name} differs after a kill at step {stop}"
    weights_of = [load_file(folder / loop.WEIGHTS) for folder in (whole, killed)]
    assert all(torch.equal(value, weights_of[1][name]) for name, value in weights_of[0].items())
    steps = [json.loads(line)["step"] for line in (killed / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(steps)


def load_step(found: list[Path]) -> int:
    return int(found[-1].stem.removeprefix("step_"))


def test_two_processes_train_one_network(sets: Path) -> None:
    config = write_config(sets, config_text(steps=4, structure=0.5))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torchrun = (
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node=2",
        f"--master-port={port}",
        "-m",
    )
    process = start(config, sets / "two", *torchrun)
    said, complained = process.communicate(timeout=240)
    assert process.returncode == 0, complained
    assert str(sets / "two" / loop.WEIGHTS) in said
    last = load_checkpoint(checkpoints(sets / "two" / "checkpoints")[-1])
    assert last.step == 4
    assert len(last.random) == 2
    run(config, sets / "one")
    # Two processes look at other objects than one, and average their gradients.
    assert any(
        not torch.equal(value, last_state(sets / "one")[f"network/{name}"])
        for name, value in last.network.items()
    )
    with pytest.raises(TrainingError, match="begun with 2 processes, not 1"):
        run(config, sets / "two")


def test_a_loss_that_is_not_finite_stops_it_and_keeps_the_batch(
    sets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(sets, config_text(steps=6))
    original = loop.Network.query

    def query(self: loop.Network, *arguments: object, **named: object) -> object:
        answer = original(self, *arguments, **named)  # type: ignore[arg-type]
        query.calls += 1  # type: ignore[attr-defined]
        if self.training and query.calls > 8:  # type: ignore[attr-defined]
            answer.density_logit.data[0, 0] = torch.nan
        return answer

    query.calls = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(loop.Network, "query", query)
    with pytest.raises(TrainingError, match=r"In step \d a loss or a gradient is not finite") as stopped:
        run(config, sets / "run")
    saved = next((sets / "run").glob("not_finite_*.safetensors"))
    assert str(saved) in str(stopped.value)
    batch = load_file(saved)
    assert {"points", "kept", "given.images", "all_views.world_to_camera"} <= batch.keys()
    step = int(saved.stem.split("_")[2])
    assert load_step(checkpoints(sets / "run" / "checkpoints")) == step


def test_a_run_of_another_network_is_not_gone_on_with(sets: Path) -> None:
    run(write_config(sets, config_text(steps=2)), sets / "run")
    with pytest.raises(TrainingError, match="another network"):
        run(write_config(sets, config_text(steps=2).replace("bands = 2", "bands = 3")), sets / "run")


def test_a_run_may_be_made_longer(sets: Path, told: Told) -> None:
    run(write_config(sets, config_text(steps=2)), sets / "run")
    loop.train(read_config(write_config(sets, config_text(steps=3))), sets / "run", "cpu", told)
    assert load_checkpoint(checkpoints(sets / "run" / "checkpoints")[-1]).step == 3
    assert "The config has changed since step 2, in: schedule." in told.texts


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(sets: Path) -> None:
    config = write_config(sets, config_text(steps=3))
    run(config, sets / "run")
    before, last = checkpoints(sets / "run" / "checkpoints")
    last.write_bytes(last.read_bytes()[:100])
    found = loop.newest_checkpoint(sets / "run" / "checkpoints", Silent())
    assert found is not None
    assert found.step == 2
    assert before.exists()


def test_weights_are_exported_from_a_run_that_has_not_ended(sets: Path) -> None:
    config = write_config(sets, config_text(steps=2))
    run(config, sets / "run")
    loop.export_weights(sets / "run", sets / "out.safetensors", Silent())
    assert load_file(sets / "out.safetensors").keys() == load_file(sets / "run" / loop.WEIGHTS).keys()


def test_an_empty_folder_is_named(sets: Path) -> None:
    config = write_config(sets, config_text(steps=2).replace('"training"', '"nowhere"'))
    with pytest.raises(InputError, match="nowhere"):
        run(config, sets / "run")


def test_what_can_not_be_used_is_left_out(sets: Path, told: Told) -> None:
    write_set(sets / "training" / "empty", ball_views(0.0))
    found = loop.load_objects(sets / "training", 24, 0, told)
    assert [each.name for each in found] == ["0", "1", "2"]
    assert "empty" in told.texts[0]
    again = loop.load_objects(sets / "training", 24, 0, told)
    assert all(
        torch.equal(a.images, b.images) and torch.equal(a.near, b.near)
        for a, b in zip(found, again, strict=True)
    )
    with pytest.raises(TrainingConfigError, match="None of the sets"):
        loop.load_objects(sets / "training" / "empty", 24, 0, told)
