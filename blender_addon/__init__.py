# SPDX-License-Identifier: GPL-3.0-or-later
"""UNeR3D for Blender: pictures of an object in, a coloured 3D point cloud of it in the scene.

Scripts call :mod:`blender_addon.api`. Importing this package imports no bpy, so that the engine's client can
be used and tested without Blender.
"""


def register() -> None:
    """Add the panels, operators, properties and preferences to Blender."""
    from . import (  # noqa: PLC0415 -- they import bpy
        operators,
        panels,
        preferences_page,
        properties,
        translations,
    )

    for module in (translations, preferences_page, properties, operators, panels):
        module.register()


def unregister() -> None:
    """End all jobs and take everything out of Blender again."""
    from . import (  # noqa: PLC0415 -- they import bpy
        driving,
        input_survey,
        installing,
        operators,
        panels,
        preferences_page,
        properties,
        rig_preview,
        runs,
        thumbnails,
        translations,
    )

    behind = (driving, runs, installing, rig_preview, panels, input_survey, thumbnails)
    for module in (*behind, operators, properties, preferences_page, translations):
        module.unregister()
