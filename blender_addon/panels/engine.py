# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: a panel while there is none, and what the preferences show of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from uner3d_core.doctor import Device, Report

from .. import installing, preferences
from ..engine.install import Installation, Stage
from ..engine.place import Place
from ..engine.state import EngineState, Installed, State
from ..operators.engine import (
    UNER3D_OT_EngineCancel,
    UNER3D_OT_EngineCheck,
    UNER3D_OT_EngineInstall,
    UNER3D_OT_EngineRemove,
    UNER3D_OT_EngineRemoveDownloads,
    UNER3D_OT_EngineRepair,
)
from ..translations import translated
from .sidebar import SidebarPanel, draw_sentences

ADDON = (__package__ or "").rpartition(".")[0]
"""The add-on's name among Blender's preferences."""


class UNER3D_PT_Engine(SidebarPanel, bpy.types.Panel):
    """The way to an engine, shown while there is none."""

    bl_idname = "UNER3D_PT_engine"
    bl_label = "Engine"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether there is no engine yet."""
        return preferences.lacks_engine()

    def draw(self, context: Any) -> None:
        """Draw it."""
        layout: Any = self.layout
        installation = installing.current()
        if installation is not None:
            _draw_progress(layout, installation)
            return
        state = preferences.engine_state()
        if state.state is State.NOT_INSTALLED:
            sentence = (
                "Reconstructing needs the engine: PyTorch, in a folder of its own. It takes 1 to 10 GB."
            )
            draw_sentences(layout, "INFO", (sentence,), context)
        _draw_fault(layout, context, state)
        _draw_install(layout, context, state)
        if ADDON in context.preferences.addons:  # not where the package is used as a library
            layout.operator(
                "preferences.addon_show", text="Engine Settings", icon="PREFERENCES"
            ).module = ADDON


def draw_installed_engine(layout: Any, context: Any) -> None:
    """Draw how the installed engine stands, and what can be done with it."""
    installation = installing.current()
    if installation is not None:
        _draw_progress(layout, installation)
        return
    state = preferences.engine_state()
    folder = preferences.engine_folder()
    if state.state is State.READY and state.installed is not None:
        _draw_ready(layout, state.installed, folder)
        row = layout.row()
        _draw_check(row)
        row.operator(UNER3D_OT_EngineRepair.bl_idname, icon="FILE_REFRESH")
        row.operator(UNER3D_OT_EngineRemove.bl_idname, icon="TRASH")
        if Place(folder).downloads.is_dir():
            size = _size(state.installed.download_bytes)
            layout.operator(
                UNER3D_OT_EngineRemoveDownloads.bl_idname,
                text=translated(f"Remove Downloads ({size})"),
                icon="TRASH",
                translate=False,
            )
        return
    if state.state is State.NOT_INSTALLED:
        layout.label(text="Not installed", icon="INFO")
    _draw_fault(layout, context, state)
    _draw_install(layout, context, state)
    if state.state is State.BROKEN:
        layout.operator(UNER3D_OT_EngineRemove.bl_idname, icon="TRASH")


def draw_own_engine(layout: Any, context: Any, python: Path) -> None:
    """Draw what is known of a Python of the person's own."""
    report, fault = installing.last_report(), installing.last_fault()
    layout.label(text=str(python), icon="CONSOLE", translate=False)
    if report is not None:
        column = layout.box().column(align=True)
        column.label(text=translated(_versions(report)), icon="CHECKMARK", translate=False)
        _draw_devices(column, report.devices)
    if fault is not None:
        draw_sentences(layout, "ERROR", (fault.message, fault.hint), context)
    _draw_check(layout)


def _draw_check(layout: Any) -> None:
    if installing.is_checking():
        layout.label(text="Starting the engine", icon="SORTTIME")
    else:
        layout.operator(UNER3D_OT_EngineCheck.bl_idname, icon="CHECKMARK")


def _draw_ready(layout: Any, installed: Installed, folder: Path) -> None:
    column = layout.box().column(align=True)
    column.label(text=translated(_versions(installed)), icon="CHECKMARK", translate=False)
    _draw_devices(column, installed.devices)
    column.label(text=f"{_size(installed.size_bytes)} in {folder}", icon="BLANK1", translate=False)


def _versions(engine: Installed | Report) -> str:
    return f"Ready: uner3d {engine.uner3d}, torch {engine.torch}, Python {engine.python}"


def _draw_devices(column: Any, devices: tuple[Device, ...]) -> None:
    for device in devices:
        line = f"{device.device}: {device.name}, {device.memory_bytes / 2**30:.1f} GiB of memory"
        column.label(text=translated(line), icon="BLANK1", translate=False)


def _draw_progress(layout: Any, installation: Installation) -> None:
    progress = installation.progress
    column = layout.column(align=True)
    stages = list(Stage)
    if installation.cancelling:
        column.label(text="Cancelling")
    elif progress.total:
        text = f"{progress.stage.value}: {_size(progress.done)} of {_size(progress.total)}"
        column.progress(factor=progress.done / progress.total, text=translated(text), translate=False)
    else:
        column.label(text=translated(progress.stage.value), icon="SORTTIME", translate=False)
    step = translated(f"Step {stages.index(progress.stage) + 1} of {len(stages)}")
    if progress.bytes_per_second:
        seconds = round((progress.total - progress.done) / progress.bytes_per_second)
        step += translated(f", {seconds // 60} min {seconds % 60:02d} s left")
    column.label(text=step, translate=False)
    layout.operator(UNER3D_OT_EngineCancel.bl_idname, icon="CANCEL")


def _draw_install(layout: Any, context: Any, state: EngineState) -> None:
    """Draw the button; where Blender may not use the network, also what allows it."""
    online = installing.is_online()
    if not online:
        if installing.started_offline():
            sentence = "Blender was started with --offline-mode, so nothing can be downloaded."
            draw_sentences(layout, "INTERNET_OFFLINE", (sentence,), context)
        else:
            layout.prop(context.preferences.system, "use_online_access", text="Allow Online Access")
    row = layout.row()
    row.scale_y = 1.5
    row.enabled = online
    row.operator(UNER3D_OT_EngineInstall.bl_idname, text=state.remedy.value, icon="IMPORT")


def _draw_fault(layout: Any, context: Any, state: EngineState) -> None:
    if state.error is not None:
        draw_sentences(layout, "ERROR", (state.error.message, state.error.hint), context)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
