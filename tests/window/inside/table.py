# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands before the person: a cup with a saucer, lit, and cheap to render."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bpy

ROOT = Path(__file__).resolve().parents[3]


def lay_table(scene: Any, size: int, samples: int) -> None:
    """Replace all objects of a scene by the cup, selected; cameras are to render ``size`` pixels."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))  # last: the add-on and the core that are installed come first
    from blender_addon.data_sets import stage
    from blender_addon.studio import objects  # the studio is not in the zip

    bpy.data.batch_remove(list(bpy.data.objects))
    cup = objects.add_cup(scene)
    stage.add_light(scene)
    stage.use_cycles(scene, size, samples)
    for part in cup:
        part.select_set(True)
    scene.view_layers[0].objects.active = cup[0]
