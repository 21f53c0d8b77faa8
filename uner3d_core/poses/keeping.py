# SPDX-License-Identifier: Apache-2.0
"""Estimates that are kept, so that a second run with the same pictures starts at the reconstruction.

Each lies in a folder of its own in the person's cache folder, named after the content of the pictures and
masks that it was made from. The oldest are removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from uner3d_core.caches import forget_oldest
from uner3d_core.camera import Camera
from uner3d_core.inputs.frames import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = 5
"""Goes up when the same pictures would get other cameras, so that old estimates are not taken."""
MOST = 32
"""Estimates that are kept."""
ESTIMATE_FILE = "estimate.json"


@dataclass(frozen=True)
class Estimate:
    """Cameras that were estimated.

    Parameters
    ----------
    frames : list of Frame
        The pictures that have a camera, in the order of their names.
    pictures : int
        How many there were.
    said : list of str
        What is worth telling about them.
    """

    frames: list[Frame]
    pictures: int
    said: list[str]


def key_of(
    files: Sequence[tuple[Path, Path | None]], seed: int, network: str = "", *, named: bool = False
) -> str:
    """Name an estimate after the content of pictures, mask files and masks' network, and pictures' names.

    ``named`` says whether masks count before the pictures' alpha, as in :mod:`.estimate`.
    """
    content = [[image.name, *(_digest_if_readable(file) for file in (image, mask))] for image, mask in files]
    return hashlib.sha256(json.dumps([VERSION, seed, network, named, content]).encode()).hexdigest()


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_if_readable(path: Path | None) -> str:
    """Give no digest for a file that can't be read: such a picture is left out, with a sentence, later."""
    try:
        return "" if path is None else digest(path)
    except OSError:
        return ""


def recall(folder: Path, images: Sequence[Path]) -> Estimate | None:
    """Read an estimate that was kept for these pictures; None where there is none that can be read."""
    try:
        content = json.loads((folder / ESTIMATE_FILE).read_text(encoding="utf-8"))
        frames = []
        for entry in content["frames"]:
            camera = {**entry["camera"], "distortion": tuple(entry["camera"]["distortion"])}
            mask = None if entry["mask"] is None else folder / entry["mask"]
            if mask is not None and not mask.is_file():
                return None
            frames.append(Frame(images[entry["image"]], Camera(**camera), mask))
        os.utime(folder)
        return Estimate(frames, content["pictures"], content["said"])
    except (OSError, ValueError, LookupError, TypeError):
        return None  # not there, or half there: it is made again


def keep(
    folder: Path, images: Sequence[Path], estimate: Estimate, masks: dict[Path, npt.NDArray[np.uint8]]
) -> Estimate:
    """Write the estimate for these images, with the masks that were made for some, and give it with them.

    Raises
    ------
    OSError
        If the folder can't be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{secrets.token_hex(4)}.partial")
    partial.mkdir()
    try:
        entries = []
        frames = []
        for number, frame in enumerate(estimate.frames):
            mask = f"{number:05d}.png" if frame.image in masks else None
            if mask is not None:
                Image.fromarray(masks[frame.image]).save(partial / mask, compress_level=1)
            camera = frame.camera
            values = {
                "width": camera.width,
                "height": camera.height,
                "fx": camera.fx,
                "fy": camera.fy,
                "cx": camera.cx,
                "cy": camera.cy,
                "world_to_camera": camera.world_to_camera.tolist(),
                "distortion": camera.distortion,
            }
            entries.append({"image": images.index(frame.image), "camera": values, "mask": mask})
            frames.append(Frame(frame.image, camera, folder / mask if mask else frame.mask))
        content = {"frames": entries, "pictures": estimate.pictures, "said": estimate.said}
        (partial / ESTIMATE_FILE).write_text(json.dumps(content), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    finally:
        if partial.exists():
            shutil.rmtree(partial)
    forget_oldest(folder.parent, ESTIMATE_FILE, MOST)
    return Estimate(frames, estimate.pictures, estimate.said)
