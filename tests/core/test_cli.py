# SPDX-License-Identifier: Apache-2.0
"""The command line: what it prints, its exit codes, and its one line where something is wrong."""

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh

from uner3d_core import __version__, cli
from uner3d_core.cloud_files import read_ply, write_ply
from uner3d_core.field import Anchors, Field
from uner3d_core.point_cloud import PointCloud

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def field(tmp_path: Path) -> Path:
    """The file of a field: a sphere of radius 1, all green."""
    steps = torch.linspace(-1.5, 1.5, 31)
    x, y, z = torch.meshgrid(steps, steps, steps, indexing="ij")
    anchor = Anchors(
        np.array([[0, 0, 1]], np.float32), np.array([[0, 255, 0]], np.uint8), np.ones(1, np.float32)
    )
    path = tmp_path / "ünï 日本.safetensors"
    Field((-1.5, -1.5, -1.5), 0.1, torch.sqrt(x**2 + y**2 + z**2) - 1.0, anchor).save(path)
    return path


def random_cloud(count: int) -> PointCloud:
    positions = np.random.default_rng(0).random((count, 3), np.float32)
    zeros = np.zeros((count, 3), np.float32)
    return PointCloud(positions, zeros.astype(np.uint8), zeros, np.ones(count, np.float32))


def only_line(captured: Captured) -> str:
    """The one line on standard error, where nothing was printed on standard output."""
    output, complaint = captured.readouterr()
    assert output == ""
    assert complaint.count("\n") == 1
    assert complaint.startswith("uner3d: ")
    return complaint


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["reconstruct"],
        ["reconstruct", "images"],
        ["reconstruct", "images", "--output", "a.ply", "--points", "many"],
        ["reconstruct", "images", "--output", "a.ply", "--preset", "perfect"],
        ["reconstruct", "images", "--output", "a.ply", "--device", "abacus"],
        ["evaluate", "a.ply"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "--help" in only_line(capsys)


def test_help_names_every_command(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0
    output = capsys.readouterr().out
    assert all(name in output for name in ("reconstruct", "resample", "evaluate", "demo", "doctor", "worker"))


def test_version(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"uner3d {__version__}\n"


@pytest.mark.parametrize("points", ["0", "-5", "1000000000000"])
def test_number_of_points_out_of_range(points: str, tmp_path: Path, capsys: Captured) -> None:
    arguments = ["reconstruct", str(tmp_path), "--output", str(tmp_path / "a.ply"), "--points", points]
    assert cli.main(arguments) == 1
    assert "points" in only_line(capsys)


def test_mesh_writes_faces_with_colours_and_tells_json(field: Path, tmp_path: Path, capsys: Captured) -> None:
    output = tmp_path / "mesh ü.ply"
    arguments = ["mesh", str(field), "--faces", "600", "--output", str(output), "--device", "cpu"]
    assert cli.main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["mesh"], told["faces"], told["points"]) == (str(output), 600, 302)
    found = trimesh.load(output, process=False)
    assert found.is_watertight
    assert found.volume == pytest.approx(4.19, rel=0.05)
    assert (found.visual.vertex_colors[:, :3] == (0, 255, 0)).all()
    assert cli.main(arguments) == 0
    assert "600 faces" in capsys.readouterr().out


@pytest.mark.parametrize(("faces", "output"), [("3", "a.ply"), ("99", "a.stl"), ("99", "none/a.ply")])
def test_a_mesh_that_can_not_be_made(
    field: Path, tmp_path: Path, capsys: Captured, faces: str, output: str
) -> None:
    assert cli.main(["mesh", str(field), "--faces", faces, "--output", str(tmp_path / output)]) == 1
    assert only_line(capsys)


@pytest.mark.parametrize("command", ["resample", "mesh"])
def test_a_cloud_is_no_field(command: str, tmp_path: Path, capsys: Captured) -> None:
    write_ply(tmp_path / "cloud.ply", random_cloud(5))
    arguments = [command, str(tmp_path / "cloud.ply"), "--output", str(tmp_path / "out.ply")]
    assert cli.main(arguments) == 1
    complaint = only_line(capsys)
    assert "cloud.ply” is a cloud or a mesh, and what is wanted is the field" in complaint
    assert not (tmp_path / "out.ply").exists()


def test_every_option_of_every_command_is_explained() -> None:
    (commands,) = [item for item in cli._parser()._actions if isinstance(item, argparse._SubParsersAction)]
    for name, parser in commands.choices.items():
        for action in parser._actions:
            assert action.help, f"{name} {action.dest}"


def test_resample_writes_a_cloud_and_tells_json(field: Path, tmp_path: Path, capsys: Captured) -> None:
    output = tmp_path / "cloud ü.ply"
    arguments = [
        "resample",
        str(field),
        "--points",
        "300",
        "--output",
        str(output),
        "--device",
        "cpu",
        "--json",
    ]
    assert cli.main(arguments) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["cloud"] == str(output)
    assert told["points"] == 300
    assert told["device"] == "cpu"
    assert set(told) >= {"cloud", "points", "views", "registered", "stages", "device", "scores"}
    cloud = read_ply(output)
    assert len(cloud) == 300
    assert (cloud.colours == [0, 255, 0]).all()


def test_resample_without_json_tells_a_sentence(field: Path, tmp_path: Path, capsys: Captured) -> None:
    output = tmp_path / "cloud.npz"
    arguments = ["resample", str(field), "--points", "300", "--output", str(output), "--device", "cpu"]
    assert cli.main(arguments) == 0
    assert "300 points" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("output", "words"), [("cloud.obj", ".ply"), ("nowhere/cloud.ply", "nowhere"), ("folder.ply", "folder")]
)
def test_output_that_cannot_be_is_noticed_first(
    output: str, words: str, field: Path, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "folder.ply").mkdir()
    before = set(tmp_path.rglob("*"))
    assert cli.main(["resample", str(field), "--points", "300", "--output", str(tmp_path / output)]) == 1
    assert words in only_line(capsys)
    assert set(tmp_path.rglob("*")) == before


def test_field_that_is_none(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "field.safetensors").write_bytes(b"not a field")
    output = tmp_path / "cloud.ply"
    assert cli.main(["resample", str(tmp_path / "field.safetensors"), "--output", str(output)]) == 1
    assert "field" in only_line(capsys)
    assert not output.exists()


def test_input_that_is_not_there(tmp_path: Path, capsys: Captured) -> None:
    output = tmp_path / "cloud.ply"
    assert cli.main(["reconstruct", str(tmp_path / "nothing"), "--output", str(output)]) == 1
    assert "nothing" in only_line(capsys)
    assert not output.exists()


def test_evaluate_scores_a_cloud_against_itself_as_perfect(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "cloud.ply"
    write_ply(path, random_cloud(2000))
    assert cli.main(["evaluate", str(path), "--truth", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["points"] == 2000
    assert told["scores"]["f_score"]["1"] == 1.0
    assert told["scores"]["chamfer_l1"] == 0.0


def test_evaluate_prints_a_table_for_people(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "cloud.ply"
    write_ply(path, random_cloud(2000))
    assert cli.main(["evaluate", str(path), "--truth", str(path)]) == 0
    assert "within 1 %: F-score 1.000" in capsys.readouterr().out


def test_evaluate_a_cloud_without_points(tmp_path: Path, capsys: Captured) -> None:
    empty, truth = tmp_path / "empty.ply", tmp_path / "truth.ply"
    write_ply(empty, random_cloud(0))
    write_ply(truth, random_cloud(10))
    assert cli.main(["evaluate", str(empty), "--truth", str(truth)]) == 1
    assert "no points" in only_line(capsys)


def test_doctor_prints_for_people_and_for_programs(capsys: Captured) -> None:
    assert cli.main(["doctor"]) == 0
    assert torch.__version__ in capsys.readouterr().out
    assert cli.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["torch"] == torch.__version__


def test_demo_without_blender_says_what_to_install(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert cli.main(["demo"]) == 1
    assert "the extra “demo”" in only_line(capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_demo_that_is_killed_says_so(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    killed = tmp_path / "python"
    killed.write_text("#!/bin/sh\nkill -9 $$\n", encoding="utf-8")
    killed.chmod(0o755)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setattr(sys, "executable", str(killed))
    assert cli.main(["demo", "--output", str(tmp_path / "demo")]) == 1
    assert "exit code -9" in only_line(capsys)


@pytest.mark.parametrize("arguments", [["--seed", "-1"], ["--points", "0"]])
def test_settings_out_of_range_are_one_line(capsys: Captured, arguments: list[str]) -> None:
    assert cli.main(["reconstruct", "photos", "--output", "cloud.ply", *arguments]) == 1
    only_line(capsys)


def test_unforeseen_fault_is_one_line(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("first\nsecond")

    monkeypatch.setattr("uner3d_core.doctor.examine", fail)
    assert cli.main(["doctor"]) == 1
    line = only_line(capsys)
    traceback = Path(line.split("“")[1].split("”")[0])
    assert "Traceback" in traceback.read_text(encoding="utf-8")
    traceback.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_interrupt_is_one_line(tmp_path: Path) -> None:
    # It says so on standard output once it is at work.
    code = (
        "import signal, sys, time, uner3d_core.doctor\nfrom uner3d_core.cli import main\n"
        # The tests themselves may run where a shell has turned it off, as for jobs in the background.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def examine():\n    print('at work', flush=True)\n    time.sleep(1000)\n"
        "uner3d_core.doctor.examine = examine\nsys.exit(main(['doctor']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    with process:
        assert process.stdout.readline() == "at work\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "uner3d: Cancelled.\n"
    assert process.returncode == 1
