# SPDX-License-Identifier: Apache-2.0
"""What the reconstruction is compared with.

Run as ``python -m uner3d_core.evaluation.baselines VIEWS CLOUD TRUTH`` to score a cloud and the visual
hull of the same views; the last line on standard output is a JSON object with ``cloud`` and ``hull``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from uner3d_core.cloud_files import read_ply
from uner3d_core.evaluation.scores import score
from uner3d_core.evaluation.truth import read_truth
from uner3d_core.fitted.hull import find_frame, hull_grid
from uner3d_core.fitted.pictures import load_pictures
from uner3d_core.fitted.results import world_field
from uner3d_core.inputs import load_views
from uner3d_core.sampling import sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.field import Field
    from uner3d_core.views import View

HULL_RESOLUTION = 128
"""Voxels along the longest side."""


def visual_hull(views: list[View]) -> Field:
    """Make the visual hull of the silhouettes: the largest shape that explains them all, without colours.

    Raises
    ------
    ReconstructionError
        If the silhouettes have nothing in common.
    """
    frame = find_frame(views)
    pictures = load_pictures(
        views, frame, torch.device("cpu"), longest_side=max(view.camera.width for view in views)
    )
    corner = torch.full((3,), 1.1)
    grid = hull_grid(pictures, -corner, corner, HULL_RESOLUTION)
    return world_field(grid, frame)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores that the command line asks for."""
    parser = argparse.ArgumentParser(description="Score a cloud beside the visual hull of its views.")
    parser.add_argument("views", type=Path, help="folder of pictures with transforms.json")
    parser.add_argument("cloud", type=Path, help="a .ply file")
    parser.add_argument("truth", type=Path, help="true points or a mesh")
    options = parser.parse_args(arguments)
    truth = read_truth(options.truth)
    cloud = read_ply(options.cloud)
    hull = sample(visual_hull(load_views(options.views)), len(cloud), seed=0)
    scores = {
        "cloud": score(cloud.positions, truth.points, truth.diagonal).to_json(),
        "hull": score(hull.positions, truth.points, truth.diagonal).to_json(),
    }
    print(json.dumps(scores))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
