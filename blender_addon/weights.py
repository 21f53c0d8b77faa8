# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights of Point-E: how they stand, as the panel shows it, and how they are fetched."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from uner3d_core import protocol
from uner3d_core.errors import InputError, WeightsError
from uner3d_core.point_e.sizes import BASES
from uner3d_core.point_e.weights import File, State, Weights
from uner3d_core.settings import Settings

from . import fetching, preferences
from .engine.builds import POINT_E
from .engine.client import JobState

LOOK_AGAIN = 2.0
"""Seconds after which the panel looks at the folder again."""


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
    seen: dict[tuple[str, str], tuple[Standing, float]] = field(default_factory=dict)
    hashing: dict[tuple[str, str], _Hashing] = field(default_factory=dict)


_registry = _Registry()


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
        if hashing is None and state is State.THERE and not fetching.is_running():
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
    fetching.forget_fault(POINT_E)


def start(network: str, *, engine_python: Path | None = None) -> None:
    """Start to fetch what is missing of the weights of a network; see :mod:`.fetching`.

    Raises
    ------
    InputError
        If there is no such network, or weights are being fetched already.
    WeightsError
        If Blender's online access is off.
    EngineError
        If there is no engine.
    """
    if network and network not in BASES:
        raise InputError(f"“{network}” is no network of Point-E.", f"Choose one of {', '.join(BASES)}.")
    settings = Settings(method="point-e", network=network, weights=preferences.weights_folder())
    fetching.start(POINT_E, protocol.FetchWeights(settings), forget, engine_python=engine_python)
    forget()


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
    fetching.wait(on_progress)
