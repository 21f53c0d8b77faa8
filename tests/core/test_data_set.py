# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from uner3d_core import data_set
from uner3d_core.data_set import Choice, find_models, make_data_set
from uner3d_core.errors import EngineError, InputError

OPTIONS = ["--views", "4", "--size", "24", "--points", "200", "--samples", "2"]


def command(output: Path) -> list[str]:
    return [sys.executable, "-m", "uner3d_core", "dataset", "rods", "bowl", "--output", str(output), *OPTIONS]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_killed_and_started_again_it_makes_the_same_files(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    subprocess.run([*command(undisturbed), "--processes", "2"], check=True, capture_output=True)
    process = subprocess.Popen(command(killed), stderr=subprocess.DEVNULL)
    first, second = killed / "rods", killed / "bowl.unfinished" / "images"
    while not (second.is_dir() and any(second.iterdir())):
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    process.wait()
    assert not (killed / "bowl").exists()
    made = first.stat().st_mtime_ns
    subprocess.run(command(killed), check=True, capture_output=True)
    assert first.stat().st_mtime_ns == made  # what is whole stays
    assert contents(killed) == contents(undisturbed)
    assert len([name for name in contents(killed) if name.endswith(".png")]) == 8


def test_models_are_found_by_file_and_folder(tmp_path: Path) -> None:
    for name in ("b.glb", "a.OBJ", "notes.txt"):
        (tmp_path / name).touch()
    found = find_models([str(tmp_path), "rods"])
    assert found == {"a": str(tmp_path / "a.OBJ"), "b": str(tmp_path / "b.glb"), "rods": "rods"}
    with pytest.raises(InputError, match="Two models are called “a”"):
        find_models([str(tmp_path), str(tmp_path / "a.OBJ")])
    for wrong in (tmp_path / "gone.glb", tmp_path / "notes.txt"):
        with pytest.raises(InputError, match="There is no model"):
            find_models([str(wrong)])


@pytest.mark.parametrize(("name", "value"), [("views", 0), ("size", 8), ("points", 0), ("samples", -1)])
def test_numbers_out_of_range_are_refused(name: str, value: int) -> None:
    with pytest.raises(InputError, match=f"The {name} can't be {value}"):
        Choice(**{name: value})


def test_a_model_that_cannot_be_read_is_said_and_the_others_are_made(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    (tmp_path / "broken.glb").write_bytes(b"no model")
    models = find_models([str(tmp_path / "broken.glb"), "rods"])
    with pytest.raises(InputError, match="1 of 2 models could not be pictured: “broken") as caught:
        make_data_set(models, tmp_path / "set", Choice(2, 16, 50, 1))
    assert caught.value.message.endswith(".")
    assert (tmp_path / "set" / "rods" / "cloud.npy").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
@pytest.mark.parametrize(
    ("room", "file"),
    [(400, "000.png"), (3000, "000.exr"), (7000, "cloud.npy")],
)
def test_a_full_disk_is_one_sentence(tmp_path: Path, room: int, file: str) -> None:
    pytest.importorskip("bpy")
    limited = (
        f"import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        "from uner3d_core import cli\nsys.exit(cli.main(sys.argv[1:]))"
    )
    arguments = ["dataset", "rods", "--output", str(tmp_path), "--views", "2", "--size", "32"]
    done = subprocess.run(
        [sys.executable, "-c", limited, *arguments, "--points", "1000", "--samples", "1"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("uner3d: 1 of 1 models could not be pictured: “")
    assert f"{file}” c" in last
    assert "disk" in last
    assert not list(tmp_path.iterdir())


def test_without_blender_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_set, "find_spec", lambda _: None)
    with pytest.raises(EngineError, match="needs Blender as a module"):
        make_data_set({"rods": "rods"}, tmp_path, Choice())
