# SPDX-License-Identifier: Apache-2.0
"""The bench: reconstruct objects whose true surface is known, and print a table of scores.

Cases are rendered when they are first asked for, by a child process with Blender in it, and kept.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.cloud_files import write_ply
from uner3d_core.device import choose_device
from uner3d_core.evaluation.baselines import visual_hull
from uner3d_core.evaluation.cases import rendered_case
from uner3d_core.evaluation.machine import matrix_rate, peak_memory
from uner3d_core.evaluation.scores import CLOUD_POINTS, Scores, score, spacing_variation
from uner3d_core.evaluation.sheet import Row, make_row, make_sheet, with_alpha
from uner3d_core.evaluation.splatting import disc_radius, psnr, psnr_in_silhouette, silhouette_iou, splat
from uner3d_core.evaluation.truth import read_truth
from uner3d_core.inputs import load_views
from uner3d_core.reconstruct import reconstruct
from uner3d_core.sampling import sample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from uner3d_core.point_cloud import PointCloud
    from uner3d_core.settings import Settings

COLUMNS = (
    "case",
    "floor F.5%",
    "hull F 1%",
    "F 0.5%",
    "F 1%",
    "F 2%",
    "chamfer %",
    "PSNR",
    "in sil.",
    "IoU",
    "CV",
    "points/s",
    "time s",
)


@dataclass(frozen=True)
class Result:
    """What the bench tells of one case.

    Parameters
    ----------
    case : str
        Name of the object.
    scores, hull, floor : Scores
        Of the cloud; of the visual hull sampled the same way; of true points taken for a cloud, as random
        sampling alone scores.
    psnr, psnr_in_silhouette : float
        Of the splatted cloud in the held-out views, in dB: whole frame over white, and where the object or
        the cloud is.
    iou : float
        Of the silhouettes in the held-out views.
    variation : float
        Coefficient of variation of the distances between neighbouring points.
    points_per_second : float
        When the fitted field is sampled again.
    seconds : float
        Wall time of the reconstruction, reading included.
    stages : dict of str to float
        Its parts.
    """

    case: str
    scores: Scores
    hull: Scores
    floor: Scores
    psnr: float
    psnr_in_silhouette: float
    iou: float
    variation: float
    points_per_second: float
    seconds: float
    stages: dict[str, float]

    def cells(self) -> list[float]:
        """List the numbers of the table's row, in the order of ``COLUMNS``."""
        f_score = self.scores.f_score
        return [
            self.floor.f_score[0.5],
            self.hull.f_score[1.0],
            f_score[0.5],
            f_score[1.0],
            f_score[2.0],
            self.scores.chamfer_l1,
            self.psnr,
            self.psnr_in_silhouette,
            self.iou,
            self.variation,
            self.points_per_second,
            self.seconds,
        ]

    def to_json(self) -> dict[str, object]:
        """Turn the result into what JSON can hold."""
        return asdict(self) | {
            "scores": self.scores.to_json(),
            "hull": self.hull.to_json(),
            "floor": self.floor.to_json(),
        }


def run(
    models: Sequence[Path],
    views: int,
    size: int,
    settings: Settings,
    *,
    cache: Path,
    output: Path | None = None,
    as_json: bool = False,
) -> None:
    """Reconstruct the bench's cases and print a table of their scores.

    Parameters
    ----------
    models : sequence of Path
        glTF files.
    views, size : int
        Number of cameras around each object; width and height of their pictures in pixels.
    settings : Settings
        Of the reconstruction.
    cache : Path
        Folder where rendered cases are kept.
    output : Path, optional
        Folder for the clouds and a sheet of pictures.
    as_json : bool
        Print a last line of JSON too.

    Raises
    ------
    Uner3dError
        If a model can't be rendered, a reconstruction fails, or the output can't be written.
    """
    if output:
        output.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    rows: list[Row] = []
    print(_line(COLUMNS), flush=True)
    for model in models:
        case = rendered_case(model, views, size, cache)
        result, cloud, row = measure(model.stem, case, settings)
        print(_line([result.case, *result.cells()]), flush=True)
        results.append(result)
        rows.append(row)
        if output:
            write_ply(output / f"{model.stem}.ply", cloud)
    print(_line(["mean", *np.mean([result.cells() for result in results], axis=0)]))
    device = choose_device(settings.device)
    stages = mean_stages([result.stages for result in results])
    rate, memory = matrix_rate(device), peak_memory(device)
    print("mean seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in stages.items()))
    held = ", ".join(f"{where} {size:.1f} GiB" for where, size in memory.items())
    print(f"on {device}: float32 matrix products at {rate:.0f} GFLOP/s; most memory: {held or 'unknown'}")
    if output:
        make_sheet(rows).save(output / "sheet.png")
    if as_json:
        described = {
            "views": views,
            "size": size,
            "settings": asdict(settings),
            "gflop_per_second": rate,
            "peak_memory_gib": memory,
        }
        print(json.dumps({**described, "cases": [result.to_json() for result in results]}))


def mean_stages(times: Sequence[dict[str, float]]) -> dict[str, float]:
    """Average the seconds of each stage over the cases."""
    return {stage: float(np.mean([seconds[stage] for seconds in times])) for stage in times[0]}


def measure(name: str, case: Path, settings: Settings) -> tuple[Result, PointCloud, Row]:
    """Reconstruct a rendered case and score the cloud.

    Returns
    -------
    result : Result
        The scores.
    cloud : PointCloud
        What was scored.
    row : Row
        The cloud in the held-out views, beside what they show.
    """
    truth = read_truth(case / "truth.npz")
    start = time.monotonic()
    views = load_views(case)
    made = reconstruct(views, settings)
    seconds = time.monotonic() - start
    start = time.monotonic()
    sample(made.field, settings.points, settings.seed)
    again = time.monotonic() - start
    hull = sample(visual_hull(views), settings.points, settings.seed)
    held_out = load_views(case / "heldout")
    pictures = [with_alpha(view) for view in held_out]
    radius = disc_radius(made.cloud.positions)
    drawings = [splat(made.cloud, view.camera, radius) for view in held_out]
    pairs = list(zip(drawings, pictures, strict=True))
    scores = score(made.cloud.positions, truth.points, truth.diagonal)
    result = Result(
        name,
        scores,
        score(hull.positions, truth.points, truth.diagonal),
        score(truth.points[:CLOUD_POINTS], truth.points[CLOUD_POINTS:], truth.diagonal),
        float(np.mean([psnr(*pair) for pair in pairs])),
        float(np.mean([psnr_in_silhouette(*pair) for pair in pairs])),
        float(np.mean([silhouette_iou(*pair) for pair in pairs])),
        spacing_variation(made.cloud.positions),
        settings.points / again,
        seconds,
        made.stages,
    )
    label = f"{name}: F {scores.f_score[0.5]:.3f} at 0.5 %, {scores.f_score[1.0]:.3f} at 1 %"
    return result, made.cloud, make_row(label, made.cloud, held_out, drawings)


def _line(cells: Sequence[object]) -> str:
    texts = [_number(cell) if isinstance(cell, float) else str(cell) for cell in cells]
    return f"{texts[0]:<18}" + "".join(f"{text:>11}" for text in texts[1:])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3f}"
