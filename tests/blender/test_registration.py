# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import bpy
import pytest

OPERATORS = (
    "add_cameras_around",
    "add_images",
    "add_selected_cameras",
    "apply_preset",
    "cancel",
    "cancel_masks",
    "cancel_weights",
    "convert_to_mesh",
    "copy_details",
    "dismiss",
    "dismiss_choices",
    "engine_add_masks",
    "engine_add_point_e",
    "engine_cancel",
    "engine_check",
    "engine_install",
    "engine_remove",
    "engine_remove_downloads",
    "engine_repair",
    "explain_input",
    "export_cloud",
    "export_preset",
    "fetch_mask_network",
    "fetch_weights",
    "forget_job",
    "import_cloud",
    "import_job",
    "import_preset",
    "keep_preset",
    "keep_preview",
    "list_jobs",
    "make_dataset",
    "open_masks",
    "reconstruct",
    "remove_inputs",
    "remove_job",
    "remove_preset",
    "remove_queued",
    "resample",
    "retry_job",
    "run_queue",
    "set_measured_distance",
    "show_cloud_cameras",
    "show_colours",
    "show_input_cameras",
    "show_masks",
    "take_choice",
    "take_result",
)


class Watch:
    """What Python asks of the disk, the network and the system while ``on`` is set."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self)  # for ever: Python has no way to take one back

    def __call__(self, event: str, arguments: Any) -> None:
        if self.on and event.partition(".")[0] in WATCHED:
            self.events.append(f"{event} {arguments}")


WATCHED = {"open", "os", "shutil", "glob", "pathlib", "tempfile", "socket", "urllib", "http", "subprocess"}


@pytest.fixture(scope="module")
def hook() -> Watch:
    return Watch()


@pytest.fixture
def watch(hook: Watch) -> Iterator[Watch]:
    hook.events.clear()
    yield hook
    hook.on = False


def registered_operators() -> set[str]:
    return set(dir(bpy.ops.uner3d))


def test_operators_are_registered_by_their_names() -> None:
    assert registered_operators() == set(OPERATORS)


def our_classes(base: Any) -> list[Any]:
    found = []
    for cls in base.__subclasses__():
        found += [*our_classes(cls), cls] if cls.__module__.startswith("blender_addon.") else []
    return found


def test_every_operator_setting_and_choice_has_a_tooltip() -> None:
    owners = [cls.bl_rna for cls in our_classes(bpy.types.PropertyGroup)]
    owners += [cls.bl_rna for cls in our_classes(bpy.types.AddonPreferences)]
    for name in OPERATORS:
        owners.append(getattr(bpy.ops.uner3d, name).get_rna_type())
        assert owners[-1].description, name
    settings = [(owner, entry) for owner in owners for entry in owner.properties]
    assert len(settings) > 60
    for owner, entry in settings:
        if entry.identifier in {"rna_type", "name", "bl_idname", "filepath"}:  # Blender's own
            continue
        assert entry.description or entry.is_hidden, f"{owner.identifier}.{entry.identifier}"
        for item in entry.enum_items if entry.type == "ENUM" else ():
            assert item.description, f"{owner.identifier}.{entry.identifier}, {item.identifier}"


def test_nothing_is_left_after_unregistering(addon: Any) -> None:
    addon.unregister()
    try:
        assert registered_operators() == set()
        assert not hasattr(bpy.context.scene, "uner3d")
        assert not [handler for handler in bpy.app.handlers.load_pre if "blender_addon" in handler.__module__]
    finally:
        addon.register()


def test_registering_takes_no_time_and_touches_neither_disk_nor_network(addon: Any, watch: Watch) -> None:
    seconds = []
    for _ in range(5):
        addon.unregister()
        watch.on = True
        start = time.perf_counter()
        addon.register()
        seconds.append(time.perf_counter() - start)
        watch.on = False
    assert watch.events == []
    assert min(seconds) < 0.05


def test_the_watch_sees_what_it_should(watch: Watch, tmp_path: Any) -> None:
    watch.on = True
    (tmp_path / "file").write_text("")
    assert any(event.startswith("open ") for event in watch.events)


@pytest.mark.parametrize("name", ["Scene", "Object"])
def test_settings_survive_saving(name: str, tmp_path: Any) -> None:
    holder = bpy.context.scene if name == "Scene" else bpy.data.objects.new("o", None)
    if name == "Scene":
        holder.uner3d.points = 1234
    else:
        bpy.context.scene.collection.objects.link(holder)
        holder.uner3d.points = 1234
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    holder = bpy.context.scene if name == "Scene" else bpy.data.objects["o"]
    assert holder.uner3d.points == 1234
