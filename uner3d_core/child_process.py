# SPDX-License-Identifier: Apache-2.0
"""A module of ours run in a process of its own: what it tells, and its end the moment nobody wants it.

For libraries whose calls can't be stopped, or that may fall over untrusted files. The module writes lines of
JSON to its standard output and ends when its standard input does; :func:`talk` is its side.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

SECONDS = 0.2
"""Between two looks at a child that says nothing."""


class Child:
    """A child process.

    Parameters
    ----------
    process : subprocess.Popen
        With pipes for standard input and output.
    log : Path
        Where its standard error goes.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def exit_code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def last_lines(self, count: int = 3) -> str:
        """Give the end of what it wrote to standard error, on one line."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return " / ".join(lines[-count:])

    def messages(self) -> Iterator[Any]:
        """Give what it tells, and None whenever it told nothing for a moment, till it ends."""
        lines: queue.Queue[bytes | None] = queue.Queue()

        def read(stream: IO[bytes]) -> None:
            for line in stream:
                lines.put(line)
            lines.put(None)

        if self._process.stdout is None:
            raise AssertionError("the child's output is a pipe")
        threading.Thread(target=read, args=(self._process.stdout,), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=SECONDS)
            except queue.Empty:
                yield None
                continue
            if line is None:
                self._process.wait()
                return
            yield json.loads(line)


@contextmanager
def running(module: str, arguments: Sequence[str], log: Path) -> Iterator[Child]:
    """Run a module in a process of its own, which does not outlive the block.

    Parameters
    ----------
    module : str
        Its dotted name.
    arguments : sequence of str
        Of its command line.
    log : Path
        File for its standard error.
    """
    # Bytes and not text: what libraries print about files has the encoding of their names.
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 -- a list of arguments, no shell
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield Child(process, log)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def talk() -> Callable[[Any], None]:
    """Begin as a child: give the function that tells the parent something, and end when the parent does."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no message
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def tell(message: Any) -> None:
        print(json.dumps(message), file=stream, flush=True)

    return tell


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)
