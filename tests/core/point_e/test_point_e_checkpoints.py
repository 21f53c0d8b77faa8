# SPDX-License-Identifier: Apache-2.0
"""Published state dicts load as they are and are kept; what is none is refused, and nothing in it is run."""

import errno
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_networks import Shown, randomised

from uner3d_core.errors import OutputError, WeightsError
from uner3d_core.point_e import checkpoints, hashes
from uner3d_core.point_e.checkpoints import load_network, write_safetensors
from uner3d_core.point_e.hashes import HASHES
from uner3d_core.point_e.sizes import Size
from uner3d_core.point_e.transformer import PointDiffusionTransformer

CPU = torch.device("cpu")


def make() -> PointDiffusionTransformer:
    return PointDiffusionTransformer(Size(32, 2, 2))


@pytest.fixture
def published(tmp_path: Path) -> Path:
    file = tmp_path / "base 日本.pt"
    torch.save(randomised(make()).state_dict(), file)
    return file


def load(file: Path, shown: Shown) -> PointDiffusionTransformer:
    return load_network(make, file, CPU, shown)


def test_a_state_dict_loads_and_is_kept_as_safetensors(published: Path, shown: Shown) -> None:
    right = randomised(make()).state_dict()
    first = load(published, shown)
    published.unlink()
    second = load(published, shown)
    for network in (first, second):
        found = network.state_dict()
        assert found.keys() == right.keys()
        assert all(torch.equal(found[name], right[name]) for name in right)
    assert sorted(path.name for path in published.parent.iterdir()) == ["base 日本.safetensors", HASHES]
    assert shown.texts == []


def test_safetensors_of_ones_own_are_recognised_the_next_time(published: Path, shown: Shown) -> None:
    load(published, shown)
    published.unlink()
    (published.parent / HASHES).unlink()
    load(published, shown)
    write_safetensors(
        published.with_suffix(".safetensors"), dict(randomised(make(), 1).state_dict())
    )  # which writes down its own hash
    load(published, shown)
    hashes = json.loads((published.parent / HASHES).read_text())
    assert list(hashes) == ["base 日本.safetensors"]


def test_a_state_dict_of_the_old_format_loads_too(published: Path, shown: Shown) -> None:
    torch.save(randomised(make()).state_dict(), published, _use_new_zipfile_serialization=False)
    assert torch.equal(load(published, shown).ln_pre.weight, randomised(make()).ln_pre.weight)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def no_state_dict(file: Path) -> None:
    torch.save([1, 2], file)


def with_change(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def damage(file: Path) -> None:
        state = dict(randomised(make()).state_dict())
        change(state)
        torch.save(state, file)

    return damage


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "There are no weights"),
        (cut_short, "cut short"),
        (empty, "cut short"),
        (no_state_dict, "is no state dict"),
        (with_change(lambda state: state.pop("ln_pre.bias")), "it has no “ln_pre.bias”"),
        (with_change(lambda state: state.update(more=torch.zeros(1))), "it has a “more”"),
        (with_change(lambda state: state.update({"ln_pre.bias": torch.zeros(3)})), r"\(3,\), not \(32,\)"),
        (with_change(lambda state: state.update({"ln_pre.bias": torch.zeros(32).int()})), "torch.int32"),
        (with_change(lambda state: state["ln_pre.bias"].fill_(torch.nan)), "“ln_pre.bias” in .* not finite"),
    ],
)
def test_what_is_not_the_network_is_refused(
    damage: Callable[[Path], None], said: str, published: Path, shown: Shown
) -> None:
    damage(published)
    with pytest.raises(WeightsError, match=said) as caught:
        load(published, shown)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert not published.with_suffix(".safetensors").exists()
    assert not (published.parent / HASHES).exists()


class Trap:
    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.touched),)


@pytest.mark.parametrize("form", ["zip", "old", "bare"])
def test_code_in_a_pickle_is_not_run(form: str, published: Path, tmp_path: Path, shown: Shown) -> None:
    touched = tmp_path / "touched"
    state = {**randomised(make()).state_dict(), "ln_pre.bias": Trap(touched)}
    if form == "bare":
        published.write_bytes(pickle.dumps(state))
    else:
        torch.save(state, published, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(WeightsError, match="Nothing in it was run"):
        load(published, shown)
    assert not touched.exists()


def test_damage_anywhere_is_told(published: Path, shown: Shown) -> None:
    whole = published.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(60):
        content = bytearray(whole)
        for place in random.integers(0, len(content), 200) if random.random() < 0.5 else range(0, 3000, 7):
            content[place] = random.integers(256)
        published.write_bytes(content[: random.integers(1, len(content))])
        with pytest.raises(WeightsError):
            load(published, shown)


@pytest.mark.parametrize("ending", [".pt", ".safetensors"])
def test_another_file_than_the_first_is_refused(ending: str, published: Path, shown: Shown) -> None:
    load(published, shown)
    kept = published.with_suffix(".safetensors")
    if ending == ".pt":
        kept.unlink()
        torch.save(randomised(make(), 1).state_dict(), published)
    else:
        content = bytearray(kept.read_bytes())
        content[-1] ^= 1
        kept.write_bytes(content)
    with pytest.raises(WeightsError, match=rf"{ending}” is not the file that was loaded first"):
        load(published, shown)


def test_hashes_that_are_none(published: Path, shown: Shown) -> None:
    for content in ("[]", "{", "\0"):
        (published.parent / HASHES).write_text(content)
        with pytest.raises(WeightsError, match=r"sha256\.json"):
            load(published, shown)


def test_a_folder_that_can_not_be_written_to_still_serves(
    published: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OutputError("The folder is not writable.")

    for module in (checkpoints, hashes):
        monkeypatch.setattr(module, "atomic_file", refuse)
    assert torch.equal(load(published, shown).ln_pre.weight, randomised(make()).ln_pre.weight)
    assert shown.texts == [
        "“base 日本.pt” is used as it is, and can't be recognised the next time. The folder is not writable."
    ]


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoints, "save_file", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_safetensors(tmp_path / "a.safetensors", {"a": torch.zeros(2)})
    assert list(tmp_path.iterdir()) == []
