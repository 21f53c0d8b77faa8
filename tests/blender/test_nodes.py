# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
import pytest

from blender_addon import compat, nodes
from blender_addon.jobs import placing


def add_cloud(points: Any) -> Any:
    return placing.add_to_scene(points, "cloud", bpy.context.scene)


@pytest.mark.parametrize("density", [0.0, 0.001, 0.01, 0.1, 0.3, 1 / 3, 0.5, 0.7, 0.999, 1.0])
@pytest.mark.parametrize("count", [1, 7, 1000, 100_000])
def test_density_shows_exactly_its_share(
    sphere_cloud: Any, shown_points: Any, density: float, count: int
) -> None:
    cloud = add_cloud(sphere_cloud(count))
    cloud.uner3d.density = density
    assert len(shown_points()) == math.ceil(density * count - 0.5)  # the nearest number


@pytest.mark.parametrize("progressive", [True, False])
def test_a_lower_density_shows_some_of_the_same_points(
    sphere_cloud: Any, shown_points: Any, progressive: bool
) -> None:
    points = sphere_cloud(2000, progressive)
    cloud = add_cloud(points)
    shown = []
    for density in (0.1, 0.5, 1.0):
        cloud.uner3d.density = density
        shown.append({tuple(position) for position in shown_points()})
    assert shown[0] < shown[1] < shown[2]
    assert shown[2] == {tuple(position) for position in points.positions}
    if progressive:
        assert shown[0] == {tuple(position) for position in points.positions[:200]}


@pytest.mark.parametrize("shape", nodes.SHAPES)
def test_every_shape_stands_at_the_points_shown(sphere_cloud: Any, shown_points: Any, shape: str) -> None:
    points = sphere_cloud(500)
    cloud = add_cloud(points)
    bpy.ops.mesh.primitive_cone_add(location=(5, 5, 5))
    own = bpy.context.object
    cloud.uner3d.shape_object = own
    cloud.uner3d.shape = shape
    cloud.uner3d.density = 0.5
    np.testing.assert_allclose(shown_points(), points.positions[:250], atol=1e-6)


def test_discs_lie_on_the_surface_with_the_radius(sphere_cloud: Any) -> None:
    cloud = add_cloud(sphere_cloud(20))
    cloud.uner3d.shape = "Discs"
    cloud.uner3d.radius = 0.25
    matrices = [
        np.array(instance.matrix_world)
        for instance in bpy.context.evaluated_depsgraph_get().object_instances
        if instance.is_instance
    ]
    assert len(matrices) == 20
    for matrix in matrices:
        np.testing.assert_allclose(matrix[:3, 2], 0.25 * matrix[:3, 3], atol=1e-5)


@pytest.mark.parametrize("exposure", [0.0, 1.0])
@pytest.mark.parametrize("shape", ["Points", "Spheres", "Cubes", "Discs"])
def test_solid_view_gets_a_mesh_with_the_colours_active(
    sphere_cloud: Any, shape: str, exposure: float
) -> None:
    cloud = add_cloud(sphere_cloud(50))
    cloud.uner3d.shape = shape
    cloud.uner3d.solid_colours = True
    cloud.uner3d.exposure = exposure
    mesh = cloud.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    assert len(mesh.polygons) >= 50
    assert mesh.color_attributes.active_color.name == nodes.COLOUR
    assert mesh.color_attributes.active_color.domain == "POINT"


def test_clouds_share_one_group_and_one_material(sphere_cloud: Any) -> None:
    clouds = [add_cloud(sphere_cloud(10)) for _ in range(3)]
    assert len(bpy.data.node_groups) == len(bpy.data.materials) == 1
    clouds[0].uner3d.lit = True
    modifiers = [cloud.modifiers[0] for cloud in clouds]
    names = [compat.get_modifier_input(modifier, "Material").name for modifier in modifiers]
    assert names == [nodes.LIT_MATERIAL_NAME, nodes.MATERIAL_NAME, nodes.MATERIAL_NAME]


def test_modifier_shows_what_the_panel_says(sphere_cloud: Any) -> None:
    cloud = add_cloud(sphere_cloud(10))
    cloud.uner3d.density, cloud.uner3d.radius, cloud.uner3d.shape = 0.25, 0.5, "Cubes"
    modifier = cloud.modifiers[0]
    values = {name: compat.get_modifier_input(modifier, name) for name in ("Density", "Radius", "Shape")}
    assert values == {"Density": 0.25, "Radius": 0.5, "Shape": "Cubes"}
    with pytest.raises(KeyError, match="no input “Colour”"):
        compat.get_modifier_input(modifier, "Colour")


def radii() -> Any:
    """Radii of the discs that are shown, sorted."""
    return np.sort(
        [
            np.linalg.norm(np.array(instance.matrix_world)[:3, 0])
            for instance in bpy.context.evaluated_depsgraph_get().object_instances
            if instance.is_instance
        ]
    )


def test_only_sure_points_are_shown(sphere_cloud: Any, shown_points: Any) -> None:
    points = sphere_cloud(101)  # confidence 0.00, 0.01 … 1.00
    cloud = add_cloud(points)
    cloud.uner3d.minimum_confidence = 0.745
    np.testing.assert_allclose(shown_points(), points.positions[75:], atol=1e-6)
    cloud.uner3d.density = 0.9
    assert len(shown_points()) == 16


def test_a_relative_radius_grows_as_fewer_points_are_shown(sphere_cloud: Any) -> None:
    cloud = add_cloud(sphere_cloud(400))
    settings = cloud.uner3d
    settings.shape, settings.radius_kind, settings.relative_radius = "Discs", "RELATIVE", 0.5
    np.testing.assert_allclose(radii(), 0.5 * settings.spacing, rtol=1e-4)
    settings.density = 0.25
    np.testing.assert_allclose(radii(), settings.spacing, rtol=1e-4)
    settings.radius_kind = "ABSOLUTE"
    np.testing.assert_allclose(radii(), settings.radius, rtol=1e-4)


def test_unsure_points_are_smaller(sphere_cloud: Any) -> None:
    cloud = add_cloud(sphere_cloud(11))
    cloud.uner3d.shape, cloud.uner3d.radius, cloud.uner3d.size_by_confidence = "Discs", 0.1, 0.5
    np.testing.assert_allclose(radii(), np.linspace(0.05, 0.1, 11), rtol=1e-4)


def shown_colours(cloud: Any) -> Any:
    """Linear colours, (N, 3), of the points shown."""
    geometry = cloud.evaluated_get(bpy.context.evaluated_depsgraph_get()).evaluated_geometry()
    attribute = geometry.pointcloud.attributes[nodes.COLOUR]
    values = np.empty(4 * len(attribute.data), np.float32)
    attribute.data.foreach_get("color", values)
    return values.reshape(-1, 4)[:, :3]


@pytest.mark.skipif(bpy.app.version < (4, 5, 0), reason="evaluated_geometry() is new in 4.5")
def test_colours_are_corrected_and_the_cloud_keeps_its_own(sphere_cloud: Any) -> None:
    cloud = add_cloud(sphere_cloud(64))
    before = shown_colours(cloud)
    cloud.uner3d.exposure = 1.0
    np.testing.assert_allclose(shown_colours(cloud), 2 * before, rtol=1e-4)
    cloud.uner3d.exposure, cloud.uner3d.saturation = 0.0, 0.0
    grey = before @ np.array(nodes.LUMINANCE, np.float32)
    np.testing.assert_allclose(shown_colours(cloud), np.repeat(grey[:, None], 3, axis=1), atol=1e-6)
    cloud.uner3d.saturation = 1.0
    np.testing.assert_array_equal(shown_colours(cloud), before)


def test_renders_have_a_density_of_their_own(sphere_cloud: Any, shown_points: Any, tmp_path: Any) -> None:
    cloud = add_cloud(sphere_cloud(100))
    cloud.uner3d.density, cloud.uner3d.render_density = 0.5, 0.0
    assert len(shown_points()) == 50
    scene = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.location = (0, 0, 6)
    scene.collection.objects.link(camera)
    scene.camera, scene.render.engine, scene.cycles.samples = camera, "CYCLES", 1
    scene.render.film_transparent = True
    scene.render.resolution_x = scene.render.resolution_y = 32
    covered = []
    for density in (0.0, 1.0):
        cloud.uner3d.render_density = density
        scene.render.filepath = str(tmp_path / f"{density}.png")
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(scene.render.filepath)
        covered.append(np.array(image.pixels).reshape(-1, 4)[:, 3].sum())
    assert covered[0] == 0
    assert covered[1] > 50


def test_a_cloud_with_the_group_of_an_earlier_version_can_still_be_set(sphere_cloud: Any) -> None:
    cloud = add_cloud(sphere_cloud(10))
    tree = cloud.modifiers[0].node_group
    for name in ("Render Density", "Exposure", "Relative Radius"):
        tree.interface.remove(tree.interface.items_tree[name])
    cloud.uner3d.density, cloud.uner3d.exposure = 0.3, 1.0
    assert compat.get_modifier_input(cloud.modifiers[0], "Density") == pytest.approx(0.3)


def test_a_cloud_without_its_modifier_can_still_be_set(sphere_cloud: Any) -> None:
    cloud = add_cloud(sphere_cloud(10))
    cloud.modifiers.clear()
    cloud.uner3d.density = 0.5
    assert not cloud.modifiers


def test_a_saved_cloud_is_shown_again(sphere_cloud: Any, shown_points: Any, tmp_path: Any) -> None:
    cloud = add_cloud(sphere_cloud(100))
    cloud.uner3d.density = 0.5
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert len(shown_points()) == 50
    bpy.data.objects["cloud"].uner3d.density = 0.1
    assert len(shown_points()) == 10
