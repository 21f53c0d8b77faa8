# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a program, such as the engine's Python in a clean environment, and ending it with its children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from uner3d_core.errors import EngineError

if sys.platform == "win32":
    NO_WINDOW = subprocess.CREATE_NO_WINDOW
else:
    NO_WINDOW = 0

LONGEST_LINE = 1 << 16  # bytes; what is longer is cut in pieces


@dataclass(frozen=True)
class ProcessTree:
    """A running program and whatever it has started.

    Parameters
    ----------
    head : subprocess.Popen
        The program itself, with pipes for its three streams.
    """

    head: subprocess.Popen[bytes]

    @property
    def stdin(self) -> IO[bytes]:
        """Where the program reads."""
        return cast("IO[bytes]", self.head.stdin)

    @property
    def stdout(self) -> IO[bytes]:
        """What the program writes."""
        return cast("IO[bytes]", self.head.stdout)

    @property
    def stderr(self) -> IO[bytes]:
        """What the program complains about."""
        return cast("IO[bytes]", self.head.stderr)

    def exit_code(self) -> int | None:
        """How the head has ended; None while it runs. On POSIX minus the signal's number if killed."""
        return self.head.poll()

    def terminate(self) -> None:
        """Ask all of them to end. Returns at once."""
        if sys.platform == "win32":
            self.kill()  # Windows has no way to ask
        else:
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End all of them, also those that a head which is gone has left behind. Returns at once.

        On Windows the children are found only while the head lives.
        """
        if sys.platform == "win32":
            taskkill = Path(os.environ["SYSTEMROOT"], "System32", "taskkill.exe")
            command = [str(taskkill), "/T", "/F", "/PID", str(self.head.pid)]
            options = {"capture_output": True, "creationflags": NO_WINDOW}
            threading.Thread(target=subprocess.run, args=(command,), kwargs=options, daemon=True).start()
        else:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        # The head leads a session, so its id is that of the group that its children share, and the id stays
        # the group's as long as one of them lives.
        if sys.platform != "win32":
            try:
                os.killpg(self.head.pid, number)
            except (ProcessLookupError, PermissionError):
                return  # nobody is left; macOS says PermissionError where only a zombie is


def start_python(
    python: Path, arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> ProcessTree:
    """Start the engine's Python.

    Parameters
    ----------
    python : Path
        The program.
    arguments : sequence of str
        What it is to do.
    environment : mapping of str to str, optional
        Its environment variables; None: those of :func:`clean_environment`.

    Raises
    ------
    EngineError
        If there is no such program, or the system can't run it.
    """
    if not python.is_file():
        raise EngineError(
            f"The engine's Python “{python}” is not there.",
            "Install the engine again, or choose another Python in the preferences.",
        )
    try:
        return start_program(
            [str(python), *arguments], clean_environment() if environment is None else environment
        )
    except OSError as error:
        raise EngineError(
            f"“{python}” can't be run: {error.strerror}.",
            "Choose the Python of an environment that has uner3d and torch in the preferences.",
        ) from error


def start_program(command: Sequence[str], environment: Mapping[str, str]) -> ProcessTree:
    """Start a program with pipes for its streams, without a console window.

    Raises
    ------
    OSError
        If there is no such program, or the system can't run it.
    """
    head = subprocess.Popen(  # noqa: S603 (a list of arguments, no shell)
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        creationflags=NO_WINDOW,
        start_new_session=sys.platform != "win32",
    )
    return ProcessTree(head)


def read_lines(stream: IO[bytes], hear: Callable[[str], None]) -> threading.Thread:
    """Call ``hear`` with every line of ``stream`` in a thread of its own, which closes the stream at its end.

    The thread is what keeps a program that writes much from waiting for somebody who reads.
    """

    def read() -> None:
        with stream:
            while line := stream.readline(LONGEST_LINE):
                hear(line.decode("utf-8", errors="replace").rstrip("\r\n"))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def clean_environment() -> dict[str, str]:
    """Make the engine's environment variables: ours, without what is meant for Blender's own Python."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("PYTHON") and name != "__PYVENV_LAUNCHER__"
    }
    return environment | {
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",  # a torch.py in the current folder must not be what gets imported
        "PYTORCH_ENABLE_MPS_FALLBACK": "1",
    }
