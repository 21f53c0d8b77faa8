# SPDX-License-Identifier: Apache-2.0
"""The bench: reconstruct objects whose true surface is known, and print a table of scores.

Cases are rendered when they are first asked for, by a child process with Blender in it, and kept.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.cloud_files import write_ply
from uner3d_core.device import choose_device
from uner3d_core.errors import InputError
from uner3d_core.evaluation.baselines import (
    WITHOUT,
    stereo_alone,
    true_cloud,
    visual_hull,
    with_nearest_colours,
    without,
)
from uner3d_core.evaluation.cases import rendered_case
from uner3d_core.evaluation.disturbances import DISTURBANCES, Log
from uner3d_core.evaluation.judge import Judge, Judgement
from uner3d_core.evaluation.machine import matrix_rate, peak_memory
from uner3d_core.evaluation.scores import spacing_variation
from uner3d_core.evaluation.sheet import Row, make_row, make_sheet
from uner3d_core.evaluation.truth import read_truth
from uner3d_core.inputs import load_views
from uner3d_core.reconstruct import reconstruct
from uner3d_core.sampling import sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.field import Field
    from uner3d_core.point_cloud import PointCloud
    from uner3d_core.settings import Settings

OURS = "ours"
EVENNESS_POINTS = (10_000, 100_000, 1_000_000)
"""Clouds of so many points are told the evenness of; the largest also tells how fast points are made."""

COLUMNS = ("F 0.5%", "F 1%", "F 2%", "acc. %", "compl. %", "chamfer %", "PSNR", "in sil.", "IoU", "seconds")


@dataclass(frozen=True)
class Result:
    """What the bench tells of one case.

    Parameters
    ----------
    case : str
        Name of the object.
    clouds : dict of str to Judgement
        Of the cloud (``ours``), of true points taken for a cloud, which is the best that can be expected, of
        the visual hull, and of the other baselines where they are asked for.
    variation : dict of int to float
        Coefficient of variation of the distances between neighbouring points, by the number of points.
    points_per_second : float
        When the fitted field is sampled again.
    seconds : dict of str to float
        Wall time of what was reconstructed, reading included, by the names of ``clouds``.
    stages : dict of str to float
        The parts of ours.
    said : dict of str to list of str
        What the reconstructions from disturbed views told the person.
    """

    case: str
    clouds: dict[str, Judgement]
    variation: dict[int, float]
    points_per_second: float
    seconds: dict[str, float]
    stages: dict[str, float]
    said: dict[str, list[str]]

    def lines(self) -> dict[str, list[float]]:
        """List the numbers of the table's lines, in the order of ``COLUMNS``; unknown seconds are NaN."""
        return {
            name: [*judgement.numbers(), self.seconds.get(name, float("nan"))]
            for name, judgement in self.clouds.items()
        }

    def to_json(self) -> dict[str, object]:
        """Turn the result into what JSON can hold."""
        clouds = {name: judgement.to_json() for name, judgement in self.clouds.items()}
        return asdict(self) | {"clouds": clouds}


def run(
    objects: Sequence[str],
    views: int,
    size: int,
    settings: Settings,
    *,
    cache: Path,
    output: Path | None = None,
    baselines: bool = False,
    disturbed: bool = False,
    as_json: bool = False,
) -> None:
    """Reconstruct the bench's cases and print a table of their scores.

    Parameters
    ----------
    objects : sequence of str
        glTF files and names of trials.
    views, size : int
        Number of cameras around each object; width and height of their pictures in pixels.
    settings : Settings
        Of the reconstruction.
    cache : Path
        Folder where rendered cases are kept.
    output : Path, optional
        Folder for the clouds and a sheet of pictures.
    baselines : bool
        Score stereo alone and the method without each of its parts too, in a multiple of the time.
    disturbed : bool
        Score reconstructions from disturbed views too, and print what they tell.
    as_json : bool
        Print a last line of JSON too.

    Raises
    ------
    Uner3dError
        If an object can't be rendered, a reconstruction fails, or the output can't be written.
    """
    if output:
        output.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    rows: list[Row] = []
    print(f"{'case':<17}{'cloud':<20}" + "".join(f"{column:>10}" for column in COLUMNS), flush=True)
    for source in objects:
        case = rendered_case(source, views, size, cache)
        result, cloud, row = measure(
            Path(source).stem, case, settings, baselines=baselines, disturbed=disturbed
        )
        _print_lines(result.case, result.lines())
        for name, said in result.said.items():
            for text in said:
                print(f"{result.case:<17}{name:<20}{text}", flush=True)
        results.append(result)
        rows.append(row)
        if output:
            write_ply(output / f"{result.case}.ply", cloud)
            make_sheet(rows).save(output / "sheet.png")
    _print_lines("mean", mean_lines(results))
    _print_sampling(results)
    device = choose_device(settings.device)
    stages = mean_stages([result.stages for result in results])
    rate, memory = matrix_rate(device), peak_memory(device)
    print("mean seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in stages.items()))
    held = ", ".join(f"{where} {size:.1f} GiB" for where, size in memory.items())
    print(f"on {device}: float32 matrix products at {rate:.0f} GFLOP/s; most memory: {held or 'unknown'}")
    if as_json:
        described = {
            "views": views,
            "size": size,
            "settings": asdict(settings),
            "gflop_per_second": rate,
            "peak_memory_gib": memory,
        }
        print(json.dumps({**described, "cases": [result.to_json() for result in results]}))


def mean_lines(results: Sequence[Result]) -> dict[str, list[float]]:
    """Average the lines of each name over the cases, of those names that all of them have."""
    lines = [result.lines() for result in results]
    names = [name for name in lines[0] if all(name in line for line in lines)]
    return {name: np.mean([line[name] for line in lines], axis=0).tolist() for name in names}


def mean_stages(times: Sequence[dict[str, float]]) -> dict[str, float]:
    """Average the seconds of each stage over the cases."""
    return {stage: float(np.mean([seconds[stage] for seconds in times])) for stage in times[0]}


def measure(
    name: str, case: Path, settings: Settings, *, baselines: bool, disturbed: bool
) -> tuple[Result, PointCloud, Row]:
    """Reconstruct a rendered case and judge the cloud and what it is compared with.

    Returns
    -------
    result : Result
        The judgements.
    cloud : PointCloud
        Our cloud.
    row : Row
        It in the held-out views, beside what they show.
    """
    truth = read_truth(case / "truth.npz")
    held_out = load_views(case / "heldout")
    judge = Judge(truth, held_out)
    start = time.monotonic()
    views = load_views(case)
    made = reconstruct(views, settings)
    if made.field is None:
        raise InputError(f"“{settings.method}” fits no field to score.", "Choose another method.")
    seconds = {OURS: time.monotonic() - start}
    clouds = {
        OURS: made.cloud,
        "visual hull": sample(visual_hull(views, settings), settings.points, settings.seed),
    }
    if baselines:
        clouds["stereo alone"] = stereo_alone(views, settings)
        clouds["no IDW"] = with_nearest_colours(made.field, made.cloud)
        for part in WITHOUT:
            start = time.monotonic()
            clouds[part] = without(part, views, settings)
            seconds[part] = time.monotonic() - start
    said = {}
    for disturbance, disturb in DISTURBANCES.items() if disturbed else ():
        random, log = np.random.default_rng(settings.seed), Log()
        start = time.monotonic()
        clouds[disturbance] = reconstruct(disturb(views, random), settings, log).cloud
        seconds[disturbance], said[disturbance] = time.monotonic() - start, log.said
    variation, rate = sampling(made.field, settings.seed)
    # Where nothing can be matched, stereo alone finds nothing.
    drawings = {what: judge.draw(cloud) for what, cloud in clouds.items() if len(cloud)}
    judgements = {what: judge.judge(clouds[what], drawn) for what, drawn in drawings.items()}
    true, others = true_cloud(truth, views)
    judgements["true points"] = Judge(others, held_out).judge(true, judge.draw(true))
    result = Result(name, judgements, variation, rate, seconds, made.stages, said)
    f_score = judgements[OURS].scores.f_score
    label = f"{name}: F {f_score[0.5]:.3f} at 0.5 %, {f_score[1.0]:.3f} at 1 %"
    return result, made.cloud, make_row(label, made.cloud, held_out, drawings[OURS])


def sampling(field: Field, seed: int) -> tuple[dict[int, float], float]:
    """Tell how even clouds of a field are, by the number of points, and points made in a second."""
    variation, rate = {}, 0.0
    for count in EVENNESS_POINTS:
        start = time.monotonic()
        positions = sample(field, count, seed).positions
        rate = count / (time.monotonic() - start)
        variation[count] = spacing_variation(positions)
    return variation, rate


def _print_lines(case: str, lines: dict[str, list[float]]) -> None:
    for name, numbers in lines.items():
        cells = "".join(f"{'' if np.isnan(number) else format(number, '.3f'):>10}" for number in numbers)
        print(f"{case:<17}{name:<20}{cells}", flush=True)


def _print_sampling(results: Sequence[Result]) -> None:
    print("\nVariation of the distance to the nearest neighbour, and speed")
    print(f"{'case':<17}" + "".join(f"{count:>12,}" for count in EVENNESS_POINTS) + f"{'points/s':>12}")
    for result in results:
        cells = "".join(f"{result.variation[count]:>12.3f}" for count in EVENNESS_POINTS)
        print(f"{result.case:<17}{cells}{result.points_per_second:>12,.0f}")
