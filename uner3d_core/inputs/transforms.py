# SPDX-License-Identifier: Apache-2.0
"""Cameras as ``transforms.json``, the way NeRF tools write them.

Each frame has a camera-to-world matrix with OpenGL's axes. Intrinsics (``fl_x fl_y cx cy w h``, or
``camera_angle_x``, and ``k1 k2 p1 p2``) stand in the file or in a frame, which wins. What the poses went
through before they were written (``applied_transform``, ``applied_scale``) and where a viewer should look
(``aabb_scale``, ``scale``, ``offset``) is not applied: the matrices as they stand define the world.
"""

from __future__ import annotations

import json
import math
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uner3d_core.atomic_file import atomic_file
from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError, UnreadableImageError
from uner3d_core.inputs.frames import Frame, locate, tell_missing, tell_unreadable
from uner3d_core.progress import Progress, Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MAXIMUM_BYTES = 256 * 2**20
_CAMERA_MODELS = ("SIMPLE_PINHOLE", "PINHOLE", "SIMPLE_RADIAL", "RADIAL", "OPENCV", "PERSPECTIVE")


def read_transforms(
    path: Path,
    image_size: Callable[[Path], tuple[int, int]],
    image_folders: Sequence[Path] = (),
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> list[Frame]:
    """Read the frames of a ``transforms.json`` whose images exist.

    Parameters
    ----------
    path : Path
        The file.
    image_size : function
        Gives width and height of an image; asked where the file does not tell them.
    image_folders : sequence of Path
        Where to look for the images; by default beside the file.
    progress : Progress
        Told which frames have no image and are left out.

    Returns
    -------
    list of Frame
        In the file's order, each image once.

    Raises
    ------
    CameraError
        If the file can't be understood, or a frame's numbers describe no camera.
    """
    content = _read_json(path)
    folders = tuple(image_folders) or (path.parent,)
    frames: dict[Path, Frame] = {}
    missing: list[str] = []
    unreadable: list[UnreadableImageError] = []
    entries = _entries(path, content)
    for number, (name, entry) in enumerate(entries):
        where = f"“{path.name}”, frame {number + 1}"
        image = locate(name, folders)
        if image is None:
            missing.append(name)
        elif image in frames:
            progress.log(f"{where}: “{name}” was named before; its second camera is left out.")
        else:
            try:
                camera = _camera({**content, **entry}, entry, partial(image_size, image))
            except CameraError as problem:
                raise CameraError(f"{where} (“{name}”): {problem.message}", problem.hint) from problem
            except UnreadableImageError as problem:  # the file leaves it to the image to tell its size
                unreadable.append(problem)
                continue
            others = {}
            for key in ("mask_path", "depth_file_path"):
                other = entry.get(key)
                if other is not None and not isinstance(other, str):
                    raise CameraError(f"{where}: its {key} is no path.", "Export the cameras again.")
                others[key] = _named_file(other, folders, path.parent)
            frames[image] = Frame(image, camera, others["mask_path"], others["depth_file_path"])
    if unreadable and not frames:
        raise unreadable[0]
    tell_unreadable(progress, unreadable)
    tell_missing(progress, f"“{path.name}”", missing, len(entries))
    return list(frames.values())


def transforms_names(path: Path) -> list[str]:
    """Tell what a ``transforms.json`` calls its images, in its order.

    Raises
    ------
    CameraError
        If the file can't be understood.
    """
    return [name for name, _ in _entries(path, _read_json(path))]


def write_transforms(path: Path, frames: Sequence[Frame]) -> None:
    """Write cameras as a ``transforms.json`` with all intrinsics in each frame.

    Parameters
    ----------
    path : Path
        File to write; replaced when the new one is complete. Images, masks and depth in its folder or below
        are named relative to it.
    frames : sequence of Frame
        The images and their cameras.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    entries: list[dict[str, Any]] = []
    for frame in frames:
        camera = frame.camera
        entry = {
            "file_path": _relative(frame.image, path.parent),
            "w": camera.width,
            "h": camera.height,
            "fl_x": camera.fx,
            "fl_y": camera.fy,
            "cx": camera.cx,
            "cy": camera.cy,
            **dict(zip(("k1", "k2", "p1", "p2"), camera.distortion, strict=True)),
            "transform_matrix": camera.opengl_camera_to_world.tolist(),
        }
        if frame.mask is not None:
            entry["mask_path"] = _relative(frame.mask, path.parent)
        if frame.depth is not None:
            entry["depth_file_path"] = _relative(frame.depth, path.parent)
        entries.append(entry)
    text = json.dumps({"camera_model": "OPENCV", "frames": entries}, indent=1, ensure_ascii=False)
    with atomic_file(path) as file:
        file.write(text.encode("utf-8"))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAXIMUM_BYTES:
            raise CameraError(f"“{path.name}” is too large for a camera file.", "Choose a transforms.json.")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise CameraError(
            f"“{path}” can't be read: {problem.strerror or problem}.", "Choose a file that is readable."
        ) from problem
    except (ValueError, RecursionError) as problem:
        raise CameraError(f"“{path.name}” is not valid JSON.", "Export the cameras again.") from problem
    if not isinstance(content, dict):
        raise CameraError(f"“{path.name}” is not a transforms.json.", "Export the cameras again.")
    return content


def _entries(path: Path, content: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """List the frames of a file with what it calls their images."""
    entries = content.get("frames")
    if not isinstance(entries, list) or not entries:
        raise CameraError(f"“{path.name}” has no frames.", "Export the cameras again.")
    named = []
    for number, entry in enumerate(entries):
        name = entry.get("file_path") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name:
            raise CameraError(
                f"“{path.name}”, frame {number + 1}: it has no file_path.", "Export the cameras again."
            )
        named.append((name, entry))
    return named


def _camera(
    values: dict[str, Any], frame: dict[str, Any], image_size: Callable[[], tuple[int, int]]
) -> Camera:
    """Make a frame's camera from the values of file and frame, ``frame`` being those of the frame alone."""
    model = values.get("camera_model", "OPENCV")
    if model not in _CAMERA_MODELS or values.get("is_fisheye"):
        raise CameraError(f"The lens model {model} is not supported.", "Undistort the images first.")
    if any(_number(values, key, 0.0) != 0.0 for key in ("k3", "k4", "k5", "k6")):
        raise CameraError("Its lens has distortion beyond k1, k2, p1, p2.", "Undistort the images first.")
    if "w" in values and "h" in values:
        width, height = (round(_number(values, key)) for key in ("w", "h"))
    else:
        width, height = image_size()
    if "camera_angle_x" in frame and "fl_x" not in frame:
        # A frame's own angle outranks the focal length of the file.
        values = {key: value for key, value in values.items() if key not in ("fl_x", "fl_y")}
    fx = _focal_length(values, "fl_x", "camera_angle_x", width, None)
    fy = _focal_length(values, "fl_y", "camera_angle_y", height, fx)
    k1, k2, p1, p2 = (_number(values, key, 0.0) for key in ("k1", "k2", "p1", "p2"))
    return Camera.from_opengl(
        _matrix(values.get("transform_matrix")),
        width=width,
        height=height,
        fx=fx,
        fy=fy,
        cx=_number(values, "cx", width / 2),
        cy=_number(values, "cy", height / 2),
        distortion=(k1, k2, p1, p2),
    )


def _focal_length(
    values: dict[str, Any], length: str, angle: str, extent: int, default: float | None
) -> float:
    """Read a focal length in pixels, given as such or as the full angle of view in radians."""
    if length in values:
        return _number(values, length)
    if angle in values:
        radians = _number(values, angle)
        if not 0.0 < radians < math.pi:
            raise CameraError(f"Its {angle} must be between 0 and π.", "Export the cameras again.")
        return extent / 2 / math.tan(radians / 2)
    if default is None:
        raise CameraError(
            f"It has neither {length} nor {angle}.", "Export the cameras with their intrinsics."
        )
    return default


def _number(values: dict[str, Any], key: str, default: float | None = None) -> float:
    value = values.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CameraError(f"Its {key} is no number.", "Export the cameras again.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise CameraError(f"Its {key} is not finite.", "Export the cameras again.")
    return number


def _matrix(rows: Any) -> list[list[float]]:
    """Check a camera-to-world matrix of 3 or 4 rows, and give it 4."""
    if not isinstance(rows, list) or len(rows) not in (3, 4):
        raise CameraError("It has no transform_matrix of 4 rows.", "Export the cameras again.")
    for row in rows:
        if not isinstance(row, list) or len(row) != 4:
            raise CameraError("A row of its transform_matrix has not 4 numbers.", "Export the cameras again.")
    matrix = [[_number({"transform_matrix": value}, "transform_matrix") for value in row] for row in rows]
    last = [0.0, 0.0, 0.0, 1.0]
    if len(matrix) == 4 and any(abs(a - b) > 1e-6 for a, b in zip(matrix[3], last, strict=True)):
        raise CameraError("The last row of its transform_matrix is not 0 0 0 1.", "Export the cameras again.")
    return [*matrix[:3], last]


def _named_file(name: str | None, folders: Sequence[Path], beside: Path) -> Path | None:
    """Find a mask or a depth by its whole path alone: by its last part it might be the image itself."""
    if name is None:
        return None
    places = [folder / name.replace("\\", "/") for folder in (beside, *folders)]
    # One that is named but missing keeps its path: its image is not one without a mask.
    return next((place for place in places if os.path.isfile(place)), places[0])  # noqa: PTH113


def _relative(path: Path, folder: Path) -> str:
    return (path.relative_to(folder) if path.is_relative_to(folder) else path.absolute()).as_posix()
