# SPDX-License-Identifier: Apache-2.0
"""Messages and job files survive the way to the other side; what is none is refused."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from uner3d_core import errors, protocol
from uner3d_core.errors import InputError, OutputError, Uner3dError
from uner3d_core.protocol import ConvertToMesh, Reconstruct, Resample, read_job, write_job
from uner3d_core.settings import Settings

FIGURES = protocol.Figures(
    10, "cpu", 3, 2, {"fitting": 1.5, "writing": 0}, {"f_score": 0.9}, 8, "draft", ["Left out: ü."]
)


@pytest.mark.parametrize(
    "message",
    [
        protocol.Started("0.1.0"),
        protocol.Progress("fitting", 3, 10, 1.5),
        protocol.Progress("fitting", 3, 10, None),
        protocol.Preview("/ünï/日本.npz"),
        protocol.Log("two\nlines “quoted” \u2028 \udc80"),
        protocol.Heartbeat(),
        protocol.Result({"cloud": "/a/cloud.npz"}, FIGURES),
        protocol.Error("image", "a.png is empty.", "Remove it."),
    ],
)
def test_message_survives_as_one_line(message: protocol.Message) -> None:
    line = protocol.encode(message)
    assert line.isascii()
    assert len(line.splitlines()) == 1
    assert protocol.parse_message(line) == message


@pytest.mark.parametrize("request_", [protocol.Run("/jobs/a b"), protocol.Cancel()])
def test_request_survives(request_: protocol.Request) -> None:
    assert protocol.parse_request(protocol.encode(request_)) == request_


@pytest.mark.parametrize(
    "line",
    [
        "loading weights",
        "",
        "null",
        "17",
        "[" * 100_000,
        '{"type": "progress", "stage": "a", "done": "1", "total": 2, "eta_seconds": null}',
        '{"type": "result", "files": {"cloud": 3}, "figures": {}}',
        '{"type": "run", "job": "a", "schema": 1}',
        '{"type": ["started"]}',
    ],
)
def test_what_is_no_message_is_a_log_line(line: str) -> None:
    assert protocol.parse_message(line) == protocol.Log(line)


def test_result_with_wrong_figures_is_no_result() -> None:
    line = protocol.encode(protocol.Result({}, FIGURES)).replace("1.5", '"fast"')
    assert isinstance(protocol.parse_message(line), protocol.Log)


@pytest.mark.parametrize("line", ["", "stop", "{}", '{"type": "run", "job": 3, "schema": 1}'])
def test_what_is_no_request_is_refused(line: str) -> None:
    with pytest.raises(InputError):
        protocol.parse_request(line)


@pytest.mark.parametrize("kind", Uner3dError.__subclasses__())
def test_error_survives_with_its_class(kind: type[Uner3dError]) -> None:
    error = protocol.message_to_error(protocol.error_to_message(kind("It broke.", "Mend it.")))
    assert type(error) is kind
    assert (error.message, error.hint) == ("It broke.", "Mend it.")


def test_error_of_unknown_code_is_still_an_error() -> None:
    error = protocol.message_to_error(protocol.Error("of the future", "It broke."))
    assert type(error) is errors.Uner3dError
    assert error.message == "It broke."


def test_reconstruct_job_survives(tmp_path: Path) -> None:
    task = Reconstruct(
        input=tmp_path / "images",
        cloud=tmp_path / "cloud.npz",
        field=tmp_path / "field.safetensors",
        cameras=tmp_path.parent / "elsewhere" / "transforms.json",
        masks=None,
        settings=Settings(points=5, preset="draft", device="cpu", seed=3),
        images=(tmp_path / "images" / "a.png", tmp_path.parent / "ü b.jpg"),
    )
    write_job(tmp_path, task)
    assert read_job(tmp_path) == task


def test_reconstruct_job_from_a_sentence_survives(tmp_path: Path) -> None:
    settings = Settings(method="point-e", network="base40M-textvec", weights="/ünï")
    task = Reconstruct(None, tmp_path / "cloud.npz", settings=settings, prompt="a “red” cup 日本")
    write_job(tmp_path, task)
    assert read_job(tmp_path) == task


def test_resample_job_survives(tmp_path: Path) -> None:
    task = Resample(tmp_path.parent / "field.safetensors", tmp_path / "cloud.ply", Settings(points=5))
    write_job(tmp_path, task)
    assert read_job(tmp_path) == task


def test_mesh_job_survives(tmp_path: Path) -> None:
    task = ConvertToMesh(tmp_path.parent / "field.safetensors", tmp_path / "mesh.npz", 5000)
    write_job(tmp_path, task)
    assert read_job(tmp_path) == task


def test_job_folder_may_be_moved(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "ünï 日本"
    before.mkdir()
    write_job(before, Reconstruct(before / "images", before / "cloud.npz"))
    before.rename(after)
    task = read_job(after)
    assert isinstance(task, Reconstruct)
    assert (task.input, task.cloud) == (after / "images", after / "cloud.npz")


def test_results_must_lie_in_the_job_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not lie in the job folder"):
        write_job(tmp_path, Reconstruct(tmp_path, tmp_path.parent / "cloud.npz"))


def test_job_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    with pytest.raises(OutputError):
        write_job(folder, Reconstruct(tmp_path, folder / "cloud.npz"))


def valid_job() -> dict[str, Any]:
    return {
        "schema": 1,
        "task": "reconstruct",
        "input": "images",
        "cameras": None,
        "masks": None,
        "field": None,
        "settings": {"points": 100, "preset": "draft", "device": "cpu", "method": "uner3d", "seed": 0},
        "output": {"cloud": "cloud.npz", "field": None},
    }


def test_valid_job_is_read(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(json.dumps(valid_job()), encoding="utf-8")
    assert read_job(tmp_path) == Reconstruct(
        tmp_path / "images", tmp_path / "cloud.npz", settings=Settings(100, "draft", "cpu")
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"schema": 2}, "schema 2"),
        ({"task": "destroy"}, "task"),
        ({"input": None}, "input"),
        ({"input": ""}, "input"),
        ({"input": "a\0b"}, "input"),
        ({"cameras": 7}, "cameras"),
        ({"masks": []}, "masks"),
        ({"images": "a.png"}, "images"),
        ({"images": ["a.png", ""]}, "images"),
        ({"prompt": 7}, "prompt"),
        ({"surprise": 1}, "surprise"),
        ({"task": "resample"}, "field"),
        ({"settings": None}, "settings"),
        ({"settings": {"points": "many"}}, "settings.points"),
        ({"settings": {"points": True}}, "settings.points"),
        ({"settings": {"points": 1e3}}, "settings.points"),
        ({"settings": {"preset": 3}}, "settings.preset"),
        (
            {"settings": {"refine_cameras": 1}},
            "settings.refine_cameras” in the job file must be true or false",
        ),
        ({"settings": {"speed": 3}}, "settings.speed"),
        ({"settings": {"preset": "perfect"}}, "perfect"),
        ({"settings": {"points": 0}}, "0 points"),
        ({"output": "cloud.npz"}, "output"),
        ({"output": {}}, "cloud"),
        ({"output": {"cloud": "../cloud.npz"}}, "job folder"),
        ({"output": {"cloud": "/etc/cloud.npz"}}, "job folder"),
        ({"output": {"cloud": ".."}}, "job folder"),
        ({"output": {"cloud": "job.json"}}, "job folder"),
        ({"output": {"cloud": "cloud.npz", "field": "a/b"}}, "job folder"),
        ({"output": {"cloud": "cloud.npz", "picture": "a"}}, "output.picture"),
        ({"task": "convert to mesh", "field": "f", "output": {"mesh": "m.npz"}}, "faces"),
        ({"task": "convert to mesh", "field": "f", "faces": 3, "output": {"mesh": "m.npz"}}, "3 faces"),
        ({"task": "convert to mesh", "faces": 9, "output": {"mesh": "m.npz"}}, "field"),
        ({"task": "convert to mesh", "field": "f", "faces": 9}, "mesh"),
    ],
)
def test_wrong_job_is_refused_by_name(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    (tmp_path / "job.json").write_text(json.dumps(valid_job() | change), encoding="utf-8")
    with pytest.raises(InputError, match=named) as caught:
        read_job(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe\x00", b"[" * 100_000])
def test_job_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "job.json").write_bytes(content)
    with pytest.raises(InputError):
        read_job(tmp_path)


def test_missing_job_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read"):
        read_job(tmp_path)


def test_neither_side_needs_torch_to_import_the_protocol() -> None:
    script = (
        "import sys, uner3d_core.protocol, uner3d_core.doctor, uner3d_core.cli, blender_addon.engine.client,"
        "blender_addon.engine.check; print(sorted({'torch', 'scipy', 'PIL', 'bpy'} & set(sys.modules)))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    assert finished.stdout.strip() == "[]"


def test_a_result_is_kept_beside_the_job(tmp_path: Path) -> None:
    assert protocol.read_result(tmp_path) is None
    result = protocol.Result({"cloud": "/c.npz"}, protocol.Figures(7, "cpu", 2, 2, {"fit": 1.5}, {"ü": 0.5}))
    protocol.write_result(tmp_path, result)
    assert protocol.read_result(tmp_path) == result


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"type": "heartbeat"}', b'{"type": "result"}'])
def test_a_result_file_that_is_none_is_no_result(tmp_path: Path, content: bytes) -> None:
    (tmp_path / protocol.RESULT_FILE).write_bytes(content)
    assert protocol.read_result(tmp_path) is None
