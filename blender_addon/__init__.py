# SPDX-License-Identifier: GPL-3.0-or-later
"""UNeR3D for Blender: pictures of an object in, a coloured 3D point cloud of it in the scene.

Scripts call :mod:`blender_addon.api`. Importing this package imports no bpy, so that the engine's client can
be used and tested without Blender.
"""


def register() -> None:
    """Add the panels, operators, properties and preferences to Blender."""
    from . import operators, panels, preferences_page, properties, translations

    for module in (translations, preferences_page, properties, operators, panels):
        module.register()


def unregister() -> None:
    """End all jobs and take everything out of Blender again."""
    from . import fetching, installing, operators, panels, preferences_page, properties, translations
    from .inputs import rig_preview, survey, thumbnails
    from .jobs import choices, driving, earlier, mask_sheet, runs

    behind = (
        driving,
        earlier,
        runs,
        choices,
        mask_sheet,
        installing,
        fetching,
        rig_preview,
        panels,
        survey,
        thumbnails,
    )
    for module in (*behind, operators, properties, preferences_page, translations):
        module.unregister()
