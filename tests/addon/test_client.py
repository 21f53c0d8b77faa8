# SPDX-License-Identifier: Apache-2.0
"""The client of the worker, against workers that misbehave in every way we could think of."""

import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blender_addon.engine.client import LOG_LINES, LONGEST_LOG_LINE, Job, JobState, Phase
from uner3d_core.errors import Cancelled, EngineError, ImageError

STARTED = 'print(\'{"type": "started", "version": "0", "schema": 1}\', flush=True)\n'
RESULT = (
    'print(\'{"type": "result", "files": {"cloud": "/c.npz"}, "figures": {"points": 7, "device": "cpu", '
    '"views": 2, "registered": 2, "stages": {}, "scores": {}}}\', flush=True)\n'
)
LONG = 60.0  # more patience than any test needs: where it is given, nothing may depend on it

MakeJob = Callable[..., Job]


@pytest.fixture
def make_job(child_engine: Path, tmp_path: Path) -> Iterator[MakeJob]:
    """Make and start a job whose worker runs a piece of Python."""
    jobs = []

    def make(*code: str, heartbeat_timeout: float = LONG, patience: float = LONG) -> Job:
        text = "import os, signal, subprocess, sys, time\n" + "".join(map(textwrap.dedent, code))
        (tmp_path / "child.py").write_text(text, encoding="utf-8")
        job = Job(child_engine, tmp_path, heartbeat_timeout=heartbeat_timeout, patience=patience)
        jobs.append(job)
        job.start()
        return job

    yield make
    for job in jobs:
        assert job.close().ended


def wait_until(job: Job, condition: Callable[[JobState], bool]) -> JobState:
    deadline = time.monotonic() + LONG
    while not condition(state := job.poll()):
        assert time.monotonic() < deadline, state
        assert not state.ended, state
        time.sleep(0.01)
    return state


def test_tells_stage_preview_and_log_of_a_good_worker(make_job: MakeJob, tmp_path: Path) -> None:
    job = make_job(
        STARTED,
        """
        print('{"type": "progress", "stage": "fitting", "done": 2, "total": 8, "eta_seconds": 1.5}')
        print('{"type": "preview", "file": "preview_001.npz"}')
        print('{"type": "log", "text": "view 3 has no camera"}')
        sys.stdin.readline()
        """,
        RESULT,
    )
    state = wait_until(job, lambda state: bool(state.log))
    assert state.phase is Phase.RUNNING
    assert (state.stage, state.done, state.total, state.eta_seconds) == ("fitting", 2, 8, 1.5)
    assert state.previews == (tmp_path / "preview_001.npz",)
    assert state.log == ("view 3 has no camera",)
    assert state.result is None


def test_finished_job_has_a_result_and_no_error(make_job: MakeJob) -> None:
    state = make_job(STARTED, RESULT).wait(LONG)
    assert state.phase is Phase.FINISHED
    assert state.error is None
    assert state.result is not None
    assert state.result.files == {"cloud": "/c.npz"}
    assert state.result.figures.points == 7


def test_state_before_start_is_waiting(tmp_path: Path) -> None:
    assert Job(Path(sys.executable), tmp_path).poll() == JobState(Phase.WAITING)


def test_job_cancelled_before_start_never_starts(tmp_path: Path) -> None:
    job = Job(tmp_path / "no python", tmp_path)
    job.cancel()
    assert job.poll().phase is Phase.CANCELLED
    with pytest.raises(RuntimeError):
        job.start()


def test_python_that_vanished(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="is not there"):
        Job(tmp_path / "no python", tmp_path).start()


def test_file_that_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("hello", encoding="utf-8")
    with pytest.raises(EngineError, match="can't be run"):
        Job(tmp_path / "python", tmp_path).start()


def test_error_of_the_worker_keeps_class_sentence_and_hint(make_job: MakeJob) -> None:
    job = make_job(
        STARTED,
        """print('{"type": "error", "code": "image", "message": "a.png is empty.", "hint": "Remove it."}')""",
    )
    state = job.wait(LONG)
    assert state.phase is Phase.FAILED
    assert isinstance(state.error, ImageError)
    assert (state.error.message, state.error.hint) == ("a.png is empty.", "Remove it.")


def test_crash_is_an_error_with_the_last_lines_of_stderr(make_job: MakeJob) -> None:
    state = make_job(STARTED, "sys.stderr.write('first\\nRuntimeError: boom\\n')\nos._exit(3)").wait(LONG)
    assert state.phase is Phase.FAILED
    assert isinstance(state.error, EngineError)
    assert "exit code 3" in state.error.message
    assert "RuntimeError: boom" in state.error.message
    assert state.log[-2:] == ("first", "RuntimeError: boom")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_kill_from_outside_is_an_error_that_names_memory(make_job: MakeJob) -> None:
    state = make_job(STARTED, "os.kill(os.getpid(), signal.SIGKILL)").wait(LONG)
    assert state.phase is Phase.FAILED
    assert state.error is not None
    assert "killed" in state.error.message
    assert "memory" in state.error.hint


def test_exit_without_result_is_an_error_even_with_exit_code_0(make_job: MakeJob) -> None:
    state = make_job(STARTED).wait(LONG)
    assert state.phase is Phase.FAILED
    assert isinstance(state.error, EngineError)
    assert state.result is None


class Clock:
    """Stands for the module time: time goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("blender_addon.engine.client.time", clock)
    return clock


def test_hang_is_noticed_by_the_missing_heartbeat(make_job: MakeJob, clock: Clock) -> None:
    job = make_job(STARTED, "time.sleep(1000)", heartbeat_timeout=10.0, patience=0.0)
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    for _ in range(2):
        clock.now += 5.0
        assert not job.poll().ended
    clock.now += 5.0
    state = job.wait()
    assert state.phase is Phase.FAILED
    assert isinstance(state.error, EngineError)
    assert "hangs" in state.error.message


def test_heartbeats_keep_a_silent_worker_alive(make_job: MakeJob, clock: Clock, tmp_path: Path) -> None:
    beat_when_told = """
    for number in range(5):
        while not os.path.exists(os.path.join(request["job"], f"beat {number}")):
            time.sleep(0.01)
        print('{"type": "heartbeat"}', flush=True)
    """
    job = make_job(STARTED, beat_when_told, RESULT, heartbeat_timeout=10.0)
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    for number in range(5):
        clock.now += 6.0
        job.poll()
        (tmp_path / f"beat {number}").touch()
        deadline = time.monotonic() + LONG
        while not job._has_spoken:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert job.wait().phase is Phase.FINISHED


def test_nobody_looking_for_long_is_no_hang(make_job: MakeJob, clock: Clock) -> None:
    job = make_job(STARTED, "sys.stdin.readline()", heartbeat_timeout=10.0)
    clock.now += 3600.0  # as when the computer slept: nobody polled, nothing was said
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    assert job.poll().phase is Phase.RUNNING


@pytest.mark.parametrize("slept", [9.0, 11.0, 3600.0])
def test_a_computer_that_wakes_gives_the_worker_time_to_speak(
    make_job: MakeJob, clock: Clock, slept: float
) -> None:
    job = make_job(STARTED, "time.sleep(1000)", heartbeat_timeout=10.0, patience=0.0)
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    clock.now += slept
    for _ in range(4):
        clock.now += 1.0
        assert job.poll().phase is Phase.RUNNING
    clock.now += 5.0
    job.poll()
    clock.now += 5.0
    assert job.wait().phase is Phase.FAILED  # it says nothing, awake as it is


def test_cancel_that_the_worker_obeys(make_job: MakeJob) -> None:
    job = make_job(
        STARTED,
        """
        assert "cancel" in sys.stdin.readline()
        print('{"type": "error", "code": "cancelled", "message": "Cancelled.", "hint": ""}')
        """,
    )
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    job.cancel()
    assert job.poll().phase in (Phase.CANCELLING, Phase.CANCELLED)
    state = job.wait(LONG)
    assert state.phase is Phase.CANCELLED
    assert isinstance(state.error, Cancelled)


def test_ignored_cancel_is_followed_by_terminate(make_job: MakeJob) -> None:
    job = make_job(STARTED, 'while True: print(\'{"type": "heartbeat"}\'); time.sleep(0.05)', patience=0.2)
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    job.cancel()
    assert job.wait(LONG).phase is Phase.CANCELLED


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ignored_terminate_is_followed_by_kill(make_job: MakeJob) -> None:
    job = make_job(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n", STARTED, "time.sleep(1000)", patience=0.2
    )
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    job.cancel()
    assert job.wait(LONG).phase is Phase.CANCELLED


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_stopped_worker_can_be_cancelled(make_job: MakeJob) -> None:
    job = make_job(STARTED, "os.kill(os.getpid(), signal.SIGSTOP)", patience=0.2)
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    job.cancel()
    assert job.wait(LONG).phase is Phase.CANCELLED


def test_cancel_after_the_result_came_keeps_the_result(make_job: MakeJob) -> None:
    job = make_job(STARTED, RESULT)
    job.wait(LONG)
    job.cancel()
    assert job.poll().phase is Phase.FINISHED


def test_result_counts_though_the_worker_does_not_exit(make_job: MakeJob) -> None:
    assert make_job(STARTED, RESULT, "time.sleep(1000)", patience=0.2).wait(LONG).phase is Phase.FINISHED


def test_garbage_on_stdout_becomes_log_lines(make_job: MakeJob) -> None:
    job = make_job(
        STARTED,
        r"""
        print("a stray print")
        print('{"type": "progress", "stage": 5}')
        print('{"type": "nonsense"}')
        print("[" * 100000)
        sys.stdout.flush()
        sys.stdout.buffer.write(b"\xff\xfe broken \x80 bytes\n")
        sys.stdout.buffer.flush()
        """,
        RESULT,
    )
    state = job.wait(LONG)
    assert state.phase is Phase.FINISHED
    assert state.log[:3] == ("a stray print", '{"type": "progress", "stage": 5}', '{"type": "nonsense"}')
    assert state.log[-1] == "\ufffd\ufffd broken \ufffd bytes"
    assert max(map(len, state.log)) <= LONGEST_LOG_LINE


def test_half_a_line_at_the_exit_is_no_result(make_job: MakeJob) -> None:
    state = make_job(STARTED, """sys.stdout.write('{"type": "resul'); sys.stdout.flush()""").wait(LONG)
    assert state.phase is Phase.FAILED
    assert state.log == ('{"type": "resul',)


def test_log_of_a_chatterbox_is_bounded(make_job: MakeJob) -> None:
    state = make_job(STARTED, "for number in range(100_000): print(number)\n", RESULT).wait(LONG)
    assert state.phase is Phase.FINISHED
    assert len(state.log) == LOG_LINES
    assert state.log[-1] == "99999"


def test_huge_stderr_and_endless_lines_block_nothing(make_job: MakeJob) -> None:
    job = make_job(
        STARTED,
        """
        sys.stderr.write("complaint\\n" * 2_000_000)
        sys.stderr.write("x" * 5_000_000)
        sys.stdout.write("y" * 5_000_000 + "\\n")
        """,
        RESULT,
    )
    time.sleep(0.5)  # nobody polls, and still the worker gets rid of it
    assert job.wait(LONG).phase is Phase.FINISHED


def test_another_schema_is_an_error_that_says_so(make_job: MakeJob) -> None:
    other = STARTED.replace('"schema": 1', '"schema": 99')
    state = make_job(other, RESULT, "time.sleep(1000)", patience=0.2).wait(LONG)
    assert state.phase is Phase.FAILED
    assert isinstance(state.error, EngineError)
    assert "schema 99" in state.error.message
    assert state.result is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows finds children of a living parent only")
@pytest.mark.parametrize("end", [RESULT, "os._exit(1)", "time.sleep(1000)"])
def test_grandchildren_go_with_the_worker(make_job: MakeJob, end: str) -> None:
    # A grandchild holds the worker's output open: that the readers reach its end shows that it is gone.
    spawn = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
    job = make_job(spawn, STARTED, end)
    if "sleep" in end:
        wait_until(job, lambda state: state.phase is Phase.RUNNING)
        job.close()
    assert job.wait(LONG / 2).ended
    assert not any(reader.is_alive() for reader in job._readers)


def test_close_leaves_nothing_running(make_job: MakeJob) -> None:
    job = make_job(STARTED, "time.sleep(1000)")
    wait_until(job, lambda state: state.phase is Phase.RUNNING)
    assert job.close().phase is Phase.CANCELLED
    assert job.poll() is job.poll()


def test_worker_does_not_see_blenders_python_variables(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    show = (
        "print(os.environ.get('PYTHONPATH'), os.environ['PYTORCH_ENABLE_MPS_FALLBACK'], sys.flags.utf8_mode)"
    )
    assert make_job(STARTED, show + "\n", RESULT).wait(LONG).log == ("None 1 1",)


def test_current_folder_is_not_imported_from(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("print('executed')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    state = make_job(STARTED, "try:\n    import torch\nexcept ImportError: pass\n", RESULT).wait(LONG)
    assert state.phase is Phase.FINISHED
    assert state.log == ()
