# SPDX-License-Identifier: Apache-2.0
"""From a folder of images with cameras and masks to views."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from uner3d_core.errors import CameraError, ImageError, InputError, UnreadableImageError
from uner3d_core.inputs.camera_files import image_places, read_cameras
from uner3d_core.inputs.frames import HEIC_SUFFIXES, IMAGE_SUFFIXES, Frame, listed, tell_unreadable
from uner3d_core.inputs.headers import same_proportions
from uner3d_core.inputs.images import image_size, read_image
from uner3d_core.inputs.masks import all_black, is_black, read_mask
from uner3d_core.inputs.places import (
    check_cameras,
    find_cameras_beside,
    find_images,
    find_mask,
    find_masks,
    find_strangers,
    find_video,
)
from uner3d_core.inputs.undistortion import undistort
from uner3d_core.inputs.video.frames import extract_frames
from uner3d_core.progress import Progress, Silent
from uner3d_core.views import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.inputs.images import ByteArray
    from uner3d_core.inputs.segmentation import Segment


@dataclass(frozen=True)
class Posed:
    """Pictures with their cameras, before they are read.

    Parameters
    ----------
    folder : Path
        The folder that was given.
    frames : list of Frame
        At least one.
    pictures : int
        How many pictures there were; more than frames where some could not be given a camera.
    is_estimated : bool
        Whether the cameras were estimated, and no file told them.
    """

    folder: Path
    frames: list[Frame]
    pictures: int
    is_estimated: bool = False


class _Mask(Enum):
    """Where a view's mask comes from; no mask at all counts as given."""

    GIVEN = "given"
    SPARE = "beside the images"
    SEGMENTED = "made by a network"


def load_views(
    input: Path,  # noqa: A002 -- the command line's word for it
    cameras: Path | None = None,
    masks: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
    *,
    images: Sequence[Path] = (),
) -> list[View]:
    """Read images, masks and cameras as views without lens distortion.

    It is :func:`find_posed` and :func:`read_views` in one.
    """
    return read_views(find_posed(input, cameras, masks, progress, images=images), masks, progress)


def find_posed(
    input: Path,  # noqa: A002 -- the command line's word for it
    cameras: Path | None = None,
    masks: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
    *,
    images: Sequence[Path] = (),
    segment: Segment | None = None,
) -> Posed:
    """Find pictures and their cameras; where there are no cameras, estimate them.

    Parameters
    ----------
    input : Path
        A folder of images, or of a folder ``images``; or one image; or a ``transforms.json``; or a video, or
        a folder with one and no images.
    cameras : Path, optional
        A ``transforms.json`` or the folder of a COLMAP model; by default searched beside the images.
    masks : Path, optional
        Folder of masks, which every image should have.
    progress : Progress
        Told of images that are left out and why, and of the stages of the estimation.
    images : sequence of Path
        Those in the folder or below it that are wanted; all if empty.
    segment : callable, optional
        Makes the masks, where cameras are estimated, of pictures that have none: features are looked for
        inside them, and the frames bring them along. See :mod:`uner3d_core.inputs.segmentation`.

    Raises
    ------
    InputError
        If there are no images, or too few without cameras, or a folder is missing.
    CameraError
        If a camera can't be understood, or none be estimated.
    EngineError
        If cameras are to be estimated and COLMAP's library is not installed.
    """
    if masks is not None and not masks.is_dir():
        raise InputError(f"There is no folder of masks “{masks}”.", "Choose the folder with the masks.")
    video = None if images else find_video(input)
    if video is not None:
        if cameras is not None:
            raise InputError(
                f"“{video.name}” is a video: its frames have no names to which cameras could belong.",
                "Leave the cameras out, and they are estimated; or give the frames as pictures.",
            )
        return estimate_posed(video, masks, progress, segment=segment)
    folder, cameras = folder_and_cameras(input, cameras, images)
    if cameras is None:
        progress.log("There are no cameras for these images: they are estimated.")
        return estimate_posed(input, masks, progress, images=images, segment=segment)
    frames = _read_frames(folder, cameras, images, progress)
    if input.is_file() and input != cameras:
        frames = [frame for frame in frames if frame.image.samefile(input)]
        if not frames:
            raise CameraError(f"“{cameras.name}” has no camera for “{input.name}”.", "Add its camera.")
        progress.log(f"The camera of “{input.name}” is taken from “{cameras}”.")
    else:
        _tell_without_camera(frames, images, progress)
    return Posed(folder, frames, len(frames))


def estimate_posed(
    input: Path,  # noqa: A002 -- the command line's word for it
    masks: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
    *,
    images: Sequence[Path] = (),
    segment: Segment | None = None,
) -> Posed:
    """Find pictures and estimate their cameras, even if there are some beside them.

    Parameters
    ----------
    input, masks, progress, images, segment
        As for :func:`find_posed`.

    Raises
    ------
    InputError
        If there are too few images.
    CameraError
        If they have too little in common.
    EngineError
        If COLMAP's library is not installed.
    """
    from uner3d_core.poses.estimate import estimate_cameras  # noqa: PLC0415 -- seldom needed

    folder, images, files = find_photographs(input, masks, progress, images=images)
    estimate = estimate_cameras(images, files, named=masks is not None, segment=segment, progress=progress)
    return Posed(folder, estimate.frames, estimate.pictures, is_estimated=True)


def find_photographs(
    input: Path,  # noqa: A002 -- the command line's word for it
    masks: Path | None,
    progress: Progress,
    *,
    images: Sequence[Path] = (),
) -> tuple[Path, Sequence[Path], list[Path | None]]:
    """Find pictures and their mask files, whether there are cameras or not; of a video its best frames.

    Parameters
    ----------
    input, masks, progress, images
        As for :func:`find_posed`.

    Returns
    -------
    folder : Path
        Where the pictures lie.
    images : sequence of Path
        At least one.
    files : list of Path or None
        The mask file of each.

    Raises
    ------
    InputError
        If there are none.
    """
    video = None if images else find_video(input)
    if video is not None:
        input = extract_frames(video, progress)  # noqa: A001
    folder, _ = folder_and_cameras(input, None, images)
    if input.is_file() and input.suffix.lower() in IMAGE_SUFFIXES:
        images = [input]
    elif not images:
        below = folder / "images"
        images = find_images(folder) or (find_images(below) if below.is_dir() else [])
        if not images:
            raise InputError(f"There are no images in “{folder}”.", "Choose a folder of PNG or JPEG images.")
        strangers = find_strangers(images[0].parent)
        if strangers:
            progress.log(f"Left out, as they can't be read: {listed([path.name for path in strangers])}.")
    named = {home: masks or find_masks(home) for home in {image.parent for image in images}}
    files = [
        None if (home := named[image.parent]) is None else find_mask(_within(image, folder), home)
        for image in images
    ]
    return folder, images, files


def find_known_cameras(
    input: Path,  # noqa: A002 -- the command line's word for it
    cameras: Path | None = None,
    images: Sequence[Path] = (),
) -> Path | None:
    """Find the cameras that a run with this input would use; None where it would estimate them.

    Raises
    ------
    InputError
        If there are no images.
    CameraError
        If the named cameras are none.
    """
    if not images and find_video(input) is not None:
        return None
    return folder_and_cameras(input, cameras, images)[1]


def read_views(
    posed: Posed,
    masks: Path | None = None,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
    segment: Segment | None = None,
) -> list[View]:
    """Read posed pictures and their masks as views without lens distortion.

    The mask of an image is the file in ``masks`` that is called as the image, without such a folder the
    file that the frame's ``mask_path`` names, else the image's own alpha, else the file in a folder called
    ``masks`` in or beside that of the images. An image that should have a mask file but has no mask at all is
    left out, as are one that can't be read, or its mask, and one in which there is no object; where no mask
    was named, the whole picture counts.

    Parameters
    ----------
    posed : Posed
        What :func:`find_posed` found.
    masks : Path, optional
        Folder of masks, which every image should have.
    progress : Progress
        Told of each image that is read, and of images that are left out and why.
    segment : callable, optional
        Makes the masks of images that have none; see :mod:`uner3d_core.inputs.segmentation`.

    Returns
    -------
    list of View
        At least one, in the cameras' order, each of its own size.

    Raises
    ------
    ImageError
        If no image can be read, a mask has another size than its image, or all masks are black.
    CameraError
        If a lens's distortion leaves nothing of a picture.
    """
    folder, frames = posed.folder, posed.frames
    names = view_names(frames, folder)
    homes = {frame.image.parent for frame in frames} if masks is None else set()
    beside = {home: found for home in homes if (found := find_masks(home))}
    used_beside: set[Path] = set()
    segmented = 0
    views: list[View] = []
    black: list[str] = []
    without_mask: list[str] = []
    unreadable: list[UnreadableImageError] = []
    for done, (name, frame) in enumerate(zip(names, frames, strict=True)):
        progress.stage("read images", done, len(frames))
        image_path = _within(frame.image, folder)
        mask_file = frame.mask if masks is None else find_mask(image_path, masks)
        if mask_file is None and posed.is_estimated:
            mask_file = frame.mask  # made with the cameras
        home = beside.get(frame.image.parent)
        spare = find_mask(Path(image_path.name), home) if home else None
        try:
            view, took = _read_view(name, frame, mask_file, spare, segment)
        except UnreadableImageError as problem:
            unreadable.append(problem)
            continue
        if home and took is _Mask.SPARE:
            used_beside.add(home)
        segmented += took is _Mask.SEGMENTED
        if view.mask is None and (masks is not None or frame.mask is not None):
            without_mask.append(name)
        elif view.mask is not None and is_black(view.mask):
            black.append(name)
        else:
            views.append(view)
    progress.stage("read images", len(frames), len(frames))
    if unreadable and not (views or black or without_mask):
        raise unreadable[0]
    tell_unreadable(progress, unreadable)
    if segmented:
        progress.log(f"Masks: a trained network found the object in {segmented} images that have none.")
    for home in sorted(used_beside):
        progress.log(f"The masks in “{home}” are used.")
    return _with_usable_masks(views, black, without_mask, progress)


def folder_and_cameras(
    source: Path, cameras: Path | None, images: Sequence[Path]
) -> tuple[Path, Path | None]:
    """Find the folder of the images, and the transforms.json or the folder of a COLMAP model, if any.

    Raises
    ------
    InputError
        If there are no images.
    CameraError
        If ``cameras`` holds none.
    """
    if source.is_dir():
        folder = source
    elif source.suffix.lower() in (".json", *IMAGE_SUFFIXES) and source.is_file():
        folder = source.parent
        if source.suffix.lower() == ".json":
            cameras = cameras or source
    else:
        raise InputError(
            f"“{source}” is neither a folder nor an image nor a video.",
            "Choose a folder of images, or an mp4 or mov.",
        )
    if cameras is not None:
        return folder, check_cameras(cameras)
    found = find_cameras_beside(folder)
    below = folder / "images"
    has_images = images or find_images(folder) or (below.is_dir() and find_images(below))
    if found is None and not has_images:
        strangers = find_strangers(folder)
        if strangers:
            heic = any(path.suffix.lower() in HEIC_SUFFIXES for path in strangers)
            raise InputError(
                f"The images in “{folder}” can't be read: {listed([path.name for path in strangers])}.",
                "Save them as JPEG or PNG, or install what reads HEIC: pip install pi-heif."
                if heic
                else "Save them as JPEG or PNG.",
            )
        raise InputError(f"There are no images in “{folder}”.", "Choose a folder of PNG or JPEG images.")
    return folder, found


def _read_frames(folder: Path, cameras: Path, images: Sequence[Path], progress: Progress) -> list[Frame]:
    frames = read_cameras(cameras, image_places(folder, images), image_size, progress)
    if not frames:
        raise InputError(
            f"None of the images that “{cameras}” names is in “{folder}”.",
            "Choose the folder with these images.",
        )
    if not images:
        return frames
    chosen = set(images)
    frames = [frame for frame in frames if frame.image in chosen]
    if not frames:
        raise CameraError(
            f"“{cameras.name}” has no camera for any of the chosen images.", "Add their cameras."
        )
    return frames


def _tell_without_camera(frames: list[Frame], images: Sequence[Path], progress: Progress) -> None:
    known = {path for frame in frames for path in (frame.image, frame.mask)}
    places = sorted({frame.image.parent for frame in frames})
    candidates = images or [path for place in places for path in find_images(place)]
    others = [path.name for path in candidates if path not in known]
    if others:
        progress.log(f"Left out, as there is no camera for them: {listed(others)}.")


def view_names(frames: list[Frame], folder: Path) -> list[str]:
    """Name each frame by its file, with its folder where two files are called the same."""
    count = Counter(frame.image.name for frame in frames)
    return [
        frame.image.name if count[frame.image.name] == 1 else _within(frame.image, folder).as_posix()
        for frame in frames
    ]


def _within(path: Path, folder: Path) -> Path:
    return path.relative_to(folder) if path.is_relative_to(folder) else Path(path.name)


def _read_view(
    name: str, frame: Frame, mask_file: Path | None, spare: Path | None, segment: Segment | None
) -> tuple[View, _Mask]:
    """Read a view, and tell where its mask comes from.

    The ``spare`` one is taken for want of a mask file and of alpha, and ``segment`` for want of any.
    """
    camera = frame.camera
    camera_size = camera.width, camera.height
    image, alpha = read_image(frame.image, camera_size)
    size = image.shape[1], image.shape[0]
    if size != camera_size:
        if not same_proportions(size, camera_size):
            raise ImageError(
                f"“{name}” has {size[0]} × {size[1]} pixels, its camera {camera.width} × {camera.height}.",
                "Use the image that the camera belongs to, or a scaled version of it.",
            )
        camera = camera.resized(*size)
    source = _Mask.GIVEN
    if mask_file is None and alpha is None and spare is not None:
        mask_file, source = spare, _Mask.SPARE
    if mask_file is not None and mask_file.is_file():
        if mask_file.samefile(frame.image):
            raise InputError(f"“{name}” is given as its own mask.", "Choose the folder with the masks.")
        mask: ByteArray | None = read_mask(mask_file, size, camera_size)
    else:
        mask = alpha
    if mask is None and segment is not None:
        mask, source = segment(image), _Mask.SEGMENTED
    if camera.has_distortion:
        try:
            image, mask, camera = undistort(image, mask, camera)
        except CameraError as problem:
            raise CameraError(f"“{name}”: {problem.message}", problem.hint) from problem
    return View(name, image, camera, mask), source


def _with_usable_masks(
    views: list[View], black: list[str], without: list[str], progress: Progress
) -> list[View]:
    """Tell which images are left out for their masks, or raise if none remains."""
    if black and not views:
        raise all_black(black)
    if without and not views:
        raise ImageError(
            f"The mask of “{without[0]}” is missing."
            if len(without) == 1
            else f"The masks of all {len(without)} images are missing: {listed(without)}.",
            "Name each mask as its image, whatever the ending.",
        )
    if black:
        progress.log(f"Left out, as no object is in their masks: {listed(black)}.")
    if without:
        progress.log(f"Left out, as they have no mask: {listed(without)}.")
    whole = [view.name for view in views if not view.has_silhouette]
    if 0 < len(whole) < len(views):
        progress.log(
            "All that is seen is taken for the object, as there is no mask or a white one, in "
            f"{len(whole)} of {len(views)} images: {listed(whole)}."
        )
    return views
