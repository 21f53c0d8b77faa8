# SPDX-License-Identifier: Apache-2.0
"""What can be recognised again in a picture: SIFT features (Lowe 2004), inside the masks where there are any.

Most photographs have plenty that are larger than a few pixels: these suffice, and a third of the features
takes a third of the time. Else the finer ones are looked for too. Where pictures have few of both, as small
or plain objects have, they are looked for once more, in pictures whose contrast is made even: weaker ones
too, in the shapes that a slanted view gives them (Mikolajczyk and Schmid 2004), described over several sizes
(Dong and Soatto 2015). That takes ten times as long and joins pictures that stand farther apart.

Runs in the solver's process; see :mod:`uner3d_core.poses.solver`.
"""

from __future__ import annotations

from enum import Enum
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pycolmap

from uner3d_core.poses.contrast import even_contrast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from uner3d_core.poses.request import Request

LENS = "SIMPLE_RADIAL"
"""One focal length and one coefficient of distortion: what few pictures determine. Refined in the end."""
PLENTY = 1000
"""Features of a picture, in the median, that suffice."""
WEAKEST = 0.002
"""Contrast of a feature that counts where there are few; COLMAP's own bound is 0.0067."""


class Detail(Enum):
    """Which features are looked for, what takes the least time first."""

    COARSE = "those of a few pixels and more"
    FINE = "smaller ones too"
    FAINT = "weak ones too"


def are_few(features: Sequence[int]) -> bool:
    """Tell whether pictures have so few features that it is worth to look for more."""
    return median(features) < PLENTY


def find_features(database: Path, folder: Path, request: Request, detail: Detail) -> list[int]:
    """Find the features of all pictures.

    Parameters
    ----------
    database : Path
        COLMAP's database, made here; an earlier one is removed.
    folder : Path
        Holds ``pictures`` and, where there are masks, ``masks``; pictures of even contrast are written into
        ``even``.
    request : Request
        Names the pictures and the lenses.
    detail : Detail
        Which are looked for.

    Returns
    -------
    list of int
        Number of features of each picture.
    """
    for file in folder.glob(f"{database.name}*"):
        file.unlink()
    options = pycolmap.FeatureExtractionOptions(use_gpu=False)
    pictures = folder / "pictures"
    match detail:
        case Detail.COARSE:
            options.sift.first_octave = 0
        case Detail.FAINT:
            pictures = _with_even_contrast(folder, request)
            options.sift.peak_threshold = WEAKEST
            options.sift.estimate_affine_shape = True
            options.sift.domain_size_pooling = True
    return _extract(database, pictures, folder, request, options)


def _with_even_contrast(folder: Path, request: Request) -> Path:
    """Write the pictures anew, and name the folder where they are."""
    for name in request.pictures:
        grey = _read(folder / "pictures" / name)
        mask = _read(folder / "masks" / f"{name}.png") > 127 if request.masked else None
        path = folder / "even" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pycolmap.Bitmap.from_array(even_contrast(grey, mask)).write(path)
    return folder / "even"


def _read(path: Path) -> npt.NDArray[np.uint8]:
    """Read a picture by COLMAP's library, beside which Pillow can't run."""
    picture = pycolmap.Bitmap.read(path, as_rgb=False)
    if picture is None:
        raise OSError(f"“{path}” can't be read")
    return np.asarray(picture.to_array(), dtype=np.uint8)


def _extract(
    database: Path,
    pictures: Path,
    folder: Path,
    request: Request,
    options: pycolmap.FeatureExtractionOptions,
) -> list[int]:
    reader = pycolmap.ImageReaderOptions(camera_model=LENS)
    if request.masked:
        reader.mask_path = folder / "masks"
    pycolmap.extract_features(
        database,
        pictures,
        image_names=request.pictures,
        camera_mode=pycolmap.CameraMode.PER_FOLDER,
        reader_options=reader,
        extraction_options=options,
        device=pycolmap.Device.cpu,
    )
    with pycolmap.Database.open(database) as content:
        images = {image.name: image for image in content.read_all_images()}
        for name in request.pictures:
            focal = request.focal_lengths[name.split("/")[0]]
            if focal is not None:
                camera = content.read_camera(images[name].camera_id)
                camera.focal_length = focal
                camera.has_prior_focal_length = True
                content.update_camera(camera)
        return [content.num_keypoints_for_image(images[name].image_id) for name in request.pictures]
