# SPDX-License-Identifier: Apache-2.0
"""The doors of the core: images, masks and cameras from files become views.

Importing this package reads no image library, so that the Blender add-on can write its cameras with
:mod:`uner3d_core.inputs.transforms`; :func:`load_views` is fetched when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uner3d_core.inputs.load import load_views

__all__ = ["load_views"]


def __getattr__(name: str) -> Any:
    if name == "load_views":
        from uner3d_core.inputs.load import load_views  # noqa: PLC0415 -- it needs Pillow

        return load_views
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
