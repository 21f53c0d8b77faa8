# SPDX-License-Identifier: Apache-2.0
"""Score a cloud and the visual hull of the same views.

Run as ``python -m uner3d_core.evaluation.beside_hull VIEWS CLOUD TRUTH``; the last line on standard output
is a JSON object with ``cloud`` and ``hull``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from uner3d_core.cloud_files import read_ply
from uner3d_core.evaluation.baselines import visual_hull
from uner3d_core.evaluation.scores import score
from uner3d_core.evaluation.truth import read_truth
from uner3d_core.inputs import load_views
from uner3d_core.sampling import sample
from uner3d_core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores that the command line asks for."""
    parser = argparse.ArgumentParser(description="Score a cloud beside the visual hull of its views.")
    parser.add_argument("views", type=Path, help="folder of pictures with transforms.json")
    parser.add_argument("cloud", type=Path, help="a .ply file")
    parser.add_argument("truth", type=Path, help="true points or a mesh")
    options = parser.parse_args(arguments)
    truth = read_truth(options.truth)
    cloud = read_ply(options.cloud)
    hull = sample(visual_hull(load_views(options.views), Settings()), len(cloud), seed=0)
    scores = {
        "cloud": score(cloud.positions, truth.points, truth.diagonal).to_json(),
        "hull": score(hull.positions, truth.points, truth.diagonal).to_json(),
    }
    print(json.dumps(scores))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
