# SPDX-License-Identifier: Apache-2.0
"""What can be recognised again in a picture: SIFT features (Lowe 2004), inside the masks where there are any.

Where a picture has few, as small or plain objects have, they are looked for once more: weaker ones too, in
the shapes that a slanted view gives them (Mikolajczyk and Schmid 2004), described over several sizes (Dong
and Soatto 2015). That takes ten times as long and joins pictures that stand farther apart.

Runs in the solver's process; see :mod:`uner3d_core.poses.solver`.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import pycolmap

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.poses.request import Request

LENS = "SIMPLE_RADIAL"
"""One focal length and one coefficient of distortion: what few pictures determine. Refined in the end."""
PLENTY = 1000
"""Features of a picture, in the median, that suffice."""
WEAKEST = 0.002
"""Contrast of a feature that counts where there are few; COLMAP's own bound is 0.0067."""


def find_features(database: Path, folder: Path, request: Request) -> list[int]:
    """Find the features of all pictures.

    Parameters
    ----------
    database : Path
        COLMAP's database, made here.
    folder : Path
        Holds ``pictures`` and, where there are masks, ``masks``.
    request : Request
        Names the pictures and the lenses.

    Returns
    -------
    list of int
        Number of features of each picture.
    """
    options = pycolmap.FeatureExtractionOptions(use_gpu=False)
    found = _extract(database, folder, request, options)
    if median(found) < PLENTY:
        for file in folder.glob(f"{database.name}*"):
            file.unlink()
        options.sift.peak_threshold = WEAKEST
        options.sift.estimate_affine_shape = True
        options.sift.domain_size_pooling = True
        found = _extract(database, folder, request, options)
    return found


def _extract(
    database: Path, folder: Path, request: Request, options: pycolmap.FeatureExtractionOptions
) -> list[int]:
    reader = pycolmap.ImageReaderOptions(camera_model=LENS)
    if request.masked:
        reader.mask_path = folder / "masks"
    pycolmap.extract_features(
        database,
        folder / "pictures",
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
