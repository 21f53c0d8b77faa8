# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known about a cloud, in words: its points, views, times and scores."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import bpy

from . import properties

_SCORES = {
    "silhouette_iou": ("Silhouettes' overlap", "{:.3f} IoU"),
    "psnr_given": ("Colours in given views", "{:.1f} dB PSNR"),
    "seen": ("Surface seen", "{:.1%}"),
}
"""Name and form of each score; all are of the very pictures that the cloud was made from."""


@dataclass(frozen=True)
class Details:
    """What is known about a cloud.

    Parameters
    ----------
    title : str
        Its name.
    figures : tuple of (str, str)
        What each is called, and how much it is.
    notes : tuple of str
        Sentences that the run told, such as views that were left out.
    """

    title: str
    figures: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    def as_text(self) -> str:
        """Write a line for each."""
        return "\n".join([self.title, *(f"{name}: {value}" for name, value in self.figures), *self.notes])


def of_cloud(cloud: bpy.types.Object) -> Details:
    """Tell what is known about a cloud; whatever its file says that can't be understood is left out."""
    settings = properties.cloud_settings(cloud)
    figures = [("Points", f"{settings.points:,}")]
    told = _read(settings.figures)
    views, used = told.get("views"), told.get("registered")
    if isinstance(views, int) and isinstance(used, int) and views:
        figures.append(("Views", f"{used} of {views}" if used != views else str(views)))
    for key, name in (("preset", "Preset"), ("device", "Device")):
        if isinstance(told.get(key), str) and told[key]:
            figures.append((name, told[key].capitalize() if key == "preset" else told[key]))
    stages = _numbers(told.get("stages"))
    if stages:
        figures.append(("Time", f"{sum(stages.values()):.1f} s"))
        figures += [(f"    {stage.capitalize()}", f"{seconds:.1f} s") for stage, seconds in stages.items()]
    for key, score in _numbers(told.get("scores")).items():
        name, form = _SCORES.get(key, (key, "{:.3g}"))
        figures.append((name, form.format(score)))
    notes = told.get("notes")
    return Details(
        cloud.name, tuple(figures), tuple(str(note) for note in notes) if isinstance(notes, list) else ()
    )


def _read(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _numbers(values: Any) -> dict[str, float]:
    if not isinstance(values, dict):
        return {}
    return {str(key): float(value) for key, value in values.items() if isinstance(value, int | float)}
