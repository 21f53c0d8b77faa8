# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that shows the cameras of the images in the scene."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.counting import counted

from .. import api
from .reporting import report_errors


class UNER3D_OT_ShowInputCameras(bpy.types.Operator):
    """Make cameras in the scene of those that a file tells."""

    bl_idname = "uner3d.show_input_cameras"
    bl_label = "Show Cameras"
    bl_description = (
        "Make a camera in the scene for each image whose camera is known, with the image behind it; "
        "they are put into a collection of their own"
    )
    bl_options = {"REGISTER", "UNDO"}

    set_render_size: bpy.props.BoolProperty(
        name="Set Render Size",
        description="Also set the scene's resolution and pixel aspect to those of the first image, "
        "so that renders cover the images",
        options={"SKIP_SAVE"},
    )

    def execute(self, context: Any) -> Any:
        """Make them."""

        def action() -> str:
            frames = api.frames_of_inputs(context.scene)
            api.add_view_cameras(frames, context.scene, set_render_size=self.set_render_size)
            made = f"{counted(len(frames), '1 camera', '{} cameras')} made"
            if any(frame.camera.has_distortion for frame in frames):
                return f"{made}; they lack the lens distortion that the images have."
            return f"{made}."

        return report_errors(self, action)


CLASSES = (UNER3D_OT_ShowInputCameras,)
