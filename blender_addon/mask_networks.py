# SPDX-License-Identifier: GPL-3.0-or-later
"""The trained networks that make masks: whether they are there, as the panel shows it, and fetching them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from uner3d_core import protocol
from uner3d_core.errors import InputError
from uner3d_core.inputs.mask_models import MASK_MODELS, weights_folder

from . import fetching
from .engine.builds import MASKS
from .engine.client import JobState

LOOK_AGAIN = 2.0
"""Seconds after which the panel looks at the folder again."""

_seen: dict[str, tuple[bool, float]] = {}


def is_there(name: str) -> bool:
    """Tell whether a network is there, for drawing: the disk is asked now and then."""
    found, when = _seen.get(name, (False, 0.0))
    now = time.monotonic()
    if name not in _seen or now - when > LOOK_AGAIN:
        found = (weights_folder() / MASK_MODELS[name].file).is_file()
        _seen[name] = found, now
    return found


def forget() -> None:
    """Have the folder looked at anew."""
    _seen.clear()


def start(name: str, *, engine_python: Path | None = None) -> None:
    """Start to fetch a network; see :mod:`.fetching`.

    Raises
    ------
    InputError
        If there is no such network, or weights are being fetched already.
    WeightsError
        If Blender's online access is off.
    EngineError
        If there is no engine.
    """
    if name not in MASK_MODELS:
        raise InputError(
            f"“{name}” is no network that makes masks.", f"Choose one of {', '.join(MASK_MODELS)}."
        )
    task = protocol.FetchWeights(mask_model=name)
    fetching.start(MASKS, task, forget, engine_python=engine_python)


def fetch_mask_network(
    name: str,
    *,
    engine_python: Path | None = None,
    on_progress: Callable[[JobState], None] | None = None,
) -> None:
    """Fetch a trained network that makes masks, unless it is there, and wait for it.

    Parameters
    ----------
    name : str
        ``u2net`` or ``isnet``; who made it and under which licence says ``uner3d weights get --help``.
    engine_python : Path, optional
        The Python that runs the worker. None: the one of the preferences.
    on_progress : callable, optional
        Called with the job's state whenever that is new.

    Raises
    ------
    Uner3dError
        If Blender's online access is off, or why the network is not there afterwards.
    """
    start(name, engine_python=engine_python)
    fetching.wait(on_progress)
