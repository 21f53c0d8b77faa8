# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine in Blender: which Python is taken, what is asked before it is installed, what is drawn."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from uner3d_core import __version__
from uner3d_core.doctor import Device
from uner3d_core.errors import Cancelled, EngineError

INSTALLED_DEVICES = (Device("cpu", "Some processor", 16 << 30), Device("cuda:0", "Some card", 8 << 30))


@pytest.fixture
def place(addon: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The engine's folder, new for each test; nothing is installed."""
    from blender_addon import installing, preferences
    from blender_addon.engine.place import FOLDER_VARIABLE, Place

    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "engine"))
    monkeypatch.delenv(preferences.ENGINE_VARIABLE, raising=False)
    installing.forget()
    yield Place(tmp_path / "engine")
    installing.forget()


@pytest.fixture
def make_whole(place: Any) -> Callable[..., None]:
    """Make the folder look like that of a whole engine."""
    from blender_addon.engine.place import claim
    from blender_addon.engine.state import Installed, write_record

    def make(version: str = __version__, extras: tuple[str, ...] = ()) -> None:
        claim(place)
        place.python.parent.mkdir(parents=True)
        place.python.touch()
        sizes = 10**9, 10**8
        write_record(
            place,
            Installed(version, "2.9.0", "3.13.1", "cpu", sys.executable, INSTALLED_DEVICES, *sizes, extras),
        )

    return make


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow online access."""
    monkeypatch.setattr(bpy.context.preferences.system, "use_online_access", True)


@pytest.fixture
def fake_python(tmp_path: Path) -> Path:
    """A program that can be probed as this Python can, and makes no environment."""
    program = tmp_path / "python"
    program.write_text(
        f'#!/bin/sh\nif [ "$2" = -c ]; then exec "{sys.executable}" "$@"; fi\nexec sleep 1000\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


class Layout:
    """Stands for a layout: remembers what is drawn, and refuses operators that are not there."""

    def __init__(self, drawn: list[str] | None = None) -> None:
        self.drawn: list[str] = [] if drawn is None else drawn

    def label(self, text: str = "", **_: Any) -> None:
        self.drawn.append(text)

    def prop(self, data: Any, name: str, **_: Any) -> None:
        assert hasattr(data, name)
        self.drawn.append(name)

    def progress(self, factor: float = 0.0, text: str = "", **_: Any) -> None:
        assert 0.0 <= factor <= 1.0
        self.drawn.append(text)

    def operator(self, name: str, text: str | None = None, **_: Any) -> SimpleNamespace:
        module, _, function = name.partition(".")
        assert getattr(getattr(bpy.ops, module), function).get_rna_type()
        self.drawn.append(text or name)
        return SimpleNamespace()

    def _inner(self, **_: Any) -> Layout:
        return Layout(self.drawn)

    row = column = box = _inner


SYSTEM = SimpleNamespace(ui_scale=1.0, use_online_access=False)
CONTEXT = SimpleNamespace(
    region=SimpleNamespace(width=3000),
    preferences=SimpleNamespace(system=SYSTEM, addons=("blender_addon",)),
)


def drawn_page() -> str:
    from blender_addon.panels.engine import draw_installed_engine

    layout = Layout()
    draw_installed_engine(layout, CONTEXT)
    return "\n".join(layout.drawn)


def drawn_panel() -> str:
    from blender_addon.panels.engine import UNER3D_PT_Engine

    class Panel:
        layout = Layout()

    UNER3D_PT_Engine.draw(Panel, CONTEXT)
    return "\n".join(Panel.layout.drawn)


def test_a_whole_engine_is_found_by_itself(place: Any, make_whole: Any) -> None:
    from blender_addon import preferences

    make_whole()
    assert preferences.engine_python() == place.python
    assert not preferences.lacks_engine()
    page = drawn_page()
    assert "Ready: uner3d" in page
    assert "cuda:0: Some card, 8.0 GiB of memory" in page
    assert "Remove Downloads (100 MB)" in page


def test_an_own_python_comes_first(
    place: Any, make_whole: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from blender_addon import preferences

    make_whole()
    monkeypatch.setenv(preferences.ENGINE_VARIABLE, str(tmp_path / "mine"))
    assert preferences.engine_python() == tmp_path / "mine"
    assert not preferences.lacks_engine()


def test_blender_as_a_module_has_a_python_of_its_own(place: Any) -> None:
    from blender_addon import preferences

    assert preferences.engine_python() == Path(sys.executable)
    assert not preferences.lacks_engine()


def test_half_an_engine_is_none(place: Any, make_whole: Any) -> None:
    from blender_addon import installing, preferences

    make_whole()
    place.record.unlink()
    installing.forget()
    with pytest.raises(EngineError, match="not finished"):
        preferences.engine_python()
    assert preferences.lacks_engine()
    for drawn in (drawn_page(), drawn_panel()):
        assert "not finished" in drawn
        assert "Resume Installation" in drawn


def test_an_engine_of_another_version_is_offered_to_be_updated(place: Any, make_whole: Any) -> None:
    from blender_addon import preferences

    make_whole("0.0.9")
    with pytest.raises(EngineError, match=r"has uner3d 0\.0\.9"):
        preferences.engine_python()
    assert "Update Engine" in drawn_panel()


def test_what_is_drawn_where_there_is_none(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon import installing

    monkeypatch.setattr(installing, "is_online", lambda: True)
    for drawn in (drawn_page(), drawn_panel()):
        assert "Install Engine" in drawn
        assert "use_online_access" not in drawn
    monkeypatch.setattr(installing, "is_online", lambda: False)
    monkeypatch.setattr(installing, "started_offline", lambda: False)
    assert "use_online_access" in drawn_panel()
    assert "Engine Settings" in drawn_panel()
    monkeypatch.setattr(installing, "started_offline", lambda: True)
    assert "--offline-mode" in drawn_page()


def test_nothing_is_downloaded_without_online_access(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpy.context.preferences.system, "use_online_access", False)
    for name in ("engine_install", "engine_repair"):
        with pytest.raises(RuntimeError, match="online access is off, so nothing is downloaded"):
            getattr(bpy.ops.uner3d, name)()
    assert not place.folder.exists()


def test_who_has_switched_it_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon import installing

    app = SimpleNamespace(online_access=False, online_access_override=True)
    monkeypatch.setattr(installing, "bpy", SimpleNamespace(app=app))
    with pytest.raises(EngineError, match="--offline-mode"):
        installing.require_online_access()


@pytest.mark.usefixtures("online")
def test_an_add_on_without_its_wheel_says_so(place: Any) -> None:
    with pytest.raises(RuntimeError, match="own wheel is not there"):
        bpy.ops.uner3d.engine_install()


@pytest.mark.usefixtures("online")
def test_the_operators_install_what_the_preferences_say(
    place: Any, make_whole: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blender_addon import api, preferences
    from blender_addon.engine.builds import Build
    from blender_addon.engine.install import Installation, Progress, Stage
    from blender_addon.engine.state import look

    asked = []
    heard = threading.Event()

    def install(self: Any) -> Any:
        asked.append(self._request)
        if len(asked) == 3:
            self._progress = Progress(Stage.DOWNLOAD, 1, 2)
            assert heard.wait(30)
        if not place.record.exists():
            make_whole()
        return look(place).installed

    monkeypatch.setattr(Installation, "_install", install)
    monkeypatch.setattr(preferences, "core_wheel", lambda: tmp_path / "uner3d-1-py3-none-any.whl")
    assert preferences.engine_state().state.value == "not installed"
    assert bpy.ops.uner3d.engine_install() == {"FINISHED"}
    assert preferences.engine_python() == place.python
    assert bpy.ops.uner3d.engine_install() == {"FINISHED"}  # it is there already
    assert len(asked) == 1
    assert bpy.ops.uner3d.engine_repair() == {"FINISHED"}
    request = asked[1]
    assert (request.folder, request.base_python) == (place.folder, Path(sys.executable))
    assert request.build is Build.AUTO

    told: list[Progress] = []

    def hear(progress: Progress) -> None:
        told.append(progress)
        if progress.total:
            heard.set()

    installed = api.install_engine(build="cpu", again=True, on_progress=hear)
    assert asked[2].build is Build.CPU
    assert installed.devices == INSTALLED_DEVICES
    assert told[-1] == Progress(Stage.DOWNLOAD, 1, 2)


@pytest.mark.usefixtures("online")
def test_a_whole_engine_is_not_installed_again(place: Any, make_whole: Any) -> None:
    from blender_addon import api

    make_whole()
    assert api.install_engine().devices == INSTALLED_DEVICES


@pytest.mark.parametrize("had", [True, False])
def test_record_of_an_engine_that_told_of_one_extra_alone(place: Any, make_whole: Any, had: bool) -> None:
    from blender_addon.engine.state import look

    make_whole()
    content = json.loads(place.record.read_text(encoding="utf-8"))
    del content["extras"]
    place.record.write_text(json.dumps({**content, "point_e": had}), encoding="utf-8")
    installed = look(place).installed
    assert installed is not None
    assert installed.extras == (("point-e",) if had else ())


@pytest.mark.usefixtures("online")
def test_what_an_engine_has_beside_is_kept_when_more_is_added(
    place: Any, make_whole: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blender_addon import api, installing, preferences

    make_whole(extras=("point-e",))
    assert preferences.lacks_extra("masks")
    assert not preferences.lacks_extra("point-e")
    asked = []

    def start(request: Any) -> Any:
        asked.append(request.extras)
        raise EngineError("No room.", "")

    monkeypatch.setattr(installing, "start", start)
    monkeypatch.setattr(preferences, "core_wheel", lambda: tmp_path / "core.whl")
    with pytest.raises(RuntimeError, match="No room"):
        bpy.ops.uner3d.engine_add_masks()
    with pytest.raises(EngineError, match="No room"):
        api.install_engine(again=True)
    assert asked == [("masks", "point-e"), ("point-e",)]
    assert api.install_engine(extras=["point-e"]).extras == ("point-e",)
    with pytest.raises(EngineError, match="no extra “mask”"):
        api.install_engine(extras=["mask"])


@pytest.mark.usefixtures("online")
def test_a_failure_is_shown_until_something_else_is_done(place: Any, tmp_path: Path) -> None:
    from blender_addon import api, preferences

    with pytest.raises(EngineError, match="There is no build “opencl”"):
        api.install_engine(build="opencl")
    (tmp_path / "uner3d-1-py3-none-any.whl").touch()
    with pytest.raises(EngineError, match="nowhere” is not there"):
        api.install_engine(
            base_python=tmp_path / "nowhere", core_wheel=tmp_path / "uner3d-1-py3-none-any.whl"
        )
    assert "is not there" in drawn_page()
    assert preferences.lacks_engine()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.usefixtures("online")
def test_while_it_is_installed(place: Any, tmp_path: Path, fake_python: Path) -> None:
    from blender_addon import api, installing, preferences
    from blender_addon.engine.install import Request

    wheel = tmp_path / "uner3d-1-py3-none-any.whl"
    wheel.touch()
    installation = installing.start(Request(place.folder, fake_python, wheel))
    deadline = time.monotonic() + 30
    while not place.mark.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(EngineError, match="is being installed"):
        preferences.engine_python()
    with pytest.raises(EngineError, match="is being installed"):
        api.remove_engine()
    with pytest.raises(EngineError, match="is being installed already"):
        api.install_engine(base_python=fake_python, core_wheel=wheel)
    assert not bpy.ops.uner3d.engine_remove.poll()
    for drawn in (drawn_page(), drawn_panel()):
        assert "of 6" in drawn
        assert "uner3d.engine_cancel" in drawn
    bpy.ops.uner3d.engine_cancel()
    installation.wait(5)
    installing.finish(installation)
    with pytest.raises(Cancelled):
        installation.result()
    assert installing.current() is None
    assert "not finished" in drawn_page()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_disabling_the_add_on_ends_an_installation(
    addon: Any, place: Any, tmp_path: Path, fake_python: Path
) -> None:
    from blender_addon import installing
    from blender_addon.engine.install import Request

    wheel = tmp_path / "uner3d-1-py3-none-any.whl"
    wheel.touch()
    installation = installing.start(Request(place.folder, fake_python, wheel))
    addon.unregister()
    try:
        assert installation.ended
        assert installing.current() is None
    finally:
        addon.register()


def test_removing(place: Any, make_whole: Any) -> None:
    make_whole()
    bpy.ops.uner3d.engine_remove_downloads()
    assert not place.downloads.exists()
    bpy.ops.uner3d.engine_remove()
    assert not place.folder.exists()
    with pytest.raises(RuntimeError, match="nothing was removed"):
        bpy.ops.uner3d.engine_remove()


@pytest.mark.usefixtures("online")
def test_an_engine_that_computes_is_left_alone(
    place: Any, make_whole: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blender_addon import api
    from blender_addon.jobs import runs

    make_whole()
    monkeypatch.setattr(runs, "current", lambda: SimpleNamespace(engine_python=place.python))
    for action in (api.remove_engine, lambda: api.install_engine(again=True)):
        with pytest.raises(EngineError, match="A job is running that needs the engine"):
            action()
    assert place.python.exists()


def test_a_check_that_fails_is_shown(place: Any, make_whole: Any) -> None:
    make_whole()
    place.python.write_text("", encoding="utf-8")
    with pytest.raises(RuntimeError, match="can't be run"):
        bpy.ops.uner3d.engine_check()
    page = drawn_page()
    assert "can't be run" in page
    assert "Repair Engine" in page


def test_an_own_python_is_drawn_with_what_its_check_has_found(
    place: Any, make_whole: Any, tmp_path: Path
) -> None:
    from blender_addon import api
    from blender_addon.panels.engine import draw_own_engine

    def drawn() -> str:
        layout = Layout()
        draw_own_engine(layout, CONTEXT, tmp_path / "python")
        return "\n".join(layout.drawn)

    make_whole()
    place.record.unlink()  # what is wrong with the installed engine is of no concern
    assert drawn().splitlines() == [str(tmp_path / "python"), "uner3d.engine_check"]
    with pytest.raises(EngineError, match="is not there"):
        api.check_engine(tmp_path / "python")
    assert "is not there" in drawn()


def test_the_page_is_drawn(addon: Any, place: Any) -> None:
    from blender_addon.preferences_page import UNER3D_Preferences

    values = dict.fromkeys(UNER3D_Preferences.__annotations__, "")
    page = SimpleNamespace(layout=Layout(), **values)
    UNER3D_Preferences.draw(page, CONTEXT)
    assert [name for name in page.layout.drawn if name in values] == list(values)


def test_drawing_asks_the_disk_now_and_then(
    place: Any, make_whole: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blender_addon import installing, preferences

    make_whole()
    looked = []
    real = installing.look
    monkeypatch.setattr(installing, "look", lambda place: looked.append(place) or real(place))
    for _ in range(100):
        preferences.lacks_engine()
    assert len(looked) == 1
    monkeypatch.setattr(installing, "LOOK_AGAIN", -1.0)
    preferences.lacks_engine()
    assert len(looked) == 2


def test_registering_looks_at_nothing(addon: Any, place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from blender_addon import installing

    monkeypatch.setattr(installing, "look", lambda place: pytest.fail("the disk was asked"))
    addon.unregister()
    addon.register()
