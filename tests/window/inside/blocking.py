# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the add-on keeps Blender's main loop: run inside Blender by ``tests/window/blocking.py``."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
from person import MODULE, TAB, Person, Steps, install, play

CAMERAS = 6
LARGE_FACES = 2_000_000
PATIENCE = 900.0


class Clock:
    """The longest times that parts of the add-on took.

    Attributes
    ----------
    longest : dict of str to float
        Seconds, for each part that ran.
    """

    def __init__(self) -> None:
        self.longest: dict[str, float] = defaultdict(float)

    def watch(self, owner: Any, name: str, part: Callable[[], str]) -> None:
        """Time a function of a module or class whenever it runs; ``part`` names what it does then."""
        function = getattr(owner, name)

        @wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            what, start = part(), time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                self.longest[what] = max(self.longest[what], time.perf_counter() - start)

        setattr(owner, name, timed)

    def watch_operator(self, operator: Any, name: str, part: Callable[[], str]) -> None:
        """Like :meth:`watch`, of what Blender calls, which gives a function as many arguments as it names."""
        self.watch(operator, name, part)
        timed = getattr(operator, name)

        def called(self: Any, context: Any, event: Any) -> Any:
            return timed(self, context, event)

        setattr(operator, name, called)

    def tell(self, what: str) -> None:
        """Print the parts, and forget them."""
        parts = "; ".join(f"{part} {1000 * seconds:.1f} ms" for part, seconds in self.longest.items())
        print(f"FIGURE {what}: {parts}", flush=True)
        self.longest.clear()


def watch(clock: Clock) -> None:
    """Time all that the add-on does in Blender's main loop while a job runs."""
    capture_apart, driving, preview, runs, running = (
        importlib.import_module(f"{MODULE}.{name}")
        for name in ("capture_apart", "jobs.driving", "jobs.preview", "jobs.runs", "operators.running")
    )

    def tick() -> str:
        run = runs.current()
        return f"a tick ({run.state.stage or run.state.phase.value})" if run else "a tick"

    clock.watch_operator(running.UNER3D_OT_Reconstruct, "invoke", lambda: "start")
    clock.watch_operator(running.UNER3D_OT_Reconstruct, "modal", tick)
    clock.watch(running.UNER3D_OT_Reconstruct, "_report", lambda: "Blender's undo step")
    clock.watch(capture_apart, "write_scene", lambda: "copying the scene")
    clock.watch(driving, "prepare_display", lambda: "making what shows clouds")
    clock.watch(driving, "take_result", lambda: "making the cloud")
    clock.watch(preview.Preview, "_draw", lambda: "drawing an early cloud")


def measure(person: Person, archive: Path, counts: list[int]) -> Steps:
    """Reconstruct clouds of several sizes, then from a scene with very many faces."""
    install(person, archive)
    yield 0.5
    clock = Clock()
    watch(clock)
    scene: Any = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = 256
    with person.context():
        bpy.ops.uner3d.add_cameras_around("EXEC_DEFAULT", kind="RING", count=CAMERAS)
    person.area.spaces.active.show_region_ui = True
    yield 0.5  # the tab can be chosen only after one redraw
    person.region("UI").active_panel_category = TAB
    for count in counts:
        yield from reconstruct(person, count)
        clock.tell(f"{CAMERAS} cameras of a cube, {count:,} points")
        cloud: Any = bpy.context.view_layer.objects.active
        bpy.data.meshes.remove(cloud.data)
    side = int(LARGE_FACES**0.5) + 1
    with person.context():
        bpy.ops.mesh.primitive_grid_add("EXEC_DEFAULT", x_subdivisions=side, y_subdivisions=side)
    yield 5.0
    faces = len(bpy.context.view_layer.objects.active.data.polygons)
    yield from reconstruct(person, counts[0])
    clock.tell(f"{CAMERAS} cameras of {faces:,} faces, {counts[0]:,} points")


def reconstruct(person: Person, count: int) -> Steps:
    """Start a job and wait until its cloud is there."""
    runs = importlib.import_module(f"{MODULE}.jobs.runs")
    scene: Any = bpy.context.scene
    scene.uner3d.points = count
    with person.context():
        bpy.ops.uner3d.reconstruct("INVOKE_DEFAULT")
    yield from person.until(lambda: runs.current() is None, PATIENCE, "the job does not end")
    assert runs.last_error() is None, runs.last_error()
    cloud: Any = bpy.context.view_layer.objects.active
    assert len(cloud.data.vertices) == count
    yield 1.0


def main() -> None:
    """Measure, and end Blender."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("counts", type=int, nargs="+")
    given = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
    play(measure(Person(given.output), given.archive, given.counts))


main()
