"""The reconstruction methods one can choose, by name.

A method is one function, ``reconstruct(views, settings, device, progress) -> Reconstruction``. It is named
here as ``module:function`` and imported when it is chosen, so that one method never notices another.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from uner3d_core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from uner3d_core.reconstruct import Reconstruction

METHODS = {"uner3d": "uner3d_core.fitted.method:reconstruct"}
"""Method name to the function that does it."""


def load_method(name: str) -> Callable[..., Reconstruction]:
    """Import the function of the method called ``name``.

    Raises
    ------
    InputError
        If there is no such method.
    """
    if name not in METHODS:
        raise InputError(f"“{name}” is no method.", f"Choose one of {', '.join(METHODS)}.")
    module, function = METHODS[name].split(":")
    return cast("Callable[..., Reconstruction]", getattr(import_module(module), function))
