# SPDX-License-Identifier: Apache-2.0
"""Data sets of one's own: models pictured from all sides, each by a process that has Blender in it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from uner3d_core import protocol
from uner3d_core.errors import EngineError, InputError, OutputError, Uner3dError
from uner3d_core.evaluation.cases import TRIALS
from uner3d_core.progress import Progress, Silent
from uner3d_core.settings import MAXIMUM_POINTS

VERSION = 2
"""Goes up when models are pictured differently, so that old ones are made again."""

CLOUD_FILE = "cloud.npy"
"""float32 (K, 6): x, y, z, red, green and blue, all from -1 to 1, in progressive order."""

DESCRIPTION_FILE = "model.json"
"""What a model's folder depends on; it is there when the folder is whole."""

MODEL_ENDINGS = (".glb", ".gltf", ".obj", ".ply", ".stl")


@dataclass(frozen=True)
class Choice:
    """How models are pictured.

    Parameters
    ----------
    views, size : int
        Number of cameras around each, and width and height of the pictures in pixels.
    points : int
        Of the dense cloud.
    samples : int
        Of Cycles, for each pixel.
    flat : bool
        Whether Workbench renders the colours of textures without light instead.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    views: int = 20
    size: int = 256
    points: int = 100_000
    samples: int = 32
    flat: bool = False

    def __post_init__(self) -> None:
        for name, most in (
            ("views", 10_000),
            ("size", 8192),
            ("points", MAXIMUM_POINTS),
            ("samples", 65_536),
        ):
            least = 16 if name == "size" else 1
            if not least <= getattr(self, name) <= most:
                raise InputError(
                    f"The {name} can't be {getattr(self, name)}.", f"Choose from {least} to {most:,}."
                )


def find_models(given: Sequence[str]) -> dict[str, str]:
    """List the models to picture by the names of their folders.

    Parameters
    ----------
    given : sequence of str
        Files (:data:`MODEL_ENDINGS`), folders of them, or names of the bench's own objects.

    Raises
    ------
    InputError
        If a name stands for nothing, or two models have the same.
    """
    models: dict[str, str] = {}
    for name in given:
        path = Path(name)
        found = [path]
        if path.is_dir():
            found = sorted(each for each in path.iterdir() if each.suffix.lower() in MODEL_ENDINGS)
        usable = bool(found) and all(
            each.is_file() and each.suffix.lower() in MODEL_ENDINGS for each in found
        )
        if name not in TRIALS and not usable:
            raise InputError(
                f"There is no model “{name}”.",
                f"Name files that end in {', '.join(MODEL_ENDINGS)}, or folders.",
            )
        for each in [name] if name in TRIALS else map(str, found):
            if Path(each).stem in models:
                raise InputError(
                    f"Two models are called “{Path(each).stem}”.", "Rename one, or give each its own output."
                )
            models[Path(each).stem] = each
    return models


def make_data_set(
    models: dict[str, str],
    output: Path,
    choice: Choice,
    processes: int = 1,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> None:
    """Picture models, each into a folder of its own; those that are there and whole are left as they are.

    Parameters
    ----------
    models : dict of str to str
        Sources by names, as :func:`find_models` lists them.
    output : Path
        Gets a folder for each; made if missing.
    choice : Choice
        How they are pictured.
    processes : int
        How many at a time, above zero.
    progress : Progress
        Is told the pictures of all models, and which models fail.

    Raises
    ------
    InputError
        If models can't be read or have no surface; the others are there.
    OutputError
        If the files can't be written.
    EngineError
        If Blender is not installed as a module, or ends early.
    """
    if not (find_spec("bpy") and find_spec("blender_addon")):
        raise EngineError(
            f"A data set needs Blender as a module (bpy), which “{sys.executable}” does not have.",
            'Install it with the extra “demo”: pip install -e ".[demo]" in the repository.',
        )
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"“{output}” can't be made: {error.strerror}.", "Choose another folder.") from error
    work = _Work(output, choice, max(1, (os.cpu_count() or 1) // processes), len(models), progress)
    with ThreadPoolExecutor(processes) as pool:
        try:
            errors = [error for error in pool.map(work.make, models, models.values()) if error is not None]
        except BaseException:
            work.stop()
            raise
    if errors:
        raise type(errors[0])(
            f"{len(errors)} of {len(models)} models could not be pictured: {errors[0].message}",
            errors[0].hint,
        )


class _Work:
    """The processes of a data set and what they have told."""

    def __init__(self, output: Path, choice: Choice, threads: int, models: int, progress: Progress) -> None:
        self._output, self._choice, self._threads, self._progress = output, choice, threads, progress
        self._done: dict[str, int] = {}
        self._total = models * choice.views
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False
        self._lock = Lock()

    def make(self, name: str, source: str) -> Uner3dError | None:
        """Picture a model, unless it is there; returns why it can't be."""
        folder = self._output / name
        try:
            description = self._describe(source)
            if not _is_whole(folder, description):
                self._picture(name, source, folder, description)
        except Uner3dError as error:
            self._progress.log(f"{name}: {error}")
            return error
        self._tell(name, self._choice.views)
        return None

    def stop(self) -> None:
        """Kill what runs, and start nothing more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def _describe(self, source: str) -> dict[str, object]:
        try:
            content = source.encode() if source in TRIALS else Path(source).read_bytes()
        except OSError as error:
            raise InputError(
                f"“{source}” can't be read: {error.strerror}.", "Choose another file."
            ) from error
        identity = {
            "version": VERSION,
            "model": Path(source).name,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        return {**identity, **asdict(self._choice)}

    def _picture(self, name: str, source: str, folder: Path, description: dict[str, object]) -> None:
        request = {
            "source": source if source in TRIALS else str(Path(source).absolute()),
            "folder": str(folder.absolute()),
            "choice": asdict(self._choice),
            "description": description,
            "threads": self._threads,
        }
        error: Uner3dError | None = None
        with self._lock:
            if self._stopped:
                return
            process = subprocess.Popen(  # noqa: S603 -- a list of arguments, no shell
                [sys.executable, "-m", "blender_addon.studio.dataset", json.dumps(request)],
                stdin=subprocess.PIPE,  # its end tells that we are gone
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                errors="replace",
            )
            self._running.add(process)
        with process:
            for line in process.stdout or ():
                match protocol.parse_message(line.strip()):
                    case protocol.Progress(done=done):
                        self._tell(name, done)
                    case protocol.Error() as message:
                        error = protocol.message_to_error(message)
        with self._lock:
            self._running.discard(process)
        if error is not None:
            raise error
        if process.returncode != 0 and not self._stopped:
            raise EngineError(
                f"Blender ended early (exit code {process.returncode}).",
                "It may lack memory or a library: “uner3d doctor” and the README's list of libraries help.",
            )

    def _tell(self, name: str, done: int) -> None:
        with self._lock:
            self._done[name] = done
            self._progress.stage("pictures", sum(self._done.values()), self._total)


def _is_whole(folder: Path, description: dict[str, object]) -> bool:
    """Tell whether a model's folder is there and was made in the same way."""
    with contextlib.suppress(OSError, ValueError):
        known: object = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
        return known == description
    return False
