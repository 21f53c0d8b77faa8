# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel Reconstruct shows of Point-E: its settings, its weights, and clouds to choose from."""

from __future__ import annotations

from typing import Any

from uner3d_core.point_e.sizes import STEPS
from uner3d_core.point_e.weights import State

from .. import fetching, installing, preferences, weights
from ..engine.builds import POINT_E
from ..inputs import adding, survey, thumbnails
from ..jobs import choices
from ..operators.engine import UNER3D_OT_EngineAddPointE
from ..operators.inputs import UNER3D_OT_AddImages
from ..operators.running import UNER3D_OT_DismissChoices, UNER3D_OT_TakeChoice
from ..operators.weights import UNER3D_OT_FetchWeights
from ..properties import NETWORK_NAMES
from ..translations import translated
from .fetching import draw_adding, draw_fetch, draw_fetching
from .inputs import draw_inputs
from .sidebar import draw_sentences

_CHOICES_IN_A_ROW = 3
_PICTURE_SCALE = 5.0
_LABELS = 0.4
"""Share of the width that Blender gives the names of properties."""


def draw_prompt(column: Any, context: Any) -> None:
    """Draw what an object is imagined from: the list of inputs, or a sentence."""
    settings = context.scene.uner3d
    column.row().prop(settings, "prompt_kind", expand=True)
    if settings.prompt_kind == "SENTENCE":
        column.prop(settings, "prompt", text="", icon="SYNTAX_OFF")
        return
    if not settings.inputs:
        words = "Add one picture of an object that stands alone, with alpha, a mask, or on white."
        box = draw_sentences(column, "INFO", (words,), context)
        box.operator(UNER3D_OT_AddImages.bl_idname, text="Add Images", icon="FILE_IMAGE")
        return
    draw_inputs(column, context)
    row = adding.chosen_row(context.scene)
    if row is None:
        draw_sentences(column, "INFO", ("Select the one picture to use, or switch the others off.",), context)


def draw_settings(column: Any, settings: Any) -> None:
    """Draw network, steps, and how many clouds."""
    column.prop(settings, "network")
    split = column.split(factor=_LABELS, align=True)
    label = split.row()
    label.alignment = "RIGHT"
    label.label(text="Steps")
    row = split.row(align=True)
    row.use_property_split = False
    for preset, steps in STEPS.items():
        row.prop_enum(settings, "preset", preset, text=str(steps))
    column.prop(settings, "seeds")
    column.prop(settings, "longest_side")


def is_ready(scene: Any) -> bool:
    """Tell whether there is something to imagine an object from."""
    settings = scene.uner3d
    if settings.prompt_kind == "SENTENCE":
        return bool(settings.prompt.strip())
    return adding.chosen_row(scene) is not None and not survey.known(scene).has_unusable


def draw_weights(layout: Any, context: Any) -> None:
    """Draw what the method still lacks: weights, or a part of the engine; nothing where all is there."""
    settings = context.scene.uner3d
    state = fetching.current(POINT_E)
    if state is not None:
        draw_fetching(layout, state)
        return
    standing = weights.standing(
        NETWORK_NAMES[settings.network], of_sentence=settings.prompt_kind == "SENTENCE"
    )
    fault = fetching.last_fault(POINT_E)
    if fault is not None:
        draw_sentences(layout, "ERROR", (fault.message, fault.hint), context)
    size = f"{standing.megabytes / 1000:.1f} GB"
    if standing.changed:
        names = ", ".join(f"“{path.name}”" for path in standing.changed)
        words = f"Weights have changed since they were first used: {names}. Fetch them anew."
        draw_fetch(
            draw_sentences(layout, "ERROR", (words,), context),
            context,
            UNER3D_OT_FetchWeights.bl_idname,
            "Fetch Weights",
        )
    elif standing.state is State.MISSING:
        words = f"The weights of “{standing.base}” are missing: {size}, published by OpenAI."
        draw_fetch(
            draw_sentences(layout, "INFO", (words,), context),
            context,
            UNER3D_OT_FetchWeights.bl_idname,
            "Fetch Weights",
        )
    elif standing.state is State.PARTLY:
        words = f"The weights of “{standing.base}” are there in part; {size} in files are missing."
        draw_fetch(
            draw_sentences(layout, "INFO", (words,), context),
            context,
            UNER3D_OT_FetchWeights.bl_idname,
            "Resume Fetching",
        )
    else:
        line = layout.row()
        line.active = False
        text = translated(f"Weights of “{standing.base}” are there")
        line.label(text=text, icon="CHECKMARK", translate=False)
    if preferences.lacks_extra(POINT_E) and installing.current() is None:
        words = "The engine lacks what Point-E needs: transformers, for its CLIP."
        draw_adding(draw_sentences(layout, "INFO", (words,), context), UNER3D_OT_EngineAddPointE.bl_idname)


def draw_choices(layout: Any, context: Any) -> None:
    """Draw the imagined clouds, each with a button that takes it."""
    offered = choices.offered()
    if not offered:
        return
    box = layout.box()
    row = box.row()
    row.label(text="Choose a cloud")
    row.operator(UNER3D_OT_DismissChoices.bl_idname, text="", icon="X", emboss=False)
    grid = box.grid_flow(
        row_major=True, columns=min(_CHOICES_IN_A_ROW, len(offered)), even_columns=True, align=True
    )
    for choice in offered:
        column = grid.column(align=True)
        column.template_icon(icon_value=thumbnails.icon(choice.picture, (0, 0)), scale=_PICTURE_SCALE)
        take = column.operator(
            UNER3D_OT_TakeChoice.bl_idname, text=translated(f"Take {choice.seed}"), translate=False
        )
        take.seed = choice.seed
