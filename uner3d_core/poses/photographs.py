# SPDX-License-Identifier: Apache-2.0
"""Photographs as the estimation of cameras sees them: small, grey, with what their files tell of the lens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image
from scipy import ndimage  # type: ignore[import-untyped]

from uner3d_core.inputs.images import read_exif, read_image
from uner3d_core.poses.background import keyed
from uner3d_core.poses.keeping import digest

if TYPE_CHECKING:
    from pathlib import Path

ByteArray = npt.NDArray[np.uint8]

LONGEST_SIDE = 1000
"""Pixels of the pictures that features are looked for in: more take longer and place cameras no better."""
FILM_DIAGONAL = math.hypot(36.0, 24.0)
"""Millimetres; what a focal length “in 35 mm film” refers to (CIPA DC-008)."""


@dataclass(frozen=True)
class Photograph:
    """One picture file.

    Parameters
    ----------
    path : Path
        The file.
    digest : str
        SHA-256 of its content.
    size : tuple of int
        Width and height, upright, in pixels.
    lens : str
        Camera, focal length and size: the same for pictures that were taken through the same lens.
    zoom : str
        The focal length for people, empty where the file does not tell it.
    focal_length : float, optional
        In pixels of the upright picture; None where the file does not tell it.
    sharpness : float
        How much finer detail there is than coarser; comparable between pictures of one subject.
    grey : uint8 array (height, width)
        The picture, its longest side at most :data:`LONGEST_SIDE`.
    alpha : uint8 array, optional
        Its alpha in the size of ``grey``; None where it is opaque.
    keyed : uint8 array, optional
        255 on what stands before an even background, in the size of ``grey``; None where it is not even.
    """

    path: Path
    digest: str
    size: tuple[int, int]
    lens: str
    zoom: str
    focal_length: float | None
    sharpness: float
    grey: ByteArray
    alpha: ByteArray | None
    keyed: ByteArray | None

    @property
    def name(self) -> str:
        """The file's name, as messages call it."""
        return self.path.name

    @property
    def scale(self) -> float:
        """Pixels of ``grey`` for each of the picture."""
        return self.grey.shape[1] / self.size[0]


def read_photograph(path: Path) -> Photograph:
    """Read a picture file.

    Raises
    ------
    ImageError
        If it can't be read.
    """
    colours, alpha = read_image(path)
    size = colours.shape[1], colours.shape[0]
    picture = Image.fromarray(colours)
    covered = None if alpha is None else Image.fromarray(alpha)
    if covered is not None:
        # What lies under transparent pixels is no detail, and a hard contour would be one.
        opaque = colours[alpha > 127] if alpha is not None and (alpha > 127).any() else colours[:1, 0]
        red, green, blue = (int(value) for value in opaque.mean(0))
        picture = Image.composite(picture, Image.new("RGB", size, (red, green, blue)), covered)
    share = min(1.0, LONGEST_SIDE / max(size))
    small = max(1, round(size[0] * share)), max(1, round(size[1] * share))
    picture = picture.resize(small, Image.Resampling.LANCZOS, reducing_gap=3.0)
    grey = np.asarray(picture.convert("L"))
    even = None if covered is not None else keyed(np.asarray(picture))
    make, zoom, focal_length = _lens(path, size)
    return Photograph(
        path,
        digest(path),
        size,
        f"{make} {zoom} {size[0]}x{size[1]}",
        zoom,
        focal_length,
        _sharpness(grey),
        grey,
        None if covered is None else np.asarray(covered.resize(small, Image.Resampling.BOX)),
        None if even is None else even.astype(np.uint8) * np.uint8(255),
    )


def _sharpness(grey: ByteArray) -> float:
    """Energy of the finest detail over that of detail twice as coarse, where there is most of it."""
    fine = grey.astype(np.float32)
    coarse = ndimage.zoom(fine, 0.5, order=1) if min(fine.shape) >= 8 else fine
    return _detail(fine) / max(_detail(coarse), 1e-6)


def _detail(grey: npt.NDArray[np.float32]) -> float:
    # The strongest per cent: a plain background has no detail that could be lost.
    strength = np.abs(ndimage.laplace(grey))
    return float(np.quantile(strength, 0.99))


def _lens(path: Path, size: tuple[int, int]) -> tuple[str, str, float | None]:
    """Camera's name, focal length for people, and in pixels, as far as the file tells them."""
    tags = read_exif(path)
    make = " ".join(
        str(tags[tag]).strip("\0 ") for tag in (ExifTags.Base.Make, ExifTags.Base.Model) if tag in tags
    )
    film = _positive(tags.get(ExifTags.Base.FocalLengthIn35mmFilm))
    if film is not None:
        return make, f"{film:g} mm (35 mm film)", film / FILM_DIAGONAL * math.hypot(*size)
    length = _positive(tags.get(ExifTags.Base.FocalLength))
    if length is None:
        return make, "", None
    resolution = _positive(tags.get(ExifTags.Base.FocalPlaneXResolution))
    unit = {2: 25.4, 3: 10.0, 4: 1.0}.get(tags.get(ExifTags.Base.FocalPlaneResolutionUnit, 2))
    taken = _positive(tags.get(ExifTags.Base.ExifImageWidth))
    if resolution is None or unit is None or taken is None:
        return make, f"{length:g} mm", None
    # The file may hold a scaled picture: the width at which it was taken is that which the resolution counts.
    return make, f"{length:g} mm", length * resolution / unit * max(size) / max(taken, 1.0) if taken else None


def _positive(value: object) -> float | None:
    """Read a number of EXIF, which may be missing, zero or nonsense."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) and number > 0.0 else None
