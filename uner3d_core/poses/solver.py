# SPDX-License-Identifier: Apache-2.0
"""The solver: a process of its own, in which COLMAP estimates cameras from pictures that lie ready.

COLMAP's calls last long and can't be stopped, and what goes wrong in it may end the process. Its library
also brings a zlib and an OpenMP of its own, which Pillow's and PyTorch's do not bear beside them: the modules
that run here import neither.

It is started with its folder as the only argument, tells its steps as lines of JSON on standard output, and
ends when its standard input does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from uner3d_core.child_process import talk
from uner3d_core.poses.database import DATABASE_FILE
from uner3d_core.poses.request import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable

FIND, MATCH, REGISTER = "find features", "match pairs", "register pictures"
"""The stages, as they are told."""


def solve(folder: Path, tell: Callable[[str, int, int], None]) -> Answer:
    """Estimate the cameras of the pictures in a folder.

    Parameters
    ----------
    folder : Path
        Holds the request and the pictures; COLMAP's files are written there too.
    tell : callable
        Is told stage, steps done and steps in all.
    """
    import pycolmap  # noqa: PLC0415 -- it writes to standard output while it is loaded

    from uner3d_core.poses.features import Detail, are_few, find_features  # noqa: PLC0415
    from uner3d_core.poses.mapping import MOST, map_pictures  # noqa: PLC0415
    from uner3d_core.poses.matching import choose_pairs, match_pairs  # noqa: PLC0415

    request = Request.read(folder)
    pycolmap.set_random_seed(request.seed)
    pycolmap.logging.minloglevel = pycolmap.logging.Level.ERROR.value
    database = folder / DATABASE_FILE
    count = len(request.pictures)
    answers: list[Answer] = []
    for detail in Detail:
        tell(FIND, 0, count)
        features = find_features(database, folder, request, detail)
        tell(FIND, count, count)
        if are_few(features) and detail is not Detail.FAINT:
            continue
        pairs = choose_pairs(database, folder, request)
        tell(MATCH, 0, len(pairs))
        common = match_pairs(database, folder, request, pairs, guided=detail is Detail.FAINT)
        tell(MATCH, len(pairs), len(pairs))
        tell(REGISTER, 0, count)
        models = map_pictures(
            database,
            folder,
            request,
            lambda done: tell(REGISTER, done, count),
            insist=detail is not Detail.COARSE,
        )
        in_common = [(*pair, inliers) for pair, inliers in common.items()]
        answers.append(Answer(features, len(pairs), in_common, models))
        if detail is not Detail.COARSE or registered_in(answers[-1]) >= MOST * count:
            break
    return max(answers, key=registered_in)


def registered_in(answer: Answer) -> int:
    """Count the pictures of an answer's largest model."""
    return len(answer.models[0].shots) if answer.models else 0


def main() -> int:
    """Solve the folder that the command line names."""
    folder = Path(sys.argv[1])
    tell = talk()
    solve(folder, lambda stage, done, total: tell([stage, done, total])).write(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
