# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights of Point-E: how they stand, and the fetching that is running; what the panel shows.

They are fetched by the worker, in a process of its own, so that nothing waits for them. What has come is kept
where fetching is cancelled or broken off, and it goes on there.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import bpy

from uner3d_core import protocol
from uner3d_core.errors import Cancelled, InputError, OutputError, Uner3dError, WeightsError
from uner3d_core.point_e.sizes import BASES
from uner3d_core.point_e.weights import File, State, Weights
from uner3d_core.settings import Settings

from . import installing, preferences
from .engine.client import Job, JobState, Phase

LOOK_AGAIN = 2.0
"""Seconds after which the panel looks at the folder again."""
TICK_SECONDS = 0.25


@dataclass(frozen=True)
class Standing:
    """How the weights of a network stand, with all that it needs beside it.

    Parameters
    ----------
    base : str
        The network for the first points.
    state : State
        Whether all is there.
    lacking : tuple of File
        What is not.
    changed : tuple of Path
        Files that are others than when they were first used, as far as that has been looked at.
    """

    base: str
    state: State
    lacking: tuple[File, ...] = ()
    changed: tuple[Path, ...] = ()

    @property
    def megabytes(self) -> int:
        """What is to be fetched, about, in MB."""
        return sum(file.megabytes for file in self.lacking)


class _Hashing(Thread):
    """Reads the files and compares their hashes; touches no bpy."""

    def __init__(self, weights: Weights, base: str) -> None:
        super().__init__(name="uner3d weights", daemon=True)
        self._weights, self._base = weights, base
        self.changed: tuple[Path, ...] = ()

    def run(self) -> None:
        try:
            self.changed = tuple(self._weights.changed(self._base))
        except (OSError, WeightsError):  # whoever uses them is told why they can't be read
            return


@dataclass
class _Registry:
    job: Job | None = None
    folder: Path | None = None
    state: JobState = field(default_factory=lambda: JobState(Phase.WAITING))
    fault: Uner3dError | None = None
    seen: dict[tuple[str, str], tuple[Standing, float]] = field(default_factory=dict)
    hashing: dict[tuple[str, str], _Hashing] = field(default_factory=dict)


_registry = _Registry()


def current() -> JobState | None:
    """Tell how far the fetching is; None where there is none."""
    return None if _registry.job is None else _registry.state


def last_fault() -> Uner3dError | None:
    """Tell why the last fetching failed; None where it did not."""
    return _registry.fault


def standing(network: str, *, of_sentence: bool) -> Standing:
    """Tell how the weights stand, for drawing: the disk is asked now and then, hashes are taken in a thread.

    Parameters
    ----------
    network : str
        For the first points; empty for the best that is there.
    of_sentence : bool
        Whether it is to take a sentence.
    """
    weights = Weights(preferences.weights_folder())
    base = network or weights.best_base(of_sentence=of_sentence)
    key, now = (str(weights.folder), base), time.monotonic()
    seen, when = _registry.seen.get(key, (None, 0.0))
    if seen is None or now - when > LOOK_AGAIN:
        state, lacking = weights.state(base), tuple(weights.lacking(base))
        hashing = _registry.hashing.get(key)
        if hashing is None and state is State.THERE and _registry.job is None:
            hashing = _registry.hashing[key] = _Hashing(weights, base)
            hashing.start()
        changed = () if hashing is None or hashing.is_alive() else hashing.changed
        seen = Standing(base, state, lacking, changed)
        _registry.seen[key] = seen, now
    return seen


def forget() -> None:
    """Have the folder looked at anew, and what was found earlier forgotten."""
    _registry.seen.clear()
    _registry.hashing.clear()
    _registry.fault = None


def start(network: str, *, engine_python: Path | None = None) -> None:
    """Start to fetch what is missing of the weights of a network; :func:`advance` tells how far it is.

    Raises
    ------
    InputError
        If there is no such network, or weights are being fetched already.
    WeightsError
        If Blender's online access is off.
    EngineError
        If there is no engine.
    """
    if _registry.job is not None:
        raise InputError("Weights are being fetched already.", "Wait for them, or cancel that.")
    if network and network not in BASES:
        raise InputError(f"“{network}” is no network of Point-E.", f"Choose one of {', '.join(BASES)}.")
    _require_online_access()
    settings = Settings(method="point-e", network=network, weights=preferences.weights_folder())
    python = engine_python or preferences.engine_python()
    try:
        folder = Path(tempfile.mkdtemp(prefix="uner3d_weights_"))
    except OSError as error:
        raise OutputError(
            f"No folder for the job can be made: {error.strerror}.", "See whether the disk is full."
        ) from error
    try:
        protocol.write_job(folder, protocol.FetchWeights(settings))
        job = Job(python, folder)
        job.start()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    forget()
    _registry.job, _registry.folder, _registry.state = job, folder, job.poll()
    if not bpy.app.background and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=TICK_SECONDS, persistent=True)


def advance() -> JobState:
    """Look how far the fetching is; once it has ended, take note of how.

    Raises
    ------
    RuntimeError
        If there is none.
    """
    if _registry.job is None:
        raise RuntimeError("Nothing is being fetched.")
    state = _registry.state = _registry.job.poll()
    if state.ended:
        fault = None if isinstance(state.error, Cancelled) else state.error
        _end()
        _registry.fault = fault
    return state


def cancel() -> None:
    """Stop the fetching; what has come is kept."""
    if _registry.job is not None:
        _registry.job.cancel()


def dismiss() -> None:
    """Show no longer why the last fetching failed."""
    _registry.fault = None


def fetch_weights(
    network: str = "",
    *,
    accept: bool = False,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> None:
    """Fetch what is missing of Point-E's weights into the folder of the preferences, and wait for it.

    Parameters
    ----------
    network : str
        For the first points, such as ``base300M``; empty for the best that is there, else the smallest.
    accept : bool
        That you have read ``uner3d_core.point_e.weights.NOTICE``, licence and caution, and agree.
    engine_python : Path, optional
        The Python that runs the worker. None: the one of the preferences.
    on_progress : callable, optional
        Called with the job's state whenever that is new.

    Raises
    ------
    Uner3dError
        If it was not agreed to, Blender's online access is off, or why the weights are not there afterwards.
    """
    if not accept:
        raise InputError(
            "Nothing was fetched, as licence and caution were not agreed to.",
            "Read uner3d_core.point_e.weights.NOTICE, and say so by accept=True.",
        )
    start(network, engine_python=engine_python)
    told = None
    try:
        while not (state := advance()).ended:
            if on_progress is not None and state != told:
                on_progress(state)
                told = state
            time.sleep(TICK_SECONDS / 5)
    finally:
        if _registry.job is not None:  # interrupted
            _registry.job.close()
            _end()
    if state.error is not None:
        raise state.error


def _require_online_access() -> None:
    if installing.is_online():
        return
    if installing.started_offline():
        raise WeightsError(
            "Blender was started with --offline-mode, so nothing is downloaded.",
            "Start Blender without it, or name a folder that has the weights in the add-on's preferences.",
        )
    raise WeightsError(
        "Blender's online access is off, so nothing is downloaded.",
        "Switch on “Allow Online Access” in Blender's preferences, under System, or name a folder that has "
        "the weights in the add-on's.",
    )


def _end() -> None:
    if _registry.folder is not None:
        shutil.rmtree(_registry.folder, ignore_errors=True)
    _registry.job, _registry.folder = None, None
    forget()


def _tick() -> float | None:
    if _registry.job is None:
        return None
    before = _registry.state
    if advance() != before:
        installing.redraw()
    return TICK_SECONDS if _registry.job is not None else None


def unregister() -> None:
    """End the fetching; what has come stays."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    if _registry.job is not None:
        _registry.job.close()
        _end()
    forget()
