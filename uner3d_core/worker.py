# SPDX-License-Identifier: Apache-2.0
"""The child process: reads one request, does the job, and tells how it goes in lines of JSON.

Three threads: the main one works, one listens for a cancel and for the end of standard input, one lets the
heart beat. Nothing but messages reaches the standard output that the client reads; what anything else prints
goes to standard error.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from uner3d_core import __version__, protocol
from uner3d_core.cloud_files import write_npz
from uner3d_core.errors import Cancelled, EngineError, InputError, OutputError, Uner3dError
from uner3d_core.failures import explain
from uner3d_core.run import run

if TYPE_CHECKING:
    from uner3d_core.point_cloud import PointCloud

HEARTBEAT_SECONDS = 1.0
SHORTEST_INTERVAL = 0.05  # seconds between two messages of progress
SHORTEST_MEASUREMENT = 1.0  # seconds of work before its rate is believed


class Wire:
    """The way to the client, for all threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: protocol.Message) -> None:
        """Write a message; if nobody is left who reads it, end the process."""
        try:
            with self._lock:
                self._stream.write(protocol.encode(message))
                self._stream.flush()
        except OSError:
            os._exit(1)


class MessageProgress:
    """A job's progress as messages; every call raises ``Cancelled`` after a cancel.

    Parameters
    ----------
    wire : Wire
        Where the messages go.
    folder : Path
        Where previews are written.
    cancelled : threading.Event
        Set when the person asks to stop.
    """

    def __init__(self, wire: Wire, folder: Path, cancelled: threading.Event) -> None:
        self._wire = wire
        self._folder = folder
        self._cancelled = cancelled
        self._previews = 0
        self._stage = ""
        self._stage_start = 0.0
        self._first_done = 0
        self._last_sent = 0.0

    def stage(self, name: str, done: int, total: int) -> None:
        """Send the step, unless another was sent a moment ago; the first and the last are always sent."""
        self._stop_if_cancelled()
        now = time.monotonic()
        if name != self._stage:
            self._stage, self._stage_start, self._first_done = name, now, done
        elif now - self._last_sent < SHORTEST_INTERVAL and done < total:
            return
        self._last_sent = now
        self._wire.send(protocol.Progress(name, done, total, self._eta_seconds(now, done, total)))

    def preview(self, cloud: PointCloud) -> None:
        """Write the cloud into the job folder and send the file's name."""
        self._stop_if_cancelled()
        self._previews += 1
        file = self._folder / f"preview_{self._previews:03d}.npz"
        write_npz(file, cloud)
        self._wire.send(protocol.Preview(str(file)))

    def log(self, text: str) -> None:
        """Send the text."""
        self._stop_if_cancelled()
        self._wire.send(protocol.Log(text))

    def _stop_if_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _eta_seconds(self, now: float, done: int, total: int) -> float | None:
        """Seconds till the end of the stage at the rate measured in it; None while there is no such rate."""
        elapsed = now - self._stage_start
        if done <= self._first_done or elapsed < SHORTEST_MEASUREMENT:
            return None
        return round(elapsed * (total - done) / (done - self._first_done), 1)


def main() -> int:
    """Serve one request from standard input.

    Returns
    -------
    int
        The exit code: 0 after a result, 1 after an error.
    """
    wire = Wire(_take_standard_output())
    # Unbuffered: a thread that waits in sys.stdin holds a lock that the interpreter wants when it ends.
    requests = io.FileIO(0, closefd=False)
    try:
        request = protocol.parse_request(requests.readline().decode("utf-8", errors="replace"))
        folder = _job_folder(request)
    except Uner3dError as error:
        wire.send(protocol.error_to_message(error))
        return 1
    wire.send(protocol.Started(__version__))

    cancelled, done = threading.Event(), threading.Event()
    for target in (_listen, _beat):
        threading.Thread(target=target, args=(requests, wire, cancelled, done), daemon=True).start()
    last_word = _work(folder, MessageProgress(wire, folder, cancelled))
    done.set()
    wire.send(last_word)
    return 0 if isinstance(last_word, protocol.Result) else 1


def _take_standard_output() -> TextIO:
    """Keep the real standard output to ourselves; whatever prints from now on prints to standard error."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)  # for libraries that print without Python
    sys.stdout = sys.stderr
    return stream


def _job_folder(request: protocol.Request) -> Path:
    if isinstance(request, protocol.Cancel):
        raise Cancelled
    if request.schema != protocol.SCHEMA:
        raise EngineError(
            f"The add-on speaks schema {request.schema} of the protocol, this engine (uner3d {__version__}) "
            f"{protocol.SCHEMA}.",
            "Install the engine again, so that both have the same version.",
        )
    return Path(request.job)


def _listen(requests: io.FileIO, wire: Wire, cancelled: threading.Event, done: threading.Event) -> None:
    while line := requests.readline():
        try:
            if isinstance(protocol.parse_request(line.decode("utf-8", errors="replace")), protocol.Cancel):
                cancelled.set()
        except InputError as error:
            wire.send(protocol.Log(str(error)))
    # The client is gone, and nobody waits for what the main thread may still be doing.
    if not done.is_set():
        os._exit(1)


def _beat(_: io.FileIO, wire: Wire, __: threading.Event, done: threading.Event) -> None:
    while not done.wait(HEARTBEAT_SECONDS):
        wire.send(protocol.Heartbeat())


def _work(folder: Path, progress: MessageProgress) -> protocol.Result | protocol.Error:
    log_file = folder / protocol.LOG_FILE
    try:
        task = protocol.read_job(folder)
        log = log_file.open("ab", buffering=0)
    except Uner3dError as error:
        return protocol.error_to_message(error)
    except OSError as error:
        return protocol.error_to_message(
            OutputError(
                f"Nothing can be written into the job folder “{folder}”: {error.strerror}.",
                "Choose a folder that you may write to, on a disk with room.",
            )
        )
    with log:
        faulthandler.enable(log)  # where it was, should a library crash
        try:
            result = run(task, progress)
            _keep_figures(folder, result, progress)
            return result
        except Exception as error:
            with contextlib.suppress(OSError):  # the fault may be that the disk is full
                log.write(traceback.format_exc().encode("utf-8", errors="replace"))
            return protocol.error_to_message(explain(error, lambda: log_file))
        finally:
            faulthandler.disable()


def _keep_figures(folder: Path, result: protocol.Result, progress: MessageProgress) -> None:
    try:
        protocol.write_result(folder, result)
    except OutputError as error:  # the cloud is there, and worth more than what is known about it
        progress.log(str(error))
