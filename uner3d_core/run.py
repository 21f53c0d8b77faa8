# SPDX-License-Identifier: Apache-2.0
"""One job from its files to its files: what the worker and the command line share."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from importlib import import_module
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from uner3d_core.cloud_files import cloud_writer, write_npz, write_ply_parts
from uner3d_core.errors import EngineError, InputError, OutputError
from uner3d_core.mesh_files import mesh_writer
from uner3d_core.methods import Takes, find_method
from uner3d_core.protocol import (
    ConvertToMesh,
    FetchWeights,
    Figures,
    Imagine,
    Reconstruct,
    Resample,
    Result,
    ShowMasks,
    Task,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from uner3d_core.field import Field
    from uner3d_core.inputs.segmentation import Segment
    from uner3d_core.progress import Progress
    from uner3d_core.reconstruct import Given


def run(task: Task, progress: Progress) -> Result:
    """Do a job.

    Parameters
    ----------
    task : Reconstruct, Resample, ConvertToMesh, ShowMasks, Imagine or FetchWeights
        What to do.
    progress : Progress
        Is told how far it is, and may raise ``Cancelled``.

    Returns
    -------
    Result
        Paths as the task names them, and figures.

    Raises
    ------
    Uner3dError
        If the input, the engine, the device or the output does not do.
    """
    # Before the work, not after it: the result of an hour must not meet a folder that is read-only.
    _check_outputs(task)
    _check_torch()
    match task:
        case Reconstruct():
            return _reconstruct(task, progress)
        case Resample():
            return _resample(task, progress)
        case ConvertToMesh():
            return _convert_to_mesh(task, progress)
        case ShowMasks():
            return _show_masks(task, progress)
        case Imagine():
            return _imagine(task, progress)
        case FetchWeights():
            return _fetch_weights(task, progress)


def _reconstruct(task: Reconstruct, progress: Progress) -> Result:
    from uner3d_core.reconstruct import reconstruct  # noqa: PLC0415 (torch only where it is used)

    progress = _Noting(progress)
    given = _READERS[find_method(task.settings.method).takes](task, progress)
    stages = given.stages
    reconstruction = reconstruct(given.content, task.settings, progress)
    stages |= reconstruction.stages

    start = time.monotonic()
    files = {"cloud": str(task.cloud)}
    progress.stage("write files", 0, 1)
    if task.field is not None and reconstruction.field is not None:
        reconstruction.field.save(task.field)
        files["field"] = str(task.field)
    if given.cameras is not None:
        files["cameras"] = str(given.cameras)
    cloud_writer(task.cloud)(task.cloud, reconstruction.cloud)
    progress.stage("write files", 1, 1)
    stages["write files"] = time.monotonic() - start
    figures = Figures(
        points=len(reconstruction.cloud),
        device=reconstruction.device,
        views=given.pictures,
        registered=given.registered,
        stages=stages,
        scores={name: value for name, value in reconstruction.scores.items() if math.isfinite(value)},
        preset=task.settings.preset,
        notes=progress.notes,
    )
    return Result(files, figures)


@dataclass(frozen=True)
class _Given:
    """What a method is given.

    Parameters
    ----------
    content : list of View, list of DepthView or Prompt
        As the method takes it.
    pictures, registered : int
        How many pictures there were for it, and how many have a camera.
    stages : dict of str to float
        Seconds that reading took.
    cameras : Path, optional
        Where cameras were saved that had to be estimated.
    """

    content: Given
    pictures: int
    registered: int
    stages: dict[str, float]
    cameras: Path | None = None


def _read_views(task: Reconstruct, progress: Progress) -> _Given:
    from uner3d_core.inputs.load import find_posed, read_views  # noqa: PLC0415 (Pillow only where it is used)
    from uner3d_core.poses.writing import write_estimate  # noqa: PLC0415

    folder = _folder_of(task)
    segment = _segmenter(task.mask_model)
    start = time.monotonic()
    posed = find_posed(folder, task.cameras, task.masks, progress, images=task.images, segment=segment)
    between = time.monotonic()
    views = read_views(posed, task.masks, progress, segment)
    stages = {"find cameras": between - start, "read images": time.monotonic() - between}
    cameras = task.estimated_cameras if posed.is_estimated else None
    if cameras is not None:
        # Now, for whoever looks at previews; without masks, as those that were made are no part of cameras.
        write_estimate(cameras, [replace(frame, mask=None) for frame in posed.frames])
    return _Given(views, posed.pictures, len(views), stages, cameras)


def _read_prompt(task: Reconstruct, progress: Progress) -> _Given:
    from uner3d_core.inputs.prompts import load_prompt  # noqa: PLC0415 (Pillow only where it is used)

    if task.cameras is not None:
        progress.log(f"“{task.cameras}” is not used: “{task.settings.method}” needs no cameras.")
    start = time.monotonic()
    prompt = load_prompt(
        task.input,
        task.masks,
        progress,
        images=task.images,
        text=task.prompt,
        segment=_segmenter(task.mask_model),
    )
    stages = {"read images": time.monotonic() - start}
    return _Given(prompt, int(prompt.image is not None), 0, stages)


def _read_depth_views(task: Reconstruct, progress: Progress) -> _Given:
    from uner3d_core.inputs.depths import load_depth_views  # noqa: PLC0415 (Pillow only where it is used)

    folder = _folder_of(task)
    start = time.monotonic()
    segment = _segmenter(task.mask_model)
    shown = load_depth_views(folder, task.cameras, task.masks, progress, images=task.images, segment=segment)
    return _Given(shown, len(shown), len(shown), {"read images": time.monotonic() - start})


def _folder_of(task: Reconstruct) -> Path:
    if task.input is None or task.prompt:
        raise InputError(
            f"“{task.settings.method}” takes a folder of pictures, and was given none.",
            "Choose the method “point-e”, or give it pictures.",
        )
    return task.input


_READERS: dict[Takes, Callable[[Reconstruct, Progress], _Given]] = {
    "views": _read_views,
    "depth views": _read_depth_views,
    "prompt": _read_prompt,
}
"""What reads the input of a method, by what the method takes."""


def _resample(task: Resample, progress: Progress) -> Result:
    from uner3d_core.sampling import sample, stream  # noqa: PLC0415

    start = time.monotonic()
    field = _read_field(task, progress)
    stages = {"read field": time.monotonic() - start}

    start = time.monotonic()
    points, seed = task.settings.points, task.settings.seed
    if task.cloud.suffix.lower() == ".ply":  # of any size: no more of it is in memory than sampling needs
        write_ply_parts(task.cloud, stream(field, points, seed, progress), points, progressive=True)
    else:
        write_npz(task.cloud, sample(field, points, seed, progress))
    stages["sampling and writing"] = time.monotonic() - start
    return Result({"cloud": str(task.cloud)}, Figures(points, str(field.device), stages=stages))


def _convert_to_mesh(task: ConvertToMesh, progress: Progress) -> Result:
    from uner3d_core.meshing import make_mesh  # noqa: PLC0415

    start = time.monotonic()
    field = _read_field(task, progress)
    stages = {"read field": time.monotonic() - start}

    start = time.monotonic()
    mesh = make_mesh(field, task.faces, progress)
    stages["meshing"] = time.monotonic() - start

    start = time.monotonic()
    mesh_writer(task.mesh)(task.mesh, mesh)
    stages["write files"] = time.monotonic() - start
    figures = Figures(len(mesh.positions), str(field.device), stages=stages, faces=len(mesh.triangles))
    return Result({"mesh": str(task.mesh)}, figures)


def _show_masks(task: ShowMasks, progress: Progress) -> Result:
    from uner3d_core.inputs.mask_sheet import find_masks_of, write_sheet  # noqa: PLC0415

    progress = _Noting(progress)
    start = time.monotonic()
    segment = _segmenter(task.mask_model)
    pictures = find_masks_of(
        task.input, task.cameras, task.masks, progress, images=task.images, segment=segment
    )
    write_sheet(task.sheet, pictures)
    masked = sum(picture.mask is not None for picture in pictures)
    figures = Figures(
        points=0,
        device="cpu",
        views=len(pictures),
        registered=masked,
        stages={"draw masks": time.monotonic() - start},
        notes=progress.notes,
    )
    return Result({"sheet": str(task.sheet)}, figures)


def _segmenter(name: str) -> Segment | None:
    if not name:
        return None
    from uner3d_core.inputs.segmentation import load_segmenter  # noqa: PLC0415 (an extra)

    return load_segmenter(name)


def _imagine(task: Imagine, progress: Progress) -> Result:
    from uner3d_core.device import choose_device  # noqa: PLC0415
    from uner3d_core.inputs.prompts import load_prompt  # noqa: PLC0415 (Pillow only where it is used)
    from uner3d_core.point_e.choices import write_choices  # noqa: PLC0415
    from uner3d_core.point_e.sizes import ADDED_POINTS, LOW_POINTS  # noqa: PLC0415

    progress = _Noting(progress)
    start = time.monotonic()
    prompt = load_prompt(
        task.input,
        task.masks,
        progress,
        images=task.images,
        text=task.prompt,
        segment=_segmenter(task.mask_model),
    )
    files = write_choices(prompt, task.seeds, task.settings, task.folder, progress)
    figures = Figures(
        points=len(files) * (LOW_POINTS + ADDED_POINTS),
        device=str(choose_device(task.settings.device)),
        views=int(prompt.image is not None),
        stages={"imagine": time.monotonic() - start},
        preset=task.settings.preset,
        notes=progress.notes,
    )
    return Result({str(seed): str(file) for seed, file in files.items()}, figures)


def _fetch_weights(task: FetchWeights, progress: Progress) -> Result:
    from uner3d_core.inputs.segmentation import fetch_model  # noqa: PLC0415
    from uner3d_core.point_e.fetching import fetch  # noqa: PLC0415
    from uner3d_core.point_e.weights import Weights  # noqa: PLC0415

    start = time.monotonic()
    if task.mask_model:
        files = [fetch_model(task.mask_model, None, progress)]
    else:
        weights = Weights(task.settings.weights)
        files = fetch([task.settings.network or weights.best_base(of_sentence=False)], weights, progress)
    stages = {"fetch": time.monotonic() - start}
    return Result({file.name: str(file) for file in files}, Figures(0, "cpu", stages=stages))


class _Noting:
    """Passes progress on, and keeps what is worth reading."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.notes: list[str] = []
        self.stage, self.preview = progress.stage, progress.preview

    def log(self, text: str) -> None:
        """Pass the text on, and keep it."""
        self.notes.append(text)
        self._progress.log(text)


def _read_field(task: Resample | ConvertToMesh, progress: Progress) -> Field:
    from uner3d_core.device import choose_device  # noqa: PLC0415
    from uner3d_core.field import Field  # noqa: PLC0415

    device = choose_device(task.settings.device)
    progress.stage("read field", 0, 1)
    field = Field.load(task.field).to(device)
    progress.stage("read field", 1, 1)
    return field


def _check_outputs(task: Task) -> None:
    outputs: list[Path] = []
    match task:
        case ConvertToMesh():
            mesh_writer(task.mesh)
            outputs.append(task.mesh)
        case Reconstruct() | Resample():
            cloud_writer(task.cloud)
            outputs.append(task.cloud)
        case Imagine():
            outputs.append(task.folder / "seed")
        case FetchWeights():
            return  # its folder is made
        case ShowMasks():
            if task.sheet.suffix.lower() != ".png":
                raise OutputError(f"“{task.sheet.name}” names no picture.", "Let it end in .png.")
            outputs.append(task.sheet)
    if isinstance(task, Reconstruct) and task.field is not None:
        if task.field.suffix.lower() != ".safetensors":
            raise OutputError(f"“{task.field.name}” names no field.", "Let it end in .safetensors.")
        outputs.append(task.field)
    for path in outputs:
        if path.is_dir():
            raise OutputError(f"“{path}” is a folder.", "Name a file in it.")
        try:
            with TemporaryFile(dir=path.absolute().parent):
                pass
        except OSError as error:
            raise OutputError(
                f"Nothing can be written to “{path.absolute().parent}”: {error.strerror}.",
                "Choose a folder that is there and that you may write to, on a disk with room.",
            ) from error


def _check_torch() -> None:
    try:
        import_module("torch")
    except OSError as error:  # a library that torch itself needs; a torch that is not there is an ImportError
        raise EngineError(f"torch can't be loaded: {error}.", "Install the engine again.") from error
