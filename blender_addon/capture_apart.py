# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras rendered by a second Blender, so that the window of the first stays free.

The scene is written to a file in the job folder and opened there by a Blender without a window. Only what the
scene uses is written, and the person's file, its list of recent files and what is unsaved stay as they are.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy

import uner3d_core
from uner3d_core import protocol
from uner3d_core.errors import CameraError, Cancelled, EngineError, OutputError, Uner3dError
from uner3d_core.progress import Silent

from . import capture, capture_script
from .engine.processes import ProcessTree, read_lines, start_program
from .jobs.placing import by_uid
from .jobs.run import Preparation

_FOLDER = "second_blender"
_LAST_WORDS = 20  # lines
_PATIENCE = 3.0
"""Seconds that closing waits for a killed Blender to be gone."""


def can_render_apart() -> bool:
    """Whether there is a window to keep free, and a program to render with."""
    return bool(bpy.app.binary_path) and not bpy.app.background


def capture_steps_apart(
    cameras: Sequence[int],
    scene: int,
    folder: Path,
    maximum_side: int,
    tell: Callable[[str], None] = Silent().log,  # noqa: B008 -- Silent has no state
    *,
    depth: bool = False,
    flat: bool = False,
) -> Preparation:
    """Render cameras in a second Blender.

    The scene is copied at the second step, as it is then; what changes later is not in the pictures. Throw
    ``Cancelled`` into it to have it stop within some steps; closing it stops at once.

    Parameters
    ----------
    cameras : sequence of int
        Their ``session_uid``.
    scene : int
        ``session_uid`` of the scene that they look at.
    folder : Path
        The job folder, where ``images/*.png`` and ``transforms.json`` go.
    maximum_side : int
        Longest side of a picture in pixels.
    tell : function
        Told which cameras are left out, as they see nothing.
    depth, flat : bool
        As for :func:`.capture.capture_view`.

    Raises
    ------
    CameraError
        If a camera is gone or can't be rendered, none sees anything, or an image of the scene was painted and
        not saved.
    OutputError
        If the job folder can't be written.
    EngineError
        If the second Blender can't be started, or ends early.
    """
    yield 0, len(cameras)
    own = folder / _FOLDER
    pictures = {
        capture.view_path(folder, number, camera): camera.name
        for number, uid in enumerate(cameras)
        if (camera := by_uid(bpy.data.objects, uid)) is not None
    }
    try:
        request = write_scene(cameras, scene, folder, maximum_side, depth=depth, flat=flat)
        yield 0, len(cameras)
        yield from render_apart(start(request), folder, len(cameras))
        blind = [name for picture, name in pictures.items() if not picture.is_file()]
        if blind:
            tell(capture.left_out(blind))
    finally:
        shutil.rmtree(own, ignore_errors=True)


def write_scene(
    cameras: Sequence[int],
    scene: int,
    folder: Path,
    maximum_side: int,
    *,
    depth: bool = False,
    flat: bool = False,
) -> Path:
    """Write the scene, with what is unsaved, and what is asked of the second Blender.

    Returns
    -------
    Path
        The request's file; the scene lies beside it.

    Raises
    ------
    CameraError
        If a camera is gone, or an image was painted and not saved.
    OutputError
        If they can't be written.
    """
    seen = by_uid(bpy.data.scenes, scene)
    found: list[Any] = [by_uid(bpy.data.objects, uid) for uid in cameras]
    if seen is None or None in found:
        raise CameraError(
            "A camera was deleted, or its file was closed, before it was rendered.", "Start again."
        )
    unsaved = _unsaved_images(seen)
    if unsaved:
        raise CameraError(
            f"“{unsaved[0]}” has been painted and not saved, so it would be missing in the pictures.",
            "Save or pack that image in an image editor, and start again.",
        )
    own = folder / _FOLDER
    request = capture_script.CaptureRequest(
        file=str(own / "scene.blend"),
        scripts=may_scripts_run(),
        scripts_ran=not bpy.app.autoexec_fail,
        scene=seen.name,
        layer=capture.active_layer(seen),
        cameras=tuple(camera.name_full for camera in found),
        hidden=tuple(cloud.name_full for cloud in capture.shown_clouds(seen)),
        pictures=tuple(str(capture.view_path(folder, *item)) for item in enumerate(found)),
        folder=str(folder),
        maximum_side=maximum_side,
        depth=depth,
        flat=flat,
        core=str(Path(uner3d_core.__file__).parents[1]),
    )
    path = own / "request.json"
    try:
        own.mkdir(parents=True, exist_ok=True)
        request.write(path)
        bpy.ops.ed.flush_edits()  # what is being edited is not in the data yet
        # Drivers call functions that texts define.
        used: Any = {seen, *found, *bpy.data.texts}
        bpy.data.libraries.write(request.file, used, path_remap="ABSOLUTE")
    except (OSError, RuntimeError) as error:
        raise OutputError(
            f"The scene can't be copied into “{own}”: {error}.",
            "Choose a folder that you may write to, on a disk with room.",
        ) from error
    return path


def may_scripts_run() -> bool:
    """Tell whether scripts in files may run by themselves, as they did here."""
    preferences: Any = bpy.context.preferences
    return bool(not bpy.app.autoexec_fail and preferences.filepaths.use_scripts_auto_execute)


def start(request: Path) -> ProcessTree:
    """Start a Blender that does what is asked in a file.

    Raises
    ------
    EngineError
        If it can't be started.
    """
    line = command(bpy.app.binary_path, request)
    # What it leaves behind when it is killed goes with the folder.
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(request.parent))
    try:
        return start_program(line, {**os.environ, **temporary})
    except OSError as error:
        raise EngineError(
            f"No second Blender can be started to render the cameras: “{line[0]}”, {error.strerror}.",
            "If Blender was moved or updated while it ran, save your file and start Blender again.",
        ) from error


def command(program: str, request: Path) -> list[str]:
    """Make the command line: the person's preferences, no window, no network, and our script."""
    options = ["--background", "--offline-mode", "--disable-autoexec"]
    if "--factory-startup" in sys.argv:  # then no preferences are read here either
        options.append("--factory-startup")
    preferences: Any = bpy.context.preferences
    if preferences.app_template:
        options += ["--app-template", preferences.app_template]
    script = ["--python-exit-code", "1", "--python", capture_script.__file__]
    return [program, *options, *script, "--", str(request)]


class _Heard:
    """The newest of what a second Blender has said; two threads write it."""

    def __init__(self) -> None:
        self.done = 0
        self.error: Uner3dError | None = None
        self.last_words: deque[str] = deque(maxlen=_LAST_WORDS)

    def hear(self, line: str) -> None:
        match protocol.parse_message(line):
            case protocol.Progress(done=done):
                self.done = done
            case protocol.Error() as message:
                self.error = protocol.message_to_error(message)
            case _ if line.strip():
                self.last_words.append(line)


def render_apart(tree: ProcessTree, folder: Path, total: int) -> Preparation:
    """Wait for a second Blender that renders ``total`` cameras into the job ``folder``."""
    yield from listen_apart(tree, folder, total)
    if not (folder / "transforms.json").is_file():
        raise _ended_early(0, [], folder / protocol.LOG_FILE)


def listen_apart(tree: ProcessTree, folder: Path, total: int) -> Preparation:
    """Wait for a second Blender that renders ``total`` pictures; its last words go to a log in ``folder``.

    Raises
    ------
    EngineError
        If it ends early.
    Uner3dError
        What it tells.
    """
    heard = _Heard()
    readers = [read_lines(stream, heard.hear) for stream in (tree.stdout, tree.stderr)]
    try:
        while tree.exit_code() is None or any(reader.is_alive() for reader in readers):
            yield heard.done, total
    except Cancelled:
        tree.kill()
        while tree.exit_code() is None:
            yield heard.done, total
        raise
    finally:
        tree.kill()  # also whatever it has left behind
        with contextlib.suppress(subprocess.TimeoutExpired):  # the system gets to it later
            tree.head.wait(_PATIENCE)
        tree.stdin.close()
    if heard.error is not None:
        raise heard.error
    if tree.exit_code() != 0:
        raise _ended_early(tree.exit_code() or 0, list(heard.last_words), folder / protocol.LOG_FILE)
    yield total, total


def _ended_early(exit_code: int, last_words: Sequence[str], log_file: Path) -> EngineError:
    with contextlib.suppress(OSError):  # the log is not worth losing the reason
        log_file.write_text("\n".join(last_words), encoding="utf-8")
    how = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
    said = f": {last_words[-1].strip().rstrip('.')}." if last_words else "."
    return EngineError(
        f"The second Blender that renders the cameras ended early ({how}){said}",
        f"See whether the memory suffices for the scene twice; its last lines are in “{log_file}”.",
    )


def _unsaved_images(scene: bpy.types.Scene) -> list[str]:
    """Name the images in a scene whose pixels are in this Blender's memory alone."""
    unsaved: list[Any] = [image for image in bpy.data.images if image.is_dirty]
    unsaved = [image for image in unsaved if image.source in ("FILE", "GENERATED", "TILED")]
    if not unsaved:
        return []
    users: Any = bpy.data.user_map()
    return [image.name for image in unsaved if _leads_to(image, scene, users)]


def _leads_to(block: Any, target: Any, users: Any) -> bool:
    """Whether a data-block is used by another, directly or through others."""
    seen, waiting = {block}, [block]
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user == target:
                return True
            if user not in seen:
                seen.add(user)
                waiting.append(user)
    return False
