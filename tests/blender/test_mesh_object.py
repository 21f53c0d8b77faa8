# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud becomes a mesh, with an engine that answers at once: a program that speaks the protocol."""

from __future__ import annotations

import stat
import sys
import textwrap
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

import uner3d_core
from blender_addon import api, mesh_object, nodes
from blender_addon.jobs import placing, runs
from uner3d_core.coloured_mesh import ColouredMesh
from uner3d_core.errors import InputError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program starts by its first line")

ENGINE = f"""\
    #!{sys.executable}
    import json, sys
    from pathlib import Path
    sys.path.insert(0, {str(Path(uner3d_core.__file__).parents[1])!r})
    import numpy as np
    from uner3d_core import protocol
    from uner3d_core.coloured_mesh import ColouredMesh
    from uner3d_core.mesh_files import write_mesh_npz

    task = protocol.read_job(Path(json.loads(sys.stdin.readline())["job"]))
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)[:task.faces]
    write_mesh_npz(task.mesh, ColouredMesh(corners, faces, (corners * 255).astype("u1"), corners))
    figures = protocol.Figures(4, "cpu", faces=len(faces))
    print(protocol.encode(protocol.Started("0")), end="")
    print(protocol.encode(protocol.Result({{"mesh": str(task.mesh)}}, figures)), end="", flush=True)
    """


@pytest.fixture
def cloud(sphere_cloud: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A cloud with a field, moved and turned."""
    engine = tmp_path / "engine"
    engine.write_text(textwrap.dedent(ENGINE))
    engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("UNER3D_ENGINE_PYTHON", str(engine))
    cloud: Any = placing.add_to_scene(sphere_cloud(50), "Chair", bpy.context.scene)
    (tmp_path / "field.safetensors").write_bytes(b"field")
    cloud.uner3d.field = str(tmp_path / "field.safetensors")
    cloud.uner3d.mesh_faces = 4
    cloud.location, cloud.rotation_euler, cloud.scale = (1, 2, 3), (0.3, 0.2, 0.1), (1, 2, 1)
    return cloud


def linear_colours(mesh: Any) -> Any:
    values = np.empty(4 * len(mesh.vertices), np.float32)
    mesh.color_attributes[nodes.COLOUR].data.foreach_get("color", values)
    return values.reshape(-1, 4)


def test_the_operator_makes_a_mesh_where_the_cloud_is(cloud: Any) -> None:
    parent = bpy.data.objects.new("parent", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.location = (5, 0, 0)
    cloud.parent = parent
    folders = set(Path(bpy.app.tempdir).glob("job_*"))
    assert bpy.ops.uner3d.convert_to_mesh() == {"FINISHED"}
    made = bpy.context.object
    bpy.context.view_layer.update()
    assert made.name == "Chair Mesh"
    assert bpy.context.selected_objects == [made]
    assert (made.parent, made.matrix_world) == (parent, cloud.matrix_world)
    assert (len(made.data.vertices), len(made.data.edges), len(made.data.polygons)) == (4, 6, 4)
    assert all(polygon.use_smooth for polygon in made.data.polygons)
    assert made.data.color_attributes.active_color.name == nodes.COLOUR
    np.testing.assert_allclose(linear_colours(made.data)[1], (1, 0, 0, 1), atol=1e-6)
    assert made.data.materials[0].name == nodes.MATERIAL_NAME
    assert (len(made.modifiers), made.uner3d.is_cloud, made.uner3d.field) == (0, False, "")
    assert runs.current() is None
    assert set(Path(bpy.app.tempdir).glob("job_*")) == folders


def test_the_cloud_stays_and_is_hidden(cloud: Any) -> None:
    made = api.convert_to_mesh(cloud, 4)
    assert len(made.data.polygons) == 4
    assert cloud.hide_get()
    assert cloud.hide_render
    assert not made.hide_get()
    assert not made.hide_render
    assert (len(cloud.data.vertices), cloud.uner3d.is_cloud, len(cloud.modifiers)) == (50, True, 1)
    assert cloud.users_collection == made.users_collection


def test_exposure_and_saturation_are_in_the_colours(cloud: Any) -> None:
    cloud.uner3d.lit, cloud.uner3d.exposure, cloud.uner3d.saturation = True, 1.0, 0.0
    made = api.convert_to_mesh(cloud)
    assert made.data.materials[0].name == nodes.LIT_MATERIAL_NAME
    np.testing.assert_allclose(linear_colours(made.data)[1, :3], 2 * nodes.LUMINANCE[0], rtol=1e-5)


@pytest.mark.skipif(bpy.app.version < (4, 5, 0), reason="evaluated_geometry() is new in 4.5")
def test_colours_are_corrected_as_the_nodes_do(sphere_cloud: Any) -> None:
    cloud: Any = placing.add_to_scene(sphere_cloud(64), "cloud", bpy.context.scene)
    before = linear_colours(cloud.data)[:, :3]
    cloud.uner3d.exposure, cloud.uner3d.saturation = 0.7, 1.8
    geometry = cloud.evaluated_get(bpy.context.evaluated_depsgraph_get()).evaluated_geometry()
    shown = np.empty(4 * 64, np.float32)
    geometry.pointcloud.attributes[nodes.COLOUR].data.foreach_get("color", shown)
    expected = mesh_object.corrected(before, 0.7, 1.8)
    np.testing.assert_allclose(shown.reshape(-1, 4)[:, :3], expected, atol=1e-5)


def test_one_undo_step_takes_it_back(cloud: Any) -> None:
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.uner3d.convert_to_mesh()
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert "Chair Mesh" not in bpy.data.objects
    assert not bpy.data.objects["Chair"].hide_get()
    bpy.ops.ed.redo()
    assert bpy.data.objects["Chair"].hide_get()


def test_what_can_not_be_converted_is_a_sentence(cloud: Any) -> None:
    with pytest.raises(InputError, match="2 faces"):
        api.convert_to_mesh(cloud, 2)
    run = api.start_convert_to_mesh(cloud, 4)
    bpy.data.objects.remove(cloud)
    with pytest.raises(InputError, match="“Chair” was deleted"):
        api.complete(run)
    assert not bpy.data.objects


def test_without_a_field_it_is_a_sentence(cloud: Any) -> None:
    Path(cloud.uner3d.field).unlink()
    with pytest.raises(RuntimeError, match="The field of “Chair” is gone"):
        bpy.ops.uner3d.convert_to_mesh()
    cloud.uner3d.field = ""
    with pytest.raises(InputError, match="no field"):
        api.convert_to_mesh(cloud)


def test_a_triangle_with_two_equal_corners_does_no_harm() -> None:
    corners = np.zeros((3, 3), np.float32)
    broken = ColouredMesh(corners, np.array([[0, 0, 1]], np.int32), corners.astype("u1"), corners)
    assert len(mesh_object.make_mesh_data(broken, "broken", 0.0, 1.0).polygons) == 0
