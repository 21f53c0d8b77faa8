# SPDX-License-Identifier: Apache-2.0
"""Time and registered photographs of our estimate beside those of COLMAP's defaults, in one run.

Run as ``python -m uner3d_core.evaluation.beside_colmap PHOTOGRAPHS``: a folder of images without masks.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

LONGEST_SIDE = 1000
_DEFAULTS = f"""
import json, sys
from pathlib import Path
import pycolmap
images, folder = map(Path, sys.argv[1:])
options = pycolmap.FeatureExtractionOptions(max_image_size={LONGEST_SIDE})
single = pycolmap.CameraMode.SINGLE
pycolmap.extract_features(folder / "d.db", images, camera_mode=single, extraction_options=options)
pycolmap.match_exhaustive(folder / "d.db")
models = pycolmap.incremental_mapping(folder / "d.db", images, folder)
print(json.dumps({{"registered": max((m.num_reg_images() for m in models.values()), default=0)}}))
"""
"""A program of its own: COLMAP's library bears neither Pillow nor PyTorch in its process."""


@dataclass(frozen=True)
class Effort:
    """What an estimate took and gave: photographs with a camera, seconds by the clock and of processors."""

    registered: int
    seconds: float
    processor_seconds: float


def measure(command: list[str], cache: Path) -> Effort:
    """Run a command whose last line is JSON with ``registered``, with an empty cache."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "LOCALAPPDATA": str(cache)}
    start, before = time.perf_counter(), os.times()
    finished = subprocess.run(  # noqa: S603 -- a list of arguments, no shell
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    seconds, after = time.perf_counter() - start, os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    last = finished.stdout.decode("utf-8", errors="replace").strip().splitlines()[-1]
    return Effort(int(json.loads(last)["registered"]), seconds, used)


def main() -> int:
    """Print both and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=Path)
    options = parser.parse_args()
    images = options.photographs.absolute()
    with TemporaryDirectory(prefix="uner3d-beside-") as name:
        folder = Path(name)
        output = str(folder / "cameras.json")
        words = ["-m", "uner3d_core", "estimate-cameras", str(images), "--output", output, "--json"]
        ours = measure([sys.executable, *words], folder)
        theirs = measure([sys.executable, "-c", _DEFAULTS, str(images), str(folder)], folder)
    for who, effort in (("ours", ours), (f"COLMAP's defaults at {LONGEST_SIDE} pixels", theirs)):
        print(
            f"{who}: {effort.registered} registered, {effort.seconds:.0f} s by the clock, "
            f"{effort.processor_seconds:.0f} s of processors"
        )
    print(
        f"ratios: {ours.seconds / theirs.seconds:.2f} by the clock, "
        f"{ours.processor_seconds / theirs.processor_seconds:.2f} of processors"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
