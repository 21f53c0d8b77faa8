# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators that install the engine, remove it, and look whether it is ready."""

from typing import Any

import bpy

from uner3d_core.doctor import Report
from uner3d_core.errors import Uner3dError

from .. import api, installing, preferences
from ..engine.builds import MASKS, POINT_E
from ..engine.install import Installation
from ..engine.state import Installed
from ..translations import error_sentences
from .reporting import report_errors

TICK_SECONDS = 0.25


class _InstallOperator:
    """What the two operators that install share: blocking for scripts, and with progress in a window."""

    again = False
    extra = ""
    """What it is to have beyond what it has and the preferences say."""

    _installation: Any  # Installation; Blender makes operators without __init__
    _timer: Any

    def execute(self: Any, context: Any) -> Any:
        """Install it, and return when it is there."""
        return report_errors(
            self, lambda: _sentence(api.install_engine(again=self.again, extras=_extras(self.extra)))
        )

    def invoke(self: Any, context: Any, event: bpy.types.Event) -> Any:
        """Begin; the rest happens beside Blender."""
        try:
            self._installation = api.start_engine_installation(extras=_extras(self.extra))
        except Uner3dError as error:
            installing.remember(None, error)
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self: Any, context: Any, event: bpy.types.Event) -> Any:
        """Wait for the end."""
        installation: Installation = self._installation
        if event.type != "TIMER" or not installation.ended:
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        installing.finish(installation)
        return report_errors(self, lambda: _sentence(installation.result()))


class UNER3D_OT_EngineInstall(_InstallOperator, bpy.types.Operator):
    """Install the engine."""

    bl_idname = "uner3d.engine_install"
    bl_label = "Install Engine"
    bl_description = (
        "Download PyTorch and install it into a folder of its own, beside Blender. "
        "An installation that was cut goes on where it was"
    )


class UNER3D_OT_EngineRepair(_InstallOperator, bpy.types.Operator):
    """Install the engine again."""

    bl_idname = "uner3d.engine_repair"
    bl_label = "Repair"
    bl_description = "Make the engine anew; what was downloaded is used again"

    again = True


class _AddOperator(_InstallOperator):
    """What the operators share that make the engine anew with one more extra."""

    again = True

    def execute(self: Any, context: Any) -> Any:
        """Remember that it is wanted, and install it."""
        preferences.want_extra(self.extra)
        return super().execute(context)

    def invoke(self: Any, context: Any, event: bpy.types.Event) -> Any:
        """Remember that it is wanted, and begin."""
        preferences.want_extra(self.extra)
        return super().invoke(context, event)


class UNER3D_OT_EngineAddPointE(_AddOperator, bpy.types.Operator):
    """Install what Point-E needs."""

    bl_idname = "uner3d.engine_add_point_e"
    bl_label = "Add Point-E to Engine"
    bl_description = (
        "Make the engine anew with what the method Point-E needs: transformers, for its CLIP, some 100 MB; "
        "what was downloaded is used again"
    )

    extra = POINT_E


class UNER3D_OT_EngineAddMasks(_AddOperator, bpy.types.Operator):
    """Install what the networks that make masks need."""

    bl_idname = "uner3d.engine_add_masks"
    bl_label = "Add Mask Networks to Engine"
    bl_description = (
        "Make the engine anew with what the networks that make masks need: ONNX Runtime, some 20 MB; "
        "what was downloaded is used again"
    )

    extra = MASKS


class UNER3D_OT_EngineCancel(bpy.types.Operator):
    """Cancel the installation."""

    bl_idname = "uner3d.engine_cancel"
    bl_label = "Cancel Installation"
    bl_description = "Stop the installation; what was downloaded is kept for the next time"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether one is running."""
        return installing.current() is not None

    def execute(self, context: Any) -> Any:
        """Have it stop."""
        installation = installing.current()
        if installation is not None:
            installation.cancel()
        return {"FINISHED"}


class UNER3D_OT_EngineRemove(bpy.types.Operator):
    """Remove the engine."""

    bl_idname = "uner3d.engine_remove"
    bl_label = "Remove"
    bl_description = "Remove the installed engine with all that was downloaded for it"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether no installation is running."""
        return installing.current() is None

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: Any) -> Any:
        """Remove it."""

        def action() -> str:
            api.remove_engine()
            return "The engine is removed."

        return report_errors(self, action)


class UNER3D_OT_EngineRemoveDownloads(bpy.types.Operator):
    """Remove what the engine was made from."""

    bl_idname = "uner3d.engine_remove_downloads"
    bl_label = "Remove Downloads"
    bl_description = "Remove the files that the engine was made from; only Repair would use them again"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether no installation is running."""
        return installing.current() is None

    def execute(self, context: Any) -> Any:
        """Remove them."""

        def action() -> str:
            api.remove_engine_downloads()
            return "The downloads are removed."

        return report_errors(self, action)


class UNER3D_OT_EngineCheck(bpy.types.Operator):
    """Run the engine's Python, and tell what it says."""

    bl_idname = "uner3d.engine_check"
    bl_label = "Check Engine"
    bl_description = "Start the engine's Python and see whether it has all it needs; takes a few seconds"

    _check: Any  # Check; Blender makes operators without __init__
    _timer: Any

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether nothing of the kind is running."""
        return installing.current() is None and not installing.is_checking()

    def execute(self, context: Any) -> Any:
        """Check it, and return when it has answered."""
        return report_errors(self, lambda: _ready(api.check_engine()))

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Begin; the engine starts beside Blender."""
        try:
            self._check = installing.start_check(preferences.engine_python())
        except Uner3dError as error:
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: bpy.types.Event) -> Any:
        """Wait for its answer."""
        if event.type != "TIMER" or not self._check.ended:
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        try:
            return report_errors(self, lambda: _ready(installing.finish_check(self._check)))
        finally:
            installing.redraw()


def _extras(extra: str) -> set[str] | None:
    return {extra, *preferences.wanted_extras(preferences.engine_folder())} if extra else None


def _ready(report: Report) -> str:
    return f"The engine is ready: uner3d {report.uner3d}, torch {report.torch}."


def _sentence(installed: Installed) -> str:
    devices = ", ".join(device.name for device in installed.devices[1:]) or "the processor alone"
    return f"The engine is ready: torch {installed.torch}, computing on {devices}."


CLASSES = (
    UNER3D_OT_EngineInstall,
    UNER3D_OT_EngineRepair,
    UNER3D_OT_EngineAddPointE,
    UNER3D_OT_EngineAddMasks,
    UNER3D_OT_EngineCancel,
    UNER3D_OT_EngineRemove,
    UNER3D_OT_EngineRemoveDownloads,
    UNER3D_OT_EngineCheck,
)
