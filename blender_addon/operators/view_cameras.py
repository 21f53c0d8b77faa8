# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators that show cameras in the scene: those that files tell, and those that were estimated."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from collections.abc import Sequence
from typing import Any

import bpy

from uner3d_core.counting import counted
from uner3d_core.inputs.frames import Frame

from .. import api
from .reporting import report_errors


def _set_render_size() -> Any:
    return bpy.props.BoolProperty(
        name="Set Render Size",
        description="Also set the scene's resolution and pixel aspect to those of the first image, "
        "so that renders cover the images",
        options={"SKIP_SAVE"},
    )


def _made(frames: Sequence[Frame]) -> str:
    """Say what was made."""
    made = f"{counted(len(frames), '1 camera', '{} cameras')} made"
    if any(frame.camera.has_distortion for frame in frames):
        return f"{made}; they lack the lens distortion that the images have."
    return f"{made}."


class UNER3D_OT_ShowInputCameras(bpy.types.Operator):
    """Make cameras in the scene of those that a file tells."""

    bl_idname = "uner3d.show_input_cameras"
    bl_label = "Show Cameras"
    bl_description = (
        "Make a camera in the scene for each image whose camera is known, with the image behind it; "
        "they are put into a collection of their own"
    )
    bl_options = {"REGISTER", "UNDO"}

    set_render_size: _set_render_size()

    def execute(self, context: Any) -> Any:
        """Make them."""

        def action() -> str:
            frames = api.frames_of_inputs(context.scene)
            api.add_view_cameras(frames, context.scene, set_render_size=self.set_render_size)
            return _made(frames)

        return report_errors(self, action)


class UNER3D_OT_ShowCloudCameras(bpy.types.Operator):
    """Make cameras in the scene of those that were estimated for the active cloud."""

    bl_idname = "uner3d.show_cloud_cameras"
    bl_label = "Show Estimated Cameras"
    bl_description = (
        "Make a camera around the cloud for each image whose camera was estimated, with the image behind it; "
        "they go with the cloud when it is moved or scaled"
    )
    bl_options = {"REGISTER", "UNDO"}

    set_render_size: _set_render_size()

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether the active object is a cloud with such cameras."""
        return bool(context.object and context.object.uner3d.cameras)

    def execute(self, context: Any) -> Any:
        """Make them."""

        def action() -> str:
            frames = api.frames_of_cloud(context.object)
            api.add_view_cameras(
                frames, context.scene, cloud=context.object, set_render_size=self.set_render_size
            )
            return _made(frames)

        return report_errors(self, action)


CLASSES = (UNER3D_OT_ShowInputCameras, UNER3D_OT_ShowCloudCameras)
