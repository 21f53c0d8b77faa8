# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what drawing the panels and registering cost: ``python tests/bench_panels.py [--inputs N]``.

Each panel's ``draw``, and ``draw_item`` of ten rows of the list, about what a window shows of it, are called
with a layout that takes everything and does nothing, since Blender as a module has no window. In a window,
``blender --python tests/bench_panels.py -- [--inputs N]``, Blender's own layouts are used: the same functions
are timed while Blender draws the sidebar. Printed are medians in milliseconds, and what ``register()`` takes.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import sys
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
FOLDER = Path(tempfile.mkdtemp(prefix="uner3d_bench_"))
os.environ.setdefault("BLENDER_USER_RESOURCES", str(FOLDER))

import bpy

import blender_addon

DRAWS = 50
ROWS_SHOWN = 10
TAB = "UNeR3D"


class Layout:
    """Takes every call and setting of a layout, and gives itself."""

    def __getattr__(self, name: str) -> Any:
        return self

    def __call__(self, *values: Any, **named: Any) -> Layout:
        return self


def write_images(count: int) -> Path:
    """Write images with cameras, which the list of inputs then tells of; every tenth is missing later."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    folder = FOLDER / "images"
    folder.mkdir()
    pixels = zlib.compress((b"\0" + b"\x80" * 320) * 80)
    header = struct.pack(">IIBBBBB", 80, 80, 8, 6, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    matrix = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 5], [0, 0, 0, 1]]
    frames = []
    for number in range(count):
        (folder / f"{number:04}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
        frames.append({"file_path": f"images/{number:04}.png", "transform_matrix": matrix})
    (FOLDER / "transforms.json").write_text(json.dumps({"fl_x": 90, "frames": frames}), encoding="utf-8")
    return folder


def prepare(count: int) -> None:
    """Fill the scene's inputs with images, a tenth of which vanish, and let them be looked at."""
    from blender_addon import api, input_survey

    folder = write_images(count)
    api.add_images(bpy.context.scene, [folder])
    for path in sorted(folder.iterdir())[::10]:
        path.unlink()
    input_survey.known(bpy.context.scene)
    while (wait := input_survey._tick()) is not None and wait <= input_survey.POLL_SECONDS:
        time.sleep(0.01)


def panels() -> list[Any]:
    """List the classes of the add-on's panels."""
    import blender_addon.panels

    every = [cls for cls in blender_addon.panels._CLASSES if issubclass(cls, bpy.types.Panel)]
    return [cls for cls in every if cls.bl_region_type == "UI"]  # others open on a click


def milliseconds(action: Callable[[], object], times: int = DRAWS) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(1000 * (time.perf_counter() - start))
    return median(taken)


def without_a_window() -> dict[str, float]:
    """Draw into a layout that does nothing."""
    from blender_addon.panels.inputs import UNER3D_UL_Inputs

    scene: Any = bpy.context.scene
    system = SimpleNamespace(ui_scale=1.0)
    context = SimpleNamespace(
        scene=scene,
        object=bpy.context.object,
        active_object=bpy.context.object,
        region=SimpleNamespace(width=400),
        preferences=SimpleNamespace(system=system, addons=bpy.context.preferences.addons),
        window_manager=bpy.context.window_manager,
        view_layer=bpy.context.view_layer,
        space_data=None,
        area=None,
    )
    figures = {}
    for panel in panels():
        if not hasattr(panel, "poll") or panel.poll(context):
            drawn = SimpleNamespace(layout=Layout(), bl_idname=panel.bl_idname)
            figures[panel.__name__] = milliseconds(lambda p=panel, d=drawn: p.draw(d, context))
    settings = scene.uner3d

    def rows() -> None:
        for number, item in enumerate(settings.inputs[:ROWS_SHOWN]):
            UNER3D_UL_Inputs.draw_item(
                None, context, Layout(), settings, item, 0, settings, "active_input", number
            )

    figures[f"{UNER3D_UL_Inputs.__name__}, {ROWS_SHOWN} rows"] = milliseconds(rows)
    return figures


def in_a_window(tell: Callable[[dict[str, float]], None]) -> Iterator[float]:
    """Have Blender draw the sidebar, and time what it calls; gives the seconds until it is to go on."""
    from blender_addon.panels.inputs import UNER3D_UL_Inputs

    taken: dict[str, list[float]] = defaultdict(list)
    calls: dict[str, int] = defaultdict(int)

    def timed(cls: Any, name: str) -> Callable[[], None]:
        plain = getattr(cls, name)

        def measure(*values: Any) -> None:
            start = time.perf_counter()
            plain(*values)
            taken[cls.__name__][-1] += 1000 * (time.perf_counter() - start)
            calls[cls.__name__] += 1

        setattr(cls, name, measure)
        return lambda: setattr(cls, name, plain)

    area = next(area for area in bpy.context.window_manager.windows[0].screen.areas if area.type == "VIEW_3D")
    area.spaces.active.show_region_ui = True
    yield 0.5
    region = next(region for region in area.regions if region.type == "UI")
    region.active_panel_category = TAB
    undo = [timed(panel, "draw") for panel in panels()] + [timed(UNER3D_UL_Inputs, "draw_item")]
    for _ in range(DRAWS):
        for cls in (*panels(), UNER3D_UL_Inputs):
            taken[cls.__name__].append(0.0)
        region.tag_redraw()
        yield 0.05
    for action in undo:
        action()
    figures = {name: median(values) for name, values in taken.items() if calls[name]}
    rows = UNER3D_UL_Inputs.__name__
    if rows in figures:
        figures[f"{rows}, {calls[rows] / DRAWS:.0f} rows"] = figures.pop(rows)
    tell(figures)


def tell(figures: dict[str, float], register: float, count: int) -> None:
    where = "no window" if bpy.app.background else "in a window"
    print(f"Blender {bpy.app.version_string}, {where}, {count} inputs")
    print(f"register(): {register:.1f} ms")
    for name, figure in figures.items():
        print(f"{name}: {figure:.3f} ms")
    print(f"all panels: {sum(figures.values()):.3f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Tell what drawing the panels and registering cost.")
    parser.add_argument("--inputs", type=int, default=200)
    arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    count = parser.parse_args([] if "--python" in arguments else arguments).inputs
    blender_addon.register()  # reads the modules
    blender_addon.unregister()
    start = time.perf_counter()
    blender_addon.register()
    register = 1000 * (time.perf_counter() - start)
    prepare(count)
    if bpy.app.background:
        tell(without_a_window(), register, count)
        blender_addon.unregister()
        sys.stdout.flush()
        os._exit(0)  # bpy may hang when Python ends
    steps = in_a_window(lambda figures: tell(figures, register, count))

    def go_on() -> float | None:
        wait = next(steps, None)
        if wait is None:
            bpy.ops.wm.quit_blender()
        return wait

    bpy.app.timers.register(go_on, first_interval=1.0)


if __name__ == "__main__":
    main()
