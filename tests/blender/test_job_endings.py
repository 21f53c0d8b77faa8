# SPDX-License-Identifier: GPL-3.0-or-later
"""How the panels tell that a job has ended, and what they offer then."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest
from drawn_panels import drawn
from fake_engine import ANSWER, FAIL, contents, job_folders

from blender_addon import api, installing, preferences
from blender_addon.jobs import placing, runs, starting
from blender_addon.panels.cloud import UNER3D_PT_Mesh
from blender_addon.panels.jobs import UNER3D_PT_Jobs
from blender_addon.panels.reconstruct import UNER3D_PT_Reconstruct
from uner3d_core.errors import CameraError, Cancelled, EngineError

FAILED = "The pictures show nothing."


def said(panel: Any, space: Any = None) -> str:
    return " ".join(drawn(panel, space))


def blind_camera(name: str) -> Any:
    bpy.ops.object.camera_add(location=(0, 0, 5), rotation=(3.14159, 0, 0))
    bpy.context.object.name = name
    api.add_cameras(bpy.context.scene, [bpy.context.object])
    return bpy.context.object


@pytest.fixture
def view() -> Any:
    """A 3D view as new files have it."""
    overlay = SimpleNamespace(show_overlays=True, show_outline_selected=True)
    return SimpleNamespace(
        type="VIEW_3D", overlay=overlay, shading=SimpleNamespace(type="SOLID", color_type="MATERIAL")
    )


class TestCamerasThatSeeNothing:
    def test_they_are_named_and_left_out(self, engine: Any, scene: Any) -> None:
        engine(
            "names = sorted(path.name for path in task.input.iterdir())\n"
            "frames = json.loads(task.cameras.read_text())['frames']\n"
            "say(protocol.Log(f'{names} {len(frames)}'))\n" + ANSWER.replace("\n    ", "\n")
        )
        blind_camera("Away é")
        cloud = api.complete(api.start_inputs(scene))
        told, seen = runs.last_warnings()
        assert told == "Left out, as they see nothing that is rendered: Away é."
        assert seen == "['000_Camera.png', '001_Camera.001.png'] 2"
        assert told in cloud.uner3d.figures or "Away" in cloud.uner3d.figures

    @pytest.mark.parametrize("names", [["Away"], ["Away", "Aside"]])
    def test_the_engine_is_not_started_where_there_are_no_others(
        self, engine: Any, scene: Any, names: list[str]
    ) -> None:
        engine("Path(sys.argv[0]).with_name('started').touch()")
        scene.uner3d.inputs.clear()
        for name in names:
            blind_camera(name)
        before = contents(), job_folders()
        with pytest.raises(CameraError) as caught:
            api.complete(run := api.start_inputs(scene))
        assert all(name in caught.value.message for name in names)
        assert "sees nothing" in caught.value.message or "sees anything" in caught.value.message
        assert caught.value.hint
        assert not list(run.engine_python.parent.glob("started"))
        assert (contents(), job_folders()) == before


class TestErrors:
    @pytest.fixture(autouse=True)
    def failed(self, engine: Any, scene: Any) -> None:
        engine(FAIL)
        with pytest.raises(RuntimeError, match=FAILED):
            bpy.ops.uner3d.reconstruct()

    def test_they_are_dismissed(self) -> None:
        assert FAILED in said(UNER3D_PT_Reconstruct)
        assert "Dismiss" in drawn(UNER3D_PT_Reconstruct)
        bpy.ops.uner3d.dismiss()
        assert FAILED not in said(UNER3D_PT_Reconstruct)
        assert FAILED in said(UNER3D_PT_Jobs).replace("show  nothing", "show nothing")

    @pytest.mark.parametrize("change", ["row", "off", "masks"])
    def test_they_go_when_the_inputs_change(self, scene: Any, change: str) -> None:
        settings = scene.uner3d
        if change == "row":
            bpy.ops.uner3d.remove_inputs()
        elif change == "off":
            settings.inputs[0].enabled = False
        else:
            settings.mask_folder = "//masks"
        assert starting.is_answered(scene)
        assert FAILED not in said(UNER3D_PT_Reconstruct)

    def test_what_answers_nothing_leaves_them(self, scene: Any) -> None:
        scene.uner3d.points += 1
        bpy.ops.mesh.primitive_cube_add()
        assert FAILED in said(UNER3D_PT_Reconstruct)

    def test_of_the_engine_they_go_when_there_is_one(self, scene: Any, monkeypatch: Any) -> None:
        monkeypatch.setenv("UNER3D_ENGINE_PYTHON", "/gone/python")
        with pytest.raises(RuntimeError, match="is not there"):
            bpy.ops.uner3d.reconstruct()
        scene.uner3d.inputs[0].enabled = False
        assert isinstance(runs.last_error(), EngineError)
        assert "is not there" in said(UNER3D_PT_Reconstruct)
        report: Any = SimpleNamespace(torch="2")
        installing.remember(report, None)
        assert runs.last_error() is None
        installing.forget()

    def test_they_are_listed_first_among_the_jobs(self, engine: Any, scene: Any) -> None:
        engine(ANSWER)
        bpy.ops.uner3d.reconstruct()
        seen = drawn(UNER3D_PT_Jobs)
        assert "Try Again" in seen[: seen.index("Results, the newest first")]

    def test_they_are_tried_again_with_what_was_set(self, engine: Any, scene: Any) -> None:
        engine(ANSWER)
        scene.uner3d.points = 77
        scene.uner3d.inputs.clear()
        (job,) = runs.ended()
        assert "Try Again" in drawn(UNER3D_PT_Jobs)
        assert bpy.ops.uner3d.retry_job(number=job.number) == {"FINISHED"}
        assert bpy.context.object.uner3d.points == 500
        assert runs.ended() == ()
        assert runs.last_error() is None

    def test_one_that_fails_again_is_listed_once(self) -> None:
        (job,) = runs.ended()
        with pytest.raises(RuntimeError, match=FAILED):
            bpy.ops.uner3d.retry_job(number=job.number)
        assert len(runs.ended()) == 1
        for item in list(bpy.data.objects):
            bpy.data.objects.remove(item)
        with pytest.raises(RuntimeError, match="A camera of this job was deleted"):
            bpy.ops.uner3d.retry_job(number=runs.ended()[0].number)
        assert len(runs.ended()) == 1

    def test_they_are_taken_off_the_list(self) -> None:
        (job,) = runs.ended()
        bpy.ops.uner3d.forget_job(number=job.number)
        assert runs.ended() == ()
        assert runs.last_error() is None


def test_a_job_that_could_not_begin_is_listed_and_tried_again(
    engine: Any, scene: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UNER3D_ENGINE_PYTHON", str(tmp_path / "gone"))
    before = contents(), job_folders()
    with pytest.raises(RuntimeError, match="is not there"):
        bpy.ops.uner3d.reconstruct()
    (job,) = runs.ended()
    assert (contents(), job_folders()) == before
    assert "is not there" in said(UNER3D_PT_Jobs)
    engine(ANSWER)
    bpy.ops.uner3d.retry_job(number=job.number)
    assert bpy.context.object.uner3d.points == 500
    assert runs.ended() == ()


@pytest.mark.parametrize("what", ["resample", "convert_to_mesh"])
def test_what_is_made_of_a_cloud_is_tried_again(
    engine: Any, scene: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    engine(ANSWER)
    bpy.ops.uner3d.reconstruct()
    cloud = bpy.context.object
    engine(FAIL)
    with pytest.raises(RuntimeError, match=FAILED):
        getattr(bpy.ops.uner3d, what)(**{"points": 50} if what == "resample" else {"faces": 50})
    asked = runs.ended()[0].again
    assert asked is not None
    run = asked()
    assert run.cloud == cloud.session_uid
    runs.end(run, Cancelled())
    bpy.data.objects.remove(cloud)
    with pytest.raises(RuntimeError, match="was deleted, or its file was closed"):
        bpy.ops.uner3d.retry_job(number=runs.ended()[-1].number)


class TestTheResult:
    def test_colours_are_offered_where_the_view_hides_them(self, engine: Any, scene: Any, view: Any) -> None:
        engine(ANSWER)
        bpy.ops.uner3d.reconstruct()
        shading = view.shading.type
        words = said(UNER3D_PT_Reconstruct, view)
        assert "“Cloud” is ready." in words
        assert "Show Colours" in words
        assert view.shading.type == shading  # an offer, and nothing set
        view.shading.type, view.overlay.show_outline_selected = "MATERIAL", False
        assert "Show Colours" not in said(UNER3D_PT_Reconstruct, view)
        view.shading.type = "SOLID"
        bpy.ops.uner3d.dismiss()
        assert "Show Colours" not in said(UNER3D_PT_Reconstruct, view)

    def test_it_is_not_told_of_one_that_is_gone(self, engine: Any, scene: Any, view: Any) -> None:
        engine(ANSWER)
        bpy.ops.uner3d.reconstruct()
        bpy.data.objects.remove(bpy.context.object)
        assert "is ready" not in said(UNER3D_PT_Reconstruct, view)

    def test_a_mesh_of_a_cloud_gets_the_same_offer(self, sphere_cloud: Any, view: Any) -> None:
        cloud: Any = placing.add_to_scene(sphere_cloud(10), "Cloud", bpy.context.scene)
        context = SimpleNamespace(object=cloud, space_data=view)
        assert not UNER3D_PT_Mesh.poll(context)
        cloud.uner3d.is_cloud, cloud.uner3d.is_mesh = False, True
        assert UNER3D_PT_Mesh.poll(context)
        assert drawn(UNER3D_PT_Mesh, view) == ["Show Colours"]
        view.shading.type = "MATERIAL"  # its outline covers nothing
        assert not UNER3D_PT_Mesh.poll(context)


def test_an_empty_list_says_what_to_do_first() -> None:
    seen = drawn(UNER3D_PT_Reconstruct)
    for words in ("Add Cameras Around", "Add Cameras", "Add Images"):
        assert words in seen
    text = " ".join(seen)
    assert "1. Of an object" in text
    assert "2. Choose a preset" in text


def test_the_page_says_that_a_variable_names_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNER3D_ENGINE_PYTHON", raising=False)
    assert not preferences.is_named_by_variable()
    monkeypatch.setenv("UNER3D_ENGINE_PYTHON", "/mine/python")
    assert preferences.is_named_by_variable()
    monkeypatch.setattr(preferences, "_value", lambda name, _: "/chosen")
    assert not preferences.is_named_by_variable()
