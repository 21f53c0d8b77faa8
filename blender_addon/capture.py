# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender cameras to pictures: rendered views with exact intrinsics and poses.

Each view is rendered in a temporary linked copy of the scene, which goes away with it, so that no setting of
the person's scene is ever touched, whatever happens while rendering. Only clouds of this add-on are hidden
meanwhile, as they would be taken for a part of the object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError, OutputError
from uner3d_core.inputs.frames import Frame, listed
from uner3d_core.inputs.transforms import write_transforms

from . import capture_depth, compat

_PNG_END = b"IEND\xaeB`\x82"
DEFAULT_MAXIMUM_SIDE = 1024
"""Views are rendered at the scene's resolution, but no larger than this, in pixels."""


def capture_cameras(
    cameras: Sequence[bpy.types.Object],
    folder: Path,
    *,
    scene: bpy.types.Scene | None = None,
    maximum_side: int = DEFAULT_MAXIMUM_SIDE,
    depth: bool = False,
    flat: bool = False,
) -> list[Camera]:
    """Render what ``cameras`` see and describe them as ``uner3d reconstruct`` reads it.

    Parameters
    ----------
    cameras : sequence of bpy.types.Object
        Perspective cameras.
    folder : Path
        Where ``images/*.png`` (sRGB, alpha is the mask) and ``transforms.json`` go; made if missing.
    scene : bpy.types.Scene, optional
        The scene that they look at; the context's if None.
    maximum_side : int
        Longest side of a picture in pixels; a larger scene resolution is scaled down to it.
    depth : bool
        Whether ``depth/*.npy`` is written too.
    flat : bool
        Whether Workbench renders the colours of textures without light, instead of the scene's engine.

    Returns
    -------
    list of Camera
        Intrinsics and poses of the pictures, in the order of ``cameras``.

    Raises
    ------
    CameraError
        If a camera is not a perspective camera, or its view can't be rendered.
    OutputError
        If the pictures can't be written.
    """
    captured: list[Camera] = []
    scene = scene or bpy.context.scene
    assert scene is not None  # noqa: S101 -- Blender always has one
    paths = [view_path(folder, *item) for item in enumerate(cameras)]
    for camera, path in zip(cameras, paths, strict=True):
        captured.append(capture_view(camera, path, scene, maximum_side, depth=depth, flat=flat))
    write_camera_file(folder, paths, captured, depth=depth)
    return captured


def view_path(folder: Path, number: int, camera: bpy.types.Object) -> Path:
    """Name the file in ``folder``/images for the view of ``camera``: its number and its name."""
    name = re.sub(r"[^\w.-]+", "_", camera.name)
    return folder / "images" / f"{number:03d}_{name}.png"


def check_camera(camera: Any) -> None:
    """Make sure that an object is a camera that can be captured.

    Raises
    ------
    CameraError
        If it is no camera, or not a perspective one.
    """
    if camera.type != "CAMERA":
        raise CameraError(f"“{camera.name}” is not a camera.", "Select cameras only.")
    if camera.data.type != "PERSP":
        kind = {"ORTHO": "an orthographic", "PANO": "a panoramic"}.get(camera.data.type, "a custom")
        raise CameraError(
            f"“{camera.name}” is {kind} camera.", "Set its lens type to Perspective, or leave it out."
        )


def capture_view(
    camera: bpy.types.Object,
    path: Path,
    scene: bpy.types.Scene,
    maximum_side: int = DEFAULT_MAXIMUM_SIDE,
    *,
    layer: str | None = None,
    depth: bool = False,
    flat: bool = False,
) -> Camera:
    """Render what one camera sees to ``path``, a PNG whose alpha is the mask.

    The engine, the samples and all else that decides what the object looks like are the scene's; the film is
    transparent, and the view transform is Standard, so that the colours are those of the surface. Only the
    view layer called ``layer`` is rendered, :func:`active_layer` if None. Where ``depth`` is set, that of
    each pixel is written beside it, to :func:`.capture_depth.depth_path`. Where ``flat`` is set, Workbench
    renders the colours of textures without light.

    Returns
    -------
    Camera
        Intrinsics and pose of the picture, in world coordinates.

    Raises
    ------
    CameraError
        If the camera is not a perspective camera, or rendering fails.
    OutputError
        If the picture can't be written.
    """
    check_camera(camera)
    if bpy.app.is_job_running("RENDER"):
        raise CameraError("Blender is rendering something else.", "Wait for it to end, and start again.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path) from error
    with _scene_for_capture(scene, camera, maximum_side, layer or active_layer(scene)) as copy:
        captured = exact_camera(copy)
        if flat:
            capture_depth.use_flat_colours(copy)
        if depth:
            capture_depth.prepare_depth(copy)
        copy.render.filepath = compat.literal_path(path)
        try:
            bpy.ops.render.render(write_still=True, scene=copy.name)
            if not _is_whole(path):
                raise _unwritable(path)
            if depth:
                capture_depth.save_depth(copy, capture_depth.depth_path(path))
        except RuntimeError as error:
            reason = str(error).strip().removeprefix("Error: ").splitlines()[0].rstrip(".") + "."
            raise CameraError(
                f"The view of “{camera.name}” could not be rendered: {reason}",
                "Set that camera active and render with F12 to see what is wrong.",
            ) from error
    return captured


def _is_whole(picture: Path) -> bool:
    """Whether all of a PNG file is there; Blender does not tell when the disk has no room for it."""
    try:
        return picture.read_bytes().endswith(_PNG_END)
    except OSError:
        return False


def exact_camera(scene: bpy.types.Scene) -> Camera:
    """Tell the intrinsics and the pose with which ``scene`` renders its active camera.

    The intrinsics are taken from Blender's own projection matrix, so that sensor fit, shift, pixel aspect and
    resolution percentage are in them.

    Raises
    ------
    CameraError
        If the camera's matrix is not a rotation and a position (and a positive scale).
    """
    camera: Any = scene.camera
    width, height = rendered_size(scene.render)
    layer: Any = scene.view_layers[0]
    layer.update()
    depsgraph = layer.depsgraph
    projection = np.array(
        camera.calc_matrix_camera(
            depsgraph,
            x=width,
            y=height,
            scale_x=scene.render.pixel_aspect_x,
            scale_y=scene.render.pixel_aspect_y,
        )
    )
    return Camera.from_opengl(
        np.array(camera.evaluated_get(depsgraph).matrix_world),
        width=width,
        height=height,
        fx=float(projection[0, 0]) * width / 2,
        fy=float(projection[1, 1]) * height / 2,
        # In normalised device coordinates y points up, in pixels down.
        cx=(1 - float(projection[0, 2])) * width / 2,
        cy=(1 + float(projection[1, 2])) * height / 2,
    )


def rendered_size(render: bpy.types.RenderSettings) -> tuple[int, int]:
    """Tell width and height in pixels of what these settings render; Blender rounds down."""
    share = render.resolution_percentage
    return max(render.resolution_x * share // 100, 1), max(render.resolution_y * share // 100, 1)


def pictured_size(render: bpy.types.RenderSettings, maximum_side: int) -> tuple[int, int]:
    """Tell width and height in pixels of the picture of a camera: as rendered, but no larger than a side."""
    width, height = rendered_size(render)
    scale = min(maximum_side / max(width, height), 1.0)
    return max(round(width * scale), 4), max(round(height * scale), 4)  # 4 is Blender's smallest


def write_camera_file(
    folder: Path, images: Sequence[Path], cameras: Sequence[Camera], *, depth: bool = False
) -> None:
    """Describe ``cameras`` of ``images``, and where their depth is if there is any, in a transforms.json.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    frames = [
        Frame(image, camera, depth=capture_depth.depth_path(image) if depth else None)
        for image, camera in zip(images, cameras, strict=True)
    ]
    write_transforms(folder / "transforms.json", frames)


def write_seeing(
    folder: Path,
    names: Sequence[str],
    images: Sequence[Path],
    cameras: Sequence[Camera],
    *,
    depth: bool = False,
) -> list[str]:
    """Describe the cameras whose pictures show anything in ``folder``/transforms.json; remove other pictures.

    Returns
    -------
    list of str
        Names of the cameras that see nothing.

    Raises
    ------
    CameraError
        If none sees anything.
    OutputError
        If the file can't be written.
    """
    seeing = [shows_anything(image) for image in images]
    blind = [name for name, sees in zip(names, seeing, strict=True) if not sees]
    if len(blind) == len(names):
        raise CameraError(
            f"“{blind[0]}” sees nothing that is rendered."
            if len(blind) == 1
            else f"None of the {len(blind)} cameras sees anything that is rendered: {listed(blind)}.",
            "Turn cameras to the object, and see whether it is shown in renders.",
        )
    kept = [pair for pair, sees in zip(zip(images, cameras, strict=True), seeing, strict=True) if sees]
    write_camera_file(folder, [image for image, _ in kept], [camera for _, camera in kept], depth=depth)
    for image, sees in zip(images, seeing, strict=True):
        if not sees:
            image.unlink()
    return blind


def shows_anything(picture: Path) -> bool:
    """Tell whether a rendered picture shows anything: whether a pixel of it is at least half covered."""
    image: Any = bpy.data.images.load(str(picture))
    try:
        values = np.empty(len(image.pixels), np.float32)
        image.pixels.foreach_get(values)
    finally:
        bpy.data.images.remove(image)
    return bool(values[3::4].max(initial=0.0) >= 0.5)


def left_out(blind: Sequence[str]) -> str:
    """Say which cameras are left out as they see nothing."""
    return f"Left out, as they see nothing that is rendered: {listed(blind)}."


def shown_clouds(scene: bpy.types.Scene) -> list[Any]:
    """List the clouds of this add-on that a scene renders; none where only this module is in use."""
    shown: list[Any] = [item for item in scene.objects if not item.hide_render]
    return [item for item in shown if hasattr(item, "uner3d") and item.uner3d.is_cloud]


def active_layer(scene: bpy.types.Scene) -> str:
    """Name the view layer that the person looks at; a scene's first where that is another scene's."""
    context: Any = bpy.context
    layer: Any = context.view_layer if context.scene == scene else scene.view_layers[0]
    return str(layer.name)


@contextmanager
def _scene_for_capture(
    scene: bpy.types.Scene, camera: bpy.types.Object, maximum_side: int, layer: str
) -> Iterator[bpy.types.Scene]:
    """Make a copy of ``scene`` with the same objects, that renders what ``camera`` sees to PNG."""
    clouds = shown_clouds(scene)
    copy: Any = scene.copy()
    lens: Any = camera.data.copy()  # type: ignore[union-attr] # a camera has data
    twin: Any = camera.copy()
    try:
        for cloud in clouds:  # our own, of the same object: it would be reconstructed with it
            cloud.hide_render = True
        # The camera may be hidden, and hidden objects are not evaluated; its twin is not. It is a pinhole.
        twin.data = lens
        twin.hide_viewport = lens.dof.use_dof = False
        copy.collection.objects.link(twin)
        copy.camera = twin
        # Animation and markers would set values anew when rendering starts.
        copy.animation_data_clear()
        copy.timeline_markers.clear()
        for other in copy.view_layers:
            other.use = other.name == layer
        render = copy.render
        render.resolution_x, render.resolution_y = pictured_size(render, maximum_side)
        render.resolution_percentage = 100
        render.film_transparent = True
        for switch in (
            "use_border",
            "use_compositing",
            "use_motion_blur",
            "use_multiview",
            "use_placeholder",
            "use_sequencer",
            "use_stamp",
        ):
            setattr(render, switch, False)
        render.use_overwrite = True
        render.dither_intensity = 0.0
        compat.set_png(render.image_settings)
        render.image_settings.color_management = "FOLLOW_SCENE"
        copy.display_settings.display_device = "sRGB"
        view = copy.view_settings
        view.view_transform, view.look = "Standard", "None"
        view.exposure, view.gamma = 0.0, 1.0
        view.use_curve_mapping = False
        compat.disable_white_balance(view)
        # What was hidden so far has never been evaluated for this frame.
        copy.frame_set(copy.frame_current, subframe=copy.frame_subframe)
        yield copy
    finally:
        for cloud in clouds:
            cloud.hide_render = False
        bpy.data.scenes.remove(copy)
        bpy.data.objects.remove(twin)
        bpy.data.cameras.remove(lens)


def _unwritable(path: Path) -> OutputError:
    return OutputError(
        f"“{path}” can't be written.", "Choose a folder that you may write to, on a disk with room."
    )
