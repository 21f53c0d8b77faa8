# SPDX-License-Identifier: Apache-2.0
"""The command ``uner3d``. Each command imports what it needs when it is called, so that the rest is quick."""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from uner3d_core import __version__
from uner3d_core.caches import cache_folder
from uner3d_core.counting import counted
from uner3d_core.errors import CloudFileError, EngineError, InputError, Uner3dError
from uner3d_core.evaluation.cases import TRIALS
from uner3d_core.failures import explain
from uner3d_core.inputs.mask_models import MASK_MODELS, weights_folder
from uner3d_core.methods import METHODS
from uner3d_core.protocol import ConvertToMesh, Reconstruct, Resample, ShowMasks
from uner3d_core.settings import DEVICES, FACES, PRESETS, Settings

if TYPE_CHECKING:
    from types import TracebackType

    from tqdm import tqdm  # type: ignore[import-untyped]

    from uner3d_core.evaluation.hold_out import Foretold, HeldOut
    from uner3d_core.point_cloud import PointCloud

DEFAULTS = Settings()
SMALLEST_PICTURE, LARGEST_PICTURE = 16, 8192
"""Width, in pixels, of the bench's pictures."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``uner3d``; those of the process if None.

    Returns
    -------
    int
        Exit code: 0, or 1 after one line on standard error that says what is wrong and what to do. Wrong
        usage exits with 2.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a console that knows no “日本” must not stop us
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except KeyboardInterrupt:
        _complain("Cancelled.")
    except Uner3dError as error:
        _complain(str(error))
    except Exception as error:  # the person gets a sentence, not a traceback
        _complain(str(explain(error, _save_traceback)))
    return 1


def _reconstruct(options: argparse.Namespace) -> int:
    settings = Settings(
        options.points,
        options.preset,
        options.device,
        options.method,
        options.seed,
        options.network,
        str(options.weights or ""),
        options.refine_cameras,
    )
    task = Reconstruct(
        options.input,
        options.output,
        options.field,
        options.cameras,
        options.masks,
        settings,
        prompt=options.prompt,
        mask_model=options.mask_model,
    )
    return _run(task, options.json)


def _imagine(options: argparse.Namespace) -> int:
    from uner3d_core.inputs.prompts import load_prompt  # noqa: PLC0415
    from uner3d_core.inputs.segmentation import load_segmenter  # noqa: PLC0415
    from uner3d_core.point_e.choices import write_choices  # noqa: PLC0415

    settings = Settings(
        preset=options.preset,
        device=options.device,
        method="point-e",
        seed=options.seed,
        network=options.network,
        weights=str(options.weights or ""),
    )
    segment = load_segmenter(options.mask_model) if options.mask_model else None
    with _Bars() as progress:
        prompt = load_prompt(options.input, options.masks, progress, text=options.prompt, segment=segment)
        files = write_choices(prompt, options.seeds, settings, options.output, progress)
    if options.json:
        print(json.dumps({"clouds": {str(seed): str(file) for seed, file in files.items()}}))
        return 0
    for file in files.values():
        print(file)
    return 0


def _weights(options: argparse.Namespace) -> int:
    if options.of != "point-e":
        return _mask_weights(options)
    from uner3d_core.point_e.fetching import fetch  # noqa: PLC0415
    from uner3d_core.point_e.weights import NOTICE, Weights  # noqa: PLC0415

    weights = Weights(str(options.weights or ""))
    print(f"{NOTICE}\nThe files are put into “{weights.folder}”.", file=sys.stderr)
    if not (options.accept or _is_agreed_to()):
        raise InputError("Nothing was fetched.", "Agree with “yes”, or with --accept.")
    with _Bars() as progress:
        for path in fetch(options.network or ["base40M"], weights, progress):
            print(path)
    return 0


def _mask_weights(options: argparse.Namespace) -> int:
    from uner3d_core.inputs.segmentation import fetch_model, find_model  # noqa: PLC0415

    about = find_model(options.of).about
    print(f"{about}\nIt is put into “{weights_folder(options.weights)}”.", file=sys.stderr)
    if not (options.accept or _is_agreed_to()):
        raise InputError("Nothing was fetched.", "Agree with “yes”, or with --accept.")
    with _Bars() as progress:
        print(fetch_model(options.of, options.weights, progress))
    return 0


def _show_masks(options: argparse.Namespace) -> int:
    from uner3d_core.run import run  # noqa: PLC0415

    task = ShowMasks(
        options.input, options.sheet, options.cameras, options.masks, mask_model=options.mask_model
    )
    with _Bars() as progress:
        result = run(task, progress)
    figures = result.figures
    if options.json:
        print(
            json.dumps(
                {**result.files, "views": figures.views, "masked": figures.registered, "said": figures.notes}
            )
        )
    else:
        print(f"{options.sheet}: {figures.registered} of {figures.views} pictures have a mask.")
    return 0


def _is_agreed_to() -> bool:
    print("Fetch them? (yes/no) ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _resample(options: argparse.Namespace) -> int:
    settings = Settings(points=options.points, device=options.device, seed=options.seed)
    return _run(Resample(options.field, options.output, settings), options.json)


def _mesh(options: argparse.Namespace) -> int:
    settings = Settings(device=options.device)
    return _run(ConvertToMesh(options.field, options.output, options.faces, settings), options.json)


def _run(task: Reconstruct | Resample | ConvertToMesh, as_json: bool) -> int:
    from uner3d_core.run import run  # noqa: PLC0415

    with _Bars() as progress:
        result = run(task, progress)
    figures = result.figures
    if as_json:
        print(json.dumps({**result.files, **asdict(figures)}))
        return 0
    if isinstance(task, Reconstruct) and task.field is not None and "field" not in result.files:
        _complain(f"“{task.settings.method}” makes the cloud itself: there is no field to save.")
    seconds = f"in {sum(figures.stages.values()):.1f} s on {figures.device}"
    if isinstance(task, ConvertToMesh):
        faces = counted(figures.faces, "1 face", "{} faces")
        print(f"{task.mesh}: {faces}, {figures.points:,} vertices {seconds}.")
        return 0
    source = f" from {counted(figures.registered, '1 view', '{} views')}" if figures.registered else ""
    print(f"{task.cloud}: {counted(figures.points, '1 point', '{} points')}{source} {seconds}.")
    return 0


def _hold_out(options: argparse.Namespace) -> int:
    from uner3d_core.evaluation.hold_out import hold_out  # noqa: PLC0415
    from uner3d_core.inputs import load_views  # noqa: PLC0415

    settings = Settings(
        options.points,
        options.preset,
        options.device,
        seed=options.seed,
        refine_cameras=options.refine_cameras,
    )
    with _Bars() as progress:
        views = load_views(options.input, options.cameras, options.masks, progress)
        found = hold_out(views, options.count, settings, progress, options.sheet)
    if options.json:
        print(json.dumps(asdict(found)))
        return 0
    for each in found.pictures:
        print(f"{each.name}: {_likeness(each)}, {100 * each.covered:.0f} % covered")
    print(
        f"mean of {counted(len(found.pictures), '1 held-out view', '{} held-out views')}, "
        f"{found.given} given: "
        f"{_likeness(found)}; {sum(found.stages.values()):.1f} s on {found.device}"
    )
    return 0


def _likeness(figures: Foretold | HeldOut) -> str:
    if figures.iou is None:
        return f"PSNR {figures.psnr:.2f} dB in what the cloud covers"
    both = f"PSNR {figures.psnr:.2f} dB over white, {figures.psnr_over_black:.2f} dB over black"
    return f"{both}, silhouettes' IoU {figures.iou:.3f}"


def _evaluate(options: argparse.Namespace) -> int:
    from uner3d_core.cloud_files import read_npz, read_ply  # noqa: PLC0415
    from uner3d_core.evaluation.scores import score  # noqa: PLC0415
    from uner3d_core.evaluation.truth import read_truth  # noqa: PLC0415

    read = read_npz if options.cloud.suffix.lower() == ".npz" else read_ply
    cloud = read(options.cloud)
    if len(cloud) == 0:
        raise CloudFileError(f"“{options.cloud}” holds no points.", "Give a cloud that has some.")
    truth = read_truth(options.truth)
    scores = score(cloud.positions, truth.points, truth.diagonal)
    if options.json:
        print(json.dumps({"cloud": str(options.cloud), "points": len(cloud), "scores": scores.to_json()}))
        return 0
    points = counted(len(cloud), "1 point", "{} points")
    print(f"{options.cloud}: {points}; distances in % of the true bounding box's diagonal")
    for threshold, f_score in scores.f_score.items():
        precision, recall = scores.precision[threshold], scores.recall[threshold]
        print(
            f"within {threshold:g} %: F-score {f_score:.3f}, precision {precision:.3f}, recall {recall:.3f}"
        )
    print(
        f"mean distance {scores.accuracy:.3f} % from cloud to truth, {scores.completeness:.3f} % back, "
        f"Chamfer-L1 {scores.chamfer_l1:.3f} %"
    )
    return 0


def _estimate_cameras(options: argparse.Namespace) -> int:
    from uner3d_core.inputs.load import estimate_posed  # noqa: PLC0415
    from uner3d_core.inputs.segmentation import load_segmenter  # noqa: PLC0415
    from uner3d_core.poses.writing import write_estimate  # noqa: PLC0415

    segment = load_segmenter(options.mask_model) if options.mask_model else None
    with _Bars() as progress:
        posed = estimate_posed(options.input, options.masks, progress, segment=segment)
    write_estimate(options.output, posed.frames)
    found = {"cameras": str(options.output), "views": posed.pictures, "registered": len(posed.frames)}
    print(
        json.dumps(found)
        if options.json
        else f"{options.output}: cameras of {len(posed.frames)} of "
        f"{counted(posed.pictures, '1 picture', '{} pictures')}."
    )
    return 0


def _evaluate_cameras(options: argparse.Namespace) -> int:
    from uner3d_core.evaluation.camera_agreement import compare, read_cameras  # noqa: PLC0415

    found = compare(read_cameras(options.cameras), read_cameras(options.truth))
    if options.json:
        print(json.dumps({"cameras": str(options.cameras), **asdict(found)}))
        return 0
    cameras = counted(found.known, "1 camera", "{} cameras")
    print(f"{found.registered} of {cameras}; after the similarity that aligns them:")
    print(
        f"position: median {found.position_median:.3f} %, worst {found.position_worst:.3f} % of their extent"
    )
    print(f"rotation: median {found.rotation_median:.3f}, worst {found.rotation_worst:.3f} degrees")
    print(f"focal length: median {found.focal_median:.3f} %")
    return 0


def _demo(options: argparse.Namespace) -> int:
    if not (importlib.util.find_spec("bpy") and importlib.util.find_spec("blender_addon")):
        raise EngineError(
            f"The demo needs Blender as a module (bpy), which “{sys.executable}” does not have.",
            'Install it with the extra “demo”: pip install -e ".[demo]" in the repository.',
        )
    # A process of its own, because bpy may only be loaded once and takes its interpreter with it.
    finished = subprocess.run(  # noqa: S603 (a list of arguments, no shell)
        [sys.executable, "-m", "blender_addon.studio.demo", "--output", str(options.output)], check=False
    )
    if finished.returncode not in {0, 1}:
        raise EngineError(
            f"The demo's process died (exit code {finished.returncode}).",
            "Blender may lack memory or a library: “uner3d doctor” and the README's list of libraries help.",
        )
    return finished.returncode


def _bench(options: argparse.Namespace) -> int:
    from uner3d_core.evaluation import bench, cases  # noqa: PLC0415

    if options.views < 1 or not SMALLEST_PICTURE <= options.size <= LARGEST_PICTURE:
        raise InputError(
            "The bench can't make such pictures.",
            f"Ask for at least one view, of {SMALLEST_PICTURE} to {LARGEST_PICTURE} pixels.",
        )
    bench.run(
        cases.find_objects(options.cases),
        options.views,
        options.size,
        Settings(
            preset=options.preset,
            device=options.device,
            seed=options.seed,
            refine_cameras=options.refine_cameras,
        ),
        cache=options.cache or cache_folder("bench"),
        output=options.output,
        baselines=options.baselines,
        disturbed=options.disturbed,
        as_json=options.json,
    )
    return 0


def _dataset(options: argparse.Namespace) -> int:
    from uner3d_core.data_set import Choice, find_models, make_data_set  # noqa: PLC0415

    choice = Choice(options.views, options.size, options.points, options.samples, options.flat)
    if options.processes < 1:
        raise InputError(f"{options.processes} processes can't work.", "Ask for at least one.")
    models = find_models(options.models)
    with _Bars() as progress:
        make_data_set(models, options.output, choice, options.processes, progress)
    if options.json:
        print(json.dumps({"output": str(options.output), "models": list(models)}))
        return 0
    made = counted(len(models), "1 model", "{} models")
    print(f"{options.output}: {made}, {choice.views} pictures with depth of each.")
    return 0


def _train(options: argparse.Namespace) -> int:
    from uner3d_core.training.config import read_config  # noqa: PLC0415
    from uner3d_core.training.loop import export_weights, train  # noqa: PLC0415

    with _Bars() as progress:
        if options.export:
            export_weights(options.output, options.export, progress)
            print(options.export)
        else:
            print(train(read_config(options.config), options.output, options.device, progress))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from uner3d_core import doctor  # noqa: PLC0415

    report = doctor.examine()
    print(doctor.to_json(report) if options.json else doctor.to_text(report))
    return 0


def _worker(_: argparse.Namespace) -> int:
    from uner3d_core import worker  # noqa: PLC0415

    return worker.main()


class _Bars(AbstractContextManager["_Bars"]):
    """A job's progress for people: a bar for each stage, on standard error, where that is a terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._stage = ""

    def stage(self, name: str, done: int, total: int) -> None:
        """Show the step."""
        from tqdm import tqdm  # noqa: PLC0415

        if self._bar is None or self._stage != name:
            self.__exit__(None, None, None)
            self._bar = tqdm(desc=name, total=total, file=sys.stderr, disable=None)
            self._stage = name
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def preview(self, cloud: PointCloud) -> None:
        """Ignore the cloud: a terminal can't show it."""

    def log(self, text: str) -> None:
        """Print the text above the bar."""
        from tqdm import tqdm  # noqa: PLC0415

        tqdm.write(text, file=sys.stderr)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say on one line what is wrong with the words, and exit with 2."""
        _complain(f"{message}. Run “{self.prog} --help” to see what it takes.")
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="uner3d", description="Pictures of an object in, a coloured 3D point cloud of it out."
    )
    parser.add_argument("--version", action="version", version=f"uner3d {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    _add_reconstruct_command(commands.add_parser("reconstruct", help="make a cloud from pictures"))
    _add_imagine_command(
        commands.add_parser("imagine", help="make rough clouds to choose from, with point-e")
    )
    _add_weights_command(commands.add_parser("weights", help="fetch the weights of trained networks"))

    _add_field_commands(commands)

    command = commands.add_parser("hold-out", help="score pictures against a cloud made from the others")
    command.set_defaults(command=_hold_out)
    _add_pictures(command)
    command.add_argument(
        "--count", type=int, metavar="N", default=6, help="how many images the run does not see"
    )
    _add_points(command)
    _add_preset(command)
    _add_refine_cameras(command)
    command.add_argument("--sheet", type=Path, metavar="FILE", help="save a picture of them, .png")
    command.add_argument("--json", action="store_true", help="print one line of JSON")

    command = commands.add_parser("evaluate", help="score a cloud against the true surface")
    command.set_defaults(command=_evaluate)
    command.add_argument("cloud", type=Path, metavar="CLOUD", help="a .ply or .npz file")
    command.add_argument(
        "--truth",
        type=Path,
        required=True,
        metavar="FILE",
        help="true points (.ply), or a mesh (.ply, .glb …)",
    )
    command.add_argument("--json", action="store_true", help="print one line of JSON")

    _add_camera_commands(commands)

    command = commands.add_parser("demo", help="the main job on a scene that it makes itself")
    command.set_defaults(command=_demo)
    command.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("uner3d-demo"),
        help="where its files are put; uner3d-demo if not said",
    )

    command = commands.add_parser("bench", help="score reconstructions of objects whose surface is known")
    command.set_defaults(command=_bench)
    command.add_argument(
        "--cases",
        nargs="+",
        metavar="OBJECT",
        help=f".glb files, folders of them, or trials: {', '.join(TRIALS)}",
    )
    command.add_argument("--views", type=int, metavar="N", default=24, help="cameras around each object")
    command.add_argument("--size", type=int, metavar="N", default=256, help="width of the pictures in pixels")
    command.add_argument("--seed", type=int, metavar="N", default=DEFAULTS.seed, help="same seed, same cloud")
    _add_preset(command)
    _add_refine_cameras(command)
    command.add_argument("--cache", type=Path, metavar="DIR", help="where the rendered cases are kept")
    command.add_argument("--output", type=Path, metavar="DIR", help="save the clouds and a sheet of pictures")
    command.add_argument("--baselines", action="store_true", help="score the method without its parts too")
    command.add_argument("--disturbed", action="store_true", help="score it from disturbed views too")
    command.add_argument("--json", action="store_true", help="print one last line of JSON")

    _add_dataset_command(commands.add_parser("dataset", help="picture models for training, with depth"))

    command = commands.add_parser("train", help="train the network on sets of posed pictures")
    command.set_defaults(command=_train)
    command.add_argument("config", type=Path, metavar="CONFIG", help="what to train, on what, and how; .toml")
    command.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="gets checkpoints, logs and weights; a training that stopped there goes on",
    )
    command.add_argument(
        "--export", type=Path, metavar="FILE", help="only write the weights of the newest checkpoint"
    )
    _add_device(command)

    command = commands.add_parser("doctor", help="tell what runs here: Python, torch, devices, disk")
    command.set_defaults(command=_doctor)
    command.add_argument("--json", action="store_true", help="print one line of JSON")

    command = commands.add_parser("worker", help="the add-on's child process: messages in and out")
    command.set_defaults(command=_worker)
    return parser


def _add_camera_commands(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser("masks", help="draw the masks that a reconstruction would use")
    command.set_defaults(command=_show_masks)
    _add_pictures(command)
    _add_mask_model(command)
    command.add_argument("--sheet", type=Path, metavar="FILE", required=True, help="the drawing, .png")
    command.add_argument("--json", action="store_true", help="print one last line of JSON")

    command = commands.add_parser("estimate-cameras", help="estimate the cameras of photographs")
    command.set_defaults(command=_estimate_cameras)
    command.add_argument("input", type=Path, metavar="INPUT", help="folder of photographs, or a video")
    command.add_argument("--masks", type=Path, metavar="DIR", help="masks, named as their images")
    _add_mask_model(command)
    command.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="the cameras, a transforms.json"
    )
    command.add_argument("--json", action="store_true", help="print one last line of JSON")

    command = commands.add_parser("evaluate-cameras", help="score cameras against the true ones")
    command.set_defaults(command=_evaluate_cameras)
    command.add_argument("cameras", type=Path, metavar="CAMERAS", help="a transforms.json or a COLMAP model")
    command.add_argument(
        "--truth", type=Path, required=True, metavar="FILE", help="cameras in the same forms"
    )
    command.add_argument("--json", action="store_true", help="print one line of JSON")


def _add_field_commands(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser("resample", help="make a cloud of another number of points")
    command.set_defaults(command=_resample)
    command.add_argument("field", type=Path, metavar="FIELD", help="what --field has saved: .safetensors")
    _add_output(command)
    _add_points(command)
    _add_device(command)

    command = commands.add_parser("mesh", help="make a coloured mesh of a field's surface")
    command.set_defaults(command=_mesh)
    command.add_argument("field", type=Path, metavar="FIELD", help="what --field has saved: .safetensors")
    _add_output(command, "mesh")
    command.add_argument("--faces", type=int, metavar="N", default=FACES, help="how many triangles")
    _add_device(command)


def _add_pictures(command: argparse.ArgumentParser, nargs: str | None = None, more: str = "") -> None:
    what = f"folder of images, with their cameras beside them where they are known{more}"
    command.add_argument("input", type=Path, metavar="INPUT", nargs=nargs, help=what)
    command.add_argument(
        "--cameras", type=Path, metavar="FILE", help="a transforms.json or COLMAP model elsewhere"
    )
    command.add_argument("--masks", type=Path, metavar="DIR", help="masks, named as their images")


def _add_dataset_command(command: argparse.ArgumentParser) -> None:
    command.set_defaults(command=_dataset)
    command.add_argument(
        "models", nargs="+", metavar="MODEL", help="files (.glb, .gltf, .obj, .ply, .stl) or folders of them"
    )
    command.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="gets a folder for each; goes on if stopped"
    )
    command.add_argument("--views", type=int, metavar="N", default=20, help="cameras around each model")
    command.add_argument("--size", type=int, metavar="N", default=256, help="width of the pictures in pixels")
    command.add_argument(
        "--points", type=int, metavar="N", default=DEFAULTS.points, help="of the dense cloud"
    )
    command.add_argument("--samples", type=int, metavar="N", default=32, help="of Cycles, for each pixel")
    command.add_argument(
        "--flat", action="store_true", help="colours of textures without light, by Workbench, much faster"
    )
    command.add_argument("--processes", type=int, metavar="N", default=1, help="models at a time")
    command.add_argument("--json", action="store_true", help="print one line of JSON")


def _add_mask_model(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--mask-model",
        choices=tuple(MASK_MODELS),
        default="",
        help="a trained network that makes the masks of images without any; see “weights get”",
    )


def _add_imagine_command(command: argparse.ArgumentParser) -> None:
    command.set_defaults(command=_imagine)
    command.add_argument("input", type=Path, metavar="INPUT", nargs="?", help="an image")
    command.add_argument("--masks", type=Path, metavar="DIR", help="masks, named as their images")
    _add_mask_model(command)
    _add_prompt(command)
    command.add_argument("--output", type=Path, required=True, metavar="DIR", help="where the clouds are put")
    command.add_argument("--seeds", type=int, metavar="N", default=4, help="how many clouds, made at once")
    command.add_argument(
        "--seed", type=int, metavar="N", default=DEFAULTS.seed, help="seed of the first; the others count on"
    )
    _add_preset(command)
    command.add_argument("--json", action="store_true", help="print one line of JSON")


def _add_reconstruct_command(command: argparse.ArgumentParser) -> None:
    command.set_defaults(command=_reconstruct)
    _add_pictures(
        command,
        nargs="?",
        more="; or a video, mp4 or mov; for depth with files of it; for point-e one image, or a cloud of "
        "“imagine”",
    )
    _add_mask_model(command)
    _add_prompt(command)
    _add_output(command)
    _add_points(command)
    _add_preset(command)
    _add_refine_cameras(command)
    command.add_argument(
        "--method",
        choices=tuple(METHODS),
        default=DEFAULTS.method,
        help="uner3d fits pictures with cameras; point-e guesses from one picture or a sentence; depth puts "
        "pixels of rendered depth back where they were seen",
    )
    command.add_argument("--field", type=Path, metavar="FILE", help="save the fitted field (.safetensors)")


def _add_prompt(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--prompt", metavar="TEXT", default="", help="a sentence instead of pictures, for point-e"
    )
    command.add_argument(
        "--network",
        metavar="NAME",
        default="",
        help="network of point-e, or file of weights for uner3d or “none”; the best there is if not said",
    )
    _add_weights(command)


def _add_weights_command(command: argparse.ArgumentParser) -> None:
    command.set_defaults(command=_weights)
    command.add_argument("action", choices=("get",), help="fetch them, after showing licence and caution")
    command.add_argument("of", choices=("point-e", *MASK_MODELS), help="whose networks")
    command.add_argument(
        "--network", nargs="+", metavar="NAME", help="networks for the first points; base40M if not said"
    )
    _add_weights(command)
    command.add_argument("--accept", action="store_true", help="agree to the licence and the caution")


def _add_weights(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--weights", type=Path, metavar="DIR", help="folder of the trained networks' weights"
    )


def _add_output(command: argparse.ArgumentParser, what: str = "cloud") -> None:
    command.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help=f"the {what}: .ply or .npz; replaces a file of that name",
    )
    command.add_argument("--json", action="store_true", help="print one last line of JSON")


def _add_points(command: argparse.ArgumentParser) -> None:
    command.add_argument("--points", type=int, metavar="N", default=DEFAULTS.points, help="how many points")
    command.add_argument("--seed", type=int, metavar="N", default=DEFAULTS.seed, help="same seed, same cloud")


def _add_refine_cameras(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--refine-cameras",
        action=argparse.BooleanOptionalAction,
        default=DEFAULTS.refine_cameras,
        help="correct cameras that are a little off (on, if not said; exact ones stay as they are)",
    )


def _add_preset(command: argparse.ArgumentParser) -> None:
    command.add_argument("--preset", choices=PRESETS, default=DEFAULTS.preset, help="how much time to spend")
    _add_device(command)


def _add_device(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--device", choices=DEVICES, default=DEFAULTS.device, help="what computes; auto: the fastest there is"
    )


def _complain(text: str) -> None:
    print("uner3d: " + " ".join(text.split()), file=sys.stderr)


def _save_traceback() -> Path:
    number, name = tempfile.mkstemp(prefix="uner3d-", suffix=".log", text=True)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return Path(name)
