# SPDX-License-Identifier: Apache-2.0
"""A real Blender window for a script: on a screen of its own where there is Xvfb, else on the desktop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import build_addon

INSIDE = Path(__file__).resolve().parent / "inside"
ACCOUNT = "Zoë de la Peña"
"""Name of the folder that is the person's home: it has spaces and letters that are not ASCII."""
RAW_SUFFIX = ".xwd"


class NoWindowError(Exception):
    """What a window needs and this machine does not have."""


@dataclass(frozen=True)
class Screen:
    """Where Blender opens its window.

    Parameters
    ----------
    environment : dict
        Variables that lead a program to this screen.
    framebuffer : Path, optional
        File that always holds what the screen shows, in the X window dump format; None on a desktop, where
        Blender takes its pictures itself.
    """

    environment: dict[str, str]
    framebuffer: Path | None = None


def find_blender(named: Path | None) -> Path:
    """Find the Blender to drive: the one that is named, or the one on PATH.

    Raises
    ------
    NoWindowError
        If there is none.
    """
    found = shutil.which(str(named or "blender"))
    if found is None:
        raise NoWindowError(f"there is no Blender at “{named}”" if named else "there is no Blender on PATH")
    return Path(found).absolute()


@contextmanager
def own_screen(width: int, height: int) -> Iterator[Screen]:
    """Start Xvfb and end it; without it take the desktop, if there is one.

    Raises
    ------
    NoWindowError
        If there is neither.
    """
    on_linux = sys.platform.startswith("linux")
    if not on_linux or shutil.which("Xvfb") is None:
        if on_linux and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
            raise NoWindowError("there is no display, and no Xvfb that could stand for one")
        yield Screen({})
        return
    with tempfile.TemporaryDirectory(prefix="uner3d_screen_") as folder:
        read, write = os.pipe()
        shown = ["-screen", "0", f"{width}x{height}x24", "-fbdir", folder, "+extension", "GLX", "-nocursor"]
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", *shown],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[write],
        )
        os.close(write)
        try:
            with os.fdopen(read) as answer:
                number = answer.readline().strip()
            if not number:
                raise NoWindowError("Xvfb does not start")
            environment = {
                "DISPLAY": f":{number}",
                "LIBGL_ALWAYS_SOFTWARE": "1",
                "XDG_RUNTIME_DIR": folder,
                "XDG_SESSION_TYPE": "x11",
            }
            yield Screen(environment, Path(folder) / "Xvfb_screen0")
        finally:
            server.terminate()
            server.wait()


def run_in_window(
    blender: Path,
    script: str,
    arguments: Sequence[str],
    output: Path,
    *,
    size: tuple[int, int] = (1600, 900),
    limit: float = 1800.0,
) -> int:
    """Run a script of ``inside`` in a window of Blender with factory settings and an empty home.

    Parameters
    ----------
    blender : Path
        The program.
    script : str
        Name of a file in ``inside``. It ends Blender itself.
    arguments : sequence of str
        What the script finds after ``--`` in ``sys.argv``.
    output : Path
        Folder for the pictures and ``blender.log``; the home lies in it as well.
    size : (int, int)
        Width and height of the window in pixels.
    limit : float
        Seconds after which Blender is ended.

    Returns
    -------
    int
        Blender's exit code; 124 where it had to be ended.

    Raises
    ------
    NoWindowError
        If there is no screen.
    """
    output.mkdir(parents=True, exist_ok=True)
    home = output / ACCOUNT
    shutil.rmtree(home, ignore_errors=True)
    (home / "tmp").mkdir(parents=True)
    with own_screen(*size) as screen, (output / "blender.log").open("wb") as log:
        environment = {
            **os.environ,
            **screen.environment,
            "BLENDER_USER_RESOURCES": str(home / "blender"),
            "HOME": str(home),
            "TMPDIR": str(home / "tmp"),
            "UNER3D_FRAMEBUFFER": str(screen.framebuffer or ""),
        }
        environment.pop("PYTHONPATH", None)  # what is installed must be the zip
        if screen.framebuffer:
            environment.pop("WAYLAND_DISPLAY", None)  # Blender would rather open its window there
        command = [str(blender), "--enable-event-simulate", "--no-window-focus"]
        command += ["-p", "0", "0", str(size[0]), str(size[1])]
        command += ["--python-exit-code", "1", "--python", str(INSIDE / script), "--", *arguments]
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=home,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )
        try:
            code = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            code = 124
        finally:
            _end(process)
    for raw in sorted(output.glob(f"*{RAW_SUFFIX}")):
        read_window_dump(raw).save(raw.with_suffix(".png"), optimize=True)
        raw.unlink()
    return code


def print_figures(named: Path | None, script: str, arguments: Sequence[str], output: Path) -> int:
    """Run a script of ``inside`` with the add-on's zip at hand, and print the figures that it tells.

    Parameters
    ----------
    named : Path, optional
        The Blender; None takes the one on PATH.
    script, arguments, output
        As for :func:`run_in_window`; the script is told ``--output`` and ``--archive`` as well.

    Returns
    -------
    int
        0 where all went well, or where there is no Blender or no screen, which is said.
    """
    output.mkdir(parents=True, exist_ok=True)
    archive = output / "uner3d.zip"
    archive.write_bytes(build_addon.build_addon())
    given = ["--output", str(output), "--archive", str(archive), *arguments]
    try:
        code = run_in_window(find_blender(named), script, given, output)
    except NoWindowError as missing:
        print(f"Skipped: {missing}.")
        return 0
    log = (output / "blender.log").read_text(encoding="utf-8", errors="replace").splitlines()
    print(*(line.removeprefix("FIGURE ") for line in log if line.startswith("FIGURE ")), sep="\n")
    if code != 0:
        print(f"Blender ended with code {code}; see {output / 'blender.log'}.", file=sys.stderr)
    return 0 if code == 0 else 1


def _end(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    elif process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def read_window_dump(path: Path) -> Image.Image:
    """Read what Xvfb keeps in its file: a header of 32-bit numbers, a palette, rows of BGRX pixels."""
    content = path.read_bytes()
    header = np.frombuffer(content[:100], ">u4")
    size, width, height, row, colours = (int(header[index]) for index in (0, 4, 5, 12, 19))
    start = size + 12 * colours
    pixels = np.frombuffer(content, np.uint8, row * height, start).reshape(height, row)
    return Image.fromarray(pixels[:, : 4 * width].reshape(height, width, 4)[..., 2::-1].copy())
