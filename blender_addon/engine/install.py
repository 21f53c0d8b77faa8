# SPDX-License-Identifier: GPL-3.0-or-later
"""Installing the engine: an environment of its own, step by step, in a thread beside Blender.

Every step that takes long is a program that can be ended at any moment; the thread waits for it. The folder
says at each moment how far things are (:mod:`.state`): there is an engine in it only while a record of a
whole one lies there, which is removed before the first change and written after the last check.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import threading
import time
import traceback
import zipfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from uner3d_core import __version__
from uner3d_core.doctor import Report
from uner3d_core.errors import Cancelled, EngineError, Uner3dError

from . import builds, check, fetch, state, supervise
from .base_python import PROBE, BasePython
from .base_python import judge as judge_base
from .builds import Build
from .complaints import Fault, explain, sentence
from .fetch import File
from .long_paths import longest_allowed, require_short_paths
from .place import Place, claim, folder_bytes, hold
from .plan import read_plan, write_plan
from .processes import ProcessTree, clean_environment, read_lines, start_python
from .state import Installed

KEPT_LINES = 200
PIP = "pip>=25.2"
"""From this version on, pip chooses files without fetching them."""


@dataclass(frozen=True)
class Request:
    """What is to be installed.

    Parameters
    ----------
    folder : Path
        Where: a folder of its own.
    base_python : Path
        The Python that the environment is made from.
    core_wheel : Path
        The core's wheel, from the add-on's zip.
    build : Build
        Which torch.
    extras : tuple of str
        Those of ``builds.WANTED`` that it is to have too.
    """

    folder: Path
    base_python: Path
    core_wheel: Path
    build: Build = Build.AUTO
    extras: tuple[str, ...] = ()


class Stage(Enum):
    """What an installation does, one after the other."""

    PYTHON = "Looking at Python"
    ENVIRONMENT = "Making the environment"
    FILES = "Choosing the files"
    DOWNLOAD = "Downloading"
    UNPACK = "Unpacking"
    CHECK = "Checking the engine"


@dataclass(frozen=True)
class Progress:
    """How far an installation is.

    Parameters
    ----------
    stage : Stage
        What is being done.
    done, total : int
        Bytes that are there, of those to be downloaded; both 0 in other stages.
    bytes_per_second : float, optional
        How fast they came lately; None while unknown.
    """

    stage: Stage
    done: int = 0
    total: int = 0
    bytes_per_second: float | None = None


class Installation:
    """One installation, in a thread of its own, which never touches bpy.

    Parameters
    ----------
    request : Request
        What is to be installed.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._place = Place(request.folder.absolute())
        self._extras = (*builds.EXTRAS, *request.extras)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uner3d engine", daemon=True)
        self._progress = Progress(Stage.PYTHON)
        self._installed: Installed | None = None
        self._error: Uner3dError | None = None

    @property
    def place(self) -> Place:
        """The folder that is being changed."""
        return self._place

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._progress

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self._thread.ident is not None and not self._thread.is_alive()

    @property
    def error(self) -> Uner3dError | None:
        """Why it has ended without an engine; ``Cancelled`` where somebody wanted that."""
        return self._error

    @property
    def cancelling(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    def cancel(self) -> None:
        """Have it stop, with every program that it has started. Returns at once."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> None:
        """Wait till it has ended, or for ``timeout`` seconds."""
        self._thread.join(timeout)

    def result(self) -> Installed:
        """Tell what was installed, once it has ended.

        Raises
        ------
        Uner3dError
            Why nothing was; ``Cancelled`` where somebody wanted that.
        """
        if self._error is not None:
            raise self._error
        if self._installed is None:
            raise RuntimeError("Only an installation that has ended has a result.")
        return self._installed

    def _run(self) -> None:
        try:
            self._installed = self._install()
        except Uner3dError as error:
            self._error = error
        except OSError as error:
            self._error = explain(self._progress.stage.value, [str(error)], 1, str(self._place.log))
        except Exception as error:
            # A mistake of ours: nobody else sees what a thread raises.
            if self._place.folder.is_dir():
                self._log(traceback.format_exc())
            self._error = explain(self._progress.stage.value, [repr(error)], 1, str(self._place.log))

    # --- the steps ---

    def _install(self) -> Installed:
        place, request = self._place, self._request
        if not request.core_wheel.is_file():
            raise EngineError(
                f"The add-on's own wheel is not there: “{request.core_wheel}”.",
                "Install the add-on again, from its zip.",
            )
        base = self._look_at_python(request.base_python)
        claim(place)
        with hold(place):
            place.log.write_text("", encoding="utf-8")
            was_whole = place.record.exists()
            place.record.unlink(missing_ok=True)
            self._make_environment(request.base_python)
            options = self._pip_options()
            files = self._choose_files(base, options, goes_on=not was_whole)
            self._download(files, options)
            self._unpack(files)
            report = self._check()
            shutil.rmtree(place.tools, ignore_errors=True)
            installed = Installed(
                uner3d=report.uner3d,
                torch=str(report.torch),
                python=report.python,
                build=request.build.value,
                base_python=str(base.base),
                devices=report.devices,
                size_bytes=folder_bytes(place.environment),
                download_bytes=folder_bytes(place.downloads),
                extras=request.extras,
            )
            if self._stop.is_set():
                raise Cancelled
            state.write_record(place, installed)
        return installed

    def _look_at_python(self, python: Path) -> BasePython:
        said: list[str] = []
        tree = start_python(python, ["-I", "-c", PROBE])
        self._wait_for(tree, said.append, lambda line: None, timeout=60.0)
        return judge_base(python, said)

    def _make_environment(self, base: Path) -> None:
        self._begin(Stage.ENVIRONMENT)
        self._run_python(base, ["-m", "venv", "--clear", str(self._place.environment)])

    def _choose_files(
        self, base: BasePython, options: Mapping[str, Sequence[str]], *, goes_on: bool
    ) -> list[File]:
        """Choose the files.

        An installation that goes on takes those that were chosen before it was cut. An engine that was whole
        gets new ones, as there may be a graphics card by now; or its old ones, as where there is no network.
        """
        self._begin(Stage.FILES)
        place, request = self._place, self._request
        kind = {
            "uner3d": __version__,
            "build": request.build.value,
            "extras": ",".join(self._extras),
            "python": ".".join(map(str, base.version[:2])),
            "system": base.system,
            "machine": base.machine,
            "sources": hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest(),
        }
        known = read_plan(place.plan, kind)
        files = known if goes_on else None
        if files is None:
            try:
                files = self._choose(builds.backend(request.build, options, base.system), options)
            except EngineError as error:
                if known is None:
                    raise
                self._log(f"{error} The files that were chosen before are used.")
                files = known
            write_plan(place.plan, kind, files)
        wanted = {file.name for file in files}
        for path in place.downloads.iterdir():
            if path.name.removesuffix(".part") not in wanted:
                path.unlink()
        return files

    def _choose(self, chosen_backend: str | None, options: Mapping[str, Sequence[str]]) -> list[File]:
        shutil.rmtree(self._place.tools, ignore_errors=True)  # of an installation that was cut
        self._place.tools.mkdir(exist_ok=True)
        if chosen_backend is None:
            files = self._choose_by_pip()
        else:
            files = self._choose_by_uv(chosen_backend, options)
        builds.require_build(self._request.build, files)
        return files

    def _pip_options(self) -> dict[str, list[str]]:
        """Ask pip how it is configured. There may be passwords among that, so it does not go into the log."""
        said: list[str] = []
        tree = start_python(self._place.python, ["-m", "pip", "config", "list"])
        self._wait_for(tree, said.append, lambda line: None)
        return builds.pip_options(said)

    def _choose_by_pip(self) -> list[File]:
        place = self._place
        update = ["-m", "pip", "install", "--no-cache-dir", "--retries", "1", "--upgrade", PIP]
        try:
            self._run_python(place.python, update)
        except EngineError:
            # An office's mirror may lack it. The older pip does too; it fetches everything once more.
            self._log(f"There is no {PIP}; the environment's own is used.")
        report = place.tools / "report.json"
        self._run_python(place.python, builds.pip_arguments(report, self._request.core_wheel, self._extras))
        return builds.read_report(report)

    def _choose_by_uv(self, chosen_backend: str, options: Mapping[str, Sequence[str]]) -> list[File]:
        place = self._place
        library = place.tools / "library"
        requirements, lock = place.tools / "requirements.in", place.tools / "pylock.toml"
        get = ["-m", "pip", "install", "--no-cache-dir", "--upgrade", "--only-binary", ":all:"]
        self._run_python(place.python, [*get, "--target", str(library), "uv"])
        requirements.write_text(
            f"{builds.requirement(self._request.core_wheel, self._extras)}\n", encoding="utf-8"
        )
        arguments = builds.uv_arguments(
            chosen_backend,
            place.python,
            requirements=requirements,
            lock=lock,
            cache=place.tools / "cache",
            options=options,
        )
        environment = clean_environment() | {"PYTHONPATH": str(library)} | builds.uv_environment(options)
        self._run_python(place.python, arguments, environment)
        return builds.read_lock(lock)

    def _download(self, files: Sequence[File], options: Mapping[str, Sequence[str]]) -> None:
        self._begin(Stage.DOWNLOAD)
        place = self._place
        job = {
            "folder": str(place.downloads),
            "files": [asdict(file) for file in files],
            "certificates": next(iter(options.get("cert", ())), ""),
            "logins": builds.logins(options),
        }
        fault: list[tuple[str, str]] = []
        began = time.monotonic()
        first: int | None = None

        def hear(line: str) -> None:
            nonlocal first
            message = json.loads(line)
            if "error" in message:
                fault.append((message["error"], message["detail"]))
                return
            done, total = message["done"], message["total"]
            first = done if first is None else first
            seconds = time.monotonic() - began
            speed = (done - first) / seconds if seconds > 2.0 and done > first else None
            self._progress = Progress(Stage.DOWNLOAD, done, total, speed)

        tree = start_python(place.python, ["-I", str(Path(fetch.__file__).absolute())])
        with contextlib.suppress(OSError):  # it has ended already; what it said tells why
            tree.stdin.write(json.dumps(job).encode() + b"\n")
            tree.stdin.flush()
        complained: deque[str] = deque(maxlen=KEPT_LINES)
        exit_code = self._wait_for(tree, hear, complained.append)
        for line in complained:
            self._log(line)
        if fault:
            kind, detail = fault[0]
            if Fault(kind) in (Fault.GONE, Fault.CHECKSUM):
                place.plan.unlink(missing_ok=True)  # so that the next time they are chosen anew
            raise sentence(Fault(kind), detail, stage=Stage.DOWNLOAD.value, log=str(place.log))
        if exit_code != 0:
            raise explain(Stage.DOWNLOAD.value, complained, exit_code, str(place.log))

    def _unpack(self, files: Sequence[File]) -> None:
        self._begin(Stage.UNPACK)
        place = self._place
        wheels = [*(place.downloads / file.name for file in files), self._request.core_wheel]
        entries = [entry for wheel in wheels for entry in _entries(wheel)]
        try:
            fetch.require_room(place.folder, int(1.1 * sum(entry.file_size for entry in entries)))
        except fetch.FetchError as error:
            raise sentence(Fault(error.fault), error.detail) from error
        library = place.environment / "Lib" / "site-packages"  # on Windows, the one where it matters
        require_short_paths(library, (entry.filename for entry in entries), longest_allowed())
        # What pip is configured to do with packages of other people's must not change what is done here.
        environment = {
            name: value for name, value in clean_environment().items() if not name.upper().startswith("PIP_")
        }
        environment["PIP_CONFIG_FILE"] = os.devnull
        # Compiling all of it would take three times as long; Python compiles what it imports.
        arguments = ["-m", "pip", "install", "--no-index", "--no-deps", "--no-compile", "--no-input"]
        arguments += ["--disable-pip-version-check", "--progress-bar", "off", *map(str, wheels)]
        self._run_python(place.python, arguments, environment)

    def _check(self) -> Report:
        self._begin(Stage.CHECK)
        said: deque[str] = deque(maxlen=KEPT_LINES)
        complained: deque[str] = deque(maxlen=KEPT_LINES)
        tree = start_python(self._place.python, check.DOCTOR)
        self._wait_for(tree, said.append, complained.append, timeout=300.0)
        for line in (*said, *complained):
            self._log(line)
        return check.judge(self._place.python, said, complained)

    # --- what the steps share ---

    def _begin(self, stage: Stage) -> None:
        self._progress = Progress(stage)
        self._log(f"--- {stage.value}")

    def _log(self, line: str) -> None:
        with self._place.log.open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")

    def _run_python(
        self, python: Path, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> list[str]:
        """Run a program to its end; tell its last lines of standard output.

        ``PIP_USER`` is the one setting of pip's that no environment can obey.
        """
        said: deque[str] = deque(maxlen=KEPT_LINES)
        spoken: deque[str] = deque(maxlen=KEPT_LINES)
        lock = threading.Lock()

        def hear(line: str) -> None:
            with lock:
                spoken.append(line)
                self._log(line)

        def hear_answer(line: str) -> None:
            said.append(line)
            hear(line)

        variables = dict(clean_environment() if environment is None else environment) | {"PIP_USER": "0"}
        supervised = ["-I", str(Path(supervise.__file__).absolute()), *arguments]
        tree = start_python(python, supervised, variables)
        exit_code = self._wait_for(tree, hear_answer, hear)
        if exit_code != 0:
            raise explain(self._progress.stage.value, spoken, exit_code, str(self._place.log))
        return list(said)

    def _wait_for(
        self,
        tree: ProcessTree,
        hear: Callable[[str], None],
        hear_complaint: Callable[[str], None],
        timeout: float | None = None,
    ) -> int:
        """Wait for a program and all that it says; tell its exit code. End it where somebody cancels."""
        readers = [read_lines(tree.stdout, hear), read_lines(tree.stderr, hear_complaint)]
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            while (exit_code := tree.exit_code()) is None:
                if self._stop.wait(0.05):
                    raise Cancelled
                if deadline is not None and time.monotonic() > deadline:
                    raise EngineError(
                        f"{self._progress.stage.value} takes longer than {timeout:.0f} seconds.",
                        "Install again; if that repeats, choose another Python.",
                    )
        finally:
            tree.kill()  # also whatever it has left behind
            tree.head.wait()
            with contextlib.suppress(OSError):  # what was written and never read
                tree.stdin.close()
            for reader in readers:
                reader.join(5.0)
        return exit_code


def installed_engine(folder: Path) -> Installed | None:
    """Tell what is installed in a folder, if it is whole and of this add-on's version."""
    found = state.look(Place(folder))
    return found.installed if found.state is state.State.READY else None


def _entries(wheel: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, FileNotFoundError) as error:
        raise EngineError(
            f"“{wheel.name}” is no wheel, or is gone: {error}.",
            "Install again; if it is the add-on's own, install the add-on from its zip first.",
        ) from error
