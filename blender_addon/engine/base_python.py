# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python that the engine's environment is made from: Blender's own, or one that the person names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from uner3d_core.errors import EngineError

from .complaints import Fault, sentence

OLDEST = (3, 11)
"""The core's ``requires-python``."""

PROBE = """
import importlib.util, json, platform, struct, sys
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "implementation": platform.python_implementation(),
    "system": platform.system(),
    "machine": platform.machine(),
    "bits": struct.calcsize("P") * 8,
    "base": getattr(sys, "_base_executable", None) or sys.executable,
    "has_venv": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
}))
"""


@dataclass(frozen=True)
class BasePython:
    """What a Python says of itself.

    Parameters
    ----------
    version : tuple of int
        Major, minor and micro version.
    system, machine : str
        Operating system and processor, as ``platform`` calls them.
    base : Path
        The program itself, where the one that was run belongs to an environment.
    """

    version: tuple[int, ...]
    system: str
    machine: str
    base: Path

    def describe(self) -> str:
        """Say what it is in a few words."""
        return f"Python {'.'.join(map(str, self.version))} on {self.system} {self.machine}"


def judge(python: Path, said: Sequence[str]) -> BasePython:
    """Read what the probe has printed.

    Raises
    ------
    EngineError
        If it is no Python that an engine can be made from, and why.
    """
    try:
        found = json.loads(next(reversed(said), ""))
        version = tuple(found["version"])
        base = BasePython(version, found["system"], found["machine"], Path(found["base"]))
        has_venv, bits, implementation = found["has_venv"], found["bits"], found["implementation"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise EngineError(
            f"“{python}” is no Python that an engine can be made from.",
            "Choose a Python 3.11 or newer in the preferences.",
        ) from error
    if version < OLDEST:
        raise EngineError(
            f"“{python}” is Python {'.'.join(map(str, version))}; the engine needs 3.11 or newer.",
            "Choose a newer Python in the preferences.",
        )
    if bits != 64 or implementation != "CPython":
        raise EngineError(
            f"“{python}” is a {bits}-bit {implementation}; torch is made for the 64-bit CPython alone.",
            "Choose another Python in the preferences.",
        )
    if not has_venv:
        raise sentence(Fault.NO_VENV, f"“{python}” has no venv and ensurepip")
    return base
