# SPDX-License-Identifier: Apache-2.0
"""Views as a person's may be: unevenly exposed, with cameras or masks that are a little or wholly wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.spatial.transform import Rotation  # type: ignore[import-untyped]

from uner3d_core.fitted.exposure import to_linear, to_srgb
from uner3d_core.progress import Silent

if TYPE_CHECKING:
    import numpy.typing as npt

    from uner3d_core.views import View

EXPOSURE = 0.5
"""Stops by which a quarter of the pictures is brighter, and another one darker."""
CAMERA_PIXELS = 1.0
"""Standard deviation of how far a turned camera moves its picture sideways, in pixels; half of that about its
line of sight, at the picture's edge."""
MASK_SHARE = 0.1
"""Share of a mask's pixels that are wrong."""

Disturbance = Callable[["list[View]", np.random.Generator], "list[View]"]


@dataclass(frozen=True)
class Log(Silent):
    """Keeps what a reconstruction says."""

    said: list[str] = field(default_factory=list)

    def log(self, text: str) -> None:
        """Keep the text."""
        self.said.append(text)


def uneven_exposures(views: list[View], random: np.random.Generator) -> list[View]:
    """Expose a quarter of the pictures half a stop more, and a quarter half a stop less."""
    stops = np.resize([0.0, EXPOSURE, 0.0, -EXPOSURE], len(views))
    return [
        replace(view, image=_exposed(view.image, stop))
        for view, stop in zip(views, random.permutation(stops), strict=True)
    ]


def shaken_cameras(views: list[View], random: np.random.Generator) -> list[View]:
    """Turn each camera so that its picture moves by about a pixel."""
    shaken = []
    for view in views:
        camera = view.camera
        angles = random.normal(0.0, CAMERA_PIXELS / camera.fx, 3) * (1.0, 1.0, 0.5)
        turn = np.eye(4)
        turn[:3, :3] = Rotation.from_rotvec(angles).as_matrix()
        shaken.append(replace(view, camera=replace(camera, world_to_camera=turn @ camera.world_to_camera)))
    return shaken


def speckled_masks(views: list[View], random: np.random.Generator) -> list[View]:
    """Turn a tenth of the pixels of each mask over, wherever they are."""
    return [
        view
        if view.mask is None
        else replace(
            view, mask=np.where(random.random(view.mask.shape) < MASK_SHARE, 255 - view.mask, view.mask)
        )
        for view in views
    ]


def one_wrong_mask(views: list[View], random: np.random.Generator) -> list[View]:
    """Give one view the mask of another."""
    wrong, other = random.choice(len(views), 2, replace=False)
    return _with(views, wrong, replace(views[wrong], mask=views[other].mask))


def one_wrong_camera(views: list[View], random: np.random.Generator) -> list[View]:
    """Give one view the camera of another."""
    wrong, other = random.choice(len(views), 2, replace=False)
    return _with(views, wrong, replace(views[wrong], camera=views[other].camera))


DISTURBANCES: dict[str, Disturbance] = {
    "uneven exposures": uneven_exposures,
    "shaken cameras": shaken_cameras,
    "speckled masks": speckled_masks,
    "one wrong mask": one_wrong_mask,
    "one wrong camera": one_wrong_camera,
}
"""What is done to all views, or to one, by the name that the bench's table has for it."""


def _with(views: list[View], index: int, view: View) -> list[View]:
    return [*views[:index], view, *views[index + 1 :]]


def _exposed(image: npt.NDArray[np.uint8], stops: float) -> npt.NDArray[np.uint8]:
    """Expose a picture (sRGB, 8 bit) by so many stops more."""
    linear = to_linear(torch.from_numpy(image) / 255) * 2.0**stops
    exposed: npt.NDArray[np.uint8] = (255 * to_srgb(linear)).round().to(torch.uint8).numpy()
    return exposed
