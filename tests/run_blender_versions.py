# SPDX-License-Identifier: Apache-2.0
"""Run the Blender tests in every supported version: ``python tests/run_blender_versions.py [VERSION ...]``.

Each version of bpy needs one version of Python, which is searched for on PATH; a version without it is
skipped, and said to be. The environments are kept in ``build/blender`` for the next time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / "build" / "blender"
VERSIONS = {
    "4.2": ("python3.11", "bpy>=4.2,<4.3", "numpy<2"),
    "4.5": ("python3.11", "bpy>=4.5,<4.6"),
    "5.0": ("python3.11", "bpy>=5.0,<5.1"),
    "5.1": ("python3.13", "bpy>=5.1,<5.2"),
    "5.2": ("python3.13", "bpy>=5.2,<5.3"),
}
"""Blender's version to the Python that it needs, and what is installed into it."""


def environment_python(version: str) -> Path | None:
    """Make the environment of one version, if it is not there; None where its Python is missing."""
    name, *requirements = VERSIONS[version]
    folder = ENVIRONMENTS / version
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = folder / "complete"
    if complete.is_file():
        return python
    base = shutil.which(name)
    if base is None:
        return None
    subprocess.run([base, "-m", "venv", "--clear", str(folder)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", *requirements, "pytest>=8.3"]
    subprocess.run(install, check=True)
    complete.touch()
    return python


def main(versions: list[str]) -> int:
    """Test the versions, all where none is named; tell how each went."""
    unknown = set(versions) - set(VERSIONS)
    if unknown:
        print(
            f"No such version: {', '.join(sorted(unknown))}. Choose from {', '.join(VERSIONS)}.",
            file=sys.stderr,
        )
        return 2
    outcomes = {}
    for version in versions or VERSIONS:
        try:
            python = environment_python(version)
        except subprocess.CalledProcessError as error:
            outcomes[version] = f"its environment can't be made: {error}"
            continue
        if python is None:
            outcomes[version] = f"skipped: there is no {VERSIONS[version][0]} on PATH"
            continue
        print(f"Blender {version}", flush=True)
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/blender"]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, check=False)
        outcomes[version] = "passed" if done.returncode == 0 else f"failed (exit code {done.returncode})"
    for version, outcome in outcomes.items():
        print(f"Blender {version}: {outcome}")
    return 0 if all(outcome.startswith(("passed", "skipped")) for outcome in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
