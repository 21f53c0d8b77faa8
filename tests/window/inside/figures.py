# SPDX-License-Identifier: GPL-3.0-or-later
"""How quick the add-on is in a window: run inside Blender by ``tests/window/figures.py``."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
from person import MODULE, Person, Steps, install, play

DENSITIES = (0.9, 0.2, 0.7, 1.0, 0.5)
"""Shares of what is shown at first, which is less than all of a very large cloud."""
INPUTS = 200


def figures(person: Person, archive: Path, clouds: list[Path]) -> Steps:
    """Print all figures."""
    install(person, archive)
    yield 0.5
    _tell_registration()
    bpy.data.batch_remove(list(bpy.data.objects))
    yield from person.open_tab()
    yield from _tell_panels(person, clouds[0])
    for path in clouds:
        yield from _tell_cloud(person, path)


def _tell_registration() -> None:
    addon = sys.modules[MODULE]
    seconds = []
    for _ in range(9):
        addon.unregister()
        seconds.append(_seconds(addon.register))
    _tell(f"register(): {_milliseconds(seconds)}")


def _tell_panels(person: Person, path: Path) -> Steps:
    """Time what each panel of the tab takes to draw, with many inputs and a cloud."""
    scene: Any = bpy.context.scene
    with person.context():
        bpy.ops.uner3d.import_cloud(filepath=str(path))
    for number in range(INPUTS):
        camera = bpy.data.objects.new(f"Camera {number}", bpy.data.cameras.new("Camera"))
        scene.collection.objects.link(camera)
        scene.uner3d.inputs.add().camera = camera
    yield 0.5
    panels = [cls for cls in _panel_classes() if cls.bl_space_type == "VIEW_3D"]
    with _timed(panels) as seconds:
        for _ in range(9):
            person.area.tag_redraw()
            yield 0.2
    for cls, measured in seconds.items():
        if measured:
            _tell(f"panel {cls.bl_label}, {INPUTS} inputs: drawn in {_milliseconds(measured)}")
    bpy.data.batch_remove(list(bpy.data.objects))
    scene.uner3d.inputs.clear()


def _tell_cloud(person: Person, path: Path) -> Steps:
    """Time importing a cloud and changing its density: evaluation, upload and drawing apart."""
    with person.context():
        imported = _seconds(lambda: bpy.ops.uner3d.import_cloud(filepath=str(path)))
    cloud: Any = bpy.context.view_layer.objects.active
    count = len(cloud.data.vertices)
    space = person.area.spaces.active
    space.overlay.show_outline_selected = False
    share = cloud.uner3d.density
    with person.context():
        bpy.ops.view3d.view_selected()
    yield 1.0
    _tell(f"{count:,} points: imported in {1000 * imported:.0f} ms")
    for shading in ("SOLID", "MATERIAL"):
        space.shading.type = shading
        yield 5.0
        _redraw(person)  # shaders are compiled
        yield 30.0 if shading == "MATERIAL" else 1.0
        _redraw(person)
        evaluation, first, again = [], [], []
        for density in DENSITIES:
            cloud.uner3d.density = density * share
            evaluation.append(_seconds(bpy.context.view_layer.update))
            first.append(_seconds(lambda: _redraw(person)))
            again.append(_seconds(lambda: _redraw(person)))
            yield 0.05
        shown = f"{count:,} points, densities up to {share:g}, {shading.lower()}"
        _tell(
            f"{shown}: evaluated in {_milliseconds(evaluation)}, drawn for the first time in "
            f"{_milliseconds(first)}, drawn again in {_milliseconds(again)}"
        )
    yield from person.picture(f"{count}_points")
    bpy.data.batch_remove([cloud])


def _redraw(person: Person) -> None:
    with person.context():
        bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)


def _panel_classes() -> list[Any]:
    return [cls for cls in bpy.types.Panel.__subclasses__() if cls.__module__.startswith(f"{MODULE}.")]


@contextmanager
def _timed(panels: list[Any]) -> Iterator[dict[Any, list[float]]]:
    """Measure how long the ``draw`` of each panel takes, in Python."""
    seconds: dict[Any, list[float]] = {cls: [] for cls in panels}
    drawn = {cls: cls.draw for cls in panels}

    def measuring(cls: Any) -> Callable[[Any, Any], None]:
        def draw(self: Any, context: Any) -> None:
            seconds[cls].append(_seconds(lambda: drawn[cls](self, context)))

        return draw

    for cls in panels:
        cls.draw = measuring(cls)
    yield seconds
    for cls in panels:
        cls.draw = drawn[cls]


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _milliseconds(seconds: list[float]) -> str:
    return f"{1000 * statistics.median(seconds):.1f} ms (at most {1000 * max(seconds):.1f})"


def _tell(line: str) -> None:
    print(f"FIGURE Blender {bpy.app.version_string}: {line}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("clouds", type=Path, nargs="+")
    given = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
    bpy.context.preferences.view.show_splash = False
    play(figures(Person(given.output), given.archive, given.clouds))


main()
