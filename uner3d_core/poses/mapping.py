# SPDX-License-Identifier: Apache-2.0
"""Cameras and places in the world from verified matches: incremental mapping (Schönberger and Frahm 2016).

Runs in the solver's process; see :mod:`uner3d_core.poses.solver`.
"""

from __future__ import annotations

import copy
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pycolmap

from uner3d_core.poses.request import Model, Shot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from uner3d_core.poses.request import Request

LEAST_IMAGES = 3
"""Of a model. Two pictures determine neither their lens nor, without a third, whether they are right."""
LENS_IMAGES = 12
"""Pictures through one lens from which its centre and all coefficients of distortion can be told."""
WIDE = 0.35
"""Distance from the centre, in longest sides, beyond which a tenth of the features must lie for that. Objects
in the middle of their pictures say little about a lens: its distortion is then taken for none."""
FARTHEST_CENTRE = 0.04
"""Share of a picture's width by which the lens's centre may be off; more is a wrong solution."""
MOST = 0.97
"""Share of the pictures that a first attempt must register for it to be the last."""
EASIER = {
    "init_min_num_inliers": 40,
    "init_min_tri_angle": 6.0,
    "abs_pose_min_num_inliers": 12,
    "abs_pose_min_inlier_ratio": 0.15,
}
"""What a second attempt asks of the first pair, and of a picture that joins."""
TRUSTED = 45
"""Places in the world, in a picture's median, from which what the second attempt finds is no chance."""


def map_pictures(
    database: Path, folder: Path, request: Request, tell: Callable[[int], None], *, insist: bool
) -> list[Model]:
    """Estimate cameras, from a first pair on, picture by picture.

    Parameters
    ----------
    database : Path
        COLMAP's database, with verified matches.
    folder : Path
        Where COLMAP writes its models.
    request : Request
        Names the pictures.
    tell : callable
        Is told how many pictures of the current model have a camera.
    insist : bool
        Whether to attempt it once more, asking less, where too few pictures join.

    Returns
    -------
    list of Model
        The one of the most pictures first; none where nothing holds together.
    """
    wide = reach_outwards(database)
    found = _attempt(database, folder, request, tell, asked={}, wide=wide)
    if insist and (not found or found[0].num_reg_images() < MOST * len(request.pictures)):
        easier = _attempt(database, folder, request, tell, asked=EASIER, wide=wide)
        if easier and typical_places(easier[0]) >= TRUSTED:
            found = max(found, easier, key=lambda each: each[0].num_reg_images() if each else 0)
    if found and wide:
        found[0] = refine_lenses(found[0])
    places = {name: place for place, name in enumerate(request.pictures)}
    return [_model(each, places) for each in found]


def reach_outwards(database: Path) -> bool:
    """Tell whether the features lie far enough from the pictures' centres to show a lens's distortion."""
    radii = []
    with pycolmap.Database.open(database) as content:
        for image in content.read_all_images():
            camera = content.read_camera(image.camera_id)
            places = content.read_keypoints(image.image_id)[:, :2]
            offset = places - [camera.width / 2, camera.height / 2]
            radii.append(np.linalg.norm(offset, axis=1) / max(camera.width, camera.height))
    return bool(np.quantile(np.concatenate(radii), 0.9) > WIDE) if sum(map(len, radii)) else False


def _attempt(
    database: Path,
    folder: Path,
    request: Request,
    tell: Callable[[int], None],
    *,
    asked: dict[str, float],
    wide: bool,
) -> list[pycolmap.Reconstruction]:
    registered = 0

    def begin() -> None:
        nonlocal registered
        registered = 2
        tell(registered)

    def join() -> None:
        nonlocal registered
        registered += 1
        tell(registered)

    options = pycolmap.IncrementalPipelineOptions(
        min_model_size=LEAST_IMAGES,
        extract_colors=False,
        random_seed=request.seed,
        ba_refine_extra_params=wide,
    )
    options.mapper = pycolmap.IncrementalMapperOptions(
        random_seed=request.seed, abs_pose_refine_extra_params=wide, **asked
    )
    models = pycolmap.incremental_mapping(
        database,
        folder / "pictures",
        folder,
        options=options,
        initial_image_pair_callback=begin,
        next_image_callback=join,
    )
    found = [model for model in models.values() if model.num_reg_images() >= LEAST_IMAGES]
    return sorted(found, key=lambda each: (each.num_reg_images(), each.num_points3D()), reverse=True)


def typical_places(model: pycolmap.Reconstruction) -> float:
    """Count the places in the world that a picture of the model shows, in the median."""
    return median(model.images[number].num_points3D for number in model.reg_image_ids())


def refine_lenses(model: pycolmap.Reconstruction) -> pycolmap.Reconstruction:
    """Refine cameras and places together once more, with the lenses' centres and all their distortion.

    Returns
    -------
    pycolmap.Reconstruction
        The one given, where its pictures do not tell so much about the lenses.
    """
    pictures = Counter(model.images[number].camera_id for number in model.reg_image_ids())
    if min(pictures.values()) < LENS_IMAGES:
        return model
    refined = copy.deepcopy(model)
    for lens in pictures:
        camera = refined.cameras[lens]
        f, cx, cy, k = camera.params
        camera.model = pycolmap.CameraModelId.OPENCV
        camera.params = [f, f, cx, cy, k, 0.0, 0.0, 0.0]
    pycolmap.bundle_adjustment(
        refined,
        pycolmap.BundleAdjustmentOptions(
            refine_focal_length=True,
            refine_principal_point=True,
            refine_extra_params=True,
            print_summary=False,
        ),
    )
    for lens in pictures:
        camera = refined.cameras[lens]
        off = [camera.principal_point_x / camera.width - 0.5, camera.principal_point_y / camera.height - 0.5]
        if np.abs(off).max() > FARTHEST_CENTRE:
            return model
    return refined


def _model(found: pycolmap.Reconstruction, places: dict[str, int]) -> Model:
    shots = {}
    for number in found.reg_image_ids():
        image = found.images[number]
        camera = found.cameras[image.camera_id]
        values = list(camera.params)
        if camera.model == pycolmap.CameraModelId.OPENCV:
            fx, fy, cx, cy, *distortion = values
        else:
            fx, cx, cy, k = values
            fy, distortion = fx, [k, 0.0, 0.0, 0.0]
        pose = np.asarray(image.cam_from_world().matrix())
        shots[places[image.name]] = Shot([fx, fy], [cx, cy], distortion, pose.tolist(), image.num_points3D)
    points = [point.xyz.tolist() for point in found.points3D.values()]
    return Model(dict(sorted(shots.items())), points, float(found.compute_mean_reprojection_error()))
