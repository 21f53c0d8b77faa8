# SPDX-License-Identifier: Apache-2.0
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from tests.core.training.conftest import config_text
from uner3d_core.errors import InputError
from uner3d_core.training.config import TrainingConfigError, from_dict, read_config


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_config_is_read_and_its_folders_are_beside_it(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, config_text(steps=7)))
    assert config.schedule.steps == 7
    assert config.network.mlp_width == 16
    assert config.data.training == str(tmp_path / "training")
    assert from_dict(config.to_dict()) == config
    with pytest.raises(FrozenInstanceError):
        config.data.size = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points = 32", "pionts = 32", "“batch” has no key “pionts”"),
        ("[run]", "[runs]", "no table “runs”"),
        ("points = 32", 'points = "many"', "“points” in the config's table “batch” is 'many'"),
        ("points = 32", "points = 3.5", "It must be a whole number"),
        ("points = 32", "points = true", "It must be a whole number"),
        ("evaluated_views = [1, 2]", 'evaluated_views = ["1"]', "It must be a list of whole numbers"),
        ('training = "training"', "", "lacks a key: .*training"),
        ("steps = 7", "steps = 7\nminutes = 3", "either schedule.steps or schedule.minutes"),
        ("steps = 7", "", "either schedule.steps or schedule.minutes"),
        ("most_views = 3", "most_views = 0", "least_views is from 1 to most_views"),
        ("points = 32", "points = 0", "above 0"),
        ("[run]", '[run]\nprecision = "8-bit"', "run.precision is one of"),
        ("[data]", "data = 1\n[other]", "no table “other”"),
        ("[data]", "[data", "can't be read"),
    ],
)
def test_what_is_wrong_in_a_config_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = config_text(steps=7)
    assert old in text
    with pytest.raises(TrainingConfigError, match=said):
        read_config(write(tmp_path, text.replace(old, new)))


def test_an_unknown_key_of_the_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="mlp_widht"):
        read_config(write(tmp_path, config_text(steps=7).replace("mlp_width", "mlp_widht")))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingConfigError, match="nowhere"):
        read_config(tmp_path / "nowhere.toml")
