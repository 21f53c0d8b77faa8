# SPDX-License-Identifier: Apache-2.0
"""How well a cloud of real pictures foretells pictures that it was not made from, where no truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.errors import InputError
from uner3d_core.evaluation.sheet import make_row, make_sheet, with_alpha
from uner3d_core.evaluation.splatting import (
    decibels,
    draw,
    premultiplied,
    psnr,
    silhouette_iou,
)
from uner3d_core.reconstruct import reconstruct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from uner3d_core.progress import Progress
    from uner3d_core.settings import Settings
    from uner3d_core.views import View


@dataclass(frozen=True)
class Foretold:
    """How well one held-out picture was foretold.

    Parameters
    ----------
    name : str
        Of the view.
    psnr : float
        In dB: of the whole picture over white, or, if it has no silhouette, of what the cloud covers of it.
    psnr_over_black : float, optional
        The same over black, where the outline of a dark object counts less; None without a silhouette.
    iou : float, optional
        Of the silhouettes; None if the picture has none.
    covered : float
        Share of the picture that the cloud covers.
    """

    name: str
    psnr: float
    psnr_over_black: float | None
    iou: float | None
    covered: float


@dataclass(frozen=True)
class HeldOut:
    """How well pictures were foretold by a cloud that was made from the others.

    Parameters
    ----------
    given : int
        Views that it was made from.
    pictures : list of Foretold
        The others.
    psnr, psnr_over_black, iou : float
        The means of theirs; the last two None if none has a silhouette.
    stages : dict of str to float
        Seconds spent in each stage.
    device : str
        What computed it.
    """

    given: int
    pictures: list[Foretold]
    psnr: float
    psnr_over_black: float | None
    iou: float | None
    stages: dict[str, float]
    device: str


def split_views(views: Sequence[View], count: int) -> tuple[list[View], list[View]]:
    """Take ``count`` views, evenly spread over the list, away from the others.

    Raises
    ------
    InputError
        If no view would be left.
    """
    if not 0 < count < len(views):
        raise InputError(
            f"Of {len(views)} images {count} can't be held out.",
            "Hold out at least one, and not all of them.",
        )
    places = {int((index + 0.5) * len(views) / count) for index in range(count)}
    given = [view for place, view in enumerate(views) if place not in places]
    return given, [view for place, view in enumerate(views) if place in places]


def foretell(drawn: npt.NDArray[np.uint8], view: View) -> Foretold:
    """Compare a view with the cloud that is drawn into it, (H, W, 4)."""
    covered = drawn[..., 3] >= 128
    share = float(covered.mean())
    if view.has_silhouette:
        true = with_alpha(view)
        over_black = decibels((premultiplied(drawn) - premultiplied(true)) ** 2)
        overlap = silhouette_iou(drawn, true)
        return Foretold(view.name, psnr(drawn, true), over_black, overlap, share)
    error = np.square((drawn[covered, :3].astype(np.float64) - view.image[covered]) / 255.0)
    return Foretold(view.name, decibels(error) if covered.any() else 0.0, None, None, share)


def hold_out(
    views: Sequence[View], count: int, settings: Settings, progress: Progress, sheet: Path | None
) -> HeldOut:
    """Reconstruct from all views but ``count`` and compare the cloud with these.

    Parameters
    ----------
    views : sequence of View
        All views.
    count : int
        How many are held out.
    settings : Settings
        Of the run.
    progress : Progress
        Is told every stage.
    sheet : Path, optional
        Where a picture of five held-out views with the cloud below them is saved.

    Raises
    ------
    InputError
        If no view would be left.
    """
    given, held_out = split_views(views, count)
    made = reconstruct(given, settings, progress)
    drawings = draw(made.cloud, held_out)
    if sheet is not None:
        label = f"{len(made.cloud):,} points from {len(given)} views; above what held-out cameras saw"
        make_sheet([make_row(label, made.cloud, held_out, drawings)]).save(sheet)
    pictures = [foretell(drawn, view) for drawn, view in zip(drawings, held_out, strict=True)]
    black = [figures.psnr_over_black for figures in pictures if figures.psnr_over_black is not None]
    overlaps = [figures.iou for figures in pictures if figures.iou is not None]
    return HeldOut(
        len(given),
        pictures,
        float(np.mean([figures.psnr for figures in pictures])),
        float(np.mean(black)) if black else None,
        float(np.mean(overlaps)) if overlaps else None,
        made.stages,
        made.device,
    )
