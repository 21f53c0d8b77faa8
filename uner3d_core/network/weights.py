# SPDX-License-Identifier: Apache-2.0
"""A network's file: safetensors in float16, its config and what else is to be told of it in the metadata.

Nothing in a file is trusted: it must hold the tensors of the network that its config describes and no others,
all of them finite. No code can be in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_safetensors
from torch import Tensor

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import InputError, WeightsError
from uner3d_core.network.config import NetworkConfig
from uner3d_core.network.network import Network
from uner3d_core.state_dicts import check_finite, check_tensors, unreadable

SHIPPED = Path(__file__).with_name("trained") / "uner3d.safetensors"
"""The weights that come with the package."""

SCHEMA = "uner3d-network-1"
"""The metadata's ``schema``."""


def save(network: Network, path: Path, notes: Mapping[str, str] | None = None) -> None:
    """Write a network's weights and config.

    Parameters
    ----------
    network : Network
        What to write; its numbers are rounded to float16.
    path : Path
        The file, whole or not there.
    notes : mapping of str to str, optional
        More metadata, such as the command that trained it.

    Raises
    ------
    OutputError
        If the file can't be written.
    WeightsError
        If a number is not finite or too large for float16.
    """
    tensors = {}
    for name, tensor in network.state_dict().items():
        kept = tensor.detach().cpu()
        tensors[name] = (kept.half() if kept.is_floating_point() else kept).contiguous()
        if kept.is_floating_point() and not tensors[name].isfinite().all():
            raise WeightsError(
                f"“{name}” has numbers that float16 can't hold.", "Train from an earlier checkpoint."
            )
    config = json.dumps(network.config.to_dict(), sort_keys=True)
    content = to_safetensors(tensors, {**(notes or {}), "schema": SCHEMA, "config": config})
    with atomic_file(path) as file:
        file.write(content)


def load(path: Path, device: torch.device | str = "cpu") -> Network:
    """Read a network that :func:`save` wrote, ready to be asked.

    Parameters
    ----------
    path : Path
        The file; nothing in it is trusted.
    device : torch.device
        Where the network shall be, in float32.

    Raises
    ------
    WeightsError
        If the file is missing, damaged, of another version or not a network at all.
    """
    metadata, tensors = _read(path)
    if metadata.get("schema") != SCHEMA:
        raise WeightsError(f"“{path}” holds no weights of this network.", "Choose another file.")
    config = _read_config(metadata.get("config", ""), path)
    with torch.device("meta"):  # before the config may ask for memory, the file must be as large
        wanted = Network(config).state_dict()
    check_tensors(tensors, wanted, path)
    check_finite(tensors, path)
    network = Network(config)
    network.load_state_dict(tensors)
    return network.to(device).requires_grad_(False).eval()


def notes(path: Path) -> dict[str, str]:
    """Read what else a file says of its network.

    Raises
    ------
    WeightsError
        If the file can't be read.
    """
    return {name: text for name, text in _read(path)[0].items() if name not in ("config", "schema")}


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and tensors of a file of safetensors."""
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {}), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise unreadable(path, error) from error


def _read_config(text: str, path: Path) -> NetworkConfig:
    try:
        values = json.loads(text)
        if not isinstance(values, dict):
            raise InputError("It is no list of settings.")
        return NetworkConfig.from_dict(values)
    except (ValueError, RecursionError, InputError) as error:
        raise WeightsError(
            f"The config in “{path}” does not describe a network: {error}", "Choose another file."
        ) from error
