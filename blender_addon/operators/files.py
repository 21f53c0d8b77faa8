# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that read and write clouds."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from uner3d_core.errors import OutputError

from .. import api, details
from ..translations import translated
from .reporting import points_sentence, report_errors


class UNER3D_OT_ImportCloud(bpy.types.Operator, ImportHelper):  # type: ignore[misc] # stubs disagree on invoke
    """Read a point cloud from a file."""

    bl_idname = "uner3d.import_cloud"
    bl_label = "Import Cloud"
    bl_description = "Read a point cloud, of this add-on or another program, from a PLY or NPZ file"
    bl_options = {"REGISTER", "UNDO"}

    filepath: bpy.props.StringProperty(
        name="File Path", description="The file that is read", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: bpy.props.StringProperty(default="*.ply;*.npz", options={"HIDDEN"})

    def execute(self, context: Any) -> Any:
        """Read it."""

        def action() -> str:
            return points_sentence(api.import_cloud(Path(bpy.path.abspath(self.filepath))))

        return report_errors(self, action)


class UNER3D_OT_ExportCloud(bpy.types.Operator, ExportHelper):  # type: ignore[misc] # stubs disagree on invoke
    """Write the active cloud to a file."""

    bl_idname = "uner3d.export_cloud"
    bl_label = "Export Cloud"
    bl_description = "Write all points of the active cloud to a PLY file, in world coordinates"

    filename_ext = ".ply"
    filepath: bpy.props.StringProperty(
        name="File Path", description="The file that is written", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: bpy.props.StringProperty(default="*.ply", options={"HIDDEN"})

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object can hold points."""
        return bool(context.object and context.object.type == "MESH")

    def execute(self, context: Any) -> Any:
        """Write it."""

        def action() -> str:
            if not self.filepath:
                raise OutputError("There is no file name.", "Name a .ply file.")
            path = Path(bpy.path.abspath(self.filepath))
            api.export_cloud(context.object, path)
            return f"“{path}” is written."

        return report_errors(self, action)


class UNER3D_OT_CopyDetails(bpy.types.Operator):
    """Copy what is known about the active cloud."""

    bl_idname = "uner3d.copy_details"
    bl_label = "Copy Details"
    bl_description = "Copy the details to the clipboard, as lines of text"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object is a cloud."""
        return bool(context.object and context.object.uner3d.is_cloud)

    def execute(self, context: Any) -> Any:
        """Copy them."""
        context.window_manager.clipboard = details.of_cloud(context.object).as_text()
        self.report({"INFO"}, translated("The details are on the clipboard."))
        return {"FINISHED"}


CLASSES = (UNER3D_OT_ImportCloud, UNER3D_OT_ExportCloud, UNER3D_OT_CopyDetails)
