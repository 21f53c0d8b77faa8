# SPDX-License-Identifier: Apache-2.0
"""Whole installations, of tiny wheels from a folder that stands for an index."""

import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_wheels import REPORT, TORCH, write_core, write_torch

import build_addon
from blender_addon.engine import fetch, supervise
from blender_addon.engine.builds import Build
from blender_addon.engine.check import check_engine
from blender_addon.engine.install import Installation, Progress, Request, Stage
from blender_addon.engine.place import Place
from blender_addon.engine.processes import start_python
from blender_addon.engine.state import Remedy, State, look
from uner3d_core.errors import Cancelled, Uner3dError

LONG = 120.0


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pip looks in, and nowhere else."""
    folder = tmp_path / "index é"
    folder.mkdir()
    write_torch(folder)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in [name for name in os.environ if name.startswith("PIP_") and name != "PIP_CONFIG_FILE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    monkeypatch.setenv("PIP_USER", "1")  # as some distributions set it
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment to copy, since making one takes seconds."""
    folder = tmp_path_factory.mktemp("environment") / "env"
    venv.EnvBuilder(with_pip=True, symlinks=sys.platform != "win32").create(folder)
    return folder


@pytest.fixture
def request_(tmp_path: Path, environment: Path) -> Request:
    """An engine in a folder whose name would trip whoever builds command lines from text."""
    python = Path(sys.executable)
    if sys.platform != "win32":
        python = fake_python(tmp_path, f'rm -rf "$6"; cp -a "{environment}" "$6"')
    return Request(tmp_path / "Jörg's engine", python, write_core(tmp_path))


def fake_python(folder: Path, answer: str) -> Path:
    """Write a program that answers the probe as this Python does, and anything else with shell commands."""
    program = folder / "python"
    program.write_text(
        f'#!/bin/sh\nif [ "$2" = -c ]; then exec "{sys.executable}" "$@"; fi\n{answer}\n', encoding="utf-8"
    )
    program.chmod(0o755)
    return program


def install(request: Request, until: Callable[[Progress], bool] = lambda progress: False) -> Installation:
    """Install till the end; cancel once ``until`` is true."""
    installation = Installation(request)
    installation.start()
    deadline = time.monotonic() + LONG
    while not installation.ended:
        assert time.monotonic() < deadline, installation.progress
        if until(installation.progress):
            installation.cancel()
        time.sleep(0.01)
    return installation


def error_of(installation: Installation) -> Uner3dError:
    with pytest.raises(Uner3dError) as caught:
        installation.result()
    return caught.value


def test_from_nothing_to_an_engine_and_its_repair(request_: Request, index: Path) -> None:
    place = Place(request_.folder)
    stages: list[Stage] = []

    def note(progress: Progress) -> bool:
        if not stages or stages[-1] is not progress.stage:
            stages.append(progress.stage)
            assert look(place).state is not State.READY
        return False

    addon = Path(fetch.__file__).parents[1]

    def times() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in addon.rglob("*") if "__pycache__" not in path.parts}

    before = times()
    installed = install(replace(request_, base_python=Path(sys.executable)), note).result()
    assert [stage for stage in Stage if stage in stages] == stages
    assert (installed.torch, installed.build) == ("2.9.0+cpu", "auto")
    assert installed.devices == REPORT.devices
    assert installed.size_bytes > 300_000
    assert installed.download_bytes == (index / TORCH).stat().st_size
    found = look(place)
    assert (found.state, found.installed) == (State.READY, installed)
    assert check_engine(place.python) == REPORT
    assert not place.tools.exists()

    assert times() == before  # nothing is written where the add-on lies, which may be read-only

    # Repairing chooses anew: there may be another build by now.
    newer = write_torch(index, "2.9.1")
    install(request_).result()
    assert [path.name for path in place.downloads.iterdir()] == [newer.name]

    # Repairing needs no network: where no files can be chosen, those of before are taken.
    shutil.rmtree(index)
    shutil.rmtree(place.environment)
    assert look(place).state is State.BROKEN
    install(request_).result()
    assert look(place).state is State.READY


def test_what_was_cut_is_no_engine_and_is_gone_on_with(request_: Request) -> None:
    place = Place(request_.folder)
    installation = install(request_, lambda progress: progress.stage is Stage.UNPACK)
    assert isinstance(error_of(installation), Cancelled)
    found = look(place)
    assert (found.state, found.remedy) == (State.BROKEN, Remedy.RESUME)
    assert (place.downloads / TORCH).is_file()

    # The download had been cut too: only the rest of it comes, which shows in the file's own bytes.
    whole = (place.downloads / TORCH).read_bytes()
    (place.downloads / TORCH).unlink()
    (place.downloads / f"{TORCH}.part").write_bytes(whole[:1000])
    (place.downloads / "old-1.0-py3-none-any.whl").touch()
    install(request_).result()
    assert look(place).state is State.READY
    assert [path.name for path in place.downloads.iterdir()] == [TORCH]


def test_an_engine_that_fails_its_check_is_none(request_: Request, tmp_path: Path) -> None:
    write_core(tmp_path, requires=())
    error = error_of(install(request_))
    assert "no torch that works" in error.message
    assert look(Place(request_.folder)).state is State.BROKEN


def test_a_file_changed_on_its_way_is_refused(request_: Request, index: Path) -> None:
    place = Place(request_.folder)
    with pytest.raises(Cancelled):
        install(request_, lambda progress: progress.stage is Stage.DOWNLOAD).result()
    (place.downloads / TORCH).unlink(missing_ok=True)
    content = bytearray((index / TORCH).read_bytes())
    content[5000] ^= 1
    (index / TORCH).write_bytes(content)
    error = error_of(install(request_))
    assert "arrived damaged" in error.message
    assert TORCH in error.message
    assert look(place).remedy is Remedy.RESUME


def test_nothing_that_fits(request_: Request, index: Path) -> None:
    (index / TORCH).unlink()
    error = error_of(install(request_))
    assert "nothing fits this Python and computer" in error.message
    assert "torch" in error.message


# What follows fails before the environment is made, or with a program that stands for pip, and so is quick.


def test_a_python_that_is_not_there(request_: Request, tmp_path: Path) -> None:
    request = replace(request_, base_python=tmp_path / "nowhere")
    assert "is not there" in error_of(install(request)).message
    assert not request.folder.exists()


def test_a_missing_core_wheel(request_: Request) -> None:
    request_.core_wheel.unlink()
    assert "The add-on's own wheel is not there" in error_of(install(request_)).message
    assert not request_.folder.exists()


def test_a_folder_of_other_things(request_: Request) -> None:
    request_.folder.mkdir()
    (request_.folder / "thesis.txt").touch()
    assert "holds other things" in error_of(install(request_)).message
    assert [path.name for path in request_.folder.iterdir()] == ["thesis.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("echo 'Error: [Errno 28] No space left on device' >&2; exit 1", "The disk is full"),
        ("echo 'ensurepip is not' >&2; exit 1", "can't make an environment"),
        ("kill -9 $$", "was killed by the system"),
        ("echo odd; exit 3", "Making the environment failed: odd"),
    ],
)
def test_a_program_that_fails(request_: Request, tmp_path: Path, answer: str, sentence: str) -> None:
    request = Request(request_.folder, fake_python(tmp_path, answer), request_.core_wheel)
    error = error_of(install(request))
    assert sentence in error.message
    assert error.hint
    assert look(Place(request.folder)).remedy is Remedy.RESUME


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_cancel_ends_all_programs_within_a_second(request_: Request, tmp_path: Path) -> None:
    python = fake_python(tmp_path, f'sleep 1000 & echo $! > "{tmp_path}/child"; wait')
    installation = Installation(Request(request_.folder, python, request_.core_wheel))
    installation.start()
    deadline = time.monotonic() + LONG
    while not (tmp_path / "child").is_file() or not (tmp_path / "child").read_text(encoding="utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert installation.progress.stage is Stage.ENVIRONMENT
    began = time.monotonic()
    installation.cancel()
    installation.wait(LONG)
    assert time.monotonic() - began < 1.0
    assert installation.ended
    assert installation.cancelling
    child = (tmp_path / "child").read_text(encoding="utf-8").strip()
    state = subprocess.run(["ps", "-o", "stat=", "-p", child], capture_output=True, text=True, check=False)
    assert state.stdout.strip() in ("", "Z")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_a_blender_that_dies_leaves_no_engine(request_: Request, tmp_path: Path) -> None:
    python = fake_python(
        tmp_path, f'echo $$ > "{tmp_path}/new"; mv "{tmp_path}/new" "{tmp_path}/reached"; exec sleep 1000'
    )
    code = (
        "import sys, time; from pathlib import Path\n"
        "from blender_addon.engine.install import Installation, Request\n"
        "Installation(Request(*map(Path, sys.argv[1:]))).start()\ntime.sleep(1000)"
    )
    blender = subprocess.Popen(
        [sys.executable, "-c", code, str(request_.folder), str(python), str(request_.core_wheel)],
        cwd=Path(build_addon.__file__).parent,
    )
    deadline = time.monotonic() + LONG
    while not (tmp_path / "reached").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    blender.kill()
    blender.wait()
    os.kill(int((tmp_path / "reached").read_text(encoding="utf-8")), signal.SIGKILL)
    found = look(Place(request_.folder))
    assert (found.state, found.remedy) == (State.BROKEN, Remedy.RESUME)
    # The dead one's lock is gone with it.
    error = error_of(install(Request(request_.folder, fake_python(tmp_path, "exit 1"), request_.core_wheel)))
    assert "Another Blender" not in error.message


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_what_a_dead_blender_has_started_ends(tmp_path: Path) -> None:
    # The grandchild holds the output open: that its end is reached shows that it is gone.
    tree = start_python(
        Path(sys.executable),
        ["-I", supervise.__file__, "-c", "import time; print('on', flush=True); time.sleep(1000)"],
    )
    assert tree.stdout.readline() == b"on\n"
    tree.stdin.close()
    assert tree.stdout.read() == b""
    assert tree.head.wait(30) == -signal.SIGKILL
    tree.stdout.close()
    tree.stderr.close()


@pytest.mark.parametrize("exit_code", [0, 3])
def test_a_supervised_program_ends_as_it_would(exit_code: int) -> None:
    command = [
        sys.executable,
        "-I",
        supervise.__file__,
        "-c",
        f"print('said'); raise SystemExit({exit_code})",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.read().strip() == b"said"
        assert program.wait(30) == exit_code


@pytest.mark.slow
def test_the_real_engine_as_pip_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()  # of what stands for an index
    name, content = build_addon.build_wheel()
    (tmp_path / name).write_bytes(content)
    folder = tmp_path / "é user" / "engine"
    began = time.monotonic()
    request = Request(folder, Path(sys.executable), tmp_path / name, Build.CONFIGURED)
    installation = Installation(request)
    installation.start()
    installation.wait()
    installed = installation.result()
    with capsys.disabled():
        print(
            f"\ntorch {installed.torch}: {installed.download_bytes / 1e6:.0f} MB downloaded, "
            f"{installed.size_bytes / 1e6:.0f} MB installed, {time.monotonic() - began:.0f} s; "
            f"unpacked {installed.size_bytes / installed.download_bytes:.1f} times, "
            f"at most {fetch.UNPACKED} expected"
        )
    assert installed.size_bytes < (1 + fetch.UNPACKED) * installed.download_bytes
    assert check_engine(Place(folder).python).torch == installed.torch
    assert look(Place(folder)).state is State.READY
