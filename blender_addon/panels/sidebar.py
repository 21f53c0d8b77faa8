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


def draw_sentences(layout: Any, icon: str, sentences: Sequence[str], context: Any) -> None:
    """Draw sentences in a box, wrapped to the width of the sidebar, with an icon before the first."""
    width = context.region.width / context.preferences.system.ui_scale
    column = layout.box().column(align=True)
    column.scale_y = 0.8
    for text in sentences:
        for line in textwrap.wrap(translated(text), max(int(width * LINE_LENGTH_PER_UNIT) - 6, 20)):
            column.label(text=line, icon=icon, translate=False)
            icon = "BLANK1"
