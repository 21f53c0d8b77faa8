# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators that fetch trained networks' weights, after showing their licence, and stop that."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

import textwrap
from collections.abc import Sequence
from typing import Any

import bpy

from uner3d_core.errors import Uner3dError
from uner3d_core.inputs.mask_models import MASK_MODELS
from uner3d_core.inputs.mask_models import weights_folder as masks_folder
from uner3d_core.point_e.weights import Weights

from .. import api, fetching, mask_networks, preferences, weights
from ..properties import MASK_MODEL_WORDS, NETWORK_NAMES
from ..translations import error_sentences, translated
from ..windows import redraw_sidebars
from .reporting import report_errors

_WIDTH = 520
_LINE = 90
_NOTICE = (
    "Point-E is OpenAI's; its code and weights are under the MIT licence.",
    "Its model card does not recommend commercial use for now, and warns against uses where precision "
    "matters: shapes may be wrong where the picture hides them, and clouds have outliers and cracks. What it "
    "learned from may make its results biased.",
    "CLIP ViT-L/14 is OpenAI's as well, under the MIT licence; its model card is for research, and advises "
    "against use in products without a study of the case.",
)
"""What a person should know before; the same as ``uner3d_core.point_e.weights.NOTICE``, by sentences."""


class UNER3D_OT_FetchWeights(bpy.types.Operator):
    """Fetch the weights of Point-E."""

    bl_idname = "uner3d.fetch_weights"
    bl_label = "Fetch Weights"
    bl_description = (
        "Download what is missing of the trained networks' weights, after showing their licence; what was "
        "cut goes on where it was, and what has changed is fetched anew"
    )

    accept: bpy.props.BoolProperty(
        name="I Agree",
        description="I have read licence and caution, and agree",
        options={"SKIP_SAVE"},
    )
    network: bpy.props.StringProperty(
        name="Network",
        description="For the first points; empty: that of the scene's settings",
        options={"SKIP_SAVE"},
    )

    _is_asked: Any = False  # Blender makes operators without __init__

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Show licence, caution and size first."""
        self._is_asked = True
        return context.window_manager.invoke_props_dialog(
            self, width=_WIDTH, title="Fetch Weights", confirm_text="Agree and Fetch"
        )

    def draw(self, context: Any) -> None:
        """Draw licence, caution and size."""
        standing = _standing(self, context)
        size = f"{standing.megabytes / 1000:.1f} GB are downloaded into “{_folder()}”."
        _draw_texts(self.layout, (*_NOTICE, size))

    def execute(self, context: Any) -> Any:
        """Fetch them: beside Blender where a person was asked, else return when they are there."""
        network = _standing(self, context).base
        if not self._is_asked:

            def action() -> str:
                api.fetch_weights(network, accept=self.accept)
                return "The weights are there."

            return report_errors(self, action)
        try:
            weights.start(network)
        except Uner3dError as error:
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class UNER3D_OT_FetchMaskNetwork(bpy.types.Operator):
    """Fetch a network that makes masks."""

    bl_idname = "uner3d.fetch_mask_network"
    bl_label = "Fetch Network"
    bl_description = (
        "Download the trained network that makes the masks, after showing who made it and its licence; what "
        "was cut goes on where it was"
    )

    network: bpy.props.EnumProperty(
        name="Network",
        description="Which of the networks",
        items=[(name, *words) for name, words in MASK_MODEL_WORDS.items()],
        options={"SKIP_SAVE"},
    )

    _is_asked: Any = False  # Blender makes operators without __init__

    def invoke(self, context: Any, event: bpy.types.Event) -> Any:
        """Show whose it is first."""
        self._is_asked = True
        return context.window_manager.invoke_props_dialog(
            self, width=_WIDTH, title="Fetch Network", confirm_text="Fetch"
        )

    def draw(self, context: Any) -> None:
        """Draw who made it, its licence, and where it is put."""
        model = MASK_MODELS[self.network]
        _draw_texts(self.layout, (model.about, f"It is downloaded into “{masks_folder()}”."))

    def execute(self, context: Any) -> Any:
        """Fetch it: beside Blender where a person was asked, else return when it is there."""
        if not self._is_asked:

            def action() -> str:
                api.fetch_mask_network(self.network)
                return "The network is there."

            return report_errors(self, action)
        try:
            mask_networks.start(self.network)
        except Uner3dError as error:
            self.report({"ERROR"}, error_sentences(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class UNER3D_OT_CancelWeights(bpy.types.Operator):
    """Stop fetching the weights."""

    bl_idname = "uner3d.cancel_weights"
    bl_label = "Cancel Fetching"
    bl_description = "Stop fetching; what has come is kept for the next time"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Whether anything is being fetched."""
        return fetching.is_running()

    def execute(self, context: Any) -> Any:
        """Stop it."""
        fetching.cancel()
        redraw_sidebars()
        return {"FINISHED"}


def _draw_texts(layout: Any, texts: Sequence[str]) -> None:
    column = layout.column(align=True)
    icon = "INFO"
    for text in texts:
        for line in textwrap.wrap(translated(text), _LINE):
            column.label(text=line, icon=icon, translate=False)
            icon = "BLANK1"
        column.separator()


def _standing(operator: Any, context: Any) -> weights.Standing:
    settings = context.scene.uner3d
    network = operator.network or NETWORK_NAMES[settings.network]
    return weights.standing(network, of_sentence=settings.prompt_kind == "SENTENCE")


def _folder() -> str:
    return str(Weights(preferences.weights_folder()).folder)


CLASSES = (UNER3D_OT_FetchWeights, UNER3D_OT_FetchMaskNetwork, UNER3D_OT_CancelWeights)
