# SPDX-License-Identifier: GPL-3.0-or-later
"""How an operator ends: with a result, or with the error's sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from uner3d_core.errors import Cancelled, Uner3dError

from ..properties import cloud_settings
from ..translations import error_sentences, translated


def report_errors(operator: bpy.types.Operator, action: Callable[[], str]) -> set[str]:
    """Do ``action`` and report the sentence that it returns, or the error that it raises.

    Blender raises a reported error as ``RuntimeError`` where a script has called the operator.

    Returns
    -------
    set of str
        What the operator's ``execute`` returns.
    """
    try:
        sentence = action()
    except Cancelled as error:
        operator.report({"INFO"}, error_sentences(error))
        return {"CANCELLED"}
    except Uner3dError as error:
        operator.report({"ERROR"}, error_sentences(error))
        return {"CANCELLED"}
    operator.report({"INFO"}, translated(sentence))
    return {"FINISHED"}


def points_sentence(cloud: bpy.types.Object) -> str:
    """Say how many points a cloud has, or faces a mesh that was made of one."""
    if not cloud_settings(cloud).is_cloud:
        mesh: Any = cloud.data
        return f"“{cloud.name}” has {len(mesh.polygons):,} faces. Its cloud is hidden."
    points, density = cloud_settings(cloud).points, cloud_settings(cloud).density
    shown = f" The viewport shows {density:.0%} of them." if density < 1.0 else ""
    if points == 1:
        return f"“{cloud.name}” has 1 point.{shown}"
    return f"“{cloud.name}” has {points:,} points.{shown}"
