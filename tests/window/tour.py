# SPDX-License-Identifier: Apache-2.0
"""Take the whole way of a person in a real Blender window, with a picture at each step.

``python tests/window/tour.py [--blender PATH] [--output FOLDER] [--engine-python PATH] [--theme NAME]
[--scale X]``

It installs the zip, adds cameras around an object, reconstructs, drags sliders, resamples, cancels, undoes,
saves and reloads, with the mouse and the keys, and checks what came of each step. On Linux the window opens
on a screen of its own, in Xvfb; nobody's desktop is touched. Without a Blender or a screen it says so.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import blender_window

import build_addon


def take_tour(
    blender: Path, output: Path, engine_python: Path, theme: str = "", scale: float = 1.0
) -> tuple[int, list[str]]:
    """Take the tour.

    Parameters
    ----------
    blender : Path
        The program.
    output : Path
        Folder for the pictures and ``blender.log``.
    engine_python : Path
        A Python that has the core and torch.
    theme : str
        Part of the name of a theme that comes with Blender, such as ``light``; empty for the default.
    scale : float
        Blender's interface scale.

    Returns
    -------
    code : int
        0 where every step went well.
    lines : list of str
        How each step went.

    Raises
    ------
    blender_window.NoWindowError
        If there is no screen.
    """
    output = output.absolute()
    output.mkdir(parents=True, exist_ok=True)
    for earlier in output.glob("[0-9][0-9]_*.png"):
        earlier.unlink()
    archive = output / "uner3d.zip"
    archive.write_bytes(build_addon.build_addon())
    arguments = ["--output", str(output), "--archive", str(archive)]
    # Not resolved: the Python of a virtual environment is a link.
    arguments += ["--engine-python", str(engine_python.absolute())]
    arguments += ["--theme", theme, "--scale", str(scale)]
    code = blender_window.run_in_window(blender, "tour.py", arguments, output)
    log = (output / "blender.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return code, [line for line in log if line.startswith(("DONE ", "FAILED ", "FIGURE "))]


def main() -> int:
    """Take the tour and tell how it went."""
    parser = argparse.ArgumentParser(description="Take the whole way of a person in a real Blender window.")
    parser.add_argument("--blender", type=Path, help="the program; else the one on PATH")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "window", help="folder for pictures")
    parser.add_argument("--engine-python", type=Path, default=Path(sys.executable), help="else this Python")
    parser.add_argument("--theme", default="", help="a theme that comes with Blender, such as light")
    parser.add_argument("--scale", type=float, default=1.0, help="Blender's interface scale")
    given = parser.parse_args()
    try:
        blender = blender_window.find_blender(given.blender)
        code, lines = take_tour(blender, given.output, given.engine_python, given.theme, given.scale)
    except blender_window.NoWindowError as missing:
        print(f"Skipped: {missing}.")
        return 0
    print(*lines, sep="\n")
    outcome = "went well" if code == 0 else f"failed (exit code {code}); see blender.log there"
    print(f"The tour {outcome}. Pictures: {given.output}")
    return 0 if code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
