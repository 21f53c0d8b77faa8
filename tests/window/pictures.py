# SPDX-License-Identifier: Apache-2.0
"""Make the README's pictures of the panels, in a real Blender window.

``python tests/window/pictures.py [--blender PATH] [--output FOLDER] [--engine-python PATH]``

It reconstructs the cup of ``uner3d demo`` and takes a picture before, while and after that: ``inputs.png``,
``running.png`` and ``cloud.png``. Without a Blender or a screen it says so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import blender_window
from PIL import Image

import build_addon

NAMES = ("inputs", "running", "cloud")
SIZE = (1280, 800)


def main() -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description="Make the README's pictures in a real Blender window.")
    parser.add_argument("--blender", type=Path, help="the program; else the one on PATH")
    parser.add_argument("--output", type=Path, default=ROOT / "docs", help="folder for the pictures")
    parser.add_argument("--engine-python", type=Path, default=Path(sys.executable), help="else this Python")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="uner3d_pictures_") as folder:
        output = Path(folder)
        archive = output / "uner3d.zip"
        archive.write_bytes(build_addon.build_addon())
        arguments = ["--output", folder, "--archive", str(archive)]
        arguments += ["--engine-python", str(given.engine_python.absolute())]
        try:
            blender = blender_window.find_blender(given.blender)
            code = blender_window.run_in_window(blender, "pictures.py", arguments, output, size=SIZE)
        except blender_window.NoWindowError as missing:
            print(f"Skipped: {missing}.")
            return 0
        if code != 0:
            print((output / "blender.log").read_text(encoding="utf-8", errors="replace"), file=sys.stderr)
            return 1
        given.output.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            path = given.output / f"{name}.png"
            with Image.open(output / f"{name}.png") as picture:
                few = picture.convert("RGB").quantize(255, dither=Image.Dither.NONE)  # a third of the bytes
            few.save(path, optimize=True)
            print(f"{path} ({path.stat().st_size / 1000:.0f} kB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
