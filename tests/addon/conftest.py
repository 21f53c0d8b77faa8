# SPDX-License-Identifier: Apache-2.0
"""Engines to try the add-on with: real Python environments whose uner3d_core is what a test wants."""

import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

# The head of a worker that does whatever child.py in the job folder does.
CHILD_RUNNER = """\
import json, os, runpy, sys
request = json.loads(sys.stdin.readline())
runpy.run_path(os.path.join(request["job"], "child.py"), {"request": request})
"""


def build_engine(folder: Path, main: str | None) -> Path:
    """Make an environment with a uner3d_core that consists of ``main``, or without one; tell its Python."""
    builder = venv.EnvBuilder(symlinks=sys.platform != "win32")
    builder.create(folder)
    if main is not None:
        library = "Lib" if sys.platform == "win32" else "lib/python{}.{}".format(*sys.version_info)
        package = folder / library / "site-packages" / "uner3d_core"
        package.mkdir()
        (package / "__main__.py").write_text(main, encoding="utf-8")
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


@pytest.fixture(scope="session")
def child_engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an engine whose worker runs ``child.py`` of its job folder."""
    return build_engine(tmp_path_factory.mktemp("engines") / "ünï cødé 日本", CHILD_RUNNER)


@pytest.fixture
def make_engine(tmp_path: Path) -> Callable[[str | None], Path]:
    """Make an environment with a uner3d_core of one file, or without one; tell its Python."""
    return lambda main: build_engine(tmp_path / "engine", main)
