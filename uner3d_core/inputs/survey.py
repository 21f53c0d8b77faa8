# SPDX-License-Identifier: Apache-2.0
"""What a run would find about chosen images: sizes, masks, cameras, and what looks wrong.

No pixel is read and nothing but numpy is needed, so that Blender can do it in a thread. Masks and cameras are
searched by the rules of :func:`~uner3d_core.inputs.load.load_views`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from uner3d_core.camera import Camera
from uner3d_core.errors import ImageError, Uner3dError
from uner3d_core.inputs.camera_files import image_places, read_cameras
from uner3d_core.inputs.frames import Frame, listed
from uner3d_core.inputs.headers import Header, read_header, same_proportions
from uner3d_core.inputs.places import (
    check_cameras,
    common_folder,
    find_cameras_beside,
    find_mask,
    find_masks,
)
from uner3d_core.progress import Silent


class Mask(Enum):
    """Where the mask of an image comes from."""

    NONE = "none"
    ALPHA = "alpha"
    FILE = "file"


class Problem(Enum):
    """What looks wrong with an image; the value says it of several."""

    GONE = "Gone"
    UNREADABLE = "Not readable"
    OTHER_CAMERA_SIZE = "Of other proportions than their cameras"
    NO_CAMERA = "Without a camera"
    NO_MASK = "Without a mask, which others have"
    OTHER_SIZE = "Of another size than most"


@dataclass(frozen=True)
class ImageFacts:
    """What is known about one image.

    Parameters
    ----------
    header : Header, optional
        Its size; None where it can't be read.
    mask : Mask
        Where its mask comes from. Alpha that is opaque everywhere counts as none once the pixels are read.
    camera : Camera, optional
        Its camera, where a file has one.
    problem : Problem, optional
        What looks wrong.
    sentence : str
        That in words.
    """

    header: Header | None = None
    mask: Mask = Mask.NONE
    camera: Camera | None = None
    problem: Problem | None = None
    sentence: str = ""


@dataclass(frozen=True)
class Survey:
    """What is known about chosen images.

    Parameters
    ----------
    images : mapping of Path to ImageFacts
        Each image.
    cameras : Path, optional
        The camera file or COLMAP model; None where there is none.
    sentences : tuple of str
        What looks wrong, of all images together.
    """

    images: Mapping[Path, ImageFacts] = field(default_factory=dict)
    cameras: Path | None = None
    sentences: tuple[str, ...] = ()


class Files:
    """What was read of files, for the next survey: read again only when a file has changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], Header | ImageError]] = {}
        self._frames: tuple[object, dict[Path, Frame]] = (None, {})

    def header(self, path: Path) -> Header:
        """Give the header of an image.

        Raises
        ------
        ImageError
            If it can't be read.
        """
        try:
            status = path.stat()
        except OSError as problem:
            self._known.pop(path, None)
            raise ImageError(f"“{path.name}” is gone.", "Put it back, or leave it out.") from problem
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._known.get(path)  # one look: another thread may be at it
        if known is None or known[0] != stamp:
            try:
                known = stamp, read_header(path)
            except ImageError as problem:
                known = stamp, problem
            self._known[path] = known
        if isinstance(known[1], ImageError):
            raise known[1]
        return known[1]

    def stamp(self, path: Path) -> tuple[int, int]:
        """Tell time and size of the file when its header was read; zeros where it was not."""
        known = self._known.get(path)
        return known[0] if known else (0, 0)

    def frames(self, cameras: Path, folder: Path, images: Sequence[Path]) -> dict[Path, Frame]:
        """Give the frames of images by their files.

        Raises
        ------
        CameraError
            If the cameras can't be understood.
        """
        parts = sorted(cameras.glob("*.*")) if cameras.is_dir() else [cameras]
        states = [(part, part.stat().st_mtime_ns, part.stat().st_size) for part in parts]
        key = (folder, states, [(image, self.stamp(image)) for image in images])
        if self._frames[0] != key:
            frames = read_cameras(cameras, image_places(folder, images), self._size, Silent())
            self._frames = key, {frame.image: frame for frame in frames}
        return self._frames[1]

    def _size(self, image: Path) -> tuple[int, int]:
        header = self.header(image)
        return header.width, header.height


def survey(
    images: Sequence[Path],
    cameras: Path | None = None,
    masks: Path | None = None,
    *,
    unused: Iterable[Path] = (),
    files: Files | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Survey:
    """Look at images without reading their pixels.

    Parameters
    ----------
    images : sequence of Path
        The images.
    cameras, masks : Path, optional
        Camera file and mask folder, where they don't lie beside the images.
    unused : iterable of Path
        Images among them that a run would leave out: they count for nothing when all are compared.
    files : Files, optional
        Keeps what it learns for the next survey.
    stopped : function
        Asked before each image; True ends the survey where it is.

    Returns
    -------
    Survey
        Facts about every image; what is wrong is told there and not raised.
    """
    files = files or Files()
    facts: dict[Path, ImageFacts] = {}
    for image in images:
        if stopped():
            return Survey(facts)
        facts[image] = _look(image, files)
    readable = [image for image in facts if facts[image].header]
    if not readable:
        return Survey(facts, None, _sentences(facts, set(unused)))
    wrong: list[str] = []
    folder, found, frames = _cameras(readable, cameras, files, wrong)
    beside: dict[Path, Path | None] = {}
    for image in readable:
        if stopped():
            return Survey(facts, found)
        frame = frames.get(image)
        mask = _named_mask(image, folder, frame, masks)
        if mask is Mask.NONE and facts[image].header.has_alpha:  # type: ignore[union-attr] # it is readable
            mask = Mask.ALPHA
        if mask is Mask.NONE and masks is None and (frame is None or frame.mask is None):
            mask = _mask_beside(image, beside)
        facts[image] = replace(facts[image], mask=mask, camera=frame.camera if frame else None)
    used = [image for image in readable if image not in set(unused)]
    _compare(facts, used, found)
    return Survey(facts, found, (*wrong, *_sentences(facts, set(unused))))


def _look(image: Path, files: Files) -> ImageFacts:
    try:
        return ImageFacts(files.header(image))
    except ImageError as error:
        problem = Problem.UNREADABLE if image.exists() else Problem.GONE
        return ImageFacts(problem=problem, sentence=str(error))


def _cameras(
    images: Sequence[Path], cameras: Path | None, files: Files, wrong: list[str]
) -> tuple[Path, Path | None, dict[Path, Frame]]:
    """Find the images' common folder, their cameras and their frames; tell what is wrong with them."""
    folder = images[0].parent
    found: Path | None = None
    try:
        folder = common_folder(images)
        found = check_cameras(cameras) if cameras else find_cameras_beside(folder)
        if found is None:
            return folder, None, {}
        return folder, found, files.frames(found, folder, images)
    except Uner3dError as error:
        wrong.append(str(error))
    except OSError as error:  # it went away meanwhile
        wrong.append(f"“{found}” can't be read: {error.strerror}.")
    return folder, found, {}


def _named_mask(image: Path, folder: Path, frame: Frame | None, masks: Path | None) -> Mask:
    """Find the mask in the given folder, or the one that the camera file names."""
    if masks is not None:
        inside = image.relative_to(folder) if image.is_relative_to(folder) else Path(image.name)
        return Mask.FILE if find_mask(inside, masks) else Mask.NONE
    return Mask.FILE if frame and frame.mask and frame.mask.is_file() else Mask.NONE


def _mask_beside(image: Path, beside: dict[Path, Path | None]) -> Mask:
    """Find the mask in a folder ``masks``; ``beside`` keeps where these are."""
    if image.parent not in beside:
        beside[image.parent] = find_masks(image.parent)
    home = beside[image.parent]
    return Mask.FILE if home and find_mask(Path(image.name), home) else Mask.NONE


def _compare(facts: dict[Path, ImageFacts], used: Sequence[Path], cameras: Path | None) -> None:
    """Find what looks wrong with an image beside its camera and the other images."""
    known = any(facts[image].camera for image in used)
    # One without a camera is left out, so that its mask is no example.
    examples = [facts[image] for image in used if facts[image].camera or not known]
    masked = any(one.mask is not Mask.NONE for one in examples)
    sizes = Counter(_size(facts[image]) for image in used)
    usual, count = sizes.most_common(1)[0] if sizes else ((0, 0), 0)
    for image in used:
        one = facts[image]
        width, height = size = _size(one)
        camera = one.camera
        problem: tuple[Problem, str] | None = None
        if camera and not _fits(size, (camera.width, camera.height)):
            problem = (
                Problem.OTHER_CAMERA_SIZE,
                f"“{image.name}” has {width} × {height} pixels, its camera {camera.width} × {camera.height}. "
                "Use the image that the camera belongs to, or a scaled version of it.",
            )
        elif known and camera is None and cameras:
            problem = (
                Problem.NO_CAMERA,
                f"“{cameras.name}” has no camera for “{image.name}”: it is left out. Add its camera.",
            )
        elif masked and one.mask is Mask.NONE:
            problem = (
                Problem.NO_MASK,
                f"“{image.name}” has no mask, though others have one. Add one called as the image.",
            )
        elif camera is None and count > len(used) / 2 and size != usual:
            problem = (
                Problem.OTHER_SIZE,
                f"“{image.name}” has {width} × {height} pixels, most others {usual[0]} × {usual[1]}. "
                "See whether it belongs to them.",
            )
        if problem:
            facts[image] = replace(one, problem=problem[0], sentence=problem[1])


def _size(facts: ImageFacts) -> tuple[int, int]:
    return (facts.header.width, facts.header.height) if facts.header else (0, 0)


def _fits(size: tuple[int, int], camera: tuple[int, int]) -> bool:
    # Programs that estimate cameras often look at the picture as it is stored, not as it is seen upright.
    return same_proportions(size, camera) or same_proportions((size[1], size[0]), camera)


def _sentences(facts: Mapping[Path, ImageFacts], unused: set[Path]) -> tuple[str, ...]:
    """Say what looks wrong, once for all images with the same problem."""
    told = []
    for problem in Problem:
        named = [path for path, one in facts.items() if one.problem is problem and path not in unused]
        if len(named) == 1:
            told.append(facts[named[0]].sentence)
        elif named:
            told.append(
                f"{problem.value}: {len(named)} images, {listed([path.name for path in named], most=3)}."
            )
    return tuple(told)
