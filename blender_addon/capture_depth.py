# SPDX-License-Identifier: GPL-3.0-or-later
"""The depth of what a camera sees, and pictures without light.

Cycles and Workbench tell the depth of what lies behind the centre of a pixel, along the viewing direction, in
the same render as the picture. EEVEE means it over the pixel, so that edges are neither near nor far; after
it, and after any other engine, Cycles renders the depth alone, with one sample.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import CameraError, ImageError, OutputError
from uner3d_core.inputs import exr

from . import compat

_EXACT = {"CYCLES", "BLENDER_WORKBENCH"}


def depth_path(picture: Path) -> Path:
    """Name the file with the depth of a picture that lies in a folder ``images``."""
    return picture.parent.parent / "depth" / f"{picture.stem}.npy"


def prepare_depth(scene: bpy.types.Scene) -> None:
    """Have the render of a scene tell the depth."""
    for layer in scene.view_layers:
        layer.use_pass_z = True


def save_depth(scene: bpy.types.Scene, path: Path) -> None:
    """Save the depth of the picture that has just been rendered of ``scene``, whose settings are changed.

    Parameters
    ----------
    scene : bpy.types.Scene
        A copy, made ready by :func:`prepare_depth`.
    path : Path
        An NPY file: float32 (height, width), world units, row 0 at the top; about 1e10 where nothing is seen.

    Raises
    ------
    CameraError
        If the render did not tell the depth.
    OutputError
        If the file can't be written.
    """
    if scene.render.engine not in _EXACT:
        render: Any = scene.render
        render.engine = "CYCLES"
        cycles: Any = scene.cycles  # type: ignore[attr-defined]  # Cycles is itself an add-on
        cycles.samples, cycles.use_denoising, cycles.use_adaptive_sampling = 1, False, False
        bpy.ops.render.render(scene=scene.name)
    compat.set_multilayer_exr(scene.render.image_settings)
    result = next(image for image in bpy.data.images if image.type == "RENDER_RESULT")
    rendered = path.with_suffix(".exr")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        result.save_render(str(rendered), scene=scene)
        depth = _read_back(rendered)
        with atomic_file(path) as file:
            np.save(file, depth, allow_pickle=False)
    except RuntimeError as error:
        raise CameraError(
            f"The depth could not be rendered: {str(error).strip().removeprefix('Error: ')}",
            "Choose another render engine, or another method.",
        ) from error
    except OSError as error:
        raise OutputError(
            f"“{path}” can't be written: {error.strerror}.",
            "Choose a folder that you may write to, on a disk with room.",
        ) from error
    finally:
        rendered.unlink(missing_ok=True)


def _read_back(rendered: Path) -> npt.NDArray[np.float32]:
    """Read what Blender has written; it does not tell when the disk has no room for all of it."""
    try:
        return exr.read_depth(rendered)
    except ImageError as error:
        if error.__cause__ is None:  # it is whole
            raise
        raise OutputError(
            f"“{rendered}” could not be written whole.", "Choose a folder on a disk with room."
        ) from error


def use_flat_colours(scene: bpy.types.Scene) -> None:
    """Have a scene rendered by Workbench, in the colours of its materials' textures, without light."""
    render: Any = scene.render
    render.engine = "BLENDER_WORKBENCH"
    display: Any = scene.display
    display.render_aa = "8"
    shading = display.shading
    shading.light, shading.color_type = "FLAT", "TEXTURE"
    for switch in (
        "show_backface_culling",
        "show_cavity",
        "show_object_outline",
        "show_shadows",
        "show_xray",
    ):
        setattr(shading, switch, False)
