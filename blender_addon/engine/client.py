# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's side of a job: start the worker, see how far it is, cancel it.

Two threads read what the worker writes and keep only the newest of everything, so that neither a worker that
writes megabytes nor an add-on that does not look for an hour makes anything wait or grow. Everything else is
done by ``poll``, which never waits.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import IO

from uner3d_core import protocol
from uner3d_core.errors import Cancelled, EngineError, Uner3dError

from .processes import ProcessTree, read_lines, start_python

LONGEST_LOG_LINE = 2000  # characters
LOG_LINES = 200
LAST_WORDS = 20  # lines of standard error
PREVIEWS = 4

KILLED = -9
"""The exit code of a POSIX program that was killed and not by us, most often for want of memory."""

MISSING_DLL = 0xC0000135
"""The exit code of a Windows program that could not be loaded for want of a library."""


class Phase(Enum):
    """Where a job is; the last three are ends."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True)
class JobState:
    """How a job stands at one moment.

    Parameters
    ----------
    phase : Phase
        Where it is.
    stage : str
        What the worker does; empty before its first word.
    done, total : int
        How many of the stage's steps are finished.
    eta_seconds : float, optional
        Seconds till the end of the stage; None while unknown.
    previews : tuple of Path
        The newest previews, newest last: NPZ files.
    log : tuple of str
        The newest lines of the log, newest last.
    result : Result, optional
        Files and figures, once the job is FINISHED.
    error : Uner3dError, optional
        What went wrong, once the job is FAILED; ``Cancelled`` once it is CANCELLED.
    """

    phase: Phase
    stage: str = ""
    done: int = 0
    total: int = 0
    eta_seconds: float | None = None
    previews: tuple[Path, ...] = ()
    log: tuple[str, ...] = ()
    result: protocol.Result | None = None
    error: Uner3dError | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen, and the worker is gone."""
        return self.phase in (Phase.FINISHED, Phase.CANCELLED, Phase.FAILED)


class Job:
    """One run of the worker. Call its methods from one thread.

    Parameters
    ----------
    engine_python : Path
        The Python that has ``uner3d_core`` and torch.
    job_folder : Path
        Folder with a ``job.json``, where the results go.
    heartbeat_timeout : float
        Seconds of silence after which the worker counts as hung. Of the time between two polls no more than
        half of this counts, since the computer may have slept, and the worker with it.
    patience : float
        Seconds between asking a worker to stop, terminating it, and killing it.
    """

    def __init__(
        self,
        engine_python: Path,
        job_folder: Path,
        *,
        heartbeat_timeout: float = 60.0,
        patience: float = 3.0,
    ) -> None:
        self._python = engine_python
        self._folder = job_folder.absolute()
        self._heartbeat_timeout = heartbeat_timeout
        self._patience = patience

        self._tree: ProcessTree | None = None
        self._readers: list[threading.Thread] = []
        self._cancelled = False
        self._last_poll = 0.0
        self._silence = 0.0
        self._harsher_steps: list[Callable[[], None]] = []
        self._next_step_at: float | None = None  # None while the worker need not end
        self._gone_at: float | None = None
        self._final_state: JobState | None = None

        self._lock = threading.Lock()  # over what follows, which the readers write
        self._has_spoken = False  # since the last poll
        self._started = False
        self._progress = protocol.Progress("", 0, 0)
        self._previews: deque[Path] = deque(maxlen=PREVIEWS)
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._outcome: protocol.Result | Uner3dError | None = None

    def start(self) -> None:
        """Start the worker.

        Raises
        ------
        EngineError
            If the engine's Python is not there or can't be run.
        """
        if self._tree is not None or self._final_state is not None:
            raise RuntimeError("A job starts once, and not after it was cancelled.")
        tree = self._tree = start_python(self._python, ["-m", "uner3d_core", "worker"])
        self._last_poll = time.monotonic()
        self._readers = [
            read_lines(tree.stdout, self._hear),
            read_lines(tree.stderr, self._hear_complaint),
        ]
        self._send(tree, protocol.Run(str(self._folder)))

    def poll(self) -> JobState:
        """Do whatever is due, and tell how the job stands. Never waits."""
        if self._final_state is not None:
            return self._final_state
        if self._tree is None:
            return JobState(Phase.WAITING)
        now = time.monotonic()
        exit_code = self._tree.exit_code()
        if exit_code is None:
            self._watch(self._tree, now)
            if self._harsher_steps and self._next_step_at is not None and now >= self._next_step_at:
                self._harsher_steps.pop(0)()
                self._next_step_at = now + self._patience
        else:
            if self._gone_at is None:
                self._gone_at = now
                self._tree.kill()  # children that it has left behind, and that hold its streams open
            all_is_read = not any(reader.is_alive() for reader in self._readers)
            if all_is_read or now - self._gone_at > self._patience:
                _close(self._tree.stdin)
                self._final_state = self._how_it_ended(exit_code)
                return self._final_state
        return self._state_now()

    def cancel(self) -> None:
        """Ask the worker to stop; ``poll`` sees to it that it does. A result that came before stands."""
        with self._lock:
            if self._outcome is not None or self._final_state is not None:
                return
        self._cancelled = True
        if self._tree is None:
            self._final_state = JobState(Phase.CANCELLED, error=Cancelled())
        elif self._next_step_at is None:
            self._send(self._tree, protocol.Cancel())
            self._must_end(self._tree, self._patience)

    def wait(self, timeout: float | None = None) -> JobState:
        """Poll until the job has ended, or for ``timeout`` seconds.

        Returns
        -------
        JobState
            The last state; ask its ``ended``.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (state := self.poll()).ended and (deadline is None or time.monotonic() < deadline):
            time.sleep(0.02)
        return state

    def close(self) -> JobState:
        """Kill whatever still runs, as when Blender quits, and wait a moment till it is gone."""
        self.cancel()
        if self._tree is not None and self._tree.exit_code() is None:
            self._tree.kill()
        return self.wait(self._patience)

    # --- what the readers do ---

    def _hear(self, line: str) -> None:
        message = protocol.parse_message(line)
        with self._lock:
            self._has_spoken = True
            match message:
                case protocol.Started(version, schema):
                    self._started = True
                    if schema != protocol.SCHEMA and self._outcome is None:
                        self._outcome = EngineError(
                            f"The engine speaks schema {schema} of the protocol (uner3d {version}), "
                            f"this add-on {protocol.SCHEMA}.",
                            "Install the engine again, so that both have the same version.",
                        )
                case protocol.Progress():
                    self._progress = message
                case protocol.Preview(file):
                    self._previews.append(self._folder / file)
                case protocol.Log(text):
                    self._log.append(text[:LONGEST_LOG_LINE])
                case protocol.Result() if self._outcome is None:
                    self._outcome = message
                case protocol.Error() if self._outcome is None:
                    self._outcome = protocol.message_to_error(message)

    def _hear_complaint(self, line: str) -> None:
        with self._lock:
            self._last_words.append(line[:LONGEST_LOG_LINE])

    # --- what poll does ---

    def _watch(self, tree: ProcessTree, now: float) -> None:
        """See whether a living worker ought to end: it has said its last word, or nothing for too long."""
        with self._lock:
            # A long time between two polls is none of the worker's: Blender was busy, or the computer slept.
            waited = min(now - self._last_poll, self._heartbeat_timeout / 2)
            self._silence = 0.0 if self._has_spoken else self._silence + waited
            self._last_poll, self._has_spoken = now, False
            has_hung = self._outcome is None and self._silence > self._heartbeat_timeout
            if has_hung:
                self._outcome = EngineError(
                    f"The engine hangs: it has said nothing for {self._heartbeat_timeout:.0f} seconds.",
                    "Start the job again; if that repeats, choose a lower preset or another device.",
                )
            ought_to_end = self._outcome is not None
        if ought_to_end and self._next_step_at is None:
            _close(tree.stdin)  # ends a worker that still listens
            self._must_end(tree, 0.0 if has_hung else self._patience)

    def _must_end(self, tree: ProcessTree, seconds: float) -> None:
        """Let the worker end by itself for some seconds before harsher steps are taken."""
        self._next_step_at = time.monotonic() + seconds
        self._harsher_steps = [tree.terminate, tree.kill]

    def _state_now(self) -> JobState:
        with self._lock:
            phase = Phase.RUNNING if self._started else Phase.STARTING
            return JobState(
                phase=Phase.CANCELLING if self._cancelled else phase,
                stage=self._progress.stage,
                done=self._progress.done,
                total=self._progress.total,
                eta_seconds=self._progress.eta_seconds,
                previews=tuple(self._previews),
                log=tuple(self._log),
            )

    def _how_it_ended(self, exit_code: int) -> JobState:
        state = replace(self._state_now(), eta_seconds=None)
        with self._lock:
            outcome = self._outcome
            last_words = tuple(self._last_words)
        if self._cancelled or isinstance(outcome, Cancelled):
            return replace(state, phase=Phase.CANCELLED, error=Cancelled())
        if isinstance(outcome, protocol.Result):
            return replace(state, phase=Phase.FINISHED, result=outcome)
        error = outcome or _ended_without_result(exit_code, last_words, self._folder / protocol.LOG_FILE)
        if outcome is None and last_words and self._folder.is_dir():
            with contextlib.suppress(OSError), (self._folder / protocol.LOG_FILE).open("ab") as log:
                log.write("\n".join(last_words).encode(errors="replace"))
        return replace(state, phase=Phase.FAILED, log=state.log + last_words, error=error)

    @staticmethod
    def _send(tree: ProcessTree, request: protocol.Request) -> None:
        # A worker that is gone already can't be told anything; poll finds out how it ended.
        with contextlib.suppress(OSError):
            tree.stdin.write(protocol.encode(request).encode())
            tree.stdin.flush()


def _close(stream: IO[bytes]) -> None:
    # Closing writes what a broken pipe has kept back, to a worker that is gone.
    with contextlib.suppress(OSError):
        stream.close()


def _ended_without_result(exit_code: int, last_words: tuple[str, ...], log_file: Path) -> EngineError:
    last_line = next((line for line in reversed(last_words) if line.strip()), "")
    said = f": {last_line.strip().rstrip('.')}." if last_line else "."
    if exit_code == KILLED:
        return EngineError(
            f"The engine was killed by the system{said}",
            "Most often the memory ran out: choose a lower preset, or fewer or smaller images.",
        )
    if exit_code == MISSING_DLL:
        return EngineError(
            f"Windows could not load a library of the engine{said}",
            "Install Microsoft's Visual C++ runtime, or install the engine again.",
        )
    how = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
    return EngineError(
        f"The engine ended without a result ({how}){said}",
        f"Check the engine in the preferences; its last lines are in “{log_file}”.",
    )
