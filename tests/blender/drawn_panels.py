# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels drawn on a layout that notes what is put on it, and knows what can be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy


class Layout:
    """Stands for ``bpy.types.UILayout``."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __getattr__(self, name: str) -> Any:
        assert hasattr(bpy.types.UILayout, name) or name in bpy.types.UILayout.bl_rna.functions
        return lambda *_, **__: self

    def prop(self, data: Any, name: str, **_: Any) -> None:
        assert name in data.bl_rna.properties
        self.seen.append(name)

    def label(self, text: str = "", **_: Any) -> None:
        self.seen.append(text)

    def operator(self, name: str, text: str | None = None, **_: Any) -> Any:
        known = getattr(bpy.ops.uner3d, name.removeprefix("uner3d.")).get_rna_type()
        self.seen.append(text or known.name)
        return SimpleNamespace(**dict.fromkeys(known.properties.keys()))

    def operator_menu_enum(self, name: str, _: str, text: str = "", **__: Any) -> None:
        self.seen.append(text)


def drawn(panel: Any, space: Any = None, **own: Any) -> list[str]:
    """What a panel puts on its layout, in a 3D view where one is given."""
    layout = Layout()
    region = SimpleNamespace(width=300)
    context = SimpleNamespace(
        object=bpy.context.object,
        scene=bpy.context.scene,
        space_data=space,
        region=region,
        preferences=SimpleNamespace(
            system=SimpleNamespace(ui_scale=1.0, bl_rna=bpy.types.PreferencesSystem.bl_rna)
        ),
    )
    panel.draw(SimpleNamespace(layout=layout, **own), context)
    return layout.seen
