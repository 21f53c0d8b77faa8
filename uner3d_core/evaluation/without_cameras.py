# SPDX-License-Identifier: Apache-2.0
"""What is lost when cameras are not known: clouds from estimated cameras beside those from the given ones.

Run as ``python -m uner3d_core.evaluation.without_cameras [OBJECT …]``: each a glTF file or a trial, of which
a ring of pictures is rendered, or a folder of photographs with their cameras. Clouds of models are scored
against the true surface; for photographs the cloud from the given cameras takes its place. Clouds from
estimated cameras are aligned by these, and then to that surface, as pictures hardly tell a little more focal
length from a little more distance.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.caches import cache_folder
from uner3d_core.cloud_files import write_ply
from uner3d_core.errors import Uner3dError
from uner3d_core.evaluation.camera_agreement import Agreement, align_cameras, compare
from uner3d_core.evaluation.cases import TRIALS, find_objects, rendered_case
from uner3d_core.evaluation.scores import score
from uner3d_core.evaluation.surface_alignment import aligned_to
from uner3d_core.evaluation.truth import Truth, read_truth
from uner3d_core.inputs.load import estimate_posed, find_posed, read_views
from uner3d_core.progress import Silent
from uner3d_core.reconstruct import reconstruct
from uner3d_core.settings import DEVICES, PRESETS, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.camera import Camera
    from uner3d_core.inputs.load import Posed
    from uner3d_core.point_cloud import PointCloud

RIG = "ring"
THRESHOLD = 1.0
"""Per cent of the diagonal within which a point counts."""


@dataclass(frozen=True)
class Loss:
    """What estimated cameras are worth.

    Parameters
    ----------
    name : str
        The object's.
    pictures : int
        How many there are.
    cameras : Agreement, optional
        How near the estimated cameras are to the given ones; None where none could be estimated.
    sentence : str
        Why not, as a person reads it; else empty.
    given, estimated : float, optional
        F-scores of the clouds from the given and from the estimated cameras. Without a true surface the
        first is None, and the second compares the two clouds.
    seconds : float
        Which the estimation of the cameras took.
    """

    name: str
    pictures: int
    cameras: Agreement | None
    sentence: str
    given: float | None
    estimated: float | None
    seconds: float

    def line(self) -> str:
        """Write the table's line."""
        if self.cameras is None:
            return f"{self.name:<17}{0:>6} of {self.pictures:<4}{self.sentence}"
        cells = [
            f"{self.name:<17}{self.cameras.registered:>6} of {self.pictures:<4}",
            f"{self.cameras.rotation_median:>10.3f}{self.cameras.position_median:>10.3f}",
            *(f"{'' if number is None else format(number, '.3f'):>10}" for number in self._f_scores()),
            f"{self.seconds:>10.0f}",
        ]
        return "".join(cells)

    def _f_scores(self) -> tuple[float | None, float | None, float | None]:
        known = self.given is not None and self.estimated is not None
        lost = self.given - self.estimated if known else None  # type: ignore[operator] # both are known
        return self.given, self.estimated, lost


def measure(folder: Path, name: str, settings: Settings, *, clouds: bool, output: Path | None) -> Loss:
    """Reconstruct the pictures in a folder from their cameras and without them.

    Parameters
    ----------
    folder : Path
        Holds images, their cameras, masks if there are any, and ``truth.npz`` if the surface is known.
    name : str
        Of the object.
    settings : Settings
        Of the reconstructions.
    clouds : bool
        False stops at the cameras.
    output : Path, optional
        Folder for the clouds.
    """
    masks = folder / "masks" if (folder / "masks").is_dir() else None
    known = find_posed(folder, masks=masks)
    start = time.monotonic()
    try:
        found = estimate_posed(folder, masks)
    except Uner3dError as problem:
        seconds = time.monotonic() - start
        return Loss(name, known.pictures, None, str(problem), None, None, seconds)
    seconds = time.monotonic() - start
    loss = Loss(name, known.pictures, compare(_cameras(found), _cameras(known)), "", None, None, seconds)
    if not clouds:
        return loss
    ours = reconstruct(read_views(found, masks), settings, Silent()).cloud
    theirs = reconstruct(read_views(known, masks), settings, Silent()).cloud
    truth_file = folder / "truth.npz"
    truth = read_truth(truth_file) if truth_file.is_file() else _as_truth(theirs)
    similarity = align_cameras(_cameras(found), _cameras(known))
    aligned = aligned_to(similarity.apply(ours.positions.astype(np.float64)), truth.points)
    ours = replace(ours, positions=aligned.astype(np.float32))
    if output:
        write_ply(output / f"{name}_given.ply", theirs)
        write_ply(output / f"{name}_estimated.ply", ours)
    if not truth_file.is_file():
        return replace(loss, estimated=_f_score(ours, truth))
    return replace(loss, given=_f_score(theirs, truth), estimated=_f_score(ours, truth))


def _cameras(posed: Posed) -> dict[str, Camera]:
    return {frame.image.name: frame.camera for frame in posed.frames}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("objects", nargs="*", metavar="OBJECT", help="models, trials, folders of photographs")
    parser.add_argument("--views", type=int, default=36)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--preset", choices=PRESETS, default="balanced")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--cameras-only", action="store_true", help="make no clouds")
    parser.add_argument("--cache", type=Path, default=cache_folder("bench"), help="of rendered pictures")
    parser.add_argument("--output", type=Path, metavar="DIR", help="save the clouds")
    parser.add_argument("--json", action="store_true", help="print one last line of JSON")
    options = parser.parse_args(arguments)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
    settings = Settings(preset=options.preset, device=options.device)
    columns = ("rotation°", "position%", "F given", "F est.", "lost", "seconds")
    print(f"{'case':<17}{'registered':<14}" + "".join(f"{column:>10}" for column in columns), flush=True)
    losses = []
    try:
        for source in options.objects or find_objects(None):
            place = Path(source)
            is_folder = source not in TRIALS and place.is_dir()
            folder = place if is_folder else _case(source, options.views, options.size, options.cache)
            clouds = not options.cameras_only
            losses.append(measure(folder, place.stem, settings, clouds=clouds, output=options.output))
            print(losses[-1].line(), flush=True)
    except Uner3dError as problem:
        print(problem, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps([asdict(loss) for loss in losses]))
    return 0


def _case(source: str, views: int, size: int, cache: Path) -> Path:
    (found,) = find_objects([source])
    return rendered_case(found, views, size, cache, RIG)


def _as_truth(cloud: PointCloud) -> Truth:
    points = cloud.positions
    return Truth(points, cloud.normals, float(np.linalg.norm(np.ptp(points, axis=0))))


def _f_score(cloud: PointCloud, truth: Truth) -> float:
    return score(cloud.positions, truth.points, truth.diagonal).f_score[THRESHOLD]


if __name__ == "__main__":
    sys.exit(main())
