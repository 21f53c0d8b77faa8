# SPDX-License-Identifier: Apache-2.0
"""Checkpoints from which a training goes on as if it had never stopped. Tensors and JSON, no pickle."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from uner3d_core.atomic_file import atomic_file
from uner3d_core.training.config import TrainingError

KEPT = 2
"""Newest checkpoints that stay: should the last be damaged, there is one before it."""

SCHEMA = 1


@dataclass(frozen=True)
class Checkpoint:
    """All that a training is at one moment.

    Parameters
    ----------
    step : int
        Steps done.
    seconds : float
        Time they took, over all runs.
    config : dict
        The training's config, as plain values.
    network : dict of str to Tensor
        Its state dict.
    average : dict of str to Tensor
        Moving average of the parameters; empty where none is kept.
    optimizer : dict
        Its state dict.
    random : list of dict
        For each process, what :func:`random_states` has returned there.
    """

    step: int
    seconds: float
    config: dict[str, Any]
    network: dict[str, Tensor]
    average: dict[str, Tensor]
    optimizer: dict[str, Any]
    random: list[dict[str, Tensor]]


def random_states() -> dict[str, Tensor]:
    """States of all generators of random numbers that a library may use, as tensors of bytes."""
    version, numbers, gauss = random.getstate()
    name, keys, *rest = np.random.get_state()  # noqa: NPY002 -- the state that libraries share
    states = {
        "torch": torch.get_rng_state(),
        "python": _bytes([version, list(numbers), gauss]),
        "numpy": _bytes([str(name), np.asarray(keys).tolist(), *rest]),
    }
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def set_random_states(states: dict[str, Tensor]) -> None:
    """Put all generators back to where they were."""
    torch.set_rng_state(states["torch"].cpu())
    version, numbers, gauss = _from_bytes(states["python"])
    random.setstate((version, tuple(numbers), gauss))
    name, keys, *rest = _from_bytes(states["numpy"])
    np.random.set_state((name, np.array(keys, np.uint32), *rest))  # noqa: NPY002
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"].cpu())


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint, whole or not at all, and remove those that are no longer needed.

    Raises
    ------
    OutputError
        If the disk is full or the folder not writable.
    """
    tensors = {f"network/{name}": value for name, value in checkpoint.network.items()}
    tensors |= {f"average/{name}": value for name, value in checkpoint.average.items()}
    for process, states in enumerate(checkpoint.random):
        tensors |= {f"random/{process}/{name}": value for name, value in states.items()}
    plain: dict[str, dict[str, Any]] = {}
    for index, state in checkpoint.optimizer["state"].items():
        for name, value in state.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer/{index}/{name}"] = value
            else:
                plain.setdefault(str(index), {})[name] = value
    rest = {
        "schema": SCHEMA,
        "step": checkpoint.step,
        "seconds": checkpoint.seconds,
        "config": checkpoint.config,
        "optimizer": {"state": plain, "param_groups": checkpoint.optimizer["param_groups"]},
    }
    content = save(
        {name: value.detach().cpu().contiguous() for name, value in tensors.items()},
        {"training": json.dumps(rest)},
    )
    path = folder / f"step_{checkpoint.step:09d}.safetensors"
    with atomic_file(path) as file:
        file.write(content)
    for old in checkpoints(folder)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def checkpoints(folder: Path) -> list[Path]:
    """Find the checkpoints in a folder, the newest last."""
    return sorted(folder.glob("step_*.safetensors"))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    TrainingError
        If the file is no whole checkpoint of this version.
    """
    try:
        with safe_open(path, framework="pt") as file:
            rest = json.loads((file.metadata() or {})["training"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 -- no mapping
        if rest["schema"] != SCHEMA:
            raise ValueError(f"schema {rest['schema']}")
        return _checkpoint(rest, tensors)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as problem:
        raise TrainingError(
            f"“{path}” is no checkpoint that can be read: {problem}.",
            "Remove it: the one before it is used then.",
        ) from problem


def _checkpoint(rest: dict[str, Any], tensors: dict[str, Tensor]) -> Checkpoint:
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimizer": {}, "random": {}}
    for name, value in tensors.items():
        part, _, key = name.partition("/")
        parts[part][key] = value
    state: dict[int, dict[str, Any]] = {
        int(index): dict(values) for index, values in rest["optimizer"]["state"].items()
    }
    for name, value in parts["optimizer"].items():
        index, _, key = name.partition("/")
        state.setdefault(int(index), {})[key] = value
    states: dict[int, dict[str, Tensor]] = {}
    for name, value in parts["random"].items():
        process, _, key = name.partition("/")
        states.setdefault(int(process), {})[key] = value
    return Checkpoint(
        int(rest["step"]),
        float(rest["seconds"]),
        dict(rest["config"]),
        parts["network"],
        parts["average"],
        {"state": state, "param_groups": rest["optimizer"]["param_groups"]},
        [states[process] for process in sorted(states)],
    )


def _bytes(value: object) -> Tensor:
    return torch.tensor(list(json.dumps(value).encode()), dtype=torch.uint8)


def _from_bytes(value: Tensor) -> Any:
    return json.loads(bytes(value.tolist()))
