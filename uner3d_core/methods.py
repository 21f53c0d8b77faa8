# SPDX-License-Identifier: Apache-2.0
"""The reconstruction methods one can choose, by name.

A method is one function, ``fit(views, settings, device, progress, stopwatch) -> (Field, scores)``. It is
named here as ``module:function`` and imported when it is chosen, so that one method never notices another.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from uner3d_core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from uner3d_core.field import Field
    from uner3d_core.progress import Progress
    from uner3d_core.reconstruct import Stopwatch
    from uner3d_core.settings import Settings
    from uner3d_core.views import View

    Method = Callable[
        [list[View], Settings, torch.device, Progress, Stopwatch], tuple[Field, dict[str, float]]
    ]

METHODS = {"uner3d": "uner3d_core.fitted.method:fit"}
"""Method name to the function that does it."""


def load_method(name: str) -> Method:
    """Import the function of the method called ``name``.

    Raises
    ------
    InputError
        If there is no such method.
    """
    if name not in METHODS:
        raise InputError(f"“{name}” is no method.", f"Choose one of {', '.join(METHODS)}.")
    module, function = METHODS[name].split(":")
    return cast("Method", getattr(import_module(module), function))
