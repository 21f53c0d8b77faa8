# SPDX-License-Identifier: Apache-2.0
"""What a handful of views is worth: ``python -m uner3d_core.evaluation.few_views [OBJECT …]``.

Objects are generated ones that no training has seen, and glTF files or trials whose pictures are rendered.
Beside the cloud of the whole method stand the visual hull, the fit without the network, and the network
without the fit.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from uner3d_core.caches import cache_folder
from uner3d_core.errors import Uner3dError
from uner3d_core.evaluation.baselines import visual_hull
from uner3d_core.evaluation.cases import find_objects, rendered_case
from uner3d_core.evaluation.judge import Judge
from uner3d_core.evaluation.sheet import Row, make_row, make_sheet
from uner3d_core.evaluation.truth import Truth, read_truth
from uner3d_core.fitted.method import fit_preset, prior_alone
from uner3d_core.fitted.presets import PRESETS as WORK
from uner3d_core.inputs import load_views
from uner3d_core.progress import Silent
from uner3d_core.reconstruct import Stopwatch
from uner3d_core.sampling import sample
from uner3d_core.settings import NO_NETWORK, PRESETS, Settings
from uner3d_core.shapes import HELD_OUT, random_cameras, random_object, render
from uner3d_core.shapes.truth import surface_points

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from uner3d_core.field import Field
    from uner3d_core.views import View

RENDERED = 24
"""Views that are rendered of each object; those that are given are chosen of them."""
HELD_OUT_VIEWS = 8
TRUE_POINTS = 100_000
COLUMNS = ("F 1%", "F 2%", "PSNR", "IoU", "seconds")


@dataclass(frozen=True)
class Subject:
    """An object whose surface is known.

    Parameters
    ----------
    name : str
        Of the object.
    views, held_out : lists of View
        Those that may be given, and those that clouds are compared with.
    truth : Truth
        Its surface.
    """

    name: str
    views: list[View]
    held_out: list[View]
    truth: Truth


def generated(number: int, size: int) -> Subject:
    """Make the ``number``-th object that is kept for evaluation."""
    seed = HELD_OUT + number
    made = random_object(seed)
    cameras = random_cameras(seed, RENDERED + HELD_OUT_VIEWS, size)
    views = render(made, cameras)
    points, normals = surface_points(made, TRUE_POINTS)
    diagonal = float(np.linalg.norm(np.ptp(points, axis=0)))
    truth = Truth(points.astype(np.float32), normals.astype(np.float32), diagonal)
    return Subject(str(seed), views[:RENDERED], views[RENDERED:], truth)


def rendered(source: str, size: int, cache: Path) -> Subject:
    """Render an object, unless it was before."""
    case = rendered_case(source, RENDERED, size, cache)
    truth = read_truth(case / "truth.npz")
    return Subject(Path(source).stem, load_views(case), load_views(case / "heldout"), truth)


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
    """Reconstruct from ``count`` views; give each cloud's numbers, in the order of ``COLUMNS``."""
    views = spread_views(subject.views, count)
    judge = Judge(subject.truth, subject.held_out)
    lines: dict[str, list[float]] = {}
    row: Row | None = None
    for name, make in clouds_of(views, settings).items():
        start = time.monotonic()
        cloud = sample(make(), settings.points, settings.seed)
        seconds = time.monotonic() - start
        drawings = judge.draw(cloud)
        judged = judge.judge(cloud, drawings)
        f_score = judged.scores.f_score
        lines[name] = [f_score[1.0], f_score[2.0], judged.psnr, judged.iou, seconds]
        label = f"{subject.name}, {count} views, {name}: F {f_score[2.0]:.3f} at 2 %"
        row = make_row(label, cloud, subject.held_out, drawings)
    assert row is not None  # noqa: S101 -- there is always something to compare
    return lines, row


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m uner3d_core.evaluation.few_views", description="What a handful of views is worth."
    )
    parser.add_argument("objects", nargs="*", metavar="OBJECT", help="glTF files, folders of them, or trials")
    parser.add_argument("--generated", type=int, default=50, metavar="N", help="generated objects; 50")
    parser.add_argument("--views", type=int, nargs="+", default=[1, 2, 4, 8], metavar="N", help="1 2 4 8")
    parser.add_argument("--size", type=int, default=128, help="pixels a side of the pictures; 128")
    parser.add_argument("--preset", choices=PRESETS, default="draft")
    parser.add_argument("--network", default="", metavar="FILE", help="weights of a network of one's own")
    parser.add_argument("--points", type=int, default=30_000, metavar="N", help="of each cloud; 30,000")
    parser.add_argument("--output", type=Path, metavar="FILE.png", help="a sheet of what both made")
    parser.add_argument("--cache", type=Path, default=None, metavar="DIR", help="where cases are kept")
    parser.add_argument("--json", action="store_true", help="print a last line of JSON too")
    options = parser.parse_args(arguments)
    settings = Settings(points=options.points, preset=options.preset, device="cpu", network=options.network)
    cache = options.cache or cache_folder("bench")
    print(
        f"{'object':<17}{'views':>6}  {'cloud':<15}" + "".join(f"{name:>9}" for name in COLUMNS), flush=True
    )
    found: dict[str, dict[int, dict[str, list[list[float]]]]] = {}
    rows: list[Row] = []
    try:
        sources = find_objects(options.objects) if options.objects else []
        for place in range(options.generated + len(sources)):
            made = place < options.generated
            subject = (
                generated(place, options.size)
                if made
                else rendered(sources[place - options.generated], options.size, cache)
            )
            for count in options.views:
                lines, row = measure(subject, count, settings)
                rows.append(row)
                for name, numbers in lines.items():
                    _print(subject.name, count, name, numbers)
                    by_views = found.setdefault("generated" if made else "models", {})
                    by_views.setdefault(count, {}).setdefault(name, []).append(numbers)
            if options.output:
                make_sheet(rows).save(options.output)
    except Uner3dError as problem:
        print(problem, file=sys.stderr)
        return 1
    means = {
        kind: {
            count: {name: np.mean(numbers, axis=0).tolist() for name, numbers in by_name.items()}
            for count, by_name in by_count.items()
        }
        for kind, by_count in found.items()
    }
    for kind, by_count in means.items():
        for count, by_name in by_count.items():
            for name, numbers in by_name.items():
                _print(f"mean, {kind}", count, name, numbers)
    if options.json:
        print(json.dumps({"columns": COLUMNS, "means": means}))
    return 0


def _print(subject: str, count: int, name: str, numbers: list[float]) -> None:
    cells = "".join(f"{number:9.3f}" for number in numbers)
    print(f"{subject:<17}{count:>6}  {name:<15}{cells}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
