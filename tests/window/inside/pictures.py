# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's pictures of the panels: run inside Blender by ``tests/window/pictures.py``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
from mathutils import Euler, Vector
from person import MODULE, Person, Steps, install, play
from table import lay_table

CAMERAS = 24
VIEW = Euler((1.15, 0.0, 0.65)).to_quaternion()


def pictures(person: Person, archive: Path, engine_python: Path) -> Steps:
    """Reconstruct the cup, and take a picture before, in between and after."""
    install(person, archive)
    bpy.context.preferences.addons[MODULE].preferences.engine_python = str(engine_python)
    lay_table(bpy.context.scene, size=384, samples=16)
    bpy.context.scene.view_settings.view_transform = "Standard"  # as the section Colours offers
    for item in bpy.context.scene.objects:
        if item.type == "LIGHT":
            item.hide_set(True)
    yield 0.5
    with person.context():
        bpy.ops.screen.screen_full_area()
    yield 0.5
    yield from person.open_tab()
    _look(person, distance=12.0)
    with person.context():
        bpy.ops.uner3d.add_cameras_around(kind="DOME", count=CAMERAS)
    person.area.spaces.active.overlay.show_cursor = False
    yield from person.picture("inputs")

    runs: Any = sys.modules[f"{MODULE}.jobs.runs"]
    yield from person.find("ops.uner3d.reconstruct(")
    yield from person.click()
    yield from person.until(lambda: runs.current() is not None, 60, "the job begins")
    yield from person.look_at_view()
    yield from person.until(
        lambda: runs.current() is None or len(runs.current().state.previews) > 1, 600, "a second early cloud"
    )
    for name in ("Cup", "Handle", "Saucer"):  # rendered by now, and in the way of what is drawn
        bpy.data.objects[name].hide_set(True)
    bpy.data.collections["UNeR3D Cameras"].hide_viewport = True
    _look(person, distance=5.0)
    yield from person.picture("running")
    yield from person.until(lambda: runs.current() is None, 900, "the job ends")
    assert runs.last_error() is None, str(runs.last_error())

    cloud = bpy.context.view_layer.objects.active.uner3d
    cloud.radius_kind, cloud.relative_radius = "RELATIVE", 0.9
    yield from person.find("ops.uner3d.show_colours(")
    yield from person.click()
    yield from person.look_at_view()
    yield 45.0  # shaders are compiled
    yield from person.picture("cloud")


def _look(person: Person, distance: float) -> None:
    """Look at the cup from the front, above, ``distance`` metres away, beside the sidebar."""
    view = person.area.spaces.active.region_3d
    view.view_rotation = VIEW
    view.view_distance = distance
    view.view_location = Vector((0.0, 0.0, 0.4)) + VIEW @ Vector((0.11 * distance, 0.0, 0.0))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--engine-python", type=Path, required=True)
    given = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
    bpy.context.preferences.view.show_splash = False
    play(pictures(Person(given.output), given.archive, given.engine_python))


main()
