# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of looks and setups that open from the headers of their panels."""

from __future__ import annotations

from typing import Any

import bpy

from .. import presets
from ..operators.presets import (
    UNER3D_OT_ApplyPreset,
    UNER3D_OT_ExportPreset,
    UNER3D_OT_ImportPreset,
    UNER3D_OT_KeepPreset,
    UNER3D_OT_RemovePreset,
)


class _PresetList:
    bl_space_type: Any = "VIEW_3D"
    bl_region_type: Any = "HEADER"
    kind: presets.Kind
    keep: str

    def draw(self: Any, context: Any) -> None:
        """Draw it; the disk is asked only while it is open."""
        layout = self.layout
        layout.ui_units_x = 10
        layout.emboss = "PULLDOWN_MENU"
        kind = self.kind
        for path in presets.kept(kind):
            row = layout.row(align=True)
            use = row.operator(UNER3D_OT_ApplyPreset.bl_idname, text=path.stem, translate=False)
            _set(use, kind, path.stem)
            _set(row.operator(UNER3D_OT_RemovePreset.bl_idname, text="", icon="REMOVE"), kind, path.stem)
        layout.separator()
        row = layout.row()
        _set(row.operator(UNER3D_OT_KeepPreset.bl_idname, text=self.keep, icon="ADD"), kind, "")
        row = layout.row()
        row.operator(UNER3D_OT_ImportPreset.bl_idname, icon="IMPORT").kind = kind.word
        row.operator(UNER3D_OT_ExportPreset.bl_idname, icon="EXPORT").kind = kind.word


def _set(operator: Any, kind: presets.Kind, name: str) -> None:
    operator.kind, operator.name = kind.word, name


class UNER3D_PT_Looks(_PresetList, bpy.types.Panel):
    """The looks that were kept."""

    bl_idname = "UNER3D_PT_looks"
    bl_label = "Looks"
    bl_description = "Looks of clouds that were kept"
    kind = presets.LOOK
    keep = "Keep This Look"


class UNER3D_PT_Setups(_PresetList, bpy.types.Panel):
    """The setups that were kept."""

    bl_idname = "UNER3D_PT_setups"
    bl_label = "Setups"
    bl_description = "Setups of reconstructions that were kept"
    kind = presets.SETUP
    keep = "Keep This Setup"


def draw_list_button(layout: Any, panel: type[bpy.types.Panel]) -> None:
    """Draw the button in a panel's header that opens a list."""
    layout.emboss = "NONE"
    layout.popover(panel=panel.bl_idname, icon="PRESET", text="")
