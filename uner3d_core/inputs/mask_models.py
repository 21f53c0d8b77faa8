# SPDX-License-Identifier: Apache-2.0
"""The published networks that find what stands out in a picture; :mod:`.segmentation` uses them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from uner3d_core.caches import data_folder

VARIABLE = "UNER3D_MASK_WEIGHTS"
"""Environment variable that names the folder of the networks."""
_PUBLISHED = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"


@dataclass(frozen=True)
class MaskModel:
    """A published network.

    Parameters
    ----------
    file : str
        Its file's name.
    sha256 : str
        The file's hash.
    side : int
        Width and height in pixels of the picture that it takes.
    mean, deviation : tuple of 3 floats
        What is taken off each channel, red first, of a picture from 0 to 1, and what it is divided by then.
    about : str
        Who made it and under which licence.
    """

    file: str
    sha256: str
    side: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    about: str

    @property
    def address(self) -> str:
        """Where it is published."""
        return _PUBLISHED + self.file


MASK_MODELS = {
    "u2net": MaskModel(
        "u2net.onnx",
        "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        320,
        (0.485, 0.456, 0.406),
        (0.229, 0.224, 0.225),
        "U²-Net (Qin et al. 2020), 176 MB, under the Apache licence 2.0; converted to ONNX by rembg.",
    ),
    "isnet": MaskModel(
        "isnet-general-use.onnx",
        "60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
        1024,
        (0.5, 0.5, 0.5),
        (1.0, 1.0, 1.0),
        "IS-Net (Qin et al. 2022), 179 MB, under the Apache licence 2.0; converted to ONNX by rembg. Finer "
        "contours than U²-Net's, and slower.",
    ),
}


def weights_folder(folder: Path | None = None) -> Path:
    """Name the folder of the networks: the given one, or the variable's, or the usual one."""
    return folder or Path(os.environ.get(VARIABLE) or data_folder("masks"))
