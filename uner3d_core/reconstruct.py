# SPDX-License-Identifier: Apache-2.0
"""The main job: views, or a prompt, in; field and point cloud out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from uner3d_core.depth_view import DepthView
from uner3d_core.device import choose_device
from uner3d_core.errors import InputError
from uner3d_core.field import Field
from uner3d_core.methods import TAKES, Takes, find_method, load_fit
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Progress, Silent
from uner3d_core.prompt import Prompt
from uner3d_core.sampling import sample
from uner3d_core.settings import Settings
from uner3d_core.views import View

Given = list[View] | list[DepthView] | Prompt
"""What methods are given."""


@dataclass
class Stopwatch:
    """Seconds spent in each stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent inside the ``with`` block to the stage called ``name``."""
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


@dataclass(frozen=True)
class Reconstruction:
    """What a run made.

    Parameters
    ----------
    field : Field or None
        The fitted field, from which any number of points can be sampled later; None where the method makes
        the cloud itself.
    cloud : PointCloud
        As many points as the settings asked for.
    stages : dict of str to float
        Seconds spent in each stage.
    device : str
        What computed it.
    scores : dict of str to float
        What the method measured about its own result.
    """

    field: Field | None
    cloud: PointCloud
    stages: dict[str, float]
    device: str
    scores: dict[str, float]


def reconstruct(
    given: Given,
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> Reconstruction:
    """Reconstruct the object that posed views show, or that a prompt suggests.

    Parameters
    ----------
    given : list of View, list of DepthView, or Prompt
        What the method takes: pictures with cameras and, where there are any, masks; the same with depth; or
        one picture or a sentence.
    settings : Settings
        Number of points, preset, device, method and seed.
    progress : Progress
        Is told every stage, and may raise ``Cancelled``.

    Returns
    -------
    Reconstruction
        In the world coordinates of the cameras; without cameras upright, z up, around the origin, its
        longest side about 1.

    Raises
    ------
    InputError
        If there is no view, or the method takes something else than it is given.
    ReconstructionError
        If the views together describe no object.
    DeviceError
        If the device is not there.
    """
    if not given:
        raise InputError("There are no pictures to reconstruct from.", "Add images or cameras.")
    takes = find_method(settings.method).takes
    if _what_is(given) != takes:
        raise InputError(f"“{settings.method}” takes {TAKES[takes]}.", "Choose another method or input.")
    device = choose_device(settings.device)
    stopwatch = Stopwatch()
    fit = load_fit(settings.method)
    made, scores = fit(given, settings, device, progress, stopwatch)
    if isinstance(made, PointCloud):
        return Reconstruction(None, made, stopwatch.seconds, str(device), scores)
    with stopwatch.stage("sampling"):
        cloud = sample(made, settings.points, settings.seed, progress)
    return Reconstruction(made, cloud, stopwatch.seconds, str(device), scores)


def _what_is(given: Given) -> Takes:
    if isinstance(given, Prompt):
        return "prompt"
    return "depth views" if isinstance(given[0], DepthView) else "views"
