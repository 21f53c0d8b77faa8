# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras rendered apart and in the window's own Blender: run inside by ``tests/window/capture.py``."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bpy
import numpy as np
from person import MODULE, Person, Steps, install, play

ENGINES = ("CYCLES", "EEVEE", "BLENDER_WORKBENCH")
SIDE = 96
CAMERAS = 3
SECONDS_BEFORE_CANCEL = 8.0


def compare(person: Person, archive: Path) -> Steps:
    """Print how far the pictures differ for each render engine, and how long Cancel takes."""
    install(person, archive)
    yield 0.5
    errors = importlib.import_module("uner3d_core.errors")
    apart, beginning = (
        importlib.import_module(f"{MODULE}.{name}") for name in ("capture_apart", "jobs.beginning")
    )
    assert apart.can_render_apart()
    scene: Any = bpy.context.scene
    with person.context():
        bpy.ops.uner3d.add_cameras_around("EXEC_DEFAULT", kind="RING", count=CAMERAS)
    uids = [item.camera.session_uid for item in scene.uner3d.inputs]
    scene.render.resolution_x = scene.render.resolution_y = SIDE
    scene.cycles.use_denoising, scene.cycles.samples, scene.eevee.taa_render_samples = False, 8, 1
    eevee = scene.render.engine if "EEVEE" in scene.render.engine else "BLENDER_EEVEE_NEXT"
    for name in ENGINES:
        scene.render.engine = eevee if name == "EEVEE" else name
        unsaved, saved_as = bpy.data.is_dirty, bpy.data.filepath
        one, other = (person.output / name / where for where in ("apart", "here"))
        start = time.monotonic()
        for _ in apart.capture_steps_apart(uids, scene.session_uid, one, SIDE):
            yield 0.05
        seconds = time.monotonic() - start
        assert (bpy.data.is_dirty, bpy.data.filepath) == (unsaved, saved_as)
        for _ in beginning.capture_steps(uids, scene.session_uid, other, SIDE):
            yield 0.05
        differences = [
            np.abs(pixels(path) - pixels(other / "images" / path.name)).max()
            for path in sorted((one / "images").iterdir())
        ]
        assert len(differences) == CAMERAS
        assert (one / "transforms.json").read_bytes() == (other / "transforms.json").read_bytes()
        worst = max(differences)
        _tell(f"{scene.render.engine}: {CAMERAS} pictures in {seconds:.1f} s, at most {worst} of 255 apart")
        assert worst == 0

    scene.render.engine, scene.cycles.samples = "CYCLES", 100_000
    steps = apart.capture_steps_apart(uids, scene.session_uid, person.output / "cancelled", SIDE)
    end = time.monotonic() + SECONDS_BEFORE_CANCEL
    while time.monotonic() < end:
        next(steps)
        yield 0.05
    start = time.monotonic()
    try:
        steps.throw(errors.Cancelled())
        while True:
            yield 0.01
            next(steps)
    except errors.Cancelled:
        _tell(f"cancelled in {1000 * (time.monotonic() - start):.0f} ms")
    assert not list((person.output / "cancelled").glob("second_blender"))


def pixels(path: Path) -> Any:
    """Read a PNG as numbers from 0 to 255."""
    image = bpy.data.images.load(str(path))
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    bpy.data.images.remove(image)
    return np.rint(values * 255).astype(int)


def _tell(line: str) -> None:
    print(f"FIGURE Blender {bpy.app.version_string}: {line}", flush=True)


def main() -> None:
    """Compare, and end Blender."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    given = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
    play(compare(Person(given.output), given.archive))


main()
