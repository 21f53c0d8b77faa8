# SPDX-License-Identifier: GPL-3.0-or-later
"""Run this Python with other arguments, and end that when standard input ends: a program of its own.

Whoever starts it holds its standard input open. A Blender that dies thereby ends what it has started, which
otherwise would go on changing a folder that nobody watches. It uses the standard library alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def _end_with_input(program: subprocess.Popen[bytes]) -> None:
    sys.stdin.read()
    if sys.platform == "win32":
        taskkill = os.path.join(os.environ["SYSTEMROOT"], "System32", "taskkill.exe")  # noqa: PTH118
        subprocess.run([taskkill, "/T", "/F", "/PID", str(program.pid)], capture_output=True, check=False)  # noqa: S603
    else:
        os.killpg(0, signal.SIGKILL)  # whoever has started this one has made it the head of a group


def main() -> int:
    """Run it; tell its exit code."""
    program = subprocess.Popen([sys.executable, *sys.argv[1:]], stdin=subprocess.DEVNULL)  # noqa: S603
    threading.Thread(target=_end_with_input, args=(program,), daemon=True).start()
    exit_code = program.wait()
    if exit_code < 0:
        os.kill(os.getpid(), -exit_code)  # end as it has ended
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
