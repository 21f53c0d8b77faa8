# SPDX-License-Identifier: Apache-2.0
"""Finding models, and keeping rendered cases."""

import hashlib
import json
from pathlib import Path

import pytest

from uner3d_core.errors import EngineError, InputError
from uner3d_core.evaluation import cases


def test_models_are_files_and_what_folders_hold(tmp_path: Path) -> None:
    for name in ("b.glb", "a.glb", "notes.txt"):
        (tmp_path / name).touch()
    found = cases.find_objects([str(tmp_path), str(tmp_path / "b.glb"), "bowl"])
    assert [Path(name).name for name in found] == ["a.glb", "b.glb", "b.glb", "bowl"]


def test_missing_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone"):
        cases.find_objects([str(tmp_path / "gone.glb")])
    with pytest.raises(InputError, match="no model"):
        cases.find_objects([str(tmp_path)])


def test_without_names_there_are_the_models_and_the_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNER3D_SHARED", str(tmp_path))
    assert cases.find_objects(None) == list(cases.TRIALS)
    (tmp_path / "data" / "models").mkdir(parents=True)
    (tmp_path / "data" / "models" / "cup.glb").touch()
    assert cases.find_objects(None) == [str(tmp_path / "data" / "models" / "cup.glb"), *cases.TRIALS]


def make_case(folder: Path, content: bytes, version: int = cases.CASE_VERSION) -> None:
    folder.mkdir(parents=True)
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / "case.json").write_text(json.dumps({"version": version, "sha256": sha256, "views": 3}))


def test_a_rendered_case_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cup.glb").write_bytes(b"a cup")
    make_case(tmp_path / "cache" / "cup_3_64", b"a cup")
    monkeypatch.setattr(cases.subprocess, "run", None)
    assert cases.rendered_case(str(tmp_path / "cup.glb"), 3, 64, tmp_path / "cache").name == "cup_3_64"


@pytest.mark.parametrize(("content", "version"), [(b"another", cases.CASE_VERSION), (b"a cup", -1)])
def test_a_changed_model_or_an_old_case_is_rendered_anew(
    tmp_path: Path, content: bytes, version: int
) -> None:
    # What stands in the file is no model: that Blender is asked at all is what its complaint shows.
    (tmp_path / "cup.glb").write_bytes(b"a cup")
    make_case(tmp_path / "cache" / "cup_3_64", content, version)
    with pytest.raises(EngineError, match=r"cup\.glb"):
        cases.rendered_case(str(tmp_path / "cup.glb"), 3, 64, tmp_path / "cache")
