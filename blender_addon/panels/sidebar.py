# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tab's panels share: where they stand, and how a sentence is drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from ..translations import translated

LINE_LENGTH_PER_UNIT = 0.135  # characters of a label to a pixel of the region at scale 1


class SidebarPanel:
    """A panel of the tab UNeR3D."""

    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "UI"
    bl_category = "UNeR3D"


def draw_sentences(
    layout: Any, icon: str, sentences: Sequence[str], context: Any, *, dismiss: str = ""
) -> Any:
    """Draw sentences in a box, wrapped to the width of the sidebar, with an icon before the first.

    ``dismiss`` names the operator of a button at the box's corner. The box's column is returned.
    """
    width = context.region.width / context.preferences.system.ui_scale
    length = max(int(width * LINE_LENGTH_PER_UNIT) - (9 if dismiss else 6), 20)
    row = layout.box().row(align=True)
    column = row.column(align=True)
    lines = column.column(align=True)
    lines.scale_y = 0.8
    for text in sentences:
        for line in textwrap.wrap(translated(text), length):
            lines.label(text=line, icon=icon, translate=False)
            icon = "BLANK1"
    if dismiss:
        row.operator(dismiss, text="", icon="X", emboss=False)
    return column
