# SPDX-License-Identifier: Apache-2.0
"""Sets of posed views as files, one for each object: pictures, masks and cameras, no truth in 3D."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from uner3d_core.atomic_file import atomic_file
from uner3d_core.camera import Camera
from uner3d_core.errors import CloudFileError, InputError
from uner3d_core.npz import ArrayKinds, read_arrays
from uner3d_core.views import View

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FloatArray = npt.NDArray[np.float64]

_BYTE, _WHOLE, _REAL = (np.dtype(kind) for kind in (np.uint8, np.int64, np.float64))
_KINDS: ArrayKinds = {
    "shape": (_WHOLE, ()),
    "images": (_BYTE, ()),
    "masks": (_BYTE, ()),
    "lenses": (_REAL, (4,)),
    "world_to_camera": (_REAL, (4, 4)),
}


def write_set(path: Path, views: Sequence[View]) -> None:
    """Write the views of one object to an uncompressed NPZ archive.

    Parameters
    ----------
    path : Path
        Archive to make or to replace.
    views : sequence of View
        At least one, with masks, all of one size.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    masks = [view.mask for view in views if view.mask is not None]
    if len(masks) < len(views):
        raise ValueError("Each view of a set needs a mask.")
    images = np.stack([view.image for view in views])
    cameras = [view.camera for view in views]
    with atomic_file(path) as file:
        np.savez(
            file,
            shape=np.array(images.shape[:3], dtype=np.int64),
            images=images.ravel(),
            masks=np.stack(masks).ravel(),
            lenses=np.array([[camera.fx, camera.fy, camera.cx, camera.cy] for camera in cameras]),
            world_to_camera=np.stack([camera.world_to_camera for camera in cameras]),
        )


def read_set(path: Path) -> list[View]:
    """Read what :func:`write_set` wrote.

    Raises
    ------
    InputError
        If the file can't be read or is no such archive.
    CameraError
        If its numbers describe no camera.
    """
    try:
        arrays = read_arrays(path, _KINDS)
        count, height, width = (int(length) for length in arrays["shape"])
        images = arrays["images"].reshape(count, height, width, 3)
        masks = arrays["masks"].reshape(count, height, width)
        lenses, poses = arrays["lenses"], arrays["world_to_camera"]
        if not count == len(lenses) == len(poses):
            raise ValueError("There are not as many cameras as pictures.")
    except (CloudFileError, ValueError) as problem:
        raise InputError(f"“{path}” is no set of views.", "Delete the file and make it again.") from problem
    return [
        View(
            f"{index:03d}.png",
            images[index],
            _camera(width, height, lenses[index], poses[index]),
            masks[index],
        )
        for index in range(count)
    ]


def _camera(width: int, height: int, lens: FloatArray, pose: FloatArray) -> Camera:
    fx, fy, cx, cy = lens.tolist()
    return Camera(width, height, fx, fy, cx, cy, pose)
