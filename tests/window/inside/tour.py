# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of a person through the add-on: run inside Blender by ``tests/window/tour.py``."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
from person import MODULE, Person, Steps, install, play
from table import lay_table

CAMERAS = 16
POINTS = 20_000
MORE_POINTS = 30_000


class Tour:
    """The steps, in order; each leaves a picture.

    Parameters
    ----------
    person : Person
        Who takes it.
    archive : Path
        The add-on's zip.
    engine_python : Path
        The engine.
    theme : str
        Part of the name of a theme that comes with Blender; empty for the default.
    scale : float
        Blender's interface scale.
    """

    def __init__(self, person: Person, archive: Path, engine_python: Path, theme: str, scale: float) -> None:
        self.person, self.archive, self.engine_python = person, archive, engine_python
        self.theme, self.scale = theme, scale
        self.cloud = ""
        self.ticks: list[float] = []
        self.installed: dict[str, str] = {}

    def steps(self) -> Steps:
        """Go through all of them."""
        for number, step in enumerate(
            (
                self.install,
                self.open_tab,
                self.choose_engine,
                self.add_cameras,
                self.reconstruct,
                self.drag_density,
                self.resample,
                self.undo,
                self.redo,
                self.convert_to_mesh,
                self.cancel,
                self.save_and_reload,
                self.show_colours,
                self.look_at_jobs,
            ),
            1,
        ):
            name = f"{number:02d}_{step.__name__}"
            start = time.monotonic()
            try:
                yield from step(name)
            except BaseException as error:
                print(f"FAILED {name}: {error}", flush=True)
                yield from self.person.picture(f"{name}_failed")
                raise
            yield from self.person.picture(name)
            print(f"DONE {name}, {time.monotonic() - start:.1f} s", flush=True)

    # --- the steps ---

    def install(self, name: str) -> Steps:
        install(self.person, self.archive)
        yield 0.5
        import uner3d_core

        home = Path(os.environ["HOME"])
        assert Path(uner3d_core.__file__).is_relative_to(home), "the core is not the one of the zip"
        _make_read_only(self._extension())
        self.installed = _digests(self._extension())
        self._time_ticks()
        bpy.context.preferences.view.ui_scale = self.scale
        if self.theme:
            _choose_theme(self.theme)

    def choose_engine(self, name: str) -> Steps:
        area = self.person.area
        area.type = "PREFERENCES"
        bpy.context.preferences.active_section = "ADDONS"
        bpy.data.window_managers[0].addon_search = "UNeR3D"
        yield 0.5
        with bpy.context.temp_override(window=self.person.window, area=area, region=area.regions[-1]):
            bpy.ops.preferences.addon_expand(module=MODULE)
        yield from self.person.picture(f"{name}_before")
        bpy.context.preferences.addons[MODULE].preferences.engine_python = str(self.engine_python)
        bpy.ops.uner3d.engine_check()
        yield from self.person.picture(f"{name}_checked")
        area.type = "VIEW_3D"
        yield 0.5

    def open_tab(self, name: str) -> Steps:
        lay_table(bpy.context.scene, size=256, samples=4)
        with self.person.context():
            bpy.ops.view3d.view_selected()
        yield 0.5
        yield from self.person.open_tab()

    def add_cameras(self, name: str) -> Steps:
        yield from self.person.look_at_view()
        self.person.area.spaces.active.region_3d.view_distance *= 2.5
        with self.person.context():
            bpy.ops.uner3d.add_cameras_around("INVOKE_DEFAULT", kind="DOME", count=CAMERAS)
        yield from self.person.picture(f"{name}_preview")
        yield from self.person.press("RET")
        yield 1.5  # the inputs are looked at
        assert len(_settings().inputs) == CAMERAS, "not each camera became an input"

    def reconstruct(self, name: str) -> Steps:
        settings = _settings()
        settings.preset, settings.points = "draft", POINTS
        before = {item.name for item in bpy.data.objects}
        yield from self.person.find("ops.uner3d.reconstruct(")
        yield from self.person.click()
        yield from self.person.until(lambda: _run() is not None, 30, "the job begins")
        yield from self.person.look_at_view()
        self.person.longest_wait = 0.0
        yield from self.person.until(
            lambda: _run() is None or _run().state.done > 1, 120, "the first cameras are rendered"
        )
        yield from self.person.picture(f"{name}_capture")
        yield from self.person.until(_shows_early_cloud, 300, "an early cloud is shown")
        assert _run() is not None, f"the job ended without an early cloud: {_runs().last_error()}"
        yield from self.person.picture(f"{name}_preview")
        yield from self.person.until(lambda: _run() is None, 600, "the job ends")
        turns, longest, drawn = len(self.ticks), 1000 * max(self.ticks), 1000 * self.person.longest_wait
        print(f"FIGURE in {turns} turns the add-on held Blender for at most {longest:.0f} ms at a time")
        print(f"FIGURE with all that Blender itself did, for at most {drawn:.0f} ms", flush=True)
        assert _runs().last_error() is None, str(_runs().last_error())
        made = [item for item in bpy.data.objects if item.name not in before]
        assert len(made) == 1, f"{len(made)} objects were made"
        assert made[0].uner3d.is_cloud
        assert len(made[0].data.vertices) == POINTS
        assert bpy.context.view_layer.objects.active == made[0]
        # Otherwise “Adjust Last Operation” would add the cameras anew, and the cloud would be gone.
        last = bpy.data.window_managers[0].operators[-1].bl_idname
        assert last == "UNER3D_OT_take_result", f"the last operation is {last}, and not the result"
        self.cloud = made[0].name
        _near_the_cup(made[0])
        for part in ("Cup", "Handle", "Saucer"):
            bpy.data.objects[part].hide_set(True)
        bpy.ops.ed.undo_push(message="Hide the cup")

    def drag_density(self, name: str) -> Steps:
        yield from self.person.find("uner3d.density")
        yield from self.person.drag(-90)
        yield 0.3
        density = self._cloud().uner3d.density
        assert 0.0 < density < 0.9, f"the density is {density} after dragging"
        shown = _shown_points()
        assert shown == round(density * POINTS), f"{shown} points are shown at density {density}"

    def resample(self, name: str) -> Steps:
        self._cloud().uner3d.resample_points = MORE_POINTS
        yield from self.person.find("ops.uner3d.resample(")
        yield from self.person.click()
        yield from self.person.until(lambda: _run() is not None, 30, "sampling begins")
        yield from self.person.until(lambda: _run() is None, 300, "sampling ends")
        assert _runs().last_error() is None, str(_runs().last_error())
        assert len(self._cloud().data.vertices) == MORE_POINTS

    def undo(self, name: str) -> Steps:
        yield from self.person.look_at_view()
        yield from self.person.press("Z", ctrl=True)
        yield 0.5
        assert len(self._cloud().data.vertices) == POINTS, "the points are not those from before"

    def redo(self, name: str) -> Steps:
        yield from self.person.press("Z", ctrl=True, shift=True)
        yield 0.5
        assert len(self._cloud().data.vertices) == MORE_POINTS, "the points are not those of the sampling"

    def convert_to_mesh(self, name: str) -> Steps:
        before = {item.name for item in bpy.data.objects}
        yield from self.person.find("ops.uner3d.convert_to_mesh(")
        yield from self.person.click()
        yield from self.person.until(lambda: _run() is not None, 30, "the mesh is begun")
        yield from self.person.until(lambda: _run() is None, 300, "the mesh is made")
        assert _runs().last_error() is None, str(_runs().last_error())
        made = [item for item in bpy.data.objects if item.name not in before]
        assert len(made) == 1, f"{len(made)} objects were made"
        assert len(made[0].data.polygons) > 1000
        yield from self.person.picture(f"{name}_done")
        yield from self.person.look_at_view()
        yield from self.person.press("Z", ctrl=True)
        yield 0.5
        assert {item.name for item in bpy.data.objects} == before, "the mesh is not undone"
        assert bpy.context.view_layer.objects.active == self._cloud()

    def cancel(self, name: str) -> Steps:
        before = _scene_as_it_is()
        yield from self.person.find("ops.uner3d.reconstruct(")
        yield from self.person.click()
        yield from self.person.until(lambda: _run() is not None, 30, "the job begins")
        yield from self.person.until(_shows_early_cloud, 300, "an early cloud is shown")
        assert _children(), "no engine is at work"
        yield from self.person.find("ops.uner3d.reconstruct(")
        yield from self.person.click()
        yield from self.person.until(lambda: len(_runs().waiting()) == 1, 30, "a second job waits")
        yield from self.person.picture(f"{name}_queued")
        first = _run()
        yield from self.person.look_at_view()
        yield from self.person.press("ESC")
        yield from self.person.until(lambda: _run() is not first, 30, "the first job is cancelled")
        assert _run() is not None, "the second job was cancelled too"
        yield from self.person.press("ESC")
        yield from self.person.until(lambda: _run() is None, 30, "the second job is cancelled")
        yield from self.person.until(lambda: not _children(), 10, "the engine ends")
        assert _runs().last_error() is None, str(_runs().last_error())
        assert _scene_as_it_is() == before, "the scene has changed"

    def save_and_reload(self, name: str) -> Steps:
        shown = _shown_points()
        path = Path(os.environ["HOME"]) / "Tasse für Zoë.blend"
        with self.person.context():
            bpy.ops.wm.save_as_mainfile(filepath=str(path))
            bpy.ops.wm.read_homefile()
        yield 1.0
        assert self.cloud not in bpy.data.objects
        with self.person.context():
            bpy.ops.wm.open_mainfile(filepath=str(path))
        yield 1.0
        assert _shown_points() == shown, "the cloud is not shown as before"
        assert len(_settings().inputs) == CAMERAS
        now = _digests(self._extension())
        assert now == self.installed, (
            f"the extension has written into itself: {set(now) ^ set(self.installed)}"
        )

    def show_colours(self, name: str) -> Steps:
        yield from self.person.find("ops.uner3d.show_colours(")
        yield from self.person.click()
        yield from self.person.until(
            lambda: self.person.area.spaces.active.shading.type == "MATERIAL", 60, "the colours are shown"
        )
        self._cloud().uner3d.density = 1.0
        yield 30.0  # shaders are compiled

    def look_at_jobs(self, name: str) -> Steps:
        yield from self.person.open_panel_below("ops.uner3d.reconstruct(", 46)
        yield from self.person.find("ops.uner3d.list_jobs(")
        yield from self.person.click()
        yield from self.person.find("ops.uner3d.import_job(")
        before = len(bpy.data.objects)
        yield from self.person.click()
        yield 0.5
        assert len(bpy.data.objects) == before + 1, "the result was not imported"

    def _time_ticks(self) -> None:
        """Measure how long each turn of a running job keeps Blender."""
        operator = sys.modules[f"{MODULE}.operators.running"]._QueueOperator  # type: ignore[attr-defined]
        turn = operator.modal

        def modal(operator: Any, context: Any, event: Any) -> Any:
            start = time.perf_counter()
            try:
                return turn(operator, context, event)
            finally:
                self.ticks.append(time.perf_counter() - start)

        operator.modal = modal

    def _cloud(self) -> Any:
        return bpy.data.objects[self.cloud]

    def _extension(self) -> Path:
        return Path(sys.modules[MODULE].__file__ or "").parent


def _settings() -> Any:
    return bpy.context.scene.uner3d


def _runs() -> Any:
    return sys.modules[f"{MODULE}.jobs.runs"]


def _run() -> Any:
    return _runs().current()


def _shows_early_cloud() -> bool:
    """Tell whether one was read, so that it is drawn; True as well where no job runs any more."""
    run = _run()
    return run is None or (run.preview is not None and run.preview.file is not None)


def _shown_points() -> int:
    instances = bpy.context.evaluated_depsgraph_get().object_instances
    return sum(len(item.object.data.points) for item in instances if item.object.type == "POINTCLOUD")


def _near_the_cup(cloud: Any) -> None:
    """Check that the cloud stands where the cup and its saucer stand."""
    for axis, low, high in ((0, -0.84, 0.85), (1, -0.84, 0.84), (2, 0.0, 0.872)):
        values = sorted(vertex.co[axis] for vertex in cloud.data.vertices)
        found = values[len(values) // 100], values[-len(values) // 100]
        assert abs(found[0] - low) < 0.08, f"axis {axis}: from {found[0]:.3f} instead of {low}"
        assert abs(found[1] - high) < 0.08, f"axis {axis}: to {found[1]:.3f} instead of {high}"


def _scene_as_it_is() -> Any:
    return sorted(
        (item.name, item.type, item.hide_get(), tuple(map(tuple, item.matrix_world)), item.select_get())
        for item in bpy.context.scene.objects
    )


def _children() -> list[int]:
    """The processes that Blender has started: their numbers, on Linux; elsewhere what the add-on knows."""
    tasks = Path("/proc/self/task")
    if not tasks.is_dir():
        return [0] if _run() is not None else []
    return [int(number) for task in tasks.iterdir() for number in (task / "children").read_text().split()]


def _make_read_only(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)


def _digests(folder: Path) -> dict[str, str]:
    """Tell what is in a folder: names, and digests of the files."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


def _choose_theme(name: str) -> None:
    for folder in bpy.utils.preset_paths("interface_theme"):
        for path in Path(folder).glob("*.xml"):
            if name.lower() in path.stem.lower():
                bpy.ops.script.execute_preset(
                    filepath=str(path), menu_idname="USERPREF_MT_interface_theme_presets"
                )
                return
    raise AssertionError(f"there is no theme “{name}”")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--engine-python", type=Path, required=True)
    parser.add_argument("--theme", required=True)
    parser.add_argument("--scale", type=float, required=True)
    given = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
    bpy.context.preferences.view.show_splash = False  # before the window is drawn for the first time
    tour = Tour(Person(given.output), given.archive, given.engine_python, given.theme, given.scale)
    play(tour.steps())


main()
