# SPDX-License-Identifier: Apache-2.0
"""The main job: views in, field and point cloud out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from uner3d_core.device import choose_device
from uner3d_core.errors import InputError
from uner3d_core.field import Field
from uner3d_core.methods import load_method
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Progress, Silent
from uner3d_core.sampling import sample
from uner3d_core.settings import Settings
from uner3d_core.views import View


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
    field : Field
        The fitted field, from which any number of points can be sampled later.
    cloud : PointCloud
        As many points as the settings asked for.
    stages : dict of str to float
        Seconds spent in each stage.
    device : str
        What computed it.
    scores : dict of str to float
        How well the field explains the pictures.
    """

    field: Field
    cloud: PointCloud
    stages: dict[str, float]
    device: str
    scores: dict[str, float]


def reconstruct(
    views: list[View],
    settings: Settings,
    progress: Progress = Silent(),  # noqa: B008 -- Silent has no state
) -> Reconstruction:
    """Reconstruct the object that posed views show.

    Parameters
    ----------
    views : list of View
        Pictures with cameras and, where there are any, masks.
    settings : Settings
        Number of points, preset, device, method and seed.
    progress : Progress
        Is told every stage, and may raise ``Cancelled``.

    Returns
    -------
    Reconstruction
        In the world coordinates of the cameras.

    Raises
    ------
    InputError
        If there is no view.
    ReconstructionError
        If the views together describe no object.
    DeviceError
        If the device is not there.
    """
    if not views:
        raise InputError("There are no pictures to reconstruct from.", "Add images or cameras.")
    device = choose_device(settings.device)
    stopwatch = Stopwatch()
    fit = load_method(settings.method)
    fitted, scores = fit(views, settings, device, progress, stopwatch)
    with stopwatch.stage("sampling"):
        cloud = sample(fitted, settings.points, settings.seed, progress)
    return Reconstruction(fitted, cloud, stopwatch.seconds, str(device), scores)
