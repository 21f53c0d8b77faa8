# SPDX-License-Identifier: Apache-2.0
"""From photographs to cameras, on one page.

Photographs are read small and grey; what the object is in them is looked for; COLMAP finds features there,
matches them and maps the cameras, in a process of its own; the world that comes out is stood upright. What
stands in the way is told in sentences that name the files.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from uner3d_core.caches import cache_folder
from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError, ImageError, InputError
from uner3d_core.inputs.frames import Frame, listed
from uner3d_core.poses.assumed import ANGLE_OF_VIEW, ELEVATION, assume_camera
from uner3d_core.poses.foreground import ByteArray, Foreground, find_foreground
from uner3d_core.poses.hints import (
    after_solving,
    before_solving,
    check_answer,
    check_outlines,
    typical_places,
)
from uner3d_core.poses.joining import join_models
from uner3d_core.poses.keeping import Estimate, keep, key_of, recall
from uner3d_core.poses.names import follow_each_other
from uner3d_core.poses.outlines import filled_share
from uner3d_core.poses.photographs import Photograph, read_photograph
from uner3d_core.poses.process import check_solver, run_solver
from uner3d_core.poses.request import Model, Request
from uner3d_core.poses.upright import stand
from uner3d_core.progress import Progress, Silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.inputs.segmentation import Segment

LEAST_PHOTOGRAPHS = 3
SEED = 0
"""Of COLMAP's random choices: cameras do not depend on the settings of a run."""


def estimate_cameras(
    images: Sequence[Path],
    masks: Sequence[Path | None],
    *,
    named: bool = False,
    segment: Segment | None = None,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> Estimate:
    """Estimate the cameras of photographs.

    Parameters
    ----------
    images : sequence of Path
        Picture files, sorted by name.
    masks : sequence of Path or None
        The mask file of each, where there is one.
    named : bool
        Whether these masks count before a picture's alpha.
    segment : callable, optional
        Makes the masks of pictures that have none; see :mod:`uner3d_core.inputs.segmentation`.
    progress : Progress
        Is told photographs, features, pairs and registered photographs, and what is found out about them. It
        may raise ``Cancelled``.

    Returns
    -------
    Estimate
        Upright, the cameras one metre from what they look at in the median; see
        :mod:`uner3d_core.poses.upright`.

    Raises
    ------
    InputError
        If fewer than three different photographs can be read, unless it is one with a mask: for that a
        camera is assumed.
    CameraError
        If they have too little in common.
    EngineError
        If COLMAP's library is not installed.
    """
    folder = cache_folder("poses") / key_of(
        list(zip(images, masks, strict=True)),
        SEED,
        "" if segment is None else segment.sha256,
        named=named,
    )
    kept = recall(folder, images)
    if kept is not None:
        progress.log("The cameras of these pictures were estimated before.")
        _tell(kept.said, progress)
        return kept
    if len(images) == 1:
        alone = of_one(images[0], masks[0], segment, named=named)
        if alone is not None:
            _tell(alone[0].said, progress)
            return keep(folder, images, *alone)
    check_solver()
    photographs, said = read_photographs(images, progress)
    said += before_solving(photographs)
    mask_of = dict(zip(images, masks, strict=True))
    files = [mask_of[each.path] if named or each.alpha is None else None for each in photographs]
    foreground = find_foreground(photographs, files, segment, progress)
    photographs, masks_made = foreground.photographs, foreground.made
    said.append(foreground.said)
    _tell(said, progress)
    with TemporaryDirectory(prefix="uner3d-poses-", ignore_cleanup_errors=True) as work:
        request = write_request(Path(work), photographs, foreground)
        answer = run_solver(Path(work), request, progress)
    answer = replace(answer, models=join_models(answer.models))
    check_answer(answer, photographs)
    after = after_solving(answer, photographs)
    model = answer.models[0]
    after.append(
        f"The cameras of {len(model.shots)} of {len(images)} pictures were estimated, "
        f"to {model.error:.2f} pixels at {max(photographs[0].grey.shape)}, each by {typical_places(model)} "
        "places that it shares with others, in the median. The size is not known: "
        "the cameras stand one metre from what they look at."
    )
    frames = stood_upright(model, photographs)
    if foreground.masks is not None and foreground.exact:
        outlines = [foreground.masks[place] for place in model.shots]
        check_outlines(filled_share([frame.camera for frame in frames], outlines))
    _tell(after, progress)
    return keep(folder, images, Estimate(frames, len(images), said + after), masks_made)


def of_one(
    image: Path, mask: Path | None, segment: Segment | None = None, *, named: bool
) -> tuple[Estimate, dict[Path, ByteArray]] | None:
    """Assume a camera for a single picture and say so; None where nothing tells which part is the object.

    Raises
    ------
    ImageError
        If the picture or its mask can't be read, or there is no object in it.
    """
    photograph = read_photograph(image)
    files = [mask if named or photograph.alpha is None else None]
    foreground = find_foreground([photograph], files, segment)
    if foreground.masks is None or foreground.turntable:
        return None
    lens = "that the picture tells" if photograph.focal_length else f"of {ANGLE_OF_VIEW:.0f}°"
    said = (
        f"“{photograph.name}” is the only picture, and nothing tells its camera: one is assumed that looks "
        f"{ELEVATION:.0f}° down at an object of one metre, with a lens {lens}."
    )
    frame = assume_camera(photograph, foreground.masks[0])
    return Estimate([frame], 1, [foreground.said, said]), foreground.made


def read_photographs(images: Sequence[Path], progress: Progress) -> tuple[list[Photograph], list[str]]:
    """Read photographs, each content once, and say which are left out.

    Raises
    ------
    InputError
        If fewer than three are left.
    """
    photographs: list[Photograph] = []
    damaged: list[str] = []
    first_of: dict[str, str] = {}
    copies: list[str] = []
    for done, path in enumerate(images):
        progress.stage("read photographs", done, len(images))
        try:
            photograph = read_photograph(path)
        except ImageError as problem:
            damaged.append(str(problem.message))
            continue
        if photograph.digest in first_of:
            copies.append(f"{photograph.name} (of {first_of[photograph.digest]})")
            continue
        first_of[photograph.digest] = photograph.name
        photographs.append(photograph)
    progress.stage("read photographs", len(images), len(images))
    said = [f"Left out: {problem}" for problem in damaged]
    if copies:
        said.append(f"Left out, as they are copies: {listed(copies)}.")
    if len(photographs) < LEAST_PHOTOGRAPHS:
        what = "photograph" if len(photographs) == 1 else "different photographs"
        because = f" {' '.join(said)}" if said else ""
        raise InputError(
            f"{len(photographs)} {what} can't tell where the cameras stood.{because}",
            f"Give at least {LEAST_PHOTOGRAPHS}, better 20 or more from all around, or give cameras.",
        )
    return photographs, said


def write_request(folder: Path, photographs: Sequence[Photograph], foreground: Foreground) -> Request:
    """Write the pictures for the solver, and their masks, and say what it is asked."""
    lenses = {lens: str(number) for number, lens in enumerate(dict.fromkeys(p.lens for p in photographs))}
    focal_lengths: dict[str, float | None] = {}
    names = []
    for number, photograph in enumerate(photographs):
        lens = lenses[photograph.lens]
        focal = photograph.focal_length
        focal_lengths[lens] = None if focal is None else focal * photograph.scale
        name = f"{lens}/{number:05d}.png"
        names.append(name)
        for kind, ending, pixels in (
            ("pictures", "", photograph.grey),
            ("masks", ".png", None if foreground.masks is None else foreground.masks[number]),
        ):
            if pixels is not None:
                path = folder / kind / f"{name}{ending}"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(path, compress_level=1)
    return Request(
        names,
        focal_lengths,
        masked=foreground.masks is not None,
        ordered=follow_each_other([photograph.name for photograph in photographs]),
        turntable=foreground.turntable,
        seed=SEED,
    )


def stood_upright(model: Model, photographs: Sequence[Photograph]) -> list[Frame]:
    """Give the photographs their cameras, for their own size, in a world that stands upright."""
    poses = np.tile(np.eye(4), (len(model.shots), 1, 1))
    poses[:, :3] = [shot.world_to_camera for shot in model.shots.values()]
    standing = stand(poses, np.array(model.points).reshape(-1, 3))
    frames = []
    for pose, (place, shot) in zip(poses, model.shots.items(), strict=True):
        photograph = photographs[place]
        (fx, fy), (cx, cy), (k1, k2, p1, p2) = shot.focal_lengths, shot.principal_point, shot.distortion
        try:
            small = Camera(
                photograph.grey.shape[1],
                photograph.grey.shape[0],
                fx,
                fy,
                cx,
                cy,
                standing.pose(pose),
                (k1, k2, p1, p2),
            )
        except CameraError as problem:
            raise CameraError(
                f"The camera that was estimated for “{photograph.name}” is none: {problem.message}",
                "Take more photographs, with more overlap.",
            ) from problem
        frames.append(Frame(photograph.path, small.resized(*photograph.size)))
    return frames


def _tell(texts: Sequence[str], progress: Progress) -> None:
    for text in texts:
        progress.log(text)
