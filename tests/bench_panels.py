# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what drawing the panels and registering cost: ``python tests/bench_panels.py [--inputs N]``.

Each panel's ``draw``, and ``draw_item`` of ten rows of the list, about what a window shows of it, are called
with a layout that takes everything and does nothing, since Blender as a module has no window: this is the
add-on's own part. ``tests/window/figures.py`` tells what it is in a real window. Printed are medians in
milliseconds, and what ``register()`` takes once the modules are read.
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
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
FOLDER = Path(tempfile.mkdtemp(prefix="uner3d_bench_"))
os.environ["BLENDER_USER_RESOURCES"] = os.environ["TMPDIR"] = str(FOLDER)

import bpy

import blender_addon

DRAWS = 50
ROWS_SHOWN = 10


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
    from blender_addon import api
    from blender_addon.inputs import survey

    folder = write_images(count)
    api.add_images(bpy.context.scene, [folder])
    for path in sorted(folder.iterdir())[::10]:
        path.unlink()
    survey.known(bpy.context.scene)
    while (wait := survey._tick()) is not None and wait <= survey.POLL_SECONDS:
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


def draw_all() -> dict[str, float]:
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


def tell(figures: dict[str, float], register: float, count: int) -> None:
    print(f"Blender {bpy.app.version_string}, {count} inputs")
    print(f"register(): {register:.1f} ms")
    for name, figure in figures.items():
        print(f"{name}: {figure:.3f} ms")
    print(f"all panels: {sum(figures.values()):.3f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Tell what drawing the panels and registering cost.")
    parser.add_argument("--inputs", type=int, default=200)
    count = parser.parse_args().inputs
    blender_addon.register()  # reads the modules
    blender_addon.unregister()
    start = time.perf_counter()
    blender_addon.register()
    register = 1000 * (time.perf_counter() - start)
    prepare(count)
    tell(draw_all(), register, count)
    blender_addon.unregister()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # bpy may hang when Python ends
