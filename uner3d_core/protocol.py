# SPDX-License-Identifier: Apache-2.0
"""What the add-on and the worker say to each other: the job file, and messages as lines of JSON.

The client writes a job folder with ``job.json`` and sends ``Run``; from then on the worker sends messages,
one a line, until a ``Result`` or an ``Error`` ends the job. Both sides import this module, so it needs the
standard library alone.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

from uner3d_core import errors
from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import InputError, Uner3dError
from uner3d_core.settings import FACES, MAXIMUM_FACES, MINIMUM_FACES, Settings

SCHEMA = 1
"""Version of the job file and of the messages; the two sides must agree on it."""

JOB_FILE = "job.json"
LOG_FILE = "worker.log"
RESULT_FILE = "result.json"


# --- what the client sends ---


@dataclass(frozen=True)
class Run:
    """Do the job in the folder ``job``; ``schema`` is the version that the client speaks."""

    job: str
    schema: int = SCHEMA


@dataclass(frozen=True)
class Cancel:
    """Stop as soon as you can."""


Request = Run | Cancel


# --- what the worker sends ---


@dataclass(frozen=True)
class Started:
    """The worker has read the request; ``version`` is its ``uner3d_core``'s."""

    version: str
    schema: int = SCHEMA


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` true steps of a stage; ``eta_seconds`` till the end of it, None while unknown."""

    stage: str
    done: int
    total: int
    eta_seconds: float | None = None


@dataclass(frozen=True)
class Preview:
    """An early, coarse cloud lies in the NPZ file ``file``."""

    file: str


@dataclass(frozen=True)
class Log:
    """A line worth reading once."""

    text: str


@dataclass(frozen=True)
class Heartbeat:
    """The worker lives."""


@dataclass(frozen=True)
class Figures:
    """What is known about a finished job.

    Parameters
    ----------
    points : int
        Number of points in the cloud, or of vertices in the mesh.
    device : str
        The device that did the work.
    views, registered : int
        Number of pictures, and how many of them have a camera and are used. Both 0 where none were needed.
    stages : dict of str to float
        Seconds that each stage took, in order.
    scores : dict of str to float
        What the method measured about its own result; empty where it measured nothing.
    faces : int
        Number of triangles in the mesh; 0 where a cloud was made.
    preset : str
        How much time was to be spent; empty where that made no difference.
    notes : list of str
        What the job told that is worth reading, such as views that were left out.
    """

    points: int
    device: str
    views: int = 0
    registered: int = 0
    stages: dict[str, float] = dataclasses.field(default_factory=dict)
    scores: dict[str, float] = dataclasses.field(default_factory=dict)
    faces: int = 0
    preset: str = ""
    notes: list[str] = dataclasses.field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """The job is done: absolute paths of its files, and figures.

    Files are called ``cloud``, ``field`` and ``mesh``, ``cameras`` where these had to be estimated; rough
    clouds to choose from by their seeds; files of weights by their names.
    """

    files: dict[str, str]
    figures: Figures


@dataclass(frozen=True)
class Error:
    """The job has failed: an error's code, its sentence, and what to do."""

    code: str
    message: str
    hint: str = ""


Message = Started | Progress | Preview | Log | Heartbeat | Result | Error


def encode(message: Message | Request) -> str:
    """One line of ASCII JSON, its line break included."""
    return json.dumps({"type": type(message).__name__.lower(), **asdict(message)}, allow_nan=False) + "\n"


def parse_message(line: str) -> Message:
    """Read a line of the worker's standard output; whatever is no message is a line of the log."""
    message: Message = Log(line)
    match _json_or_none(line):
        case {"type": "started", "version": str(version), "schema": int(schema)}:
            message = Started(version, schema)
        case {
            "type": "progress",
            "stage": str(stage),
            "done": int(done),
            "total": int(total),
            "eta_seconds": None | int() | float() as eta_seconds,
        }:
            message = Progress(stage, done, total, eta_seconds)
        case {"type": "preview", "file": str(file)}:
            message = Preview(file)
        case {"type": "log", "text": str(text)}:
            message = Log(text)
        case {"type": "heartbeat"}:
            message = Heartbeat()
        case {
            "type": "result",
            "files": dict(files),
            "figures": {
                "points": int(points),
                "device": str(device),
                "views": int(views),
                "registered": int(registered),
                "stages": dict(stages),
                "scores": dict(scores),
                **more,
            },
        } if all(isinstance(path, str) for path in files.values()) and all(
            isinstance(number, int | float) for number in (*stages.values(), *scores.values())
        ):
            figures = Figures(points, device, views, registered, stages, scores)
            message = Result(files, _with_more(figures, more))
        case {"type": "error", "code": str(code), "message": str(sentence), "hint": str(hint)}:
            message = Error(code, sentence, hint)
    return message


def _with_more(figures: Figures, more: dict[object, object]) -> Figures:
    """Add the figures that not every result has, as far as they are what they must be."""
    match more.get("faces"):
        case int(faces):
            figures = dataclasses.replace(figures, faces=faces)
    match more.get("preset"):
        case str(preset):
            figures = dataclasses.replace(figures, preset=preset)
    match more.get("notes"):
        case list(notes):
            figures = dataclasses.replace(figures, notes=[str(note) for note in notes])
    return figures


def parse_request(line: str) -> Request:
    """Read a line of the worker's standard input.

    Raises
    ------
    InputError
        If it is no request.
    """
    match _json_or_none(line):
        case {"type": "run", "job": str(job), "schema": int(schema)}:
            return Run(job, schema)
        case {"type": "cancel"}:
            return Cancel()
    raise InputError(
        f"The worker was sent “{line.strip()[:80]}”, which is no request.",
        'Send {"type": "run", "job": a job folder, "schema": 1} or {"type": "cancel"}, each on a line.',
    )


def _json_or_none(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):  # RecursionError: brackets nested thousands deep
        return None


_ERROR_CLASSES = {
    kind.code: kind
    for kind in (
        errors.InputError,
        errors.ImageError,
        errors.CameraError,
        errors.CloudFileError,
        errors.ReconstructionError,
        errors.WeightsError,
        errors.DeviceError,
        errors.EngineError,
        errors.OutputError,
        errors.Cancelled,
    )
}


def error_to_message(error: Uner3dError) -> Error:
    """Turn an error into the message that carries it."""
    return Error(error.code, error.message, error.hint)


def message_to_error(message: Error) -> Uner3dError:
    """Turn a message back into the error that it carries."""
    return _ERROR_CLASSES.get(message.code, Uner3dError)(message.message, message.hint)


# --- the job file ---


@dataclass(frozen=True)
class Reconstruct:
    """Make a cloud from pictures, or from a sentence.

    Parameters
    ----------
    input : Path or None
        Folder of images, or whatever else ``uner3d_core.inputs`` reads for the method; None where there is a
        sentence.
    cloud : Path
        Where the cloud is written; ``.npz`` or ``.ply``.
    field : Path, optional
        Where the fitted field is saved; None saves none.
    cameras, masks : Path, optional
        Camera file and mask folder, where they don't lie beside the images.
    settings : Settings
        The person's choices.
    images : tuple of Path
        Those in the folder or below it that are wanted; all if empty.
    prompt : str
        A sentence, for a method that takes one; empty where there are pictures.
    mask_model : str
        A network that makes the masks of pictures which have none; empty for none.
    estimated_cameras : Path, optional
        Where cameras that had to be estimated are saved, a ``transforms.json``; None saves none.
    """

    input: Path | None
    cloud: Path
    field: Path | None = None
    cameras: Path | None = None
    masks: Path | None = None
    settings: Settings = dataclasses.field(default_factory=Settings)
    images: tuple[Path, ...] = ()
    prompt: str = ""
    mask_model: str = ""
    estimated_cameras: Path | None = None


@dataclass(frozen=True)
class Resample:
    """Make a cloud of another number of points from a saved field, without pictures.

    Parameters
    ----------
    field : Path
        The saved field.
    cloud : Path
        Where the cloud is written; ``.npz`` or ``.ply``.
    settings : Settings
        Of these the points, the device and the seed count.
    """

    field: Path
    cloud: Path
    settings: Settings = dataclasses.field(default_factory=Settings)


@dataclass(frozen=True)
class ConvertToMesh:
    """Make a mesh of a saved field's surface.

    Parameters
    ----------
    field : Path
        The saved field.
    mesh : Path
        Where the mesh is written; ``.npz`` or ``.ply``.
    faces : int
        How many triangles it is to have.
    settings : Settings
        Of these the device counts.

    Raises
    ------
    InputError
        If the number of triangles is out of range.
    """

    field: Path
    mesh: Path
    faces: int = FACES
    settings: Settings = dataclasses.field(default_factory=Settings)

    def __post_init__(self) -> None:
        if not MINIMUM_FACES <= self.faces <= MAXIMUM_FACES:
            raise InputError(
                f"A mesh of {self.faces} faces can't be made.",
                f"Choose from {MINIMUM_FACES} to {MAXIMUM_FACES:,}.",
            )


@dataclass(frozen=True)
class ShowMasks:
    """Draw the masks that a reconstruction of these pictures would use; what they are is among its notes.

    Parameters
    ----------
    input : Path
        As for :class:`Reconstruct`.
    sheet : Path
        Where the drawing is written; ``.png``.
    cameras, masks, images, mask_model
        As for :class:`Reconstruct`.
    settings : Settings
        None of these counts.
    """

    input: Path
    sheet: Path
    cameras: Path | None = None
    masks: Path | None = None
    images: tuple[Path, ...] = ()
    mask_model: str = ""
    settings: Settings = dataclasses.field(default_factory=Settings)


@dataclass(frozen=True)
class Imagine:
    """Make several rough clouds from one picture or a sentence, to choose from.

    Parameters
    ----------
    input : Path or None
        An image or a folder with one; None where there is a sentence.
    folder : Path
        The job folder: it gets ``seed_0.ply`` and a picture ``seed_0.png`` of each, numbered by their seeds.
    seeds : int
        How many: of the settings' seed, the next, and so on.
    masks : Path, optional
        Mask folder, where it does not lie beside the image.
    settings : Settings
        The person's choices; the number of points does not count.
    images : tuple of Path
        The one in the input's folder that is wanted.
    prompt : str
        A sentence; empty where there is a picture.
    mask_model : str
        As for :class:`Reconstruct`.
    """

    input: Path | None
    folder: Path
    seeds: int
    masks: Path | None = None
    settings: Settings = dataclasses.field(default_factory=Settings)
    images: tuple[Path, ...] = ()
    prompt: str = ""
    mask_model: str = ""


@dataclass(frozen=True)
class FetchWeights:
    """Fetch the weights of a trained network, as far as they are missing.

    Parameters
    ----------
    settings : Settings
        Of these the network and the folder of the weights count.
    mask_model : str
        The network that makes masks, if one is to be fetched instead, into its usual folder; else empty.
    """

    settings: Settings = dataclasses.field(default_factory=Settings)
    mask_model: str = ""


Task = Reconstruct | Resample | ConvertToMesh | ShowMasks | Imagine | FetchWeights

_TASKS: dict[str, type[Task]] = {
    "reconstruct": Reconstruct,
    "resample": Resample,
    "convert to mesh": ConvertToMesh,
    "show masks": ShowMasks,
    "imagine": Imagine,
    "fetch weights": FetchWeights,
}
_OUTPUTS = ("cloud", "field", "mesh", "sheet", "estimated_cameras")
"""What a job file may name under ``output``."""


def write_job(folder: Path, task: Task) -> None:
    """Write ``job.json`` into the job folder.

    Paths inside the folder are written relative to it, so that the folder may be moved.

    Raises
    ------
    InputError
        If an output of the task does not lie directly in the folder.
    OutputError
        If the file can't be written.
    """
    folder = folder.absolute()
    outputs: dict[str, Path | None] = dict.fromkeys(_OUTPUTS)
    inputs: dict[str, Path | None] = {"input": None, "cameras": None, "masks": None, "field": None}
    match task:
        case Reconstruct():
            inputs |= {"input": task.input, "cameras": task.cameras, "masks": task.masks}
            outputs |= {"cloud": task.cloud, "field": task.field}
            outputs["estimated_cameras"] = task.estimated_cameras
        case Resample():
            inputs["field"], outputs["cloud"] = task.field, task.cloud
        case ConvertToMesh():
            inputs["field"], outputs["mesh"] = task.field, task.mesh
        case ShowMasks():
            inputs |= {"input": task.input, "cameras": task.cameras, "masks": task.masks}
            outputs["sheet"] = task.sheet
        case Imagine():
            inputs |= {"input": task.input, "masks": task.masks}
    content = {
        "schema": SCHEMA,
        "task": next(name for name, kind in _TASKS.items() if isinstance(task, kind)),
        **{name: _relative(folder, path) for name, path in inputs.items()},
        "images": [_relative(folder, image) for image in task.images]
        if isinstance(task, Reconstruct | ShowMasks | Imagine)
        else [],
        "mask_model": "" if isinstance(task, Resample | ConvertToMesh) else task.mask_model,
        "faces": task.faces if isinstance(task, ConvertToMesh) else None,
        "prompt": task.prompt if isinstance(task, Reconstruct | Imagine) else "",
        "seeds": task.seeds if isinstance(task, Imagine) else None,
        "settings": asdict(task.settings),
        "output": {
            name: None if path is None else _output_name(folder, path) for name, path in outputs.items()
        },
    }
    with atomic_file(folder / JOB_FILE) as file:
        file.write(json.dumps(content, indent=2).encode())


def read_job(folder: Path) -> Task:
    """Read ``job.json`` of a job folder, and trust nothing in it.

    Returns
    -------
    Reconstruct, Resample, ConvertToMesh, ShowMasks, Imagine or FetchWeights
        With absolute paths; its outputs lie directly in the folder.

    Raises
    ------
    InputError
        If the file is missing, or anything in it is not as it must be.
    """
    folder = folder.absolute()
    content = _read_object(folder / JOB_FILE)
    if content.get("schema") != SCHEMA:
        raise InputError(
            f"The job file has schema {content.get('schema')!r}, this engine reads {SCHEMA}.",
            "Install the engine and the add-on in the same version.",
        )
    known = {
        "schema", "task", "input", "cameras", "masks", "images", "mask_model", "prompt", "seeds", "field",
        "faces", "settings", "output",
    }  # fmt: skip
    _refuse_unknown(content, known, "")
    settings = _read_settings(_object(content, "settings"))
    output = _object(content, "output")
    _refuse_unknown(output, set(_OUTPUTS), "output.")

    match content.get("task"):
        case "resample":
            return Resample(folder / _text(content, "field"), folder / _name(output, "cloud"), settings)
        case "convert to mesh":
            faces = content.get("faces")
            if type(faces) is not int:
                raise _wrong("faces", "be a whole number")
            field, mesh = folder / _text(content, "field"), folder / _name(output, "mesh")
            return ConvertToMesh(field, mesh, faces, settings)
        case "fetch weights":
            return FetchWeights(settings, _optional_text(content, "mask_model"))
        case "imagine":
            seeds = content.get("seeds")
            if type(seeds) is not int:
                raise _wrong("seeds", "be a whole number")
            prompt = _optional_text(content, "prompt")
            return Imagine(
                input=None if prompt and content.get("input") is None else folder / _text(content, "input"),
                folder=folder,
                seeds=seeds,
                masks=None if content.get("masks") is None else folder / _text(content, "masks"),
                settings=settings,
                images=tuple(folder / path for path in _texts(content, "images")),
                prompt=prompt,
                mask_model=_optional_text(content, "mask_model"),
            )
        case "reconstruct":
            prompt = _optional_text(content, "prompt")
            return Reconstruct(
                input=None if prompt and content.get("input") is None else folder / _text(content, "input"),
                cloud=folder / _name(output, "cloud"),
                field=None if output.get("field") is None else folder / _name(output, "field"),
                cameras=None if content.get("cameras") is None else folder / _text(content, "cameras"),
                masks=None if content.get("masks") is None else folder / _text(content, "masks"),
                settings=settings,
                images=tuple(folder / path for path in _texts(content, "images")),
                prompt=prompt,
                mask_model=_optional_text(content, "mask_model"),
                estimated_cameras=None
                if output.get("estimated_cameras") is None
                else folder / _name(output, "estimated_cameras"),
            )
        case "show masks":
            return ShowMasks(
                input=folder / _text(content, "input"),
                sheet=folder / _name(output, "sheet"),
                cameras=None if content.get("cameras") is None else folder / _text(content, "cameras"),
                masks=None if content.get("masks") is None else folder / _text(content, "masks"),
                images=tuple(folder / path for path in _texts(content, "images")),
                mask_model=_optional_text(content, "mask_model"),
                settings=settings,
            )
    raise _wrong("task", "be one of " + ", ".join(f"“{name}”" for name in _TASKS))


def write_result(folder: Path, result: Result) -> None:
    """Write ``result.json`` into the job folder: the job is done, and this is known about it.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    with atomic_file(folder / RESULT_FILE) as file:
        file.write(encode(result).encode())


def read_result(folder: Path) -> Result | None:
    """Read ``result.json`` of a job folder; None where there is none, or it is not as it must be."""
    try:
        message = parse_message((folder / RESULT_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return message if isinstance(message, Result) else None


def _read_object(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"The job file “{path}” can't be read: {error.strerror}.", "Start the job again."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"The job file “{path}” is no text.", "Start the job again.") from error
    content = _json_or_none(text)
    if not isinstance(content, dict):
        raise InputError(f"The job file “{path}” is no JSON object.", "Start the job again.")
    return content


_KINDS = {str: "be text", int: "be a whole number", bool: "be true or false"}


def _read_settings(content: dict[str, Any]) -> Settings:
    kinds = {choice.name: type(choice.default) for choice in dataclasses.fields(Settings)}
    _refuse_unknown(content, set(kinds), "settings.")
    for name, value in content.items():
        if type(value) is not kinds[name]:  # not isinstance: true and false are no numbers here
            raise _wrong(f"settings.{name}", _KINDS[kinds[name]])
    return Settings(**content)


def _refuse_unknown(content: dict[str, Any], known: set[str], prefix: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise _wrong(f"{prefix}{unknown[0]}", "not be there")


def _object(content: dict[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key)
    if not isinstance(value, dict):
        raise _wrong(key, "be an object")
    return value


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value or "\0" in value:
        raise _wrong(key, "be a path")
    return value


def _optional_text(content: dict[str, Any], key: str) -> str:
    value = content.get(key, "")
    if not isinstance(value, str):
        raise _wrong(key, "be text")
    return value


def _texts(content: dict[str, Any], key: str) -> list[str]:
    values = content.get(key, [])
    if not isinstance(values, list):
        raise _wrong(key, "be a list of paths")
    return [_text({key: value}, key) for value in values]


def _name(output: dict[str, Any], key: str) -> str:
    return _plain_name(_text(output, key))


def _plain_name(name: str) -> str:
    # A job file from elsewhere must not overwrite files outside its folder.
    if PurePath(name).name != name or name in ("..", JOB_FILE):
        raise _wrong("output", f"name files in the job folder, not “{name}”")
    return name


def _output_name(folder: Path, path: Path) -> str:
    if path.absolute().parent != folder:
        raise InputError(f"“{path}” does not lie in the job folder “{folder}”.", "Write the results there.")
    return _plain_name(path.name)


def _relative(folder: Path, path: Path | None) -> str | None:
    if path is None:
        return None
    path = path.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _wrong(key: str, requirement: str) -> InputError:
    return InputError(f"“{key}” in the job file must {requirement}.", "Start the job again.")
