# SPDX-License-Identifier: Apache-2.0
"""A network's file gives the network back, and nothing else passes for one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from small_views import SMALL, posed, randomised, some_points

from uner3d_core.errors import WeightsError
from uner3d_core.network import weights
from uner3d_core.network.network import Network


@pytest.mark.parametrize("normalisation", ["group", "batch"])
def test_a_network_survives_its_file(tmp_path: Path, normalisation: str) -> None:
    network = randomised(Network(replace(SMALL, normalisation=normalisation)))
    file = tmp_path / "prïor.safetensors"
    weights.save(network, file, {"command": "uner3d train small.toml"})
    found = weights.load(file)
    assert found.config == network.config
    assert not found.training
    views, points = posed(), some_points()
    right, answer = (each.query(each.encode(views), points) for each in (network, found))
    assert torch.allclose(answer.rgb, right.rgb, atol=5e-3)
    assert torch.allclose(answer.density_logit, right.density_logit, atol=3e-2)
    assert weights.notes(file) == {"command": "uner3d train small.toml"}
    numbers = sum(each.numel() for each in network.parameters())
    assert file.stat().st_size < 2.5 * numbers + 50_000


def test_numbers_beyond_float16_are_not_written(tmp_path: Path) -> None:
    network = Network(SMALL)
    with torch.no_grad():
        network.density.bias.fill_(1e6)
    with pytest.raises(WeightsError, match=r"density\.bias"):
        weights.save(network, tmp_path / "prior.safetensors")
    assert list(tmp_path.iterdir()) == []


Change = Callable[[dict[str, torch.Tensor], dict[str, str]], None]


def without_a_tensor(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    del tensors["density.bias"]


def with_another(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    tensors["more"] = torch.zeros(1)


def of_another_shape(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    tensors["density.bias"] = torch.zeros(2)


def of_another_type(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    tensors["density.bias"] = torch.zeros(1, dtype=torch.int64)


def not_finite(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    tensors["density.bias"] = torch.full((1,), torch.nan)


def another_schema(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    metadata["schema"] = "9"


def no_config(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    del metadata["config"]


def nested_config(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    metadata["config"] = "[" * 100_000


def list_for_config(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    metadata["config"] = "[1, 2]"


def huge_config(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    metadata["config"] = json.dumps({"mlp_width": 2048, "blocks": 32, "encoder_width": 256, "stages": 5})


def unknown_setting(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    metadata["config"] = json.dumps({**json.loads(metadata["config"]), "__class__": "os.system"})


@pytest.mark.parametrize(
    "change",
    [
        without_a_tensor,
        with_another,
        of_another_shape,
        of_another_type,
        not_finite,
        another_schema,
        no_config,
        nested_config,
        list_for_config,
        huge_config,
        unknown_setting,
    ],
)
def test_another_file_is_refused(tmp_path: Path, change: Change) -> None:
    file = tmp_path / "prior.safetensors"
    weights.save(Network(SMALL), file)
    tensors = load_file(file)
    metadata = {"schema": weights.SCHEMA, "config": json.dumps(SMALL.to_dict())}
    change(tensors, metadata)
    save_file(tensors, file, metadata)
    with pytest.raises(WeightsError):
        weights.load(file)


def test_damaged_files_are_told(tmp_path: Path) -> None:
    file = tmp_path / "prior.safetensors"
    with pytest.raises(WeightsError):
        weights.load(file)
    weights.save(Network(SMALL), file)
    content = file.read_bytes()
    for damaged in (b"", content[:100], content[: len(content) // 2], b"\xff" * 64):
        file.write_bytes(damaged)
        with pytest.raises(WeightsError):
            weights.load(file)
