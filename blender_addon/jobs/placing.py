# SPDX-License-Identifier: GPL-3.0-or-later
"""How a result becomes an object of a scene."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import bpy

from uner3d_core import protocol
from uner3d_core.coloured_mesh import ColouredMesh
from uner3d_core.errors import InputError
from uner3d_core.point_cloud import PointCloud

from .. import cloud_object, mesh_object, nodes, properties, standing
from ..cloud_arrays import CloudArrays, cloud_arrays
from . import folders
from .run import Run

CLOUD_NAME = "Cloud"
IN_THE_LIST = "The cloud is in the panel Jobs: import it from there."
SHOWN_AT_FIRST = 2_000_000
"""Of a larger cloud the viewport shows so many points until the person sets its density; renders show all."""
RADIUS_PER_SPACING = 0.9
"""Discs of 1/√3 just cover a surface on which points are spread evenly; none stay uncovered where the spacing
varies, as it does."""


def take_result(run: Run, result: protocol.Result) -> bpy.types.Object:
    """Put what the worker has made, a cloud or a mesh, into the scene that the run was started in."""
    if isinstance(run.task, protocol.ConvertToMesh):
        return _take_mesh(run, cast("ColouredMesh", run.loaded(result)))
    points = cast("CloudArrays", run.loaded(result))
    mesh = None if run.filling is None else run.filling.mesh()
    if run.cloud is not None:
        cloud = by_uid(bpy.data.objects, run.cloud)
        if cloud is None:
            raise InputError(f"“{run.title}” was deleted meanwhile.", IN_THE_LIST)
        cloud_object.replace_points(cloud, points, mesh)
        settings = properties.cloud_settings(cloud)
        settings.spacing = points.spacing
        settings.radius *= (settings.points / len(points)) ** 0.5
        settings.points = len(points)
        return cast("bpy.types.Object", cloud)
    scene = by_uid(bpy.data.scenes, run.scene)
    if scene is None:
        gone = f"“{run.title}” is ready, but its scene was deleted or another file opened."
        raise InputError(gone, IN_THE_LIST)
    cloud = add_to_scene(points, run.title, scene, mesh)
    figures = result.figures and replace(result.figures, notes=[*run.notes, *result.figures.notes])
    field = result.files.get("field")
    describe(cloud, Path(field) if field else None, figures, folders.estimated_cameras(run.folder))
    if run.estimated_place is not None:
        standing.stand(cloud, run.estimated_place)
    return cloud


def _take_mesh(run: Run, mesh: ColouredMesh) -> bpy.types.Object:
    """Put a mesh where its cloud is, and hide the cloud."""
    cloud = by_uid(bpy.data.objects, run.cloud) if run.cloud is not None else None
    if cloud is None:
        raise InputError(f"“{run.title}” was deleted meanwhile.", "Undo, and convert it again.")
    made = mesh_object.make_mesh_object(mesh, cloud)
    here = cloud.name in cast("Any", bpy.context).view_layer.objects
    for collection in cloud.users_collection:
        collection.objects.link(made)
    cloud.hide_render = True
    for scene in cloud.users_scene:
        for layer in scene.view_layers:
            if cloud.name in layer.objects:
                cloud.hide_set(True, view_layer=layer)
    if here:
        _select_alone(made)
    return made


def describe(
    cloud: bpy.types.Object,
    field: Path | None,
    figures: protocol.Figures | None,
    cameras: Path | None = None,
) -> None:
    """Write into a cloud's details what field and what estimated cameras it has, and what the engine told."""
    settings = properties.cloud_settings(cloud)
    settings.field = str(field or "")
    settings.cameras = str(cameras or "")
    if figures is not None:
        settings.views = figures.registered
        settings.seconds = sum(figures.stages.values())
        settings.figures = json.dumps(asdict(figures))


def add_to_scene(
    points: PointCloud | CloudArrays, name: str, scene: bpy.types.Scene, mesh: bpy.types.Mesh | None = None
) -> bpy.types.Object:
    """Make a cloud object in the scene, of a ``mesh`` that was made already or of a new one.

    In the context's scene it becomes the selected and active one, but not while something is edited, sculpted
    or painted: that is left alone. A very large cloud starts with a density in the viewport that shows
    :data:`SHOWN_AT_FIRST` of its points.
    """
    points = cloud_arrays(points)
    cloud = cloud_object.make_cloud_object(points, name, mesh)
    settings = properties.cloud_settings(cloud)
    settings.is_cloud = True
    settings.points = settings.resample_points = len(points)
    settings.spacing = points.spacing
    settings.radius = RADIUS_PER_SPACING * settings.spacing
    settings.density = min(1.0, SHOWN_AT_FIRST / max(len(points), 1))
    properties.apply_display(cloud)
    context: Any = bpy.context
    if scene != context.scene:
        scene.collection.objects.link(cloud)
        return cloud
    # An excluded collection would hide the cloud, a linked one takes no objects.
    usable = not context.layer_collection.exclude and context.collection.is_editable
    (context.collection if usable else scene.collection).objects.link(cloud)
    _select_alone(cloud)
    return cloud


def prepare_display() -> None:
    """Make what shows every cloud, where the file has none yet: it takes longer than a cloud itself."""
    nodes.cloud_node_group()
    nodes.colour_material(lit=False)


def remove_unused_display() -> None:
    """Remove what was made for a cloud that did not come, if no other cloud uses it."""
    unused: Any = [
        bpy.data.node_groups.get(nodes.GROUP_NAME),
        bpy.data.materials.get(nodes.MATERIAL_NAME),
    ]
    bpy.data.batch_remove([block for block in unused if block is not None and block.users == 0])


def _select_alone(chosen: bpy.types.Object) -> None:
    """Make an object of the context's view layer the only selected one, and active."""
    context: Any = bpy.context
    if context.mode != "OBJECT":
        return
    for other in context.selected_objects:
        other.select_set(False)
    chosen.select_set(True)
    context.view_layer.objects.active = chosen


def current_scene() -> bpy.types.Scene:
    """Tell the context's scene."""
    return cast("bpy.types.Scene", bpy.context.scene)


def by_uid(collection: Any, uid: int) -> Any:
    """Find a data-block by its ``session_uid``, which undo and renaming keep; None if it is gone."""
    return next((block for block in collection if block.session_uid == uid), None)
