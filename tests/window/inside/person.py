# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody at a Blender window: mouse and keys as real events, buttons found by what they do.

Everything that takes time is a generator that yields the seconds to wait: Blender must go round its loop
before an event has done its work. ``play`` goes through such a generator.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import bpy

Steps = Generator[float, None, None]
MOMENT = 0.05
"""Seconds after which an event has been handled."""
MODULE = "bl_ext.user_default.uner3d"
TAB = "UNeR3D"


class Person:
    """Somebody at Blender's first window.

    Parameters
    ----------
    output : Path
        Folder for the pictures.

    Attributes
    ----------
    longest_wait : float
        The longest time in seconds for which Blender did not come back while ``until`` waited.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.longest_wait = 0.0
        self._pointer = (0, 0)

    # --- what is there; looked up each time, since undo and loading a file replace it ---

    @property
    def window(self) -> Any:
        """Blender's first window."""
        return bpy.data.window_managers[0].windows[0]

    @property
    def area(self) -> Any:
        """The largest 3D view."""
        views = [area for area in self.window.screen.areas if area.type == "VIEW_3D"]
        return max(views, key=lambda area: area.width * area.height)

    def region(self, kind: str) -> Any:
        """A region of the 3D view: ``WINDOW`` is the view itself, ``UI`` the sidebar."""
        return next(region for region in self.area.regions if region.type == kind)

    def context(self, kind: str = "WINDOW") -> Any:
        """Make Blender's context that of a region of the 3D view."""
        return bpy.context.temp_override(window=self.window, area=self.area, region=self.region(kind))

    # --- the hands ---

    def move(self, x: int, y: int) -> Steps:
        """Move the pointer, in two steps, as a hand would: pixels from the window's lower left corner."""
        for place in ((x - 2, y - 2), (x, y)):
            self._pointer = place
            self.window.event_simulate("MOUSEMOVE", "NOTHING", x=place[0], y=place[1])
            yield MOMENT

    def click(self) -> Steps:
        """Click where the pointer is."""
        yield from self._button("PRESS")
        yield from self._button("RELEASE")

    def drag(self, across: int) -> Steps:
        """Drag to the right, or with a negative number of pixels to the left."""
        x, y = self._pointer
        yield from self._button("PRESS")
        for step in range(1, 9):
            self._pointer = (x + across * step // 8, y)
            self.window.event_simulate("MOUSEMOVE", "NOTHING", x=self._pointer[0], y=y)
            yield MOMENT
        yield from self._button("RELEASE")

    def press(self, key: str, *, ctrl: bool = False, shift: bool = False) -> Steps:
        """Press a key and let it go."""
        x, y = self._pointer
        for value in ("PRESS", "RELEASE"):
            self.window.event_simulate(key, value, x=x, y=y, ctrl=ctrl, shift=shift)
            yield MOMENT

    def _button(self, value: str) -> Steps:
        x, y = self._pointer
        self.window.event_simulate("LEFTMOUSE", value, x=x, y=y)
        yield MOMENT

    # --- the eyes ---

    def look_at_view(self) -> Steps:
        """Move the pointer into the middle of the 3D view."""
        view = self.region("WINDOW")
        yield from self.move(view.x + view.width // 3, view.y + view.height // 2)

    def find(self, wanted: str) -> Steps:
        """Move the pointer onto the sidebar's button whose operator or property has ``wanted`` in its path.

        The sidebar is searched from the top downwards, and scrolled where that is needed.

        Raises
        ------
        AssertionError
            If there is none.
        """
        sidebar = self.region("UI")
        yield from self._scroll("WHEELUPMOUSE", 40)
        scale = bpy.context.preferences.system.ui_scale
        for _page in range(6):
            for share in (0.55, 0.25, 0.84, 0.76):  # the last two are small buttons at a row's end
                x = sidebar.x + int(sidebar.width * share)
                for y in range(sidebar.y + sidebar.height - 4, sidebar.y + 4, -int(9 * scale)):
                    yield from self._hover(x, y)
                    if wanted in self._under_pointer():
                        return
            yield from self._scroll("WHEELDOWNMOUSE", 6)
        raise AssertionError(f"there is no button for “{wanted}” in the sidebar")

    def open_tab(self) -> Steps:
        """Open the sidebar with the key N, at the add-on's tab."""
        yield from self.look_at_view()
        yield from self.press("N")
        yield 0.5  # the tab can be chosen only after one redraw
        self.region("UI").active_panel_category = TAB
        yield 0.5
        assert self.region("UI").width > 100, "the sidebar did not open"

    def open_panel_below(self, wanted: str, pixels: float) -> Steps:
        """Open the panel that follows, by a click on its header, so far below the top of a button."""
        yield from self.find(wanted)
        x, y = self._pointer
        yield from self.move(x, y - int(pixels * bpy.context.preferences.system.ui_scale))
        yield from self.click()
        yield 0.3

    def _hover(self, x: int, y: int) -> Steps:
        self._pointer = (x, y)
        self.window.event_simulate("MOUSEMOVE", "NOTHING", x=x, y=y)
        yield 0.01

    def _scroll(self, wheel: str, times: int) -> Steps:
        sidebar = self.region("UI")
        # Where no panel is, the sidebar lets events through to the view, and a list would scroll itself: a
        # panel's margin at the top does neither.
        yield from self._hover(sidebar.x + 6, sidebar.y + sidebar.height - 40)
        for _time in range(times):
            x, y = self._pointer
            self.window.event_simulate(wheel, "PRESS", x=x, y=y)
        yield MOMENT

    def _under_pointer(self) -> str:
        """What the button under the pointer does: a data path or a call of an operator."""
        manager: Any = bpy.data.window_managers[0]
        with self.context("UI"):
            for copy in (bpy.ops.ui.copy_python_command_button, bpy.ops.ui.copy_data_path_button):
                if copy.poll():
                    manager.clipboard = ""
                    copy()
                    return str(manager.clipboard)
        return ""

    def until(self, happened: Callable[[], bool], limit: float, what: str) -> Steps:
        """Wait until something has happened.

        Raises
        ------
        AssertionError
            If it has not after ``limit`` seconds.
        """
        end = time.monotonic() + limit
        while not happened():
            before = time.monotonic()
            assert before < end, f"{what}: not within {limit:.0f} s"
            yield 0.01
            self.longest_wait = max(self.longest_wait, time.monotonic() - before - 0.01)

    def picture(self, name: str) -> Steps:
        """Take a picture of the window."""
        for area in self.window.screen.areas:
            area.tag_redraw()
        yield 0.6  # until all is drawn
        framebuffer = os.environ["UNER3D_FRAMEBUFFER"]
        if framebuffer:
            shutil.copyfile(framebuffer, self.output / f"{name}.xwd")
        else:
            with self.context():
                bpy.ops.screen.screenshot(filepath=str(self.output / f"{name}.png"))


def install(person: Person, archive: Path) -> None:
    """Install the add-on's zip, as Blender's own button does."""
    with person.context():
        bpy.ops.extensions.package_install_files(
            filepath=str(archive), repo="user_default", enable_on_install=True
        )
    assert MODULE in bpy.context.preferences.addons, "the add-on is not enabled"


def play(steps: Iterator[float]) -> None:
    """Go through steps while Blender's loop runs; end Blender after the last one, or at the first error."""

    def tick() -> float | None:
        try:
            return next(steps)
        except StopIteration:
            _leave(0)
        except BaseException:
            traceback.print_exc()
            _leave(1)
        return None

    bpy.app.timers.register(tick, first_interval=1.0, persistent=True)


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Blender's own quitting asks about files that are not saved
