# SPDX-License-Identifier: Apache-2.0
"""Compare cameras rendered by a second Blender with those rendered in a real window's own.

``python tests/window/capture.py [--blender PATH] [--output FOLDER]``

For Cycles, EEVEE and Workbench it prints how far the pictures differ, which must be nothing at all, and how
long it takes until a render that is cancelled has ended. Without a Blender or a screen it says so.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import blender_window


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Compare cameras rendered apart with those of a window.")
    parser.add_argument("--blender", type=Path, help="the program; else the one on PATH")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "capture", help="folder for the log")
    given = parser.parse_args()
    output = given.output.absolute()
    return blender_window.print_figures(given.blender, "capture.py", [], output)


if __name__ == "__main__":
    sys.exit(main())
