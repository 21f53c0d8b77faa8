# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab UNeR3D in the 3D view's sidebar: it draws, and decides nothing."""

import bpy

from .cloud import UNER3D_PT_Cloud, UNER3D_PT_Colours, UNER3D_PT_Details, UNER3D_PT_Field, UNER3D_PT_Mesh
from .engine import UNER3D_PT_Engine
from .files import UNER3D_PT_Files, draw_import, import_menu
from .inputs import UNER3D_UL_Inputs
from .jobs import UNER3D_PT_Jobs
from .presets import UNER3D_PT_Looks, UNER3D_PT_Setups
from .reconstruct import UNER3D_PT_Reconstruct

_CLASSES = (
    UNER3D_PT_Looks,
    UNER3D_PT_Setups,
    UNER3D_UL_Inputs,
    UNER3D_PT_Engine,
    UNER3D_PT_Reconstruct,
    UNER3D_PT_Jobs,
    UNER3D_PT_Cloud,
    UNER3D_PT_Colours,
    UNER3D_PT_Field,
    UNER3D_PT_Details,
    UNER3D_PT_Mesh,
    UNER3D_PT_Files,
)


def register() -> None:
    """Add the panels, and an entry to the import menu."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    import_menu().append(draw_import)


def unregister() -> None:
    """Remove them."""
    import_menu().remove(draw_import)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
