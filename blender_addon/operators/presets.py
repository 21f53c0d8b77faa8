# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for looks of clouds and setups of reconstructions, which are kept as files."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from uner3d_core.errors import InputError

from .. import presets
from .reporting import report_errors


class _PresetOperator:
    """What the operators share: the kind, and what it is of."""

    kind: bpy.props.EnumProperty(
        name="Kind",
        description="What is kept: how a cloud is shown, or how a reconstruction is made",
        items=[("look", "Look", "How a cloud is shown"), ("setup", "Setup", "How a reconstruction is made")],
        options={"SKIP_SAVE"},
    )

    def block(self: Any, context: Any) -> Any:
        if self.kind == presets.SETUP.word:
            return context.scene
        if context.object is None or not context.object.uner3d.is_cloud:
            raise InputError("No cloud is active, so there is nothing to look at.", "Select a cloud.")
        return context.object


def _name() -> Any:
    return bpy.props.StringProperty(name="Name", description="What it is called", options={"SKIP_SAVE"})


class UNER3D_OT_ApplyPreset(_PresetOperator, bpy.types.Operator):
    """Use a look or a setup that was kept."""

    bl_idname = "uner3d.apply_preset"
    bl_label = "Use"
    bl_description = "Use the settings that were kept under this name"
    bl_options = {"REGISTER", "UNDO"}

    name: _name()

    def execute(self, context: Any) -> Any:
        """Use it."""

        def action() -> str:
            kind = presets.KINDS[self.kind]
            presets.load(kind, presets.path_of(kind, self.name), self.block(context))
            return f"The {kind.word} “{self.name}” is used."

        return report_errors(self, action)


class UNER3D_OT_KeepPreset(_PresetOperator, bpy.types.Operator):
    """Keep the settings as a look or a setup."""

    bl_idname = "uner3d.keep_preset"
    bl_label = "Keep"
    bl_description = "Keep the settings as they are under a name; one of that name is replaced"
    bl_options = {"INTERNAL"}

    name: _name()

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Ask for the name."""
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: Any) -> None:
        """Draw the name alone."""
        layout: Any = self.layout
        layout.prop(self, "name")

    def execute(self, context: Any) -> Any:
        """Keep them."""

        def action() -> str:
            kind = presets.KINDS[self.kind]
            presets.save(kind, presets.path_of(kind, self.name), self.block(context))
            return f"The {kind.word} “{self.name}” is kept."

        return report_errors(self, action)


class UNER3D_OT_RemovePreset(_PresetOperator, bpy.types.Operator):
    """Remove a look or a setup that was kept."""

    bl_idname = "uner3d.remove_preset"
    bl_label = "Remove"
    bl_description = "Remove what was kept under this name from the disk; clouds that use it stay as they are"
    bl_options = {"INTERNAL"}

    name: _name()

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: Any) -> Any:
        """Remove it."""

        def action() -> str:
            presets.remove(presets.KINDS[self.kind], self.name)
            return f"The {self.kind} “{self.name}” is removed."

        return report_errors(self, action)


class UNER3D_OT_ImportPreset(_PresetOperator, bpy.types.Operator, ImportHelper):  # type: ignore[misc]
    """Use a look or a setup from a file, and keep it."""

    bl_idname = "uner3d.import_preset"
    bl_label = "From File"
    bl_description = "Use the settings in a file that somebody has shared, and keep them under its name"
    bl_options = {"REGISTER", "UNDO"}

    filepath: bpy.props.StringProperty(
        name="File Path", description="The file that is read", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: bpy.props.StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: Any) -> Any:
        """Use and keep it."""

        def action() -> str:
            kind, path = presets.KINDS[self.kind], Path(bpy.path.abspath(self.filepath))
            block = self.block(context)
            kept = presets.path_of(kind, path.stem)
            presets.load(kind, path, block)
            presets.save(kind, kept, block)
            return f"The {kind.word} “{path.stem}” is used and kept."

        return report_errors(self, action)


class UNER3D_OT_ExportPreset(_PresetOperator, bpy.types.Operator, ExportHelper):  # type: ignore[misc]
    """Write the settings to a file."""

    bl_idname = "uner3d.export_preset"
    bl_label = "To File"
    bl_description = "Write the settings as they are to a file that can be shared"

    filename_ext = ".json"
    filepath: bpy.props.StringProperty(
        name="File Path", description="The file that is written", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: bpy.props.StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: Any) -> Any:
        """Write it."""

        def action() -> str:
            kind, path = presets.KINDS[self.kind], Path(bpy.path.abspath(self.filepath))
            presets.save(kind, path, self.block(context))
            return f"“{path}” is written."

        return report_errors(self, action)


CLASSES = (
    UNER3D_OT_ApplyPreset,
    UNER3D_OT_KeepPreset,
    UNER3D_OT_RemovePreset,
    UNER3D_OT_ImportPreset,
    UNER3D_OT_ExportPreset,
)
