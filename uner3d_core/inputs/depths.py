# SPDX-License-Identifier: Apache-2.0
"""From images with cameras, masks and files of depth to views whose depth is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from uner3d_core.depth_view import FARTHEST, DepthView
from uner3d_core.errors import CameraError, ImageError, InputError
from uner3d_core.inputs import exr
from uner3d_core.inputs.headers import MAXIMUM_PIXELS
from uner3d_core.inputs.load import find_posed, folder_and_cameras, read_views, view_names
from uner3d_core.progress import Progress, Silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.inputs.frames import Frame
    from uner3d_core.inputs.segmentation import Segment

ENDINGS = (".npy", ".exr")
_HINT = "Give each image a file “depth/NAME.npy” or “.exr” beside the images, or choose another method."


def load_depth_views(
    input: Path,  # noqa: A002 -- the command line's word for it
    cameras: Path | None = None,
    masks: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
    *,
    images: Sequence[Path] = (),
    segment: Segment | None = None,
) -> list[DepthView]:
    """Read images, masks, cameras and depth.

    The depth of an image is the file that its frame's ``depth_file_path`` names, else the one called as the
    image in a folder ``depth`` in or beside that of the images.

    Parameters
    ----------
    input, cameras, masks, progress, images
        As for :func:`uner3d_core.inputs.load.find_posed`; but cameras are not estimated, since depth is in
        the units of known ones.
    segment : callable, optional
        As for :func:`uner3d_core.inputs.load.read_views`.

    Returns
    -------
    list of DepthView
        At least one, in the cameras' order.

    Raises
    ------
    InputError
        If an image has no file of depth, or there are no images.
    CameraError
        If there are no cameras, or one has lens distortion.
    ImageError
        If an image, a mask or a file of depth can't be read, or they have different sizes.
    """
    if folder_and_cameras(input, cameras, images)[1] is None:
        raise CameraError(
            "There are no cameras for these images, and depth belongs to cameras that are known.",
            "Put their transforms.json beside the images, or choose another method.",
        )
    posed = find_posed(input, cameras, masks, progress, images=images)
    for frame in posed.frames:  # before anything is read
        if frame.camera.has_distortion:
            raise CameraError(
                f"The camera of “{frame.image.name}” has lens distortion, which depth is not freed of.",
                "Render or export without lens distortion.",
            )
        find_depth(frame)
    frames = dict(zip(view_names(posed.frames, posed.folder), posed.frames, strict=True))
    views = read_views(posed, masks, progress, segment)
    shown = []
    for done, view in enumerate(views):
        progress.stage("read depth", done, len(views))
        shown.append(DepthView(view, read_depth(find_depth(frames[view.name]))))
    progress.stage("read depth", len(views), len(views))
    return shown


def find_depth(frame: Frame) -> Path:
    """Find the file of an image's depth.

    Raises
    ------
    InputError
        If there is none.
    """
    image = frame.image
    places = (image.parent / "depth", image.parent.parent / "depth")
    candidates = [place / f"{image.stem}{ending}" for place in places for ending in ENDINGS]
    if frame.depth is not None:
        candidates = [frame.depth]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise InputError(f"There is no depth for “{image.name}”.", _HINT)
    return found


def read_depth(path: Path) -> npt.NDArray[np.float32]:
    """Read the depth of each pixel.

    Parameters
    ----------
    path : Path
        ``.npy`` with an array (height, width) of floating-point numbers, or ``.exr``.

    Returns
    -------
    float32 array (height, width)
        Distance along the viewing direction in world units; infinite where nothing is seen: where the file
        says so, or has no number above zero, or one of at least :data:`~uner3d_core.depth_view.FARTHEST`.

    Raises
    ------
    ImageError
        If the file is of another kind, damaged, or has no depth.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ImageError(f"“{path.name}” is no file of depth that can be read.", "Use .npy or .exr.")
    depth = exr.read_depth(path) if ending == ".exr" else _read_npy(path)
    nothing = ~((depth > 0) & (depth < FARTHEST))
    return np.where(nothing, np.float32(np.inf), depth)


def _read_npy(path: Path) -> npt.NDArray[np.float32]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)  # a header alone claims no memory
        if array.dtype.kind != "f" or array.ndim != 2 or not 0 < array.size <= MAXIMUM_PIXELS:
            raise ImageError(
                f"“{path.name}” holds {array.dtype} {array.shape}, which is no depth.",
                "Save an array (height, width) of floating-point numbers.",
            )
        with np.errstate(over="ignore"):
            return np.array(array, np.float32)
    except OSError as problem:
        raise ImageError(
            f"“{path}” can't be read: {problem.strerror or problem}.", "Choose files that are readable."
        ) from problem
    except (ValueError, EOFError, SyntaxError) as problem:
        raise ImageError(
            f"“{path.name}” can't be read: it is cut short, damaged, or no NPY file.", "Save it again."
        ) from problem
