# SPDX-License-Identifier: GPL-3.0-or-later
"""How a cloud is shown, and what is known about it: ``Object.uner3d``."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.settings import FACES, MAXIMUM_FACES, MAXIMUM_POINTS, MINIMUM_FACES, Settings

from .. import compat, nodes
from ..cloud_object import MODIFIER_NAME

_SHAPE_WORDS = {
    "Points": "Round points, the fastest",
    "Spheres": "Spheres of real geometry",
    "Cubes": "Cubes, aligned with the surface",
    "Discs": "Discs that lie on the surface",
    "Object": "An object of yours, its z axis along the normal",
}


def apply_display(cloud: bpy.types.Object) -> None:
    """Set the modifier of a cloud object to what its ``uner3d`` properties say."""
    modifier: Any = cloud.modifiers.get(MODIFIER_NAME)
    if modifier is None or modifier.type != "NODES" or modifier.node_group is None:
        return  # removed or applied: the person's own arrangement
    settings = cloud_settings(cloud)
    for name, value in {
        "Density": settings.density,
        "Render Density": settings.render_density,
        "Minimum Confidence": settings.minimum_confidence,
        "Radius": settings.radius,
        "Relative Radius": settings.relative_radius if settings.radius_kind == "RELATIVE" else 0.0,
        "Spacing": settings.spacing,
        "Size by Confidence": settings.size_by_confidence,
        "Shape": settings.shape,
        "Object": settings.shape_object,
        "Exposure": settings.exposure,
        "Saturation": settings.saturation,
        "Solid Colours": settings.solid_colours,
        "Material": nodes.colour_material(settings.lit),
    }.items():
        # A file keeps the group that its clouds were made with, and that may be of an earlier version.
        if compat.has_modifier_input(modifier, name):
            compat.set_modifier_input(modifier, name, value)


def cloud_settings(cloud: Any) -> Any:
    """Tell what the person has set for a cloud object: a ``UNER3D_CloudSettings``."""
    return cloud.uner3d


def _display_changed(settings: Any, context: Any) -> None:
    apply_display(settings.id_data)


def _is_other_object(settings: Any, candidate: bpy.types.Object) -> bool:
    return bool(candidate != settings.id_data)


def _share(name: str, description: str, default: float, precision: int = 2) -> Any:
    """Make a property from 0 to 1 of how a cloud is shown."""
    return bpy.props.FloatProperty(
        name=name,
        description=description,
        subtype="FACTOR",
        default=default,
        min=0.0,
        max=1.0,
        precision=precision,
        update=_display_changed,
    )


class UNER3D_CloudSettings(bpy.types.PropertyGroup):
    """How a cloud is shown, and what is known about it."""

    is_cloud: bpy.props.BoolProperty(
        name="Is a Cloud", description="Whether this add-on made the object", options={"HIDDEN"}
    )
    is_mesh: bpy.props.BoolProperty(
        name="Is a Mesh of a Cloud", description="Whether the object is a cloud's surface", options={"HIDDEN"}
    )
    density: _share(
        "Density",
        "Share of the points shown in the viewport; a lower one shows some of the same points, evenly "
        "spread. Of clouds with more than 2 million points, 2 million are shown at first",
        1.0,
        precision=3,
    )
    render_density: _share("In Renders", "Share of the points shown in renders", 1.0, precision=3)
    minimum_confidence: _share(
        "Confidence",
        "Points that are less sure are not shown: 0 shows guesses too, towards 1 only what many "
        "views agreed on",
        0.0,
    )
    radius_kind: bpy.props.EnumProperty(
        name="Size",
        description="What the radius is measured in",
        items=[
            ("ABSOLUTE", "Absolute", "A length"),
            ("RELATIVE", "Relative", "Distances between neighbours, which grow as fewer points are shown"),
        ],
        update=_display_changed,
    )
    relative_radius: bpy.props.FloatProperty(
        name="Radius",
        description="Radius of a point in distances between neighbours; 0.9 covers the surface",
        default=0.9,
        min=0.01,
        soft_max=2.0,
        update=_display_changed,
    )
    spacing: bpy.props.FloatProperty(
        name="Spacing",
        description="Distance between neighbours where all points are shown",
        subtype="DISTANCE",
        default=0.01,
        min=0.0,
    )
    size_by_confidence: _share("By Confidence", "How much smaller points are that are less sure", 0.0)
    exposure: bpy.props.FloatProperty(
        name="Exposure",
        description="Stops by which the colours are brighter than those of the pictures",
        default=0.0,
        soft_min=-5.0,
        soft_max=5.0,
        update=_display_changed,
    )
    saturation: bpy.props.FloatProperty(
        name="Saturation",
        description="0 is grey, 1 as in the pictures",
        default=1.0,
        min=0.0,
        soft_max=2.0,
        update=_display_changed,
    )
    radius: bpy.props.FloatProperty(
        name="Radius",
        description="Radius of a point, half the edge of a cube",
        subtype="DISTANCE",
        default=0.01,
        min=0.0,
        precision=4,
        step=0.1,
        update=_display_changed,
    )
    shape: bpy.props.EnumProperty(
        name="Shape",
        description="What stands at each point",
        items=[(shape, shape, _SHAPE_WORDS[shape]) for shape in nodes.SHAPES],
        update=_display_changed,
    )
    shape_object: bpy.props.PointerProperty(
        name="Object",
        description="Stands at each point; 1 m of it becomes one radius",
        type=bpy.types.Object,
        poll=_is_other_object,
        update=_display_changed,
    )
    lit: bpy.props.BoolProperty(
        name="Lit by the Scene",
        description="Let the scene's lamps light the points. The pictures' light is in the colours already",
        update=_display_changed,
    )
    solid_colours: bpy.props.BoolProperty(
        name="Colours in Solid View",
        description="Make real geometry, whose colours Solid view shows when its Color is set to Attribute; "
        "slower with very many points",
        update=_display_changed,
    )
    resample_points: bpy.props.IntProperty(
        name="Points",
        description="Number of points to sample anew from the fitted field, without the pictures",
        default=Settings().points,
        min=1,
        soft_min=1000,
        soft_max=10_000_000,
        max=MAXIMUM_POINTS,
    )
    mesh_faces: bpy.props.IntProperty(
        name="Faces",
        description="Number of triangles of a mesh of the surface; "
        "with twice as many as there are points the colours are as sharp",
        default=FACES,
        min=MINIMUM_FACES,
        soft_min=1000,
        soft_max=2_000_000,
        max=MAXIMUM_FACES,
    )
    points: bpy.props.IntProperty(name="Points", description="Number of points in the cloud")
    field: bpy.props.StringProperty(
        name="Field", description="File of the fitted field; empty for an imported cloud", subtype="FILE_PATH"
    )
    cameras: bpy.props.StringProperty(
        name="Cameras",
        description="File of the cameras that were estimated; empty where they were known",
        subtype="FILE_PATH",
    )
    views: bpy.props.IntProperty(name="Views", description="Number of views the cloud was made from")
    seconds: bpy.props.FloatProperty(
        name="Time", description="Seconds that the reconstruction took", subtype="TIME_ABSOLUTE"
    )
    figures: bpy.props.StringProperty(
        name="Figures", description="What the engine told about the run, as JSON"
    )
