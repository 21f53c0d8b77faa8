# SPDX-License-Identifier: Apache-2.0
"""Judge clouds: against the true surface, and in views that the reconstruction did not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from uner3d_core.evaluation.scores import Scores, score
from uner3d_core.evaluation.sheet import with_alpha
from uner3d_core.evaluation.splatting import draw, psnr, psnr_in_silhouette, silhouette_iou

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from uner3d_core.evaluation.truth import Truth
    from uner3d_core.point_cloud import PointCloud
    from uner3d_core.views import View


@dataclass(frozen=True)
class Judgement:
    """How good a cloud is.

    Parameters
    ----------
    scores : Scores
        Its distances from the true surface.
    psnr, psnr_in_silhouette : float
        Of the splatted cloud in the held-out views, in dB: whole frame over white, and where the object or
        the cloud is.
    iou : float
        Of the silhouettes in the held-out views.
    """

    scores: Scores
    psnr: float
    psnr_in_silhouette: float
    iou: float

    def numbers(self) -> list[float]:
        """List what a table shows: F-scores, accuracy, completeness, Chamfer-L1, both PSNR, IoU."""
        scores = self.scores
        distances = [scores.accuracy, scores.completeness, scores.chamfer_l1]
        return [*scores.f_score.values(), *distances, self.psnr, self.psnr_in_silhouette, self.iou]

    def to_json(self) -> dict[str, object]:
        """Turn the judgement into what JSON can hold."""
        pictures = {"psnr": self.psnr, "psnr_in_silhouette": self.psnr_in_silhouette, "iou": self.iou}
        return {"scores": self.scores.to_json(), **pictures}


class Judge:
    """Knows the truth about an object.

    Parameters
    ----------
    truth : Truth
        Its surface.
    views : sequence of View
        Views that the reconstruction does not see.
    """

    def __init__(self, truth: Truth, views: Sequence[View]) -> None:
        self._truth = truth
        self._views = views
        self._pictures = [with_alpha(view) for view in views]

    def draw(self, cloud: PointCloud) -> list[npt.NDArray[np.uint8]]:
        """Splat a cloud into the held-out views, (H, W, 4) each."""
        return draw(cloud, self._views)

    def judge(self, cloud: PointCloud, drawings: Sequence[npt.NDArray[np.uint8]]) -> Judgement:
        """Compare a cloud with the surface, and its drawings with the views."""
        pairs = list(zip(drawings, self._pictures, strict=True))
        return Judgement(
            score(cloud.positions, self._truth.points, self._truth.diagonal),
            float(np.mean([psnr(*pair) for pair in pairs])),
            float(np.mean([psnr_in_silhouette(*pair) for pair in pairs])),
            float(np.mean([silhouette_iou(*pair) for pair in pairs])),
        )
