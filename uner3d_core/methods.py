# SPDX-License-Identifier: Apache-2.0
"""The reconstruction methods one can choose, by name: and what each is given.

A method is one function, ``fit(given, settings, device, progress, stopwatch) -> (made, scores)``. It is
named here as ``module:function`` and imported when it is chosen, so that one method never notices another.
What it is given is read from files in :mod:`uner3d_core.run`. What it makes is a field, from which any number
of points is sampled, or else the cloud itself, of as many points as the settings ask for.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, cast

from uner3d_core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import torch

    from uner3d_core.field import Field
    from uner3d_core.point_cloud import PointCloud
    from uner3d_core.progress import Progress
    from uner3d_core.reconstruct import Stopwatch
    from uner3d_core.settings import Settings

    Fit = Callable[
        [Any, Settings, torch.device, Progress, Stopwatch], tuple[Field | PointCloud, dict[str, float]]
    ]


Takes = Literal["views", "prompt", "depth views"]
TAKES: dict[Takes, str] = {
    "views": "pictures with cameras",
    "prompt": "one picture or a sentence",
    "depth views": "pictures with cameras and depth",
}
"""What methods are given, and what a person calls it: a list of :class:`~uner3d_core.views.View`, one
:class:`~uner3d_core.prompt.Prompt`, or a list of :class:`~uner3d_core.depth_view.DepthView`."""


@dataclass(frozen=True)
class Method:
    """A way from what one has to a cloud.

    Parameters
    ----------
    fit : str
        The function that does it, as ``module:function``.
    takes : str
        What the function is given, one of :data:`TAKES`.
    """

    fit: str
    takes: Takes


METHODS = {
    "uner3d": Method("uner3d_core.fitted.method:fit", takes="views"),
    "point-e": Method("uner3d_core.point_e.method:fit", takes="prompt"),
    "depth": Method("uner3d_core.depth.method:fit", takes="depth views"),
}
"""The methods by their names."""


def find_method(name: str) -> Method:
    """Find the method called ``name``.

    Raises
    ------
    InputError
        If there is no such method.
    """
    if name not in METHODS:
        raise InputError(f"“{name}” is no method.", f"Choose one of {', '.join(METHODS)}.")
    return METHODS[name]


def load_fit(name: str) -> Fit:
    """Import the function of the method called ``name``.

    Raises
    ------
    InputError
        If there is no such method.
    """
    module, function = find_method(name).fit.split(":")
    return cast("Fit", getattr(import_module(module), function))
