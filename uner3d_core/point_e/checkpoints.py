# SPDX-License-Identifier: Apache-2.0
"""The published state dicts: read without running anything in them, checked, and kept as safetensors.

Nobody published what the files' hashes are. So the hash of the first file that has the right tensors is
written down beside it, and a file of that name with another hash is refused from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import OutputError, WeightsError
from uner3d_core.point_e.hashes import check_hash, file_hash, remember_hash
from uner3d_core.progress import Progress
from uner3d_core.state_dicts import check_finite, check_tensors, read_state_dict, unreadable

Network = TypeVar("Network", bound=nn.Module)


def load_network(
    make: Callable[[], Network], file: Path, device: torch.device, progress: Progress
) -> Network:
    """Make a network with published weights.

    Parameters
    ----------
    make : callable
        Makes the network; its state dict says which tensors the file must hold.
    file : Path
        The published ``.pt``. The ``.safetensors`` of the same name is read instead where it is there, and
        otherwise written, if the folder allows it.
    device : torch.device
        Where the network shall be.
    progress : Progress
        Is told if nothing can be written.

    Returns
    -------
    nn.Module
        The network, ready to be asked.

    Raises
    ------
    WeightsError
        If there is no such file, it is cut short, holds other tensors or anything but tensors or numbers that
        are not finite, or is not the one that was loaded first.
    """
    with torch.device("meta"):  # without numbers, which are about to come
        network = make()
    kept = file.with_suffix(".safetensors")
    source = kept if kept.is_file() else file
    digest = _checked_hash(source)
    tensors = read_state_dict(source)
    check_tensors(tensors, network.state_dict(), source)
    check_finite(tensors, source)
    try:
        remember_hash(source, digest)
        if source == file:
            write_safetensors(kept, tensors)
    except OutputError as problem:
        progress.log(f"“{source.name}” is used as it is, and can't be recognised the next time. {problem}")
    # Copied, so that rounding does not depend on where in a mapped file a tensor happens to begin.
    copies = {name: tensor.to(device, torch.float32, copy=True) for name, tensor in tensors.items()}
    network.load_state_dict(copies, assign=True)
    return network.requires_grad_(False).eval()


def read_published(make: Callable[[], nn.Module], file: Path) -> dict[str, torch.Tensor]:
    """Read a published ``.pt``, and make sure that its tensors are those of the network."""
    with torch.device("meta"):
        network = make()
    tensors = read_state_dict(file)
    check_tensors(tensors, network.state_dict(), file)
    check_finite(tensors, file)
    return tensors


def write_safetensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Write tensors, and their file's hash beside it.

    Raises
    ------
    OutputError
        If the disk is full or the folder can't be written to.
    """
    with atomic_file(path) as opened:
        # Its own name is written by the library, so that the tensors are never in memory twice.
        try:
            save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, opened.name)
        except SafetensorError as error:
            raise OutputError(
                f"“{path.name}” can't be written: {error}.", "Free some space or choose another folder."
            ) from error
    remember_hash(path, file_hash(path))


def _checked_hash(path: Path) -> str:
    try:
        digest = file_hash(path)
    except FileNotFoundError as error:
        raise WeightsError(
            f"There are no weights “{path}”.",
            "Press “Fetch Weights” in the panel, use “uner3d weights get point-e”, or name their folder.",
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error
    check_hash(path, digest)
    return digest
