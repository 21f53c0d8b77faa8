# SPDX-License-Identifier: Apache-2.0
"""The weights are fetched from where they are published, checked, and kept."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from uner3d_core.download import Open, download, open_https
from uner3d_core.errors import InputError, OutputError, WeightsError
from uner3d_core.point_e import sizes
from uner3d_core.point_e.checkpoints import read_published, write_safetensors
from uner3d_core.point_e.hashes import check_hash, file_hash, known_hashes, remember_hash
from uner3d_core.point_e.signed_distance import SignedDistanceTransformer
from uner3d_core.point_e.sizes import BASES
from uner3d_core.point_e.transformer import PointDiffusionTransformer
from uner3d_core.point_e.weights import CLIP, NETWORKS, VOCABULARY, File, Weights
from uner3d_core.progress import Progress


def make_network(name: str) -> nn.Module:
    """Make a network of Point-E, by its published name, with arbitrary weights."""
    if name == "sdf":
        return SignedDistanceTransformer(sizes.SURFACE)
    return PointDiffusionTransformer(sizes.UPSAMPLER if name == "upsample" else BASES[name])


def fetch(
    bases: list[str], weights: Weights, progress: Progress, open_address: Open = open_https
) -> list[Path]:
    """Fetch what is missing of the weights or is another file than before; keep state dicts as safetensors.

    Parameters
    ----------
    bases : list of str
        Networks for the first points; the upsampler, the surface's network and CLIP come with them.
    weights : Weights
        Where they are put; the folder is made.
    progress : Progress
        Is told each file's MiB.
    open_address : callable
        Opens an address.

    Returns
    -------
    list of Path
        All files, those that were there too.

    Raises
    ------
    InputError
        If a network is none of Point-E's.
    WeightsError
        If the network is not there, or what came is not what was asked for.
    OutputError
        If the disk is full or the folder can't be written to.
    """
    for name in bases:
        if name not in BASES:
            raise InputError(f"“{name}” is no network of Point-E.", f"Choose one of {', '.join(BASES)}.")
    try:
        weights.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder “{weights.folder}” can't be made: {error.strerror}.",
            "Choose another folder.",
        ) from error
    fetched = [_fetch_known(file, weights, progress, open_address) for file in (CLIP, VOCABULARY)]
    for name in [*bases, "upsample", "sdf"]:
        fetched.append(_fetch_network(name, weights, progress, open_address))
    return fetched


def _fetch_known(file: File, weights: Weights, progress: Progress, open_address: Open) -> Path:
    path = weights.folder / file.name
    if path.is_file() and file_hash(path) != file.sha256:
        path.unlink()  # cut short by a full disk, or replaced
    if not path.is_file():
        download(file.address, path, progress, open_address)
    try:
        return weights.checked(file)
    except WeightsError:
        path.unlink()  # it would be no better the next time
        raise


def _fetch_network(name: str, weights: Weights, progress: Progress, open_address: Open) -> Path:
    path = weights.file(name)
    kept = path.with_suffix(".safetensors")
    if kept.is_file():
        if known_hashes(kept.parent).get(kept.name) in (None, file_hash(kept)):
            return kept
        kept.unlink()
    if path.is_file():
        try:
            return _convert(name, path, kept)
        except WeightsError as problem:
            progress.log(problem.message)  # a good one comes in its place
    download(NETWORKS[name].address, path, progress, open_address)
    try:
        return _convert(name, path, kept)
    except WeightsError:
        path.unlink()  # it would be no better the next time
        raise


def _convert(name: str, path: Path, kept: Path) -> Path:
    """Keep a published state dict as safetensors, if it is the right one."""
    digest = file_hash(path)
    check_hash(path, digest)
    write_safetensors(kept, read_published(lambda: make_network(name), path))
    remember_hash(path, digest)
    path.unlink()
    return kept
