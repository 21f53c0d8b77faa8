# SPDX-License-Identifier: Apache-2.0
"""How time and memory grow with views and pixels: ``python -m uner3d_core.evaluation.growth OBJECT``.

Each run is a process of its own, as the add-on's are, so that its memory can be told.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from uner3d_core.caches import cache_folder
from uner3d_core.errors import EngineError, Uner3dError
from uner3d_core.evaluation.cases import find_objects, rendered_case
from uner3d_core.settings import PRESETS


def measure(case: Path, preset: str) -> tuple[float, float, float]:
    """Reconstruct a rendered case in a process of its own.

    Parameters
    ----------
    case : Path
        Folder of images with their cameras.
    preset : str

    Returns
    -------
    seconds : float
        Wall time, from the process's start to its end.
    memory : float
        The most that it held at once, in GiB; NaN on Windows, which does not tell.
    size : float
        Of the field's file, in MB.

    Raises
    ------
    EngineError
        If the reconstruction fails.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as errors:
        field = Path(folder, "field.safetensors")
        command = [sys.executable, "-m", "uner3d_core", "reconstruct", str(case), "--preset", preset]
        command += ["--output", str(Path(folder, "cloud.ply")), "--field", str(field), "--json"]
        start = time.monotonic()
        code, memory = _run(command, errors)
        seconds = time.monotonic() - start
        if code != 0:
            errors.seek(0)
            last = (errors.read().decode(errors="replace").strip().splitlines() or ["no message"])[-1]
            raise EngineError(f"“{case}” can't be reconstructed: {last}", "See what is wrong with the case.")
        return seconds, memory, field.stat().st_size / 1e6


def _run(command: list[str], errors: IO[bytes]) -> tuple[int, float]:
    """Run a program; its exit code, and the most memory that it held, in GiB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)  # noqa: S603 -- no shell
    if sys.platform == "win32":
        return process.wait(), float("nan")
    _, status, usage = os.wait4(process.pid, 0)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * unit / 2**30


def main() -> int:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description="Measure how time and memory grow with views and pixels.")
    parser.add_argument("object", metavar="OBJECT", help="a .glb file, or the name of a trial")
    parser.add_argument("--views", type=int, nargs="+", default=[16, 32, 64], metavar="N")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024], metavar="N")
    parser.add_argument("--preset", choices=PRESETS, default="balanced")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where the rendered cases are kept")
    options = parser.parse_args()
    rows = []
    try:
        (source,) = find_objects([options.object])
        print(
            f"{'views':>6}{'size':>7}{'megapixels':>12}{'seconds':>9}{'GiB':>7}{'field MB':>10}", flush=True
        )
        for size in options.sizes:
            for views in options.views:
                case = rendered_case(source, views, size, options.cache or cache_folder("bench"))
                pixels = views * size**2 / 1e6
                seconds, memory, field = measure(case, options.preset)
                print(
                    f"{views:>6}{size:>7}{pixels:>12.1f}{seconds:>9.1f}{memory:>7.1f}{field:>10.1f}",
                    flush=True,
                )
                rows.append(
                    {
                        "views": views,
                        "size": size,
                        "seconds": seconds,
                        "memory_gib": memory,
                        "field_mb": field,
                    }
                )
    except Uner3dError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"object": Path(source).stem, "preset": options.preset, "runs": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
