# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that change the list of inputs."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from pathlib import Path
from typing import Any

import bpy

from uner3d_core.counting import counted
from uner3d_core.errors import InputError
from uner3d_core.inputs.frames import IMAGE_SUFFIXES
from uner3d_core.inputs.places import find_images
from uner3d_core.inputs.video.frames import VIDEO_SUFFIXES

from .. import api
from ..inputs import survey
from ..inputs.adding import CAMERA_SUFFIXES
from ..translations import translated
from ..windows import redraw_views
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
            count = api.add_cameras(context.scene, cameras)
            redraw_views()
            return f"{counted(count, '1 camera', '{} cameras')} added."

        return report_errors(self, action)


class UNER3D_OT_AddImages(bpy.types.Operator):
    """Add image files, all images of a folder, or those that a camera file names, to the inputs."""

    bl_idname = "uner3d.add_images"
    bl_label = "Add Images to UNeR3D"
    bl_description = (
        "Add images, or a video, to the inputs; with no file selected, all images of the folder; "
        "with a transforms.json or a COLMAP model, the images that it names"
    )
    bl_options = {"REGISTER", "UNDO"}

    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: bpy.props.CollectionProperty(
        type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"}
    )
    filter_image: bpy.props.BoolProperty(default=True, options={"SKIP_SAVE", "HIDDEN"})
    filter_movie: bpy.props.BoolProperty(default=True, options={"SKIP_SAVE", "HIDDEN"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"SKIP_SAVE", "HIDDEN"})
    filter_glob: bpy.props.StringProperty(
        default="*.json;cameras.bin;cameras.txt", options={"SKIP_SAVE", "HIDDEN"}
    )
    whole_folder: bpy.props.BoolProperty(
        name="All Images of Its Folder",
        description="Add the images that lie beside it too",
        options={"SKIP_SAVE"},
    )

    _others = 0  # Blender makes operators without __init__

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Add the files that were dropped, else open the file browser.

        Blender offers add-ons no dropped folder, as its name has no ending. So one image that lies beside
        others may stand for all of them: a dialog asks.
        """
        if self.directory and any(item.name for item in self.files):
            self._others = self._count_others()
            if self._others and not bpy.app.background:
                return context.window_manager.invoke_props_dialog(self, width=360, confirm_text="Add Images")
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> Any:
        """Add them."""

        def action() -> str:
            folder = Path(bpy.path.abspath(self.directory))
            names = [item.name for item in self.files if item.name and not self.whole_folder]
            paths = [folder / name for name in names] or [folder]
            count = api.add_images(context.scene, paths)
            redraw_views()  # the sidebar's list, of which Blender knows nothing after a drop
            return f"{counted(count, '1 image', '{} images')} added."

        return report_errors(self, action)

    def draw(self, context: Any) -> None:
        """Draw what the dialog asks."""
        layout: Any = self.layout
        if self._is_one_image():
            if self._others:
                more = counted(self._others, "1 other image", "{} other images")
                words = translated(f"“{self.files[0].name}” lies beside {more}.")
                layout.label(text=words, translate=False)
            layout.prop(self, "whole_folder")

    def _is_one_image(self) -> bool:
        names = [item.name for item in self.files if item.name]
        return len(names) == 1 and Path(names[0]).suffix.lower() in IMAGE_SUFFIXES

    def _count_others(self) -> int:
        """Count the images beside the one that was dropped; 0 where it is none, or not the only one."""
        try:
            return len(find_images(Path(self.directory))) - 1 if self._is_one_image() else 0
        except InputError:  # adding the image tells it
            return 0


class UNER3D_FH_Inputs(bpy.types.FileHandler):
    """Images and camera files that are dropped on a 3D view."""

    bl_idname = "UNER3D_FH_inputs"
    bl_label = "UNeR3D inputs"
    bl_import_operator = UNER3D_OT_AddImages.bl_idname
    bl_file_extensions = ";".join((*IMAGE_SUFFIXES, *VIDEO_SUFFIXES, *CAMERA_SUFFIXES))

    @classmethod
    def poll_drop(cls, context: Any) -> bool:
        """Whether they are dropped on a 3D view or its sidebar."""
        return bool(context.area and context.area.type == "VIEW_3D")


class UNER3D_OT_RemoveInputs(bpy.types.Operator):
    """Remove the selected row from the inputs, or all rows."""

    bl_idname = "uner3d.remove_inputs"
    bl_label = "Remove Inputs"
    bl_description = "Remove the selected row from the inputs. The camera or image itself stays"
    bl_options = {"REGISTER", "UNDO"}

    everything: bpy.props.BoolProperty(name="All", description="Remove all rows", options={"SKIP_SAVE"})
    unusable: bpy.props.BoolProperty(
        name="Unusable",
        description="Remove the rows whose camera was deleted or is no perspective one, "
        "or whose image is gone or can't be read",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(cls, context: Any, properties: Any) -> str:
        """Tell the tooltip."""
        if properties.everything:
            return translated("Remove all rows from the inputs. The cameras and images themselves stay")
        if properties.unusable:
            return translated(cls.bl_rna.properties["unusable"].description)
        return translated(cls.bl_description)

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether there is something to remove."""
        return bool(context.scene.uner3d.inputs)

    def execute(self, context: Any) -> Any:
        """Remove them."""
        settings = context.scene.uner3d
        if self.everything:
            settings.inputs.clear()
        elif self.unusable:
            for row in reversed(survey.unusable_rows(context.scene)):
                settings.inputs.remove(row)
        else:
            settings.inputs.remove(settings.active_input)
        settings.active_input = max(0, min(settings.active_input, len(settings.inputs) - 1))
        redraw_views()
        return {"FINISHED"}


class UNER3D_OT_ExplainInput(bpy.types.Operator):
    """Tell what is known about a row of the inputs, as its tooltip and when it is clicked."""

    bl_idname = "uner3d.explain_input"
    bl_label = "About This Input"
    bl_description = "What is known about this camera or image"
    bl_options = {"INTERNAL"}

    row: bpy.props.IntProperty(
        name="Row", description="Which row of the inputs", min=0, options={"SKIP_SAVE", "HIDDEN"}
    )

    @classmethod
    def description(cls, context: Any, properties: Any) -> str:
        """Tell the tooltip."""
        return survey.describe(context.scene, properties.row) or translated(cls.bl_description)

    def execute(self, context: Any) -> Any:
        """Select the row, and report it."""
        words = survey.describe(context.scene, self.row)
        if not words:
            return {"CANCELLED"}
        context.scene.uner3d.active_input = self.row
        self.report({"INFO"}, words)
        return {"FINISHED"}


CLASSES = (
    UNER3D_OT_AddSelectedCameras,
    UNER3D_OT_AddImages,
    UNER3D_FH_Inputs,
    UNER3D_OT_RemoveInputs,
    UNER3D_OT_ExplainInput,
)
