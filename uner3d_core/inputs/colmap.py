# SPDX-License-Identifier: Apache-2.0
"""Cameras from a COLMAP model, ``cameras`` and ``images`` as text or binary.

Format: https://colmap.github.io/format.html. COLMAP's poses are world-to-camera with OpenCV's axes and its
pixels start at the image's corner, both as inside the core.
"""

from __future__ import annotations

import codecs
import io
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError
from uner3d_core.inputs.frames import Frame, locate, tell_missing
from uner3d_core.progress import Progress, Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

# The model's number in binary files, its name and its parameters; f is both focal lengths.
_MODELS = {
    0: ("SIMPLE_PINHOLE", ("f", "cx", "cy")),
    1: ("PINHOLE", ("fx", "fy", "cx", "cy")),
    2: ("SIMPLE_RADIAL", ("f", "cx", "cy", "k1")),
    3: ("RADIAL", ("f", "cx", "cy", "k1", "k2")),
    4: ("OPENCV", ("fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2")),
}
_PARAMETERS = dict(_MODELS.values())
_POINT_BYTES = 24  # x, y (double) and the 3D point's number (int64)


T = TypeVar("T")


@dataclass(frozen=True)
class _Intrinsics:
    model: str
    width: int
    height: int
    parameters: tuple[float, ...]


@dataclass(frozen=True)
class _Image:
    name: str
    camera: int
    quaternion: tuple[float, ...]  # w, x, y, z
    translation: tuple[float, ...]


def is_colmap_model(folder: Path) -> bool:
    """Tell whether ``folder`` holds a COLMAP model, text or binary."""
    return any(
        (folder / f"cameras{ending}").is_file() and (folder / f"images{ending}").is_file()
        for ending in (".bin", ".txt")
    )


def read_colmap(
    folder: Path,
    image_folders: Sequence[Path],
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> list[Frame]:
    """Read the frames of a COLMAP model whose images exist.

    Parameters
    ----------
    folder : Path
        Holds ``cameras`` and ``images`` with the ending ``.bin`` (taken first) or ``.txt``.
    image_folders : sequence of Path
        Where to look for the images.
    progress : Progress
        Told which images are missing and are left out.

    Returns
    -------
    list of Frame
        In the order of the images' names.

    Raises
    ------
    CameraError
        If a file can't be understood, a lens model is not one of SIMPLE_PINHOLE, PINHOLE, SIMPLE_RADIAL,
        RADIAL and OPENCV, or the numbers describe no camera.
    """
    binary = (folder / "cameras.bin").is_file() and (folder / "images.bin").is_file()
    ending = ".bin" if binary else ".txt"
    cameras_file, images_file = folder / f"cameras{ending}", folder / f"images{ending}"
    cameras = _parsed(cameras_file, _binary_cameras if binary else _text_cameras)
    images = sorted(
        _parsed(images_file, _binary_images if binary else _text_images), key=lambda image: image.name
    )
    missing: list[str] = []
    frames: list[Frame] = []
    for image in images:
        path = locate(image.name, image_folders)
        if path is None:
            missing.append(image.name)
            continue
        where = f"“{images_file.name}” of COLMAP, “{image.name}”"
        if image.camera not in cameras:
            raise CameraError(
                f"{where}: there is no camera {image.camera} in “{cameras_file.name}”.",
                "Export the model again.",
            )
        try:
            camera = _camera(cameras[image.camera], image)
        except CameraError as problem:
            raise CameraError(f"{where}: {problem.message}", problem.hint) from problem
        frames.append(Frame(path, camera))
    tell_missing(progress, f"“{images_file.name}” of COLMAP", missing, len(images))
    return frames


def colmap_names(folder: Path) -> list[str]:
    """Tell what a COLMAP model calls its images, sorted.

    Raises
    ------
    CameraError
        If the file can't be understood.
    """
    binary = (folder / "images.bin").is_file()
    path = folder / f"images{'.bin' if binary else '.txt'}"
    return sorted(image.name for image in _parsed(path, _binary_images if binary else _text_images))


def _parsed(path: Path, parse: Callable[[bytes], T]) -> T:
    """Parse a whole file, with one clear error for whatever may be wrong with it."""
    try:
        return parse(path.read_bytes())
    except OSError as problem:
        raise CameraError(
            f"“{path}” can't be read: {problem.strerror or problem}.", "Choose a model that is readable."
        ) from problem
    except CameraError as problem:
        raise CameraError(f"“{path.name}” of COLMAP: {problem.message}", problem.hint) from problem
    except (ValueError, IndexError, struct.error) as problem:
        raise CameraError(
            f"“{path.name}” of COLMAP is cut short or damaged.", "Export the model again."
        ) from problem


def _text_cameras(content: bytes) -> dict[int, _Intrinsics]:
    cameras = {}
    for line in _lines(content):
        words = line.split()
        if words and not words[0].startswith("#"):
            count = len(_parameters_of(words[1]))
            parameters = tuple(float(word) for word in words[4:])
            if len(parameters) != count:
                raise ValueError("wrong number of parameters")
            cameras[int(words[0])] = _Intrinsics(words[1], int(words[2]), int(words[3]), parameters)
    return cameras


def _binary_cameras(content: bytes) -> dict[int, _Intrinsics]:
    cameras = {}
    (count,) = struct.unpack_from("<Q", content)
    position = 8
    for _ in range(count):
        number, model, width, height = struct.unpack_from("<IiQQ", content, position)
        name = _MODELS[model][0] if model in _MODELS else f"number {model}"
        layout = struct.Struct(f"<{len(_parameters_of(name))}d")
        parameters = layout.unpack_from(content, position + 24)
        position += 24 + layout.size
        cameras[number] = _Intrinsics(name, width, height, parameters)
    return cameras


def _lines(content: bytes) -> Iterator[str]:
    """Give the lines of a text one after the other: it may have hundreds of megabytes."""
    for line in io.BytesIO(content.removeprefix(codecs.BOM_UTF8)):
        yield line.decode("utf-8")


def _text_images(content: bytes) -> list[_Image]:
    images = []
    lines = _lines(content)
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        # The name stands last and may hold spaces.
        words = line.strip().split(maxsplit=9)
        quaternion, translation = words[1:5], words[5:8]
        images.append(
            _Image(words[9], int(words[8]), tuple(map(float, quaternion)), tuple(map(float, translation)))
        )
        next(lines, None)  # its 2D points: one line, which may be empty
    return images


def _binary_images(content: bytes) -> list[_Image]:
    images = []
    (count,) = struct.unpack_from("<Q", content)
    position = 8
    for _ in range(count):
        _, *pose, camera = struct.unpack_from("<I7dI", content, position)
        position += 64
        end = content.index(b"\0", position)
        name = content[position:end].decode("utf-8")
        (points,) = struct.unpack_from("<Q", content, end + 1)
        position = end + 9 + points * _POINT_BYTES
        if position > len(content):
            raise ValueError("the file ends within an image")
        images.append(_Image(name, camera, tuple(pose[:4]), tuple(pose[4:])))
    return images


def _parameters_of(model: str) -> tuple[str, ...]:
    if model not in _PARAMETERS:
        raise CameraError(
            f"the lens model {model} is not supported.",
            "Undistort the images with COLMAP's image_undistorter first.",
        )
    return _PARAMETERS[model]


def _camera(intrinsics: _Intrinsics, image: _Image) -> Camera:
    values = dict(zip(_PARAMETERS[intrinsics.model], intrinsics.parameters, strict=True))
    world_to_camera = np.eye(4)
    world_to_camera[:3, :3] = _rotation(image.quaternion)
    world_to_camera[:3, 3] = image.translation
    focal_length = values.get("f", 0.0)
    return Camera(
        intrinsics.width,
        intrinsics.height,
        values.get("fx", focal_length),
        values.get("fy", focal_length),
        values["cx"],
        values["cy"],
        world_to_camera,
        (values.get("k1", 0.0), values.get("k2", 0.0), values.get("p1", 0.0), values.get("p2", 0.0)),
    )


def _rotation(quaternion: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Rotation matrix, (3, 3), of a quaternion w, x, y, z of any length."""
    length = math.hypot(*quaternion)
    if not (math.isfinite(length) and length > 0.0):
        raise CameraError("A camera's rotation is not finite or zero.", "Export the model again.")
    w, x, y, z = (value / length for value in quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
