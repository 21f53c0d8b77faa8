# SPDX-License-Identifier: GPL-3.0-or-later
"""The add-on's page in Blender's preferences."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.point_e.weights import Weights
from uner3d_core.settings import DEVICES

from . import installing, preferences, weights
from .engine.builds import Build
from .engine.place import default_folder
from .panels.engine import draw_installed_engine, draw_own_engine
from .panels.sidebar import draw_sentences

_DEVICE_NAMES = {
    "auto": ("Automatic", "The fastest that the engine finds"),
    "cpu": ("CPU", "The processor, which every computer has"),
    "cuda": ("CUDA or ROCm", "A graphics card of NVIDIA or AMD"),
    "mps": ("Apple Metal", "The graphics of a Mac"),
    "xpu": ("Intel XPU", "A graphics card of Intel"),
}
_BUILD_NAMES = {
    Build.AUTO: ("Automatic", "What fits the graphics card and its driver, or what pip is configured to use"),
    Build.CPU: ("CPU", "The smallest; for computers without a graphics card that PyTorch can use"),
    Build.CUDA: ("CUDA", "For NVIDIA's graphics cards, of the version that their driver can run"),
    Build.ROCM: ("ROCm", "For AMD's graphics cards"),
    Build.XPU: ("Intel XPU", "For Intel's graphics cards"),
    Build.CONFIGURED: ("As pip is Configured", "What pip finds where it is configured to look"),
}


class UNER3D_Preferences(bpy.types.AddonPreferences):
    """The add-on's page in Blender's preferences."""

    bl_idname = __package__ or ""

    engine_folder: bpy.props.StringProperty(
        name="Folder",
        description="Where the engine is installed: a folder of its own, which takes 1 to 10 GB",
        subtype="DIR_PATH",
        update=lambda self, context: installing.forget(),
    )
    engine_build: bpy.props.EnumProperty(
        name="PyTorch Build",
        description="Which PyTorch is installed",
        items=[(build.value, *words) for build, words in _BUILD_NAMES.items()],
    )
    base_python: bpy.props.StringProperty(
        name="Made From",
        description="The Python that the engine is made from, 3.11 or newer; empty: Blender's own",
        subtype="FILE_PATH",
    )
    engine_point_e: bpy.props.BoolProperty(
        name="With Point-E",
        description="Also install what the method Point-E needs: transformers, for its CLIP, some 100 MB",
    )
    engine_masks: bpy.props.BoolProperty(
        name="With Mask Networks",
        description="Also install what the networks that make masks need: ONNX Runtime, some 20 MB",
    )
    engine_python: bpy.props.StringProperty(
        name="Python of Yours",
        description=(
            "Instead of the installed engine: the Python of an environment that has uner3d and torch, "
            "such as …/venv/bin/python"
        ),
        subtype="FILE_PATH",
        update=lambda self, context: installing.forget(),
    )
    device: bpy.props.EnumProperty(
        name="Device",
        description="What the engine computes on",
        items=[(device, *_DEVICE_NAMES[device]) for device in DEVICES],
    )
    weights_folder: bpy.props.StringProperty(
        name="Weights of Point-E",
        description="Folder of the trained networks' weights, about 2 to 9 GB: where they are fetched to, or "
        "one of yours that has them",
        subtype="DIR_PATH",
        update=lambda self, context: weights.forget(),
    )

    def draw(self, context: Any) -> None:
        """Draw the page."""
        layout: Any = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.label(text="Engine")
        own = preferences.own_python()
        if own is not None:
            draw_own_engine(layout, context, own)
            if preferences.is_named_by_variable():
                words = (
                    f"The environment variable {preferences.ENGINE_VARIABLE} names this Python. "
                    "One that is chosen below outranks it."
                )
                draw_sentences(layout, "INFO", (words,), context)
        else:
            draw_installed_engine(layout, context)
            column = layout.column()
            column.enabled = installing.current() is None
            column.prop(self, "engine_folder", placeholder=str(default_folder()))
            column.prop(self, "engine_build")
            column.prop(self, "base_python", placeholder="Blender's own Python")
            column.prop(self, "engine_point_e")
            column.prop(self, "engine_masks")
        layout.prop(self, "engine_python", placeholder="The installed engine")
        layout.prop(self, "device")
        layout.prop(self, "weights_folder", placeholder=str(Weights().folder))


def register() -> None:
    """Add the page."""
    bpy.utils.register_class(UNER3D_Preferences)


def unregister() -> None:
    """Remove it."""
    bpy.utils.unregister_class(UNER3D_Preferences)
