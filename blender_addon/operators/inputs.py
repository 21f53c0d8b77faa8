# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that change the list of inputs."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from pathlib import Path
from typing import Any

import bpy

from uner3d_core.errors import InputError

from .. import api
from .reporting import report_errors


class UNER3D_OT_AddSelectedCameras(bpy.types.Operator):
    """Add the selected cameras to the inputs."""

    bl_idname = "uner3d.add_selected_cameras"
    bl_label = "Add Selected Cameras"
    bl_description = "Add the selected cameras to the inputs; what they see will be rendered"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: Any) -> Any:
        """Add them."""

        def action() -> str:
            cameras = [item for item in context.selected_objects if item.type == "CAMERA"]
            if not cameras:
                raise InputError("No camera is selected.", "Select the cameras that see the object.")
            return f"{api.add_cameras(context.scene, cameras)} cameras added."

        return report_errors(self, action)


class UNER3D_OT_AddImages(bpy.types.Operator):
    """Add image files, or all images of a folder, to the inputs."""

    bl_idname = "uner3d.add_images"
    bl_label = "Add Images"
    bl_description = "Add images to the inputs; with no file selected, all images of the folder"
    bl_options = {"REGISTER", "UNDO"}

    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: bpy.props.CollectionProperty(
        type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"}
    )
    filter_image: bpy.props.BoolProperty(default=True, options={"SKIP_SAVE", "HIDDEN"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"SKIP_SAVE", "HIDDEN"})

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Open the file browser."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> Any:
        """Add them."""

        def action() -> str:
            folder = Path(bpy.path.abspath(self.directory))
            names = [item.name for item in self.files if item.name]
            paths = [folder / name for name in names] or [folder]
            return f"{api.add_images(context.scene, paths)} images added."

        return report_errors(self, action)


class UNER3D_OT_RemoveInputs(bpy.types.Operator):
    """Remove the selected row from the inputs, or all rows."""

    bl_idname = "uner3d.remove_inputs"
    bl_label = "Remove Inputs"
    bl_description = "Remove the selected row from the inputs. The camera or image itself stays"
    bl_options = {"REGISTER", "UNDO"}

    everything: bpy.props.BoolProperty(name="All", description="Remove all rows", options={"SKIP_SAVE"})

    @classmethod
    def description(cls, context: Any, properties: Any) -> str:
        """Tell the tooltip."""
        if properties.everything:
            return "Remove all rows from the inputs. The cameras and images themselves stay"
        return cls.bl_description

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether there is something to remove."""
        return bool(context.scene.uner3d.inputs)

    def execute(self, context: Any) -> Any:
        """Remove them."""
        settings = context.scene.uner3d
        if self.everything:
            settings.inputs.clear()
        else:
            settings.inputs.remove(settings.active_input)
        settings.active_input = max(0, min(settings.active_input, len(settings.inputs) - 1))
        return {"FINISHED"}


CLASSES = (UNER3D_OT_AddSelectedCameras, UNER3D_OT_AddImages, UNER3D_OT_RemoveInputs)
