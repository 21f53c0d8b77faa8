# SPDX-License-Identifier: Apache-2.0
"""Make sets of views of generated objects for training, or draw a sheet of them to look at.

Run as ``python -m uner3d_core.shapes --count 1000 --output DIR`` or ``… --count 48 --sheet FILE.png``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from uner3d_core.atomic_file import atomic_file
from uner3d_core.device import choose_device
from uner3d_core.errors import InputError, Uner3dError
from uner3d_core.shapes.generation import HELD_OUT
from uner3d_core.shapes.making import make_sets
from uner3d_core.shapes.sheet import draw_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit code."""
    parser = argparse.ArgumentParser(prog="python -m uner3d_core.shapes", description=__doc__)
    parser.add_argument("--count", type=int, default=48, help="how many objects")
    parser.add_argument("--first", type=int, default=0, help="seed of the first; the others follow it")
    parser.add_argument("--views", type=int, default=24, help="pictures of each object")
    parser.add_argument("--size", type=int, default=96, help="width and height of a picture in pixels")
    parser.add_argument("--output", type=Path, help="folder for the sets; those that are there are kept")
    parser.add_argument("--sheet", type=Path, help="PNG file for one picture of each object")
    parser.add_argument("--processes", type=int, default=1, help="how many objects are made at a time")
    parser.add_argument("--device", default="cpu", help="what computes: cpu, cuda, xpu, mps or auto")
    options = parser.parse_args(arguments)
    if min(options.count, options.views, options.size, options.processes) < 1 or options.first < 0:
        parser.error("count, views, size and processes must be above zero, and first not below it")
    if options.output is None and options.sheet is None:
        parser.error("give --output or --sheet")
    seeds = range(options.first, options.first + options.count)
    try:
        if seeds.start < HELD_OUT < seeds.stop:
            raise InputError(
                f"Seeds from {HELD_OUT:,} on are kept for evaluation.",
                "Start at a lower seed, or make fewer.",
            )
        device = str(choose_device(options.device))
        if options.sheet is not None:
            with atomic_file(options.sheet) as file:
                Image.fromarray(draw_sheet(seeds, options.size)).save(file, format="PNG")
        if options.output is not None:
            make_sets(
                options.output,
                seeds,
                views=options.views,
                size=options.size,
                processes=options.processes,
                device=device,
            )
    except Uner3dError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
