# SPDX-License-Identifier: Apache-2.0
"""Which files hold the weights, where they lie, and how they are fetched."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from uner3d_core.caches import data_folder
from uner3d_core.download import Open, download, open_https
from uner3d_core.errors import InputError, OutputError, WeightsError
from uner3d_core.point_e import sizes
from uner3d_core.point_e.checkpoints import (
    check_hash,
    file_hash,
    read_published,
    remember_hash,
    write_safetensors,
)
from uner3d_core.point_e.signed_distance import SignedDistanceTransformer
from uner3d_core.point_e.sizes import BASES
from uner3d_core.point_e.transformer import PointDiffusionTransformer
from uner3d_core.progress import Progress

VARIABLE = "UNER3D_WEIGHTS"
"""Environment variable that names the folder of the weights."""

_POINT_E = "https://openaipublic.azureedge.net/main/point-e/"
_CLIP = (
    "https://huggingface.co/openai/clip-vit-large-patch14/resolve/32bd64288804d66eefd0ccbe215aa642df71cc41/"
)


@dataclass(frozen=True)
class File:
    """A file of weights.

    Parameters
    ----------
    name : str
        In the folder of the weights.
    address : str
        Where it is published.
    sha256 : str
        Its hash, in hexadecimal; empty where none was published.
    """

    name: str
    address: str
    sha256: str = ""


CLIP = File(
    "clip_vit_l14.safetensors",
    _CLIP + "model.safetensors",
    "a2bf730a0c7debf160f7a6b50b3aaf3703e7e88ac73de7a314903141db026dcb",
)
VOCABULARY = File(
    "clip_vit_l14_tokenizer.json",
    _CLIP + "tokenizer.json",
    "a83e0809aa4c3af7208b2df632a7a69668c6d48775b3c3fe4e1b1199d1f8b8f4",
)
NETWORKS = {
    name: File(file, _POINT_E + file)
    for name, file in {
        "base40M-textvec": "base_40m_textvec.pt",
        "base40M-imagevec": "base_40m_imagevec.pt",
        "base40M": "base_40m.pt",
        "base300M": "base_300m.pt",
        "base1B": "base_1b.pt",
        "upsample": "upsample_40m.pt",
        "sdf": "sdf.pt",
    }.items()
}
"""The published state dicts."""

NOTICE = """\
Point-E is OpenAI's; its code and weights are under the MIT licence. Its model card does not recommend
commercial use for now, and warns against uses where precision matters: shapes may be wrong where the picture
hides them, and clouds have outliers and cracks. What it learned from may make its results biased.
CLIP ViT-L/14 is OpenAI's as well, under the MIT licence; its model card is for research, and advises against
use in products without a study of the case."""
"""What a person should know before fetching the weights."""


class Weights:
    """The folder in which the weights lie.

    Parameters
    ----------
    folder : str
        Its path. Empty for the one that the environment variable :data:`VARIABLE` names, or without that the
        usual one among the person's data.
    """

    def __init__(self, folder: str = "") -> None:
        self.folder = Path(folder or os.environ.get(VARIABLE) or data_folder("point-e"))

    def file(self, network: str) -> Path:
        """Path of a network's published state dict, there or not."""
        return self.folder / NETWORKS[network].name

    def require(self, *networks: str) -> None:
        """Raise ``WeightsError`` unless the weights of all these networks are there."""
        for network in networks:
            if not self.has(network):
                raise WeightsError(
                    f"There are no weights “{self.file(network)}”.",
                    f"Fetch them with “uner3d weights get point-e{_to_name(network)}”, "
                    "or name their folder with --weights.",
                )

    def has(self, network: str) -> bool:
        """Tell whether a network's weights are there, as published or converted."""
        file = self.file(network)
        return file.is_file() or file.with_suffix(".safetensors").is_file()

    def checked(self, file: File) -> Path:
        """Path of a file whose hash is known.

        Raises
        ------
        WeightsError
            If it is missing or another.
        """
        path = self.folder / file.name
        try:
            found = file_hash(path)
        except OSError as error:
            raise WeightsError(
                f"“{path}” can't be read: {error.strerror}.",
                "Fetch it with “uner3d weights get point-e”, or name its folder with --weights.",
            ) from error
        if found != file.sha256:
            raise WeightsError(f"“{path}” is not the published file.", "Remove it and fetch it again.")
        return path


def make_network(name: str) -> nn.Module:
    """Make a network of Point-E, by its published name, with arbitrary weights."""
    if name == "sdf":
        return SignedDistanceTransformer(sizes.SURFACE)
    return PointDiffusionTransformer(sizes.UPSAMPLER if name == "upsample" else BASES[name])


def fetch(
    bases: list[str], weights: Weights, progress: Progress, open_address: Open = open_https
) -> list[Path]:
    """Fetch what is missing of the weights, and keep the state dicts as safetensors.

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
            "Choose another with --weights.",
        ) from error
    fetched = [_fetch_known(file, weights, progress, open_address) for file in (CLIP, VOCABULARY)]
    for name in [*bases, "upsample", "sdf"]:
        fetched.append(_fetch_network(name, weights, progress, open_address))
    return fetched


def _to_name(network: str) -> str:
    return f" --network {network}" if network in BASES else ""


def _fetch_known(file: File, weights: Weights, progress: Progress, open_address: Open) -> Path:
    path = weights.folder / file.name
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
        return kept
    if not path.is_file():
        download(NETWORKS[name].address, path, progress, open_address)
    digest = file_hash(path)
    check_hash(path, digest)
    write_safetensors(kept, read_published(lambda: make_network(name), path))
    remember_hash(path, digest)
    path.unlink()
    return kept
