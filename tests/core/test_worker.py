# SPDX-License-Identifier: Apache-2.0
"""The real worker, spoken to as the add-on speaks to it."""

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from uner3d_core import protocol, worker
from uner3d_core.cloud_files import read_npz
from uner3d_core.errors import Cancelled
from uner3d_core.field import Anchors, Field
from uner3d_core.point_cloud import PointCloud
from uner3d_core.protocol import Cancel, Resample, Run, encode, parse_message, write_job
from uner3d_core.settings import Settings

WORKER = ("-m", "uner3d_core", "worker")
POINTS = 500


def sphere() -> Field:
    """A field of a sphere of radius 1 around (0, 0, 5), red above and blue below."""
    steps = torch.linspace(-1.5, 1.5, 31)
    x, y, z = torch.meshgrid(steps, steps, steps, indexing="ij")
    anchors = np.array([[0, 0, 6], [0, 0, 4]], np.float32)
    colours = np.array([[255, 0, 0], [0, 0, 255]], np.uint8)
    distances = torch.sqrt(x**2 + y**2 + z**2) - 1.0
    return Field((-1.5, -1.5, 3.5), 0.1, distances, Anchors(anchors, colours, np.ones(2, np.float32)))


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A job folder whose job is to resample a sphere."""
    folder = tmp_path / "ünï 日本 job"
    folder.mkdir()
    sphere().save(folder / "field.safetensors")
    settings = Settings(points=POINTS, device="cpu")
    write_job(folder, Resample(folder / "field.safetensors", folder / "cloud.npz", settings))
    return folder


def talk(
    *requests: protocol.Request, arguments: tuple[str, ...] = WORKER
) -> tuple[list[protocol.Message], str]:
    """Send requests to a worker, and tell its messages and its standard error when it has ended."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        process.stdin.write("".join(map(encode, requests)))
        process.stdin.flush()  # and left open: its end would end the worker
        complaints: list[str] = []
        reader = threading.Thread(target=lambda: complaints.append(process.stderr.read()))
        reader.start()
        messages = [parse_message(line) for line in process.stdout]
        reader.join()
    assert process.returncode == (0 if isinstance(messages[-1], protocol.Result) else 1)
    return messages, complaints[0]


def worker_that_runs(code: str) -> tuple[str, ...]:
    """Arguments for a worker whose job is a piece of Python."""
    lines = "\n".join("    " + line for line in code.splitlines())
    return (
        "-c",
        f"import os, sys\nfrom uner3d_core import worker\n"
        f"def run(task, progress):\n{lines}\nworker.run = run\nsys.exit(worker.main())",
    )


def test_job_ends_with_its_result_and_nothing_but_messages(job: Path) -> None:
    messages, _ = talk(Run(str(job)))
    assert isinstance(messages[0], protocol.Started)
    assert not [message for message in messages if isinstance(message, protocol.Log)]
    result = messages[-1]
    assert isinstance(result, protocol.Result)
    assert result.files == {"cloud": str(job / "cloud.npz")}
    assert result.figures.points == POINTS
    assert result.figures.device == "cpu"
    assert protocol.read_result(job) == result
    cloud = read_npz(job / "cloud.npz")
    assert len(cloud) == POINTS
    np.testing.assert_allclose(np.linalg.norm(cloud.positions - [0, 0, 5], axis=1), 1.0, atol=0.02)


def test_each_stage_is_told_from_its_beginning_to_its_end(job: Path) -> None:
    messages, _ = talk(Run(str(job)))
    progress = [message for message in messages if isinstance(message, protocol.Progress)]
    stages = {message.stage for message in progress}
    assert {"read field", "sampling"} <= stages
    for stage in stages:
        steps = [message for message in progress if message.stage == stage]
        assert steps[0].done == 0
        assert steps[-1].done == steps[-1].total


def test_cancel_ends_the_job_without_a_result(job: Path) -> None:
    messages, _ = talk(Run(str(job)), Cancel())
    last = messages[-1]
    assert isinstance(last, protocol.Error)
    assert last.code == "cancelled"
    assert not (job / "cloud.npz").exists()


def test_another_schema_is_an_error_that_says_so(job: Path) -> None:
    messages, _ = talk(Run(str(job), schema=99))
    (last,) = messages
    assert isinstance(last, protocol.Error)
    assert last.code == "engine"
    assert "schema 99" in last.message


def test_folder_without_a_job(tmp_path: Path) -> None:
    messages, _ = talk(Run(str(tmp_path)))
    last = messages[-1]
    assert isinstance(last, protocol.Error)
    assert last.code == "input"


def test_damaged_field_is_a_sentence(job: Path) -> None:
    (job / "field.safetensors").write_bytes(b"no field")
    messages, _ = talk(Run(str(job)))
    last = messages[-1]
    assert isinstance(last, protocol.Error)
    assert last.code == "cloud_file"
    assert last.hint


def test_stray_prints_go_to_standard_error(job: Path) -> None:
    code = "print('stray')\nos.write(1, b'from a library\\n')\nraise MemoryError"
    messages, complaints = talk(Run(str(job)), arguments=worker_that_runs(code))
    assert not [message for message in messages if isinstance(message, protocol.Log)]
    assert "stray" in complaints
    assert "from a library" in complaints


def test_missing_torch_is_an_engine_error(job: Path) -> None:
    code = "import sys\nsys.modules['torch'] = None\nfrom uner3d_core import worker\nsys.exit(worker.main())"
    messages, _ = talk(Run(str(job)), arguments=("-c", code))
    last = messages[-1]
    assert isinstance(last, protocol.Error)
    assert last.code == "engine"
    assert "torch" in last.message
    assert last.hint


def test_unforeseen_fault_is_a_sentence_with_its_traceback_in_the_log_file(job: Path) -> None:
    messages, complaints = talk(Run(str(job)), arguments=worker_that_runs("raise KeyError('what')"))
    last = messages[-1]
    assert isinstance(last, protocol.Error)
    assert "KeyError: 'what'" in last.message
    assert "Traceback" not in last.message + complaints
    assert "Traceback" in (job / "worker.log").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_full_disk_is_an_output_error_and_leaves_nothing_behind(job: Path) -> None:
    code = (
        "import resource, sys\nfrom uner3d_core import worker\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\nsys.exit(worker.main())"
    )
    before = set(job.iterdir())
    messages, _ = talk(Run(str(job)), arguments=("-c", code))
    last = messages[-1]
    assert isinstance(last, protocol.Error)
    assert last.code == "output"
    assert "full" in last.message
    assert set(job.iterdir()) - before == {job / "worker.log"}


@pytest.fixture
def busy_worker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker in the middle of its work: its main thread waits for a job file that never comes."""
    os.mkfifo(tmp_path / "job.json")
    process = subprocess.Popen(
        [sys.executable, *WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    with process:
        process.stdin.write(encode(Run(str(tmp_path))))
        process.stdin.flush()
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe")
def test_heart_beats_while_the_worker_works(busy_worker: subprocess.Popen[str]) -> None:
    messages = [parse_message(busy_worker.stdout.readline()) for _ in range(3)]
    assert messages == [messages[0], protocol.Heartbeat(), protocol.Heartbeat()]
    assert isinstance(messages[0], protocol.Started)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe")
def test_end_of_standard_input_ends_the_worker_at_its_work(busy_worker: subprocess.Popen[str]) -> None:
    assert isinstance(parse_message(busy_worker.stdout.readline()), protocol.Started)
    busy_worker.stdin.close()
    assert busy_worker.wait(30) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe")
def test_nobody_reading_ends_the_worker(busy_worker: subprocess.Popen[str]) -> None:
    busy_worker.stdout.close()
    assert busy_worker.wait(30) == 1


def test_worker_ends_when_nothing_is_asked_of_it() -> None:
    finished = subprocess.run(
        [sys.executable, *WORKER],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert finished.returncode == 1
    assert isinstance(parse_message(finished.stdout), protocol.Error)


class Clock:
    """Stands for the module time: time goes on when a test says so."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


class Listener:
    """A progress whose messages can be looked at."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        monkeypatch.setattr(worker, "time", self.clock)
        self.cancelled = threading.Event()
        self._stream = io.StringIO()
        self.progress = worker.MessageProgress(worker.Wire(self._stream), folder, self.cancelled)

    def messages(self) -> list[protocol.Message]:
        return [parse_message(line) for line in self._stream.getvalue().splitlines()]


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Listener:
    return Listener(tmp_path, monkeypatch)


def test_quick_steps_are_not_all_told(listener: Listener) -> None:
    for done in range(10_001):
        listener.clock.now += 0.0001
        listener.progress.stage("fitting", done, 10_000)
    steps = [message.done for message in listener.messages()]
    assert steps[0] == 0
    assert steps[-1] == 10_000
    assert 15 <= len(steps) <= 25  # a second of work, at most one each 50 ms


def test_time_left_follows_the_rate_of_the_stage_and_is_unknown_before(listener: Listener) -> None:
    for name in ("first", "second"):
        listener.progress.stage(name, 0, 10)
        listener.clock.now += 0.5
        listener.progress.stage(name, 1, 10)
        listener.clock.now += 3.5
        listener.progress.stage(name, 4, 10)
    times = [message.eta_seconds for message in listener.messages()]
    assert times == [None, None, 6.0] * 2


def test_stage_without_steps_is_told(listener: Listener) -> None:
    listener.progress.stage("looking", 0, 0)
    listener.clock.now += 10.0
    listener.progress.stage("looking", 0, 0)
    assert listener.messages() == [protocol.Progress("looking", 0, 0)] * 2


def test_preview_is_a_file_of_its_own(listener: Listener) -> None:
    for count in (3, 5):
        zeros = np.zeros((count, 3), np.float32)
        cloud = PointCloud(zeros, zeros.astype(np.uint8), zeros, np.ones(count, np.float32))
        listener.progress.preview(cloud)
    files = [message.file for message in listener.messages()]
    assert [len(read_npz(Path(file))) for file in files] == [3, 5]


def test_everything_told_after_a_cancel_raises(listener: Listener) -> None:
    zeros = np.zeros((1, 3), np.float32)
    cloud = PointCloud(zeros, zeros.astype(np.uint8), zeros, np.ones(1, np.float32))
    listener.cancelled.set()
    for tell in (
        lambda: listener.progress.stage("fitting", 0, 1),
        lambda: listener.progress.preview(cloud),
        lambda: listener.progress.log("hello"),
    ):
        with pytest.raises(Cancelled):
            tell()
    assert listener.messages() == []
