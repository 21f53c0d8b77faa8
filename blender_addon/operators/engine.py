# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that looks whether the engine is ready."""

from typing import Any

import bpy

from .. import api
from .reporting import report_errors


class UNER3D_OT_EngineCheck(bpy.types.Operator):
    """Run the engine's Python, and tell what it says."""

    bl_idname = "uner3d.engine_check"
    bl_label = "Check Engine"
    bl_description = "Start the engine's Python and see whether it has all it needs; takes a few seconds"

    def execute(self, context: Any) -> Any:
        """Check it."""

        def action() -> str:
            report = api.check_engine()
            return f"The engine is ready: uner3d {report.uner3d}, torch {report.torch}."

        return report_errors(self, action)


CLASSES = (UNER3D_OT_EngineCheck,)
