# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a given Python can be the engine: found out by running it, never by guessing."""

from __future__ import annotations

import json
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from uner3d_core import __version__
from uner3d_core.doctor import Report, from_json
from uner3d_core.errors import EngineError

from .processes import read_lines, start_python

KEPT_LINES = 20
DOCTOR = ("-m", "uner3d_core", "doctor", "--json")


def check_engine(python: Path, timeout: float = 120.0) -> Report:
    """Run the doctor of an engine's Python and judge what it says.

    Parameters
    ----------
    python : Path
        The Python of an environment that has ``uner3d_core`` and torch.
    timeout : float
        Seconds it may take; importing torch for the first time takes long on a slow disk.

    Returns
    -------
    Report
        Versions, devices and memory of an engine that can be used.

    Raises
    ------
    EngineError
        If it is not there, is no Python, does not answer, has no ``uner3d_core``, another version of it, or
        no torch that works.
    """
    return judge(python, *_run_doctor(python, timeout))


class Check:
    """A check in a thread of its own, since the first import of torch can take a minute.

    Parameters
    ----------
    python : Path
        As for :func:`check_engine`.
    """

    def __init__(self, python: Path) -> None:
        self._python = python
        self._thread = threading.Thread(target=self._run, name="uner3d check", daemon=True)
        self._outcome: Report | EngineError | None = None

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the engine has answered, or failed to."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def result(self) -> Report:
        """Tell what it has found, once it has ended.

        Raises
        ------
        EngineError
            As :func:`check_engine`.
        """
        if isinstance(self._outcome, EngineError):
            raise self._outcome
        if self._outcome is None:
            raise RuntimeError("Only a check that has ended has a result.")
        return self._outcome

    def _run(self) -> None:
        try:
            self._outcome = check_engine(self._python)
        except EngineError as error:
            self._outcome = error


def judge(python: Path, said: Sequence[str], complained: Sequence[str]) -> Report:
    """Judge what the doctor of an engine's Python has said.

    Parameters
    ----------
    python : Path
        The Python that was run.
    said, complained : sequence of str
        The last lines of its standard output, and of its standard error.

    Raises
    ------
    EngineError
        As :func:`check_engine`.
    """
    if any("No module named uner3d_core" in line for line in complained):
        raise EngineError(
            f"The Python “{python}” has no uner3d_core.",
            "Install uner3d into its environment, or choose another Python in the preferences.",
        )
    last_line = next(reversed(said), "")
    try:
        version = json.loads(last_line)["uner3d"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = next(
            (line.strip().rstrip(".") for line in reversed(complained) if line.strip()), "it gave no report"
        )
        raise EngineError(
            f"“{python}” can't run the engine: {reason}.",
            "Choose the Python of an environment that has uner3d and torch in the preferences.",
        ) from error
    if version != __version__:
        raise EngineError(
            f"The engine has uner3d {version}, this add-on {__version__}.",
            "Install the engine again, so that both have the same version.",
        )
    report = from_json(last_line)
    if report.torch is None:
        raise EngineError(
            f"The Python “{python}” has no torch that works ({report.torch_error}).",
            "Install torch into its environment, or choose another Python in the preferences.",
        )
    return report


def _run_doctor(python: Path, timeout: float) -> tuple[deque[str], deque[str]]:
    """Tell the last lines of its standard output and of its standard error."""
    said: deque[str] = deque(maxlen=KEPT_LINES)
    complained: deque[str] = deque(maxlen=KEPT_LINES)
    tree = start_python(python, DOCTOR)
    tree.stdin.close()
    readers = [read_lines(tree.stdout, said.append), read_lines(tree.stderr, complained.append)]
    try:
        tree.head.wait(timeout)
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            f"“{python}” did not answer within {timeout:.0f} seconds.",
            "Check the engine again; if that repeats, install it again.",
        ) from error
    finally:
        tree.kill()  # also whatever it has left behind
        tree.head.wait()
        for reader in readers:
            reader.join(5.0)
    return deque(said), deque(complained)
