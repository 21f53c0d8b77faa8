# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier sessions have left, results and failures: looked for once, when the panel is drawn."""

from __future__ import annotations

from functools import partial

import bpy

from ..windows import redraw_sidebars
from . import failures, runs
from .starting import start_again

_looked: list[bool] = []


def look_in_a_moment() -> None:
    """See to it that this is looked for, if it never was; drawing itself asks no disk."""
    if not _looked and not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=0.0)


def _look() -> None:
    look()
    redraw_sidebars()


def look() -> None:
    """List the results that lie on the disk, and the jobs that failed in earlier sessions."""
    _looked.append(True)
    runs.list_results()
    if runs.results_error() is not None:  # which says that the disk can't be reached
        return
    for failure in failures.kept():
        task = failure.task
        runs.list_earlier(failure, None if task is None else partial(start_again, task, failure.title))


def unregister() -> None:
    """Forget that it was looked for."""
    _looked.clear()
    if bpy.app.timers.is_registered(_look):
        bpy.app.timers.unregister(_look)
