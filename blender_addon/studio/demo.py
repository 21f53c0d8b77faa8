# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a scene of our own, its cameras, and the same operators that a person clicks.

Run as ``python -m blender_addon.studio.demo --output FOLDER``, which is what ``uner3d demo`` does.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
import numpy as np
from mathutils import Matrix

import blender_addon
from uner3d_core.errors import ReconstructionError, Uner3dError
from uner3d_core.evaluation.visible_surface import fibonacci_sphere, sample_visible

from .. import api, capture, compat
from ..data_sets import rigs, stage
from ..jobs import runs
from . import materials, objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

VIEWS = 40
SIZE = 320
SAMPLES = 16
POINTS = 100_000
FIELD_OF_VIEW = math.radians(40.0)
CENTRE = (0.0, 0.0, 0.42)
TRUE_POINTS = 300_000
_LOWEST, _HIGHEST = -0.6, 0.97  # of the cameras, as the sine of the elevation


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the scene, reconstruct it, and write what came out.

    Returns
    -------
    int
        0, or 1 after a line on standard error that says what is wrong.
    """
    parser = argparse.ArgumentParser(description="Reconstruct a scene of our own.")
    parser.add_argument("--output", type=Path, default=Path("uner3d-demo"))
    output = parser.parse_args(arguments).output.absolute()
    start = time.monotonic()
    try:
        output.mkdir(parents=True, exist_ok=True)
        with _quiet():
            scores = make_demo(output)
    except Uner3dError as error:
        print(f"uner3d: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"uner3d: “{output}” can't be written: {error.strerror}.", file=sys.stderr)
        return 1
    except RuntimeError as error:  # what an operator reports
        print(f"uner3d: {str(error).strip().removeprefix('Error: ')}", file=sys.stderr)
        return 1
    cloud, hull = scores["cloud"]["f_score"], scores["hull"]["f_score"]
    print(f"{output / 'demo.blend'}, cloud.ply and preview.png after {time.monotonic() - start:.0f} s.")
    print(f"F-score against the true surface within 1 % of its diagonal: {cloud['1']:.3f}", end=" ")
    print(f"(visual hull {hull['1']:.3f}); within 0.5 %: {cloud['0.5']:.3f} (visual hull {hull['0.5']:.3f}).")
    return 0


def make_demo(output: Path) -> dict[str, Any]:
    """Do the whole job in the folder ``output``, and score the cloud.

    Returns
    -------
    dict
        ``cloud`` and ``hull``: their scores, as :meth:`uner3d_core.evaluation.scores.Scores.to_json`.

    Raises
    ------
    RuntimeError
        If an operator reports an error.
    Uner3dError
        If the cloud can't be written or scored.
    OSError
        If a file can't be written.
    """
    _tell("Making the scene and measuring its true surface")
    scene, cup = make_scene()
    vertices, triangles = stage.triangles_of(scene)
    points, normals = sample_visible(vertices, triangles, TRUE_POINTS, stage.ray_test(vertices, triangles))
    diagonal = np.linalg.norm(np.ptp(vertices, axis=0))
    truth = {"points": points.astype(np.float32), "normals": normals.astype(np.float32)}
    np.savez(output / "truth.npz", **truth, diagonal=diagonal)
    blender_addon.register()
    try:
        cloud = reconstruct(scene)
        api.export_cloud(cloud, output / "cloud.ply")
        keep_field(cloud, output / "field.safetensors")
        _tell("Rendering the preview")
        render_preview(scene, cup, cloud, output / "preview.png")
        _tell("Scoring the cloud and the visual hull")
        scores = compare(scene, cloud, output)
        for part in cup:
            part.hide_render = True
            part.hide_set(True)
        bpy.ops.wm.save_as_mainfile(filepath=str(output / "demo.blend"), compress=True)
        return scores
    finally:
        blender_addon.unregister()


def make_scene() -> tuple[bpy.types.Scene, list[bpy.types.Object]]:
    """Set up a lit cup with cameras all around it; returns the scene and the parts of the cup."""
    scene = stage.empty_scene()
    cup = objects.add_cup(scene)
    stage.add_light(scene)
    stage.use_cycles(scene, SIZE, SAMPLES)
    scene.view_layers[0].update()
    vertices, _ = stage.triangles_of(scene)
    directions = camera_directions(VIEWS)
    distance = rigs.framing_distance(vertices - CENTRE, directions, FIELD_OF_VIEW, 0.92)
    for number, pose in enumerate(rigs.looking_inwards(directions, distance, CENTRE)):
        stage.add_camera(scene, f"View {number:02d}", pose, FIELD_OF_VIEW)
    return scene, cup


def camera_directions(count: int) -> FloatArray:
    """Spread unit vectors, (count, 3), over the sphere without its poles."""
    directions = fibonacci_sphere(count)
    height = _LOWEST + (directions[:, 2] + 1.0) / 2.0 * (_HIGHEST - _LOWEST)
    flat = np.sqrt((1.0 - height**2) / (1.0 - directions[:, 2] ** 2))
    return np.column_stack([directions[:, :2] * flat[:, None], height])


def reconstruct(scene: bpy.types.Scene) -> Any:
    """Select the cameras and call the add-on's operators, with a progress bar.

    Raises
    ------
    RuntimeError
        If an operator reports an error.
    """
    operators: Any = bpy.ops.uner3d  # type: ignore[attr-defined]  # the add-on's own operators
    settings: Any = scene.uner3d  # type: ignore[attr-defined]  # the add-on's own property
    settings.points = POINTS
    for item in scene.objects:
        item.select_set(item.type == "CAMERA")
    operators.add_selected_cameras()
    with _bar():
        operators.reconstruct()
    return bpy.context.object  # the operators leave it active


def keep_field(cloud: Any, path: Path) -> None:
    """Copy the cloud's field out of Blender's temporary folder, so that it can be resampled later."""
    shutil.copyfile(cloud.uner3d.field, path)
    cloud.uner3d.field = str(path)


def render_preview(scene: bpy.types.Scene, cup: Sequence[bpy.types.Object], cloud: Any, path: Path) -> None:
    """Render the original, its cloud and a sparse part of it as beads, side by side, on a ground."""
    preview: Any = scene.copy()
    ground = _ground()
    preview.collection.objects.link(ground)
    beads = cloud.copy()
    radius = cloud.uner3d.radius
    cloud.uner3d.radius *= 1.4  # so that one sees the near side only
    preview.collection.objects.link(beads)
    beads.uner3d.density = 0.12
    beads.uner3d.radius = radius * 1.8
    beads.uner3d.shape = "Spheres"
    beads.uner3d.lit = True
    shift = Matrix.Translation((-1.95, 0.0, 0.0))
    before = {item: item.matrix_world.copy() for item in (*cup, beads)}
    for part in cup:
        part.matrix_world = shift @ part.matrix_world
    beads.matrix_world = shift.inverted() @ beads.matrix_world
    pose = rigs.look_at(np.array([0.0, -8.2, 4.9]), np.array([0.0, 0.0, 0.36]))
    camera = stage.add_camera(preview, "Preview", pose, math.radians(36.0))
    preview.camera = camera
    preview.render.resolution_x, preview.render.resolution_y = 1440, 440
    preview.render.film_transparent = False
    preview.render.filepath = str(path)
    preview.cycles.samples = 24
    preview.cycles.use_denoising = True
    preview.view_settings.view_transform = "Standard"
    compat.set_png(preview.render.image_settings)
    bpy.ops.render.render(write_still=True, scene=preview.name)
    cloud.uner3d.radius = radius
    for item, matrix in before.items():
        item.matrix_world = matrix
    bpy.data.scenes.remove(preview)
    bpy.data.batch_remove([ground, beads, camera])


def compare(scene: bpy.types.Scene, cloud: Any, output: Path) -> dict[str, Any]:
    """Score the cloud and the visual hull, in a process of its own: torch and Blender don't share one.

    Raises
    ------
    ReconstructionError
        If that process fails.
    """
    cameras = [item for item in scene.objects if item.type == "CAMERA"]
    cloud.hide_render = True  # the silhouettes are the original's
    cycles: Any = scene.cycles  # type: ignore[attr-defined]  # Cycles is itself an add-on
    cycles.samples = 4  # enough for silhouettes
    silhouettes = output / "silhouettes"
    try:
        capture.capture_cameras(cameras, silhouettes, scene=scene)
        files = [silhouettes, output / "cloud.ply", output / "truth.npz"]
        finished = subprocess.run(  # noqa: S603 -- a list of arguments, no shell
            [sys.executable, "-m", "uner3d_core.evaluation.beside_hull", *map(str, files)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    finally:
        shutil.rmtree(silhouettes, ignore_errors=True)
        cloud.hide_render = False
        cycles.samples = SAMPLES
    if finished.returncode != 0:
        last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
        raise ReconstructionError(
            f"The cloud can't be scored: {last}", "See whether “uner3d doctor” is content."
        )
    result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return result


def _ground() -> bpy.types.Object:
    """Make a large pale plane on which things stand."""
    corners = [(-60.0, -60.0, 0.0), (60.0, -60.0, 0.0), (60.0, 60.0, 0.0), (-60.0, 60.0, 0.0)]
    mesh = bpy.data.meshes.new("Ground")
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    mesh.materials.append(materials.plain_material("Ground", (0.78, 0.76, 0.72, 1.0)))
    return bpy.data.objects.new("Ground", mesh)


def _tell(step: str) -> None:
    print(f"{step} …", file=sys.stderr, flush=True)


@contextmanager
def _bar() -> Iterator[None]:
    """Show the add-on's running job as a bar for each stage, from a thread: an operator blocks."""
    from tqdm import tqdm  # type: ignore[import-untyped] # noqa: PLC0415 -- a Blender alone has none

    done = threading.Event()

    def watch() -> None:
        bar: Any = None
        shown = ""
        while not done.wait(0.1):
            run = runs.current()
            if run is None or run.state.total == 0:
                continue
            state = run.state
            if state.stage != shown:
                shown = state.stage
                if bar is not None:
                    bar.close()
                bar = tqdm(desc=state.stage, total=state.total, file=sys.stderr, disable=None)
            bar.total = state.total
            bar.update(state.done - bar.n)
        if bar is not None:
            bar.close()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Blender prints about each render off standard output, which it writes to on its own."""
    sys.stdout.flush()
    kept = os.dup(1)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(silence)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    shutil.rmtree(bpy.app.tempdir, ignore_errors=True)
    os._exit(code)  # A bpy process may hang in Python's own exit.
