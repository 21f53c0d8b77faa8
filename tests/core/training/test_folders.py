# SPDX-License-Identifier: Apache-2.0
"""Training sets found in folders."""

from collections.abc import Callable
from pathlib import Path

import pytest

from uner3d_core.errors import InputError
from uner3d_core.shapes import random_views
from uner3d_core.shapes.files import write_set
from uner3d_core.training.folders import open_sets


def test_sets_of_both_kinds(tmp_path: Path, make_scene: Callable[..., Path]) -> None:
    scene = make_scene(count=3)
    home = tmp_path / "all"
    (home / "group").mkdir(parents=True)
    scene.rename(home / "group" / "chair")
    (home / "group" / "chair" / "cloud.npz").write_bytes(b"no set of its own")
    write_set(home / "00000001.npz", random_views(1, 2, 16))
    sets = open_sets(home)
    assert [len(views) for views in sets] == [2, 3]
    assert [len(views) for views in sets[1:]] == [3]


def test_single_set(tmp_path: Path) -> None:
    write_set(tmp_path / "00000001.npz", random_views(1, 2, 16))
    assert len(open_sets(tmp_path / "00000001.npz")[0]) == 2


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no sets"):
        open_sets(tmp_path)
