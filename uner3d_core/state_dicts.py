# SPDX-License-Identifier: Apache-2.0
"""State dicts of networks, in files that nobody vouches for: read without running what is in them."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from uner3d_core.errors import WeightsError


def read_state_dict(path: Path) -> dict[str, torch.Tensor]:
    """Read a file of tensors on the CPU: safetensors by that name, any other as ``torch.save`` writes it.

    Raises
    ------
    WeightsError
        If the file is missing, cut short, or holds anything but tensors.
    """
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except (OSError, SafetensorError) as error:
            raise unreadable(path, error) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickles that torch did not write: they are told of below
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"“{path}” holds more than tensors, or is damaged. Nothing in it was run.",
            "Take the published file; do not trust this one.",
        ) from error
    except Exception as error:  # torch raises nearly every type for damaged files
        raise unreadable(path, error) from error
    if not isinstance(content, dict) or not all(isinstance(each, torch.Tensor) for each in content.values()):
        raise WeightsError(f"“{path}” is no state dict.", "Take the published file.")
    return {str(name): tensor for name, tensor in content.items()}


def check_tensors(
    tensors: Mapping[str, torch.Tensor], wanted: Mapping[str, torch.Tensor], file: Path
) -> None:
    """Raise ``WeightsError`` unless there are just the tensors wanted, in their shapes and like types."""
    for name in wanted:
        if name not in tensors:
            raise other_network(file, f"it has no “{name}”")
    for name, tensor in tensors.items():
        if name not in wanted:
            raise other_network(file, f"it has a “{name}”")
        like = tensor.is_floating_point() == wanted[name].is_floating_point()
        if tensor.shape != wanted[name].shape or not like:
            shape, right = tuple(tensor.shape), tuple(wanted[name].shape)
            raise other_network(file, f"its “{name}” is {tensor.dtype} {shape}, not {right}")


def check_finite(tensors: Mapping[str, torch.Tensor], file: Path) -> None:
    """Raise ``WeightsError`` if a number among the tensors is not finite."""
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise WeightsError(
                f"“{name}” in “{file}” has numbers that are not finite.", "Fetch the weights again."
            )


def unreadable(path: Path, error: Exception) -> WeightsError:
    """Make the error that says of a file that it can't be read, and why."""
    reason = str(error).split("\n", maxsplit=1)[0].strip().rstrip(".") or type(error).__name__
    return WeightsError(f"“{path}” can't be read, it may be cut short: {reason}.", "Fetch the weights again.")


def other_network(file: Path, what: str) -> WeightsError:
    """Make the error that says of a file that its tensors are another network's."""
    return WeightsError(
        f"“{file}” holds the weights of another network: {what}.", "Take the published file of that name."
    )
