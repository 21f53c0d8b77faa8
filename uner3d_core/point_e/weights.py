# SPDX-License-Identifier: Apache-2.0
"""Which files hold the weights, where they lie, and whether they are there. Needs no torch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from uner3d_core.caches import data_folder
from uner3d_core.errors import WeightsError
from uner3d_core.point_e.hashes import file_hash, known_hashes
from uner3d_core.point_e.sizes import BASES

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
    megabytes : int
        How large it is, about, for people who are to decide; the server tells the exact size.
    """

    name: str
    address: str
    sha256: str = ""
    megabytes: int = 0


CLIP = File(
    "clip_vit_l14.safetensors",
    _CLIP + "model.safetensors",
    "a2bf730a0c7debf160f7a6b50b3aaf3703e7e88ac73de7a314903141db026dcb",
    1711,
)
VOCABULARY = File(
    "clip_vit_l14_tokenizer.json",
    _CLIP + "tokenizer.json",
    "a83e0809aa4c3af7208b2df632a7a69668c6d48775b3c3fe4e1b1199d1f8b8f4",
    2,
)
NETWORKS = {
    name: File(file, _POINT_E + file, megabytes=megabytes)
    for name, (file, megabytes) in {
        "base40M-textvec": ("base_40m_textvec.pt", 161),
        "base40M-imagevec": ("base_40m_imagevec.pt", 161),
        "base40M": ("base_40m.pt", 162),
        "base300M": ("base_300m.pt", 1247),
        "base1B": ("base_1b.pt", 4977),
        "upsample": ("upsample_40m.pt", 162),
        "sdf": ("sdf.pt", 38),
    }.items()
}
"""The published state dicts."""
DEFAULTS = ("base40M", "base40M-textvec")
"""Networks to ask for where none is there: the smallest of their kind."""

NOTICE = """\
Point-E is OpenAI's; its code and weights are under the MIT licence. Its model card does not recommend
commercial use for now, and warns against uses where precision matters: shapes may be wrong where the picture
hides them, and clouds have outliers and cracks. What it learned from may make its results biased.
CLIP ViT-L/14 is OpenAI's as well, under the MIT licence; its model card is for research, and advises against
use in products without a study of the case."""
"""What a person should know before fetching the weights."""


class State(Enum):
    """How the weights of a network stand, with all that it needs beside it."""

    MISSING = "missing"
    PARTLY = "partly fetched"
    THERE = "there"


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
                    "Press “Fetch Weights” in the panel, use "
                    f"“uner3d weights get point-e{_to_name(network)}”, or name their folder.",
                )

    def has(self, network: str) -> bool:
        """Tell whether a network's weights are there, as published or converted."""
        file = self.file(network)
        return file.is_file() or file.with_suffix(".safetensors").is_file()

    def best_base(self, *, of_sentence: bool) -> str:
        """Name the best network for the first points that is there; the smallest where there is none."""
        fitting = bases_for(of_sentence=of_sentence)
        there = [each for each in fitting if self.has(each)]
        return there[-1] if there else next(each for each in fitting if each in DEFAULTS)

    def lacking(self, base: str) -> list[File]:
        """List the files that are not there of those that a network for the first points needs."""
        known = [file for file in (CLIP, VOCABULARY) if not (self.folder / file.name).is_file()]
        return known + [NETWORKS[name] for name in (base, "upsample", "sdf") if not self.has(name)]

    def state(self, base: str) -> State:
        """Tell whether all is there that a network for the first points needs. No file is read."""
        lacking = self.lacking(base)
        if not lacking:
            return State.THERE
        files = [CLIP, VOCABULARY, *(NETWORKS[name] for name in (base, "upsample", "sdf"))]
        begun = any((self.folder / f"{file.name}.part").is_file() for file in lacking)
        return State.PARTLY if begun or len(lacking) < len(files) else State.MISSING

    def changed(self, base: str) -> list[Path]:
        """List the files that a network needs and that are others than before. All of them are read.

        Raises
        ------
        WeightsError
            If the list of the hashes can't be read.
        OSError
            If a file can't be read.
        """
        hashes = known_hashes(self.folder)
        files = [(self.folder / file.name, file.sha256) for file in (CLIP, VOCABULARY)]
        for name in (base, "upsample", "sdf"):
            kept = self.file(name).with_suffix(".safetensors")
            path = kept if kept.is_file() else self.file(name)
            files.append((path, hashes.get(path.name, "")))
        return [path for path, known in files if known and path.is_file() and file_hash(path) != known]

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
                "Press “Fetch Weights” in the panel, use “uner3d weights get point-e”, or name their folder.",
            ) from error
        if found != file.sha256:
            raise WeightsError(f"“{path}” is not the published file.", "Remove it and fetch it again.")
        return path


def bases_for(*, of_sentence: bool) -> list[str]:
    """List the networks for the first points that take a sentence, or a picture, the best last."""
    return [name for name, size in BASES.items() if (size.condition == "text vector") == of_sentence]


def _to_name(network: str) -> str:
    return f" --network {network}" if network in BASES else ""
