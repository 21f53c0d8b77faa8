# SPDX-License-Identifier: GPL-3.0-or-later
"""Render a bench case: pictures and cameras of an object, held-out pictures, and its true surface.

Run as ``python -m blender_addon.studio.cases OBJECT --views 24 --size 256 --output FOLDER``; the object is a
glTF file or the name of a trial.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import bpy
import numpy as np

from uner3d_core.evaluation.cases import RIGS, identity_of
from uner3d_core.evaluation.visible_surface import fibonacci_sphere, sample_visible

from .. import capture
from ..data_sets import rigs, stage
from . import objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

FIELD_OF_VIEW = math.radians(40.0)
FRAME_SHARE = 0.85
HELD_OUT_VIEWS = 8
TRUE_POINTS = 300_000
RING_ELEVATION = math.radians(20.0)


def add_object(scene: bpy.types.Scene, source: str) -> None:
    """Add a trial, known by its name, or the objects of a glTF file to the scene.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    if source in objects.TRIALS:
        objects.TRIALS[source](scene)
        return
    if not Path(source).is_file():
        raise FileNotFoundError(source)
    bpy.ops.import_scene.gltf(filepath=source)


def write_views(scene: bpy.types.Scene, folder: Path, poses: Sequence[FloatArray], size: int) -> None:
    """Render cameras at ``poses`` to ``folder``/images and describe them in ``folder``/transforms.json."""
    cameras = [
        stage.add_camera(scene, f"View {number}", pose, FIELD_OF_VIEW) for number, pose in enumerate(poses)
    ]
    capture.capture_cameras(cameras, folder, scene=scene, maximum_side=size)


def make_case(source: str, views: int, size: int, samples: int, folder: Path, *, rig: str = RIGS[0]) -> None:
    """Render the case of an object into ``folder``, which appears when it is whole.

    The object is moved and scaled so that its bounding box has its centre at the origin and diagonal 2.

    Parameters
    ----------
    source : str
        Name of one of ``objects.TRIALS``, or path of a glTF file.
    views : int
        Number of cameras.
    size : int
        Width and height of the pictures, in pixels.
    samples : int
        Cycles samples per pixel.
    folder : Path
        Gets ``images``, ``transforms.json``, ``heldout`` with the same two, ``truth.npz`` (points, normals,
        diagonal) and ``case.json``.
    rig : str
        Where the cameras stand: ``sphere``, spread over all of it, or ``ring``, one around the object.
    """
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    scene = stage.empty_scene()
    add_object(scene, source)
    centre, diagonal = stage.normalise(scene)
    vertices, triangles = stage.triangles_of(scene)
    points, normals = sample_visible(vertices, triangles, TRUE_POINTS, stage.ray_test(vertices, triangles))
    np.savez(
        unfinished / "truth.npz",
        points=points.astype(np.float32),
        normals=normals.astype(np.float32),
        diagonal=np.float64(2.0),
    )
    stage.add_light(scene)
    stage.use_cycles(scene, size, samples)
    training = fibonacci_sphere(views) if rig == "sphere" else rigs.ring(views, RING_ELEVATION)
    held_out = rigs.between(training, HELD_OUT_VIEWS)
    distance = rigs.framing_distance(
        vertices, np.concatenate([training, held_out]), FIELD_OF_VIEW, FRAME_SHARE
    )
    write_views(scene, unfinished, rigs.looking_inwards(training, distance), size)
    write_views(scene, unfinished / "heldout", rigs.looking_inwards(held_out, distance), size)
    description = {
        **identity_of(source, rig),
        "object": Path(source).name,
        "views": views,
        "size": size,
        "original_centre": centre.tolist(),
        "original_diagonal": diagonal,
    }
    (unfinished / "case.json").write_text(json.dumps(description, indent=1), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Render the case that the command line asks for."""
    parser = argparse.ArgumentParser(description="Render a bench case.")
    parser.add_argument("object", help="a .glb file, or one of " + ", ".join(objects.TRIALS))
    parser.add_argument("--views", type=int, default=24)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--samples", type=int, default=32, help="Cycles samples per pixel")
    parser.add_argument("--rig", choices=RIGS, default=RIGS[0], help="where the cameras stand")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    make_case(options.object, options.views, options.size, options.samples, options.output, rig=options.rig)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    shutil.rmtree(bpy.app.tempdir, ignore_errors=True)
    os._exit(code)  # A bpy process may hang in Python's own exit.
