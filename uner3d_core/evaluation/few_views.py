# SPDX-License-Identifier: Apache-2.0
"""What a handful of views is worth: ``python -m uner3d_core.evaluation.few_views [OBJECT …]``.

Objects are generated ones that no training has seen, and glTF files or trials whose pictures are rendered.
Clouds of generated ones are compared with views all around, and with those at 30° from the first one given.
Beside the cloud of the whole method stand the visual hull, the fit without the network, and the network
without the fit.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from uner3d_core.caches import cache_folder
from uner3d_core.errors import Uner3dError
from uner3d_core.evaluation.baselines import visual_hull
from uner3d_core.evaluation.cases import find_objects, rendered_case
from uner3d_core.evaluation.judge import Judge
from uner3d_core.evaluation.sheet import Row, make_row, make_sheet, with_alpha
from uner3d_core.evaluation.splatting import draw, psnr
from uner3d_core.evaluation.truth import Truth, read_truth
from uner3d_core.fitted.method import fit_preset, prior_alone
from uner3d_core.fitted.presets import PRESETS as WORK
from uner3d_core.inputs import load_views
from uner3d_core.progress import Silent
from uner3d_core.reconstruct import Stopwatch
from uner3d_core.sampling import sample
from uner3d_core.settings import NO_NETWORK, PRESETS, Settings
from uner3d_core.shapes import HELD_OUT, random_cameras, random_object, render
from uner3d_core.shapes.cameras import turned_around
from uner3d_core.shapes.truth import surface_points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from uner3d_core.field import Field
    from uner3d_core.views import View

RENDERED = 24
"""Views that are rendered of each object; those that are given are chosen of them."""
HELD_OUT_VIEWS = 8
TRUE_POINTS = 100_000
NEARBY = 30
"""Degrees between the first view and those beside it, around the object."""
Measured = tuple[str, list[tuple[dict[str, list[float]], Row]]]
"""The name of an object; for each count of views, the numbers of each cloud, and the row of a sheet."""
COLUMNS = ("F 1%", "F 2%", "PSNR", f"at {NEARBY}°", "IoU", "seconds")


@dataclass(frozen=True)
class Subject:
    """An object whose surface is known.

    Parameters
    ----------
    name : str
        Of the object.
    views, held_out : lists of View
        Those that may be given, and those that clouds are compared with.
    nearby : list of View
        Views at :data:`NEARBY` degrees from the first one; none of a model that Blender renders.
    truth : Truth
        Its surface.
    """

    name: str
    views: list[View]
    held_out: list[View]
    nearby: list[View]
    truth: Truth


def generated(number: int, size: int) -> Subject:
    """Make the ``number``-th object that is kept for evaluation."""
    seed = HELD_OUT + number
    made = random_object(seed)
    cameras = random_cameras(seed, RENDERED + HELD_OUT_VIEWS, size)
    beside = [
        turned_around(cameras[0], math.radians(azimuth), math.radians(elevation))
        for azimuth, elevation in ((NEARBY, 0), (-NEARBY, 0), (0, NEARBY), (0, -NEARBY))
    ]
    views = render(made, cameras + beside)
    points, normals = surface_points(made, TRUE_POINTS)
    diagonal = float(np.linalg.norm(np.ptp(points, axis=0)))
    truth = Truth(points.astype(np.float32), normals.astype(np.float32), diagonal)
    last = len(cameras)
    return Subject(str(seed), views[:RENDERED], views[RENDERED:last], views[last:], truth)


def rendered(source: str, size: int, cache: Path) -> Subject:
    """Render an object, unless it was before."""
    case = rendered_case(source, RENDERED, size, cache)
    truth = read_truth(case / "truth.npz")
    return Subject(Path(source).stem, load_views(case), load_views(case / "heldout"), [], truth)


def spread_views(views: Sequence[View], count: int) -> list[View]:
    """Choose views that look along lines as different as can be, the first one first.

    Of an object seen from the front, the back shows little more of its shape; the side shows most.
    """
    backwards = np.array([-view.camera.forward for view in views])
    chosen = [0]
    while len(chosen) < min(count, len(views)):
        nearest = np.abs(backwards @ backwards[chosen].T).max(axis=1)
        nearest[chosen] = np.inf
        chosen.append(int(nearest.argmin()))
    return [views[index] for index in chosen]


def clouds_of(views: list[View], settings: Settings) -> dict[str, Callable[[], Field]]:
    """Name what is compared, each as a function that makes its field."""
    preset, device = WORK[settings.preset], torch.device("cpu")

    def fitted(chosen: Settings) -> Field:
        return fit_preset(views, preset, chosen, device, progress=Silent(), stopwatch=Stopwatch())[0]

    return {
        "visual hull": lambda: visual_hull(views, settings),
        "fit alone": lambda: fitted(replace(settings, network=NO_NETWORK)),
        "network alone": lambda: prior_alone(views, preset, settings, device),
        "both": lambda: fitted(settings),
    }


def measure(subject: Subject, count: int, settings: Settings) -> tuple[dict[str, list[float]], Row]:
    """Reconstruct from ``count`` views; give each cloud's numbers, in the order of ``COLUMNS``.

    The row of a sheet shows the last of them, what both made.
    """
    views = spread_views(subject.views, count)
    judge = Judge(subject.truth, subject.held_out)
    lines: dict[str, list[float]] = {}
    for name, make in clouds_of(views, settings).items():
        start = time.monotonic()
        cloud = sample(make(), settings.points, settings.seed)
        seconds = time.monotonic() - start
        drawings = judge.draw(cloud)
        judged = judge.judge(cloud, drawings)
        f_score = judged.scores.f_score
        pairs = zip(draw(cloud, subject.nearby), subject.nearby, strict=True)
        nearby = [psnr(drawing, with_alpha(view)) for drawing, view in pairs] or [math.nan]
        beside = float(np.mean(nearby))
        lines[name] = [f_score[1.0], f_score[2.0], judged.psnr, beside, judged.iou, seconds]
    label = f"{subject.name}, {count} views, {name}: F {f_score[2.0]:.3f} at 2 %"
    return lines, make_row(label, cloud, [views[0], *subject.held_out], [*draw(cloud, views[:1]), *drawings])


def measure_all(source: int | str, counts: list[int], size: int, settings: Settings, cache: Path) -> Measured:
    """Measure a generated object, by its number, or a model, from each count of views."""
    subject = generated(source, size) if isinstance(source, int) else rendered(source, size, cache)
    return subject.name, [measure(subject, count, settings) for count in counts]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m uner3d_core.evaluation.few_views", description="What a handful of views is worth."
    )
    parser.add_argument(
        "objects",
        nargs="*",
        metavar="OBJECT",
        help="glTF files, folders of them, trials, or numbers of generated objects",
    )
    parser.add_argument(
        "--generated", type=int, default=50, metavar="N", help="the first N generated objects; 50"
    )
    parser.add_argument("--views", type=int, nargs="+", default=[1, 2, 4, 8], metavar="N", help="1 2 4 8")
    parser.add_argument("--size", type=int, default=128, help="pixels a side of the pictures; 128")
    parser.add_argument("--preset", choices=PRESETS, default="draft")
    parser.add_argument("--network", default="", metavar="FILE", help="weights of a network of one's own")
    parser.add_argument("--points", type=int, default=30_000, metavar="N", help="of each cloud; 30,000")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="objects at a time; 1")
    parser.add_argument("--output", type=Path, metavar="FILE.png", help="a sheet of what both made")
    parser.add_argument("--cache", type=Path, default=None, metavar="DIR", help="where cases are kept")
    parser.add_argument("--json", action="store_true", help="print a last line of JSON too")
    options = parser.parse_args(arguments)
    settings = Settings(points=options.points, preset=options.preset, device="cpu", network=options.network)
    cache = options.cache or cache_folder("bench")
    titles = "".join(f"{name:>9}" for name in COLUMNS)
    print(f"{'object':<17}{'views':>6}  {'cloud':<15}{titles}", flush=True)
    found: dict[tuple[str, int, str], list[list[float]]] = {}
    rows: list[Row] = []
    try:
        chosen = [int(name) for name in options.objects if name.isdecimal()]
        models = [name for name in options.objects if not name.isdecimal()]
        sources: list[int | str] = [*range(options.generated), *chosen]
        sources += find_objects(models) if models else []
        work = partial(measure_all, counts=options.views, size=options.size, settings=settings, cache=cache)
        for source, (subject, measured) in zip(sources, _each(work, sources, options.processes), strict=True):
            kind = "generated" if isinstance(source, int) else "models"
            for count, (lines, row) in zip(options.views, measured, strict=True):
                rows.append(row)
                for name, numbers in lines.items():
                    _print(subject, count, name, numbers)
                    found.setdefault((kind, count, name), []).append(numbers)
            if options.output:
                make_sheet(rows).save(options.output)
    except Uner3dError as problem:
        print(problem, file=sys.stderr)
        return 1
    means = {about: np.mean(numbers, axis=0).tolist() for about, numbers in found.items()}
    for (kind, count, name), numbers in means.items():
        _print(f"mean, {kind}", count, name, numbers)
    if options.json:
        print(json.dumps({"columns": COLUMNS, "means": [[*about, means[about]] for about in means]}))
    return 0


def _each(
    work: Callable[[int | str], Measured], sources: list[int | str], processes: int
) -> Iterator[Measured]:
    """Do ``work`` with each of ``sources``, so many at a time, in their order."""
    if processes == 1:
        yield from map(work, sources)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        yield from pool.map(work, sources)


def _print(subject: str, count: int, name: str, numbers: list[float]) -> None:
    cells = "".join(f"{number:9.3f}" for number in numbers)
    print(f"{subject:<17}{count:>6}  {name:<15}{cells}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
