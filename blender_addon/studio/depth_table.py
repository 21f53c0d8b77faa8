# SPDX-License-Identifier: GPL-3.0-or-later
"""How near clouds from rendered depth are to the true surface, how much they cover, and how long it takes.

Run as ``python -m blender_addon.studio.depth_table MODEL...``. Distances are in per cent of the diagonal of
the model's bounding box. The error is measured from each point to the nearest place on the model's triangles,
the completeness from points of the surface that can be seen from outside to the nearest point of the cloud.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils.bvhtree import BVHTree
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from uner3d_core.cloud_files import write_ply
from uner3d_core.depth.merging import merge
from uner3d_core.evaluation.visible_surface import fibonacci_sphere, sample_visible
from uner3d_core.inputs.depths import load_depth_views
from uner3d_core.point_cloud import PointCloud

from .. import capture
from ..data_sets import rigs, stage
from . import cases

TRUE_POINTS = 30_000
COLUMNS = (
    "error mean", "99 %", "max", "complete mean", "95 %", "normals", "rendering s", "cloud s"
)  # fmt: skip


def measure(source: str, options: argparse.Namespace, folder: Path) -> tuple[list[float], PointCloud]:
    """Render a model with depth, make a cloud, and compare it with the model; numbers as ``COLUMNS``."""
    scene = stage.empty_scene()
    cases.add_object(scene, source)
    stage.normalise(scene)
    vertices, triangles = stage.triangles_of(scene)
    stage.add_light(scene)
    stage.use_cycles(scene, options.size, options.samples)
    directions = fibonacci_sphere(options.views)
    distance = rigs.framing_distance(vertices, directions, cases.FIELD_OF_VIEW, cases.FRAME_SHARE)
    cameras = [
        stage.add_camera(scene, "View", pose, cases.FIELD_OF_VIEW)
        for pose in rigs.looking_inwards(directions, distance)
    ]
    start = time.monotonic()
    capture.capture_cameras(
        cameras, folder, scene=scene, maximum_side=options.size, depth=True, flat=options.flat
    )
    rendering = time.monotonic() - start
    start = time.monotonic()
    cloud = merge(load_depth_views(folder), options.points, 0)
    making = time.monotonic() - start

    tree = BVHTree.FromPolygons(vertices.tolist(), triangles.tolist(), all_triangles=True)
    nearest = [tree.find_nearest(point) for point in cloud.positions.tolist()]
    errors = 50.0 * np.array([distance for *_, distance in nearest])  # the diagonal is 2
    true_normals = np.array([normal for _, normal, *_ in nearest])
    cosine = np.abs(np.einsum("nc,nc->n", true_normals, cloud.normals)).clip(0, 1)
    truth, _ = sample_visible(vertices, triangles, TRUE_POINTS, stage.ray_test(vertices, triangles))
    missed = 50.0 * cKDTree(cloud.positions).query(truth)[0]
    return [
        errors.mean(), np.percentile(errors, 99), errors.max(), missed.mean(), np.percentile(missed, 95),
        float(np.degrees(np.arccos(cosine)).mean()), rendering, making,
    ], cloud  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Score clouds from rendered depth.")
    parser.add_argument("models", nargs="+", help=".glb files, or the bench's own objects")
    parser.add_argument("--views", type=int, default=20)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=32, help="Cycles samples per pixel")
    parser.add_argument("--flat", action="store_true", help="Workbench's colours without light")
    parser.add_argument("--output", type=Path, help="folder for the clouds")
    options = parser.parse_args(arguments)
    rows: dict[str, list[float]] = {}
    for source in options.models:
        with tempfile.TemporaryDirectory() as folder:
            name = Path(source).stem
            rows[name], cloud = measure(source, options, Path(folder))
        if options.output:
            options.output.mkdir(parents=True, exist_ok=True)
            write_ply(options.output / f"{name}.ply", cloud)
    rows["mean"] = np.mean(list(rows.values()), axis=0).tolist()
    print(f"{'model':<16}" + "".join(f"{column:>14}" for column in COLUMNS))
    for name, row in rows.items():
        print(f"{name:<16}" + "".join(f"{number:>14.4f}" for number in row))
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    tempdir: Any = bpy.app.tempdir
    shutil.rmtree(tempdir, ignore_errors=True)
    os._exit(code)  # A bpy process may hang in Python's own exit.
