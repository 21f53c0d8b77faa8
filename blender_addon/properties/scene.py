# SPDX-License-Identifier: GPL-3.0-or-later
"""What the next run in a scene is made from, and how: ``Scene.uner3d``."""

# mypy: disable-error-code="valid-type"
# Blender's properties are calls in annotations, and postponed annotations would hide them from it.

from typing import Any

import bpy

from uner3d_core.methods import METHODS
from uner3d_core.point_e.sizes import BASES, MOST_SEEDS
from uner3d_core.settings import MAXIMUM_POINTS, PRESETS, Settings

from ..capture import DEFAULT_MAXIMUM_SIDE
from ..compat import relative_path_options

_DEFAULTS = Settings()
_PRESET_WORDS = {
    "draft": "Seconds: see whether the pictures and cameras fit together",
    "balanced": "About a minute: good for most clouds",
    "final": "Minutes: as good as the pictures allow",
}
METHOD_NAMES = {name.replace("-", "_"): name for name in METHODS}
"""What the engine calls the methods, by their identifiers here."""
_METHOD_WORDS = {
    "uner3d": ("UNeR3D", "Fits a surface to pictures from many cameras"),
    "point_e": ("Point-E", "Imagines the whole object from one picture or a sentence, by trained networks"),
    "depth": ("Depth", "Takes the depth that a renderer tells of each pixel; exact, and needs no fitting"),
}


NETWORK_NAMES = {"AUTO": "", **{name.replace("-", "_"): name for name in BASES}}
"""What the engine calls the networks of Point-E, by their identifiers here."""
_NETWORK_WORDS = {
    "AUTO": ("Best There Is", "The largest whose weights are there, for a picture or for a sentence"),
    "base40M_textvec": ("base40M-textvec", "From a sentence; 161 MB"),
    "base40M_imagevec": ("base40M-imagevec", "From a picture, told of it in one vector; 161 MB"),
    "base40M": ("base40M", "From a picture; 162 MB"),
    "base300M": ("base300M", "From a picture, better and slower; 1.2 GB"),
    "base1B": ("base1B", "From a picture, the best and the slowest; 5 GB"),
}


MASK_MODEL_WORDS = {
    "u2net": ("U²-Net", "Finds what stands out in each image; 176 MB are fetched once"),
    "isnet": ("IS-Net", "Likewise, with finer contours, and slower; 179 MB are fetched once"),
}


def scene_settings(scene: Any) -> Any:
    """Tell what the person has set for the next run in a scene: a ``UNER3D_SceneSettings``."""
    return scene.uner3d


def _is_camera(settings: Any, candidate: bpy.types.Object) -> bool:
    return candidate.type == "CAMERA"


class UNER3D_Input(bpy.types.PropertyGroup):
    """A camera of the scene, or an image file."""

    camera: bpy.props.PointerProperty(
        name="Camera", description="What it sees is rendered", type=bpy.types.Object, poll=_is_camera
    )
    filepath: bpy.props.StringProperty(
        name="Image",
        description="A picture of the object",
        subtype="FILE_PATH",
        options=relative_path_options(),
    )
    enabled: bpy.props.BoolProperty(
        name="Use", description="Whether the next run uses this camera or image", default=True
    )


class UNER3D_SceneSettings(bpy.types.PropertyGroup):
    """What the next run is made from, and how."""

    inputs: bpy.props.CollectionProperty(
        name="Inputs", description="Cameras or images that show the object", type=UNER3D_Input
    )
    active_input: bpy.props.IntProperty(name="Active Input", description="The selected row of the inputs")
    camera_file: bpy.props.StringProperty(
        name="Camera File",
        description="transforms.json or a COLMAP model with the images' cameras; "
        "empty where it lies beside the images",
        subtype="FILE_PATH",
        options=relative_path_options(),
    )
    mask_folder: bpy.props.StringProperty(
        name="Mask Folder",
        description="Masks named like the images, white where the object is; "
        "empty where the images have alpha, or where the whole scene is wanted",
        subtype="DIR_PATH",
        options=relative_path_options(),
    )
    mask_model: bpy.props.EnumProperty(
        name="Mask Network",
        description="A trained network that makes the masks of images which have none",
        items=[
            ("NONE", "No Network", "Without masks, the whole scene that the images show is reconstructed"),
            *((name, *words) for name, words in MASK_MODEL_WORDS.items()),
        ],
    )
    method: bpy.props.EnumProperty(
        name="Method",
        description="How the cloud is made",
        items=[(method, *_METHOD_WORDS[method]) for method in METHOD_NAMES],
        default=_DEFAULTS.method,
    )
    prompt_kind: bpy.props.EnumProperty(
        name="From",
        description="What the object is imagined from",
        items=[
            ("PICTURE", "Picture", "The picture of the inputs; of several, the selected one"),
            ("SENTENCE", "Sentence", "A few English words that say what it is"),
        ],
    )
    prompt: bpy.props.StringProperty(
        name="Sentence", description="What is to be imagined, in English, such as “a red motorcycle”"
    )
    network: bpy.props.EnumProperty(
        name="Network",
        description="Which of the trained networks makes the first points",
        items=[(network, *_NETWORK_WORDS[network]) for network in NETWORK_NAMES],
    )
    seeds: bpy.props.IntProperty(
        name="Clouds",
        description="How many are imagined at once, each from its own seed, to choose one from",
        default=1,
        min=1,
        soft_max=8,
        max=MOST_SEEDS,
    )
    flat: bpy.props.BoolProperty(
        name="Without Light",
        description="Render the colours of textures without light and shadow, by Workbench, "
        "in a fraction of the time; what a texture does not colour has its viewport colour",
    )
    refine_cameras: bpy.props.BoolProperty(
        name="Refine Cameras",
        description="Correct the cameras of the images, and their focal lengths, where they are a little "
        "off; those that fit the images stay as they are",
        default=_DEFAULTS.refine_cameras,
    )
    longest_side: bpy.props.FloatProperty(
        name="Longest Side",
        description="How large the object is made, at the 3D cursor, when the images' cameras are estimated, "
        "which tells no size",
        subtype="DISTANCE",
        default=1.0,
        min=1e-4,
        soft_max=100.0,
    )
    preset: bpy.props.EnumProperty(
        name="Preset",
        description="How much time to spend",
        items=[(preset, preset.capitalize(), _PRESET_WORDS[preset]) for preset in PRESETS],
        default=_DEFAULTS.preset,
    )
    points: bpy.props.IntProperty(
        name="Points",
        description="Number of points in the cloud",
        default=_DEFAULTS.points,
        min=1,
        soft_min=1000,
        soft_max=10_000_000,
        max=MAXIMUM_POINTS,
    )
    seed: bpy.props.IntProperty(
        name="Seed",
        description="The same inputs and seed give the same cloud on the same device",
        default=_DEFAULTS.seed,
        min=0,
    )
    keep_preview: bpy.props.BoolProperty(
        name="Keep Preview on Cancel",
        description="When a job is cancelled, the early cloud that it shows becomes an object",
    )
    maximum_side: bpy.props.IntProperty(
        name="Maximum Size",
        description="Cameras are rendered at the scene's resolution, but no larger than this",
        subtype="PIXEL",
        default=DEFAULT_MAXIMUM_SIDE,
        min=16,
        max=16384,
    )
