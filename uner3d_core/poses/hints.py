# SPDX-License-Identifier: Apache-2.0
"""What photographers can do better next time: sentences that name the files."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from scipy.sparse import csgraph  # type: ignore[import-untyped]

from uner3d_core.errors import CameraError
from uner3d_core.inputs.frames import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.poses.photographs import Photograph
    from uner3d_core.poses.request import Answer, Model

ENOUGH = 15
"""Photographs all around an object from which neighbours overlap well enough, as a rule."""
BLURRED = 0.6
"""Sharpness, as a share of the photographs' median and of its neighbours', below which one is blurred."""
NEIGHBOURS = 4
"""Photographs before and after one that mostly show the same side: another side may have softer detail."""
FEW_FEATURES = 150
"""Features of a photograph that hardly tell it from another."""
LEAST_COMMON = 15
"""Verified matches that join two photographs."""
LEAST_REGISTERED = 3
LEAST_SHARE = 0.5
"""Share of the photographs that must fit together: fewer show one side, or are together by chance."""
LEAST_OF_SEVERAL = 0.25
"""Share that the largest model must hold where others hold the rest: photographs of several objects."""
LEAST_FILLED = 0.96
"""Share of their outlines that the common hull fills if cameras are right; see :mod:`.outlines`."""
NO_TEXTURE = (
    "Shiny, transparent and plain surfaces show the same from everywhere: put patterned paper under the "
    "object, light it softly, or give cameras."
)
OVERLAP = "Take photographs every 10 to 15 degrees, each showing most of what the one before it showed."

ALONE = (
    "Give them alone to get that side, or take photographs every 10 to 15 degrees, each showing most of what "
    "the one before it showed."
)


def before_solving(photographs: Sequence[Photograph]) -> list[str]:
    """Tell what can be seen in the photographs themselves: too few, blurred, mixed zoom."""
    said = []
    if len(photographs) < ENOUGH:
        said.append(
            f"{len(photographs)} photographs are few: neighbours that differ by more than 20 degrees have "
            "little in common."
        )
    blurred = [photographs[place].name for place in _blurred([each.sharpness for each in photographs])]
    if blurred:
        said.append(f"Blurred beside the others: {listed(blurred)}. Leave them out or take them again.")
    zooms = Counter(photograph.zoom for photograph in photographs if photograph.zoom)
    if len(zooms) > 1:
        usual_zoom = zooms.most_common(1)[0][0]
        others = [each.name for each in photographs if each.zoom and each.zoom != usual_zoom]
        said.append(
            f"The zoom was changed: most photographs have {usual_zoom}, but not {listed(others)}. Each focal "
            "length is estimated by itself, which is less certain."
        )
    return said


def _blurred(sharpness: Sequence[float]) -> list[int]:
    """Find the places of photographs that are less sharp than all, and than those around them, mostly are."""
    usual = float(np.median(sharpness))
    found = []
    for place, sharp in enumerate(sharpness):
        around = sharpness[max(0, place - NEIGHBOURS) : place + NEIGHBOURS + 1]
        if sharp < BLURRED * min(usual, float(np.median(around))):
            found.append(place)
    return found


def check_answer(answer: Answer, photographs: Sequence[Photograph]) -> None:
    """Make sure that a model holds enough of the photographs together.

    Raises
    ------
    CameraError
        If none does, saying why as far as features and matches tell it.
    """
    registered = len(answer.models[0].shots) if answer.models else 0
    if registered >= max(LEAST_REGISTERED, LEAST_SHARE * len(photographs)):
        return
    together = len({place for model in answer.models for place in model.shots})
    if (
        registered >= max(LEAST_REGISTERED, LEAST_OF_SEVERAL * len(photographs))
        and together >= LEAST_SHARE * len(photographs)
        and not _touch(answer)
    ):
        return
    plain = [
        photograph.name
        for photograph, features in zip(photographs, answer.features, strict=True)
        if features < FEW_FEATURES
    ]
    if len(plain) == len(photographs):
        raise CameraError("None of the photographs shows enough that can be recognised again.", NO_TEXTURE)
    if len(plain) > len(photographs) / 2:
        raise CameraError(
            f"Most of the photographs show too little that can be recognised again: {listed(plain, 4)}.",
            NO_TEXTURE,
        )
    if not answer.common:
        raise CameraError("No two of the photographs have anything in common.", OVERLAP)
    if not registered:
        raise CameraError("The photographs do not fit together: they have too little in common.", OVERLAP)
    names = [photographs[place].name for place in answer.models[0].shots]
    raise CameraError(
        f"Only {registered} of {len(photographs)} photographs fit together, and show one side at most: "
        f"{listed(names)}.",
        ALONE,
    )


def check_outlines(filled: float) -> None:
    """Make sure that the cameras and the object's outlines tell of one object.

    Parameters
    ----------
    filled : float
        Share of the outlines that their hull fills.

    Raises
    ------
    CameraError
        If they do not.
    """
    if filled < LEAST_FILLED:
        raise CameraError(
            "The cameras that were estimated contradict the object's outlines, of which they leave "
            f"{100 * (1 - filled):.0f} % empty: what was recognised looks alike from several sides.",
            NO_TEXTURE,
        )


def _touch(answer: Answer) -> bool:
    """Tell whether the two largest models show one object: pictures of both have enough in common."""
    first, second = (set(model.shots) for model in answer.models[:2])
    between = [
        matches
        for a, b, matches in answer.common
        if (a in first and b in second - first) or (b in first and a in second - first)
    ]
    return max(between, default=0) >= LEAST_COMMON


def typical_places(model: Model) -> int:
    """Count the places that a picture of the model shares with others, in the median."""
    return int(np.median([shot.places for shot in model.shots.values()]))


def after_solving(answer: Answer, photographs: Sequence[Photograph]) -> list[str]:
    """Tell which photographs have no camera, where the overlap is too small, and what else was found."""
    names = [photograph.name for photograph in photographs]
    best, *others = answer.models
    missing = [place for place in range(len(names)) if place not in best.shots]
    if not missing:
        return []
    said = [
        f"{len(best.shots)} of {len(names)} photographs have a camera now; left out: "
        f"{listed([names[place] for place in missing])}."
    ]
    elsewhere = [model for model in others if len(set(model.shots) - set(best.shots)) >= LEAST_REGISTERED]
    if elsewhere:
        groups = "; ".join(listed([names[place] for place in model.shots], 4) for model in elsewhere)
        said.append(f"Others fit together, but not with these: {groups}.")
    plain = [names[place] for place in missing if answer.features[place] < FEW_FEATURES]
    if plain:
        said.append(f"Next to nothing to recognise in {listed(plain)}. {NO_TEXTURE}")
    gaps = _gaps(answer, missing, names)
    if gaps:
        said.append(f"Too little overlap between {gaps}. {OVERLAP}")
    return said


def _gaps(answer: Answer, missing: list[int], names: list[str]) -> str:
    """Name, for the groups of photographs that are not joined to the others, the pair that comes nearest."""
    count = len(names)
    joined = [(a, b) for a, b, matches in answer.common if matches >= LEAST_COMMON]
    registered = list(answer.models[0].shots)
    outside = set(missing)
    inside = joined + list(pairwise(registered))
    kept = [(a, b) for a, b in inside if (a in outside) == (b in outside)]
    first, second = zip(*kept, strict=True) if kept else ((), ())
    graph = sparse.coo_matrix((np.ones(len(kept)), (first, second)), shape=(count, count))
    _, group = csgraph.connected_components(graph, directed=False)
    common = {(a, b): matches for a, b, matches in answer.common}
    found = []
    for each in sorted({int(group[place]) for place in missing}):
        members = [place for place in missing if group[place] == each]
        # Of equally few matches, those whose names follow each other most likely show the same place.
        pairs = [(min(a, b), max(a, b)) for a in members for b in registered]
        nearest = max(pairs, key=lambda pair: (common.get(pair, 0), -abs(pair[0] - pair[1])))
        found.append(f"{names[nearest[0]]} and {names[nearest[1]]}")
    return "; ".join(found[:4])
