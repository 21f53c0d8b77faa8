# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known about the inputs of each scene: looked up beside Blender's work, for the panel to draw.

Whoever draws the inputs asks for what is known, which also asks for another look. A timer then takes down
what the rows name, a thread that knows no bpy looks at the files, and the views are drawn anew where anything
has changed. So nothing is stored in the file, and undo, loading and changes on the disk need no care.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import bpy

from uner3d_core.errors import CameraError, ImageError
from uner3d_core.inputs.survey import Files, Mask, Survey, survey
from uner3d_core.inputs.video.frames import is_video

from .. import capture, properties
from ..jobs.placing import by_uid
from ..translations import translated
from ..windows import redraw_views
from . import adding

POLL_SECONDS = 0.05
ONE_VIEW = (
    "One view tells no depth: the cloud will be its outline, drawn out along the line of sight. "
    "Add views from all around."
)
REST_SECONDS = 2.0
"""Between two looks at the same rows."""


@dataclass(frozen=True)
class Row:
    """What the list tells about one image.

    Parameters
    ----------
    path : Path
        Its file.
    stamp : tuple of int
        Changes when the file does.
    size : tuple of int, optional
        Width and height in pixels; None where it can't be read.
    mask : Mask
        Where its mask comes from.
    has_camera : bool
        Whether a file tells its camera.
    sentence : str
        What looks wrong.
    """

    path: Path
    stamp: tuple[int, int]
    size: tuple[int, int] | None
    mask: Mask
    has_camera: bool
    sentence: str


@dataclass(frozen=True)
class Video:
    """What the list tells about a video.

    Parameters
    ----------
    path : Path
        Its file.
    megabytes : float, optional
        How large it is; None where it is gone.
    """

    path: Path
    megabytes: float | None


@dataclass(frozen=True)
class Known:
    """What is known about the inputs of a scene.

    Parameters
    ----------
    images : mapping of str to Row
        By the path that the row of the list holds.
    videos : mapping of str to Video
        The same for videos.
    lost_cameras : mapping of int to str
        What is wrong with a camera, by its ``session_uid``; 0 for one that is gone altogether.
    camera_file : Path, optional
        The file or folder that tells the images' cameras.
    sentences : tuple of str
        What looks wrong, of all rows together.
    has_unusable : bool
        Whether a camera or an image can't be used at all.
    is_refused : bool
        Whether a run would be refused: a row that is switched on has a deleted camera, rows are of both
        kinds, or none is left that can be used.
    """

    images: Mapping[str, Row] = field(default_factory=dict)
    videos: Mapping[str, Video] = field(default_factory=dict)
    lost_cameras: Mapping[int, str] = field(default_factory=dict)
    camera_file: Path | None = None
    sentences: tuple[str, ...] = ()
    has_unusable: bool = False
    is_refused: bool = False


@dataclass(frozen=True)
class _Question:
    """What the rows of a scene name, taken down where bpy may be asked."""

    images: tuple[tuple[str, Path], ...]
    videos: tuple[tuple[str, Path], ...]
    unused: tuple[Path, ...]
    lost_cameras: tuple[tuple[int, str], ...]
    sentences: tuple[str, ...]
    used_cameras: int
    is_refused: bool
    camera_file: Path | None
    mask_folder: Path | None


class _Look(Thread):
    """Looks at the files; touches no bpy."""

    def __init__(self, scene: int, question: _Question, files: Files) -> None:
        super().__init__(name="uner3d input survey", daemon=True)
        self.scene, self.question, self.files = scene, question, files
        self.stop = Event()
        self.found: Known | None = None

    def run(self) -> None:
        self.found = _answer(self.question, self.files, self.stop)


class _Surveyor:
    """The looks there are: one at a time, at one scene after the other."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.files = Files()
        self.known: dict[int, Known] = {}
        self.asked: dict[int, tuple[_Question, float]] = {}
        self.wanted: set[int] = set()
        self.look: _Look | None = None

    def tick(self) -> float | None:
        """Go on; tell after how many seconds again, None where nothing is left to do."""
        if self.look is not None:
            if self.look.is_alive():
                return POLL_SECONDS
            self._take(self.look.scene, self.look.found)
            self.look = None
        for uid in list(self.wanted):
            scene = by_uid(bpy.data.scenes, uid)
            if scene is None:
                self.wanted.discard(uid)
                self.known.pop(uid, None)
                self.asked.pop(uid, None)
                continue
            question = _question(scene)
            before, when = self.asked.get(uid, (None, 0.0))
            if question == before and time.monotonic() - when < REST_SECONDS:
                continue
            self.wanted.discard(uid)
            self.asked[uid] = question, time.monotonic()
            if not question.images and not question.videos:  # no file to wait for
                self._take(uid, _answer(question, self.files, Event()))
                continue
            self.look = _Look(uid, question, self.files)
            self.look.start()
            return POLL_SECONDS
        return REST_SECONDS / 4 if self.wanted else None

    def _take(self, scene: int, found: Known | None) -> None:
        if found is not None and found != self.known.get(scene):
            self.known[scene] = found
            redraw_views()


_surveyor = _Surveyor()


def known(scene: bpy.types.Scene) -> Known:
    """Tell what is known about the inputs of a scene so far, and have them looked at; next to no time."""
    uid = scene.session_uid
    _surveyor.wanted.add(uid)
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=0.0, persistent=True)
    return _surveyor.known.get(uid, Known())


def summary(scene: bpy.types.Scene, number: int) -> str:
    """Say in a few words what is known about a row that nothing is wrong with; else nothing."""
    rows = properties.scene_settings(scene).inputs
    if not 0 <= number < len(rows):
        return ""
    row, found = rows[number], known(scene)
    if not row.filepath:
        if (row.camera.session_uid if row.camera else 0) in found.lost_cameras:
            return ""
        width, height = capture.pictured_size(scene.render, properties.scene_settings(scene).maximum_side)
        return f"{width} × {height}, rendered"
    video = found.videos.get(row.filepath)
    if video is not None:
        return "" if video.megabytes is None else f"{video.megabytes:.1f} MB, its best frames are used"
    facts = found.images.get(row.filepath)
    if facts is None or facts.size is None:
        return ""
    masks = {Mask.NONE: "no mask", Mask.ALPHA: "alpha", Mask.FILE: "mask"}
    camera = "camera" if facts.has_camera else "no camera" if found.camera_file else "camera to be found"
    return f"{facts.size[0]} × {facts.size[1]}, {masks[facts.mask]}, {camera}"


def describe(scene: bpy.types.Scene, number: int) -> str:
    """Say what is known about a row, in the language of the interface; nothing where there is no such row."""
    rows = properties.scene_settings(scene).inputs
    if not 0 <= number < len(rows):
        return ""
    row, found = rows[number], known(scene)
    if not row.filepath:
        uid = row.camera.session_uid if row.camera else 0
        width, height = capture.pictured_size(scene.render, properties.scene_settings(scene).maximum_side)
        return translated(
            found.lost_cameras.get(
                uid, f"A camera of the scene. What it sees is rendered with {width} × {height} pixels"
            )
        )
    video = found.videos.get(row.filepath)
    if video is not None:
        return translated(
            f"“{video.path}” is gone. Put it back, or leave it out."
            if video.megabytes is None
            else f"“{video.path}”: a video of {video.megabytes:.1f} MB. Its best frames become the images, "
            "whose cameras are estimated"
        )
    facts = found.images.get(row.filepath)
    if facts is None:
        return translated(f"“{row.filepath}” is being looked at")
    if facts.size is None:
        return f"“{facts.path}”.\n{translated(facts.sentence)}".removesuffix(".")
    masks = {Mask.NONE: "no mask", Mask.ALPHA: "its alpha is the mask", Mask.FILE: "with a mask file"}
    camera = "its camera is not known and will be estimated"
    if found.camera_file:
        camera = f"{'its' if facts.has_camera else 'no'} camera is in “{found.camera_file.name}”"
    words = translated(
        f"“{facts.path}”: {facts.size[0]} × {facts.size[1]} pixels, {masks[facts.mask]}, {camera}"
    )
    return f"{words}.\n{translated(facts.sentence)}".removesuffix(".") if facts.sentence else words


def survey_inputs(scene: bpy.types.Scene) -> Survey:
    """Look at the images among the inputs of a scene: sizes, masks, cameras, and what looks wrong.

    Returns
    -------
    Survey
        By the images' paths; what is wrong is told in it and not raised.
    """
    question = _question(scene)
    return survey(
        [path for _, path in question.images],
        question.camera_file,
        question.mask_folder,
        unused=question.unused,
        files=_surveyor.files,
    )


def unusable_rows(scene: bpy.types.Scene) -> list[int]:
    """List the rows whose camera was deleted or is not perspective, or whose image is gone or unreadable."""
    lost = dict(_question(scene).lost_cameras)
    found = []
    for number, row in enumerate(properties.scene_settings(scene).inputs):
        if not row.filepath:
            if (row.camera.session_uid if row.camera else 0) in lost:
                found.append(number)
            continue
        if is_video(adding.image_path(row)):
            if not adding.image_path(row).is_file():
                found.append(number)
            continue
        try:
            _surveyor.files.header(adding.image_path(row))
        except ImageError:
            found.append(number)
    return found


def _tick() -> float | None:
    return _surveyor.tick()


def _question(scene: bpy.types.Scene) -> _Question:
    images: list[tuple[str, Path]] = []
    videos: list[tuple[str, Path]] = []
    unused: list[Path] = []
    lost: dict[int, str] = {}
    wrong: list[str] = []
    there: set[int] | None = None
    used_kinds: list[bool] = []
    is_refused = False
    for row in properties.scene_settings(scene).inputs:
        if row.enabled:
            used_kinds.append(bool(row.filepath))
        if row.filepath:
            path = adding.image_path(row)
            (videos if is_video(path) else images).append((row.filepath, path))
            if not row.enabled:
                unused.append(path)
            continue
        if there is None:
            there = adding.cameras_in_scenes()
        camera = row.camera
        uid = camera.session_uid if camera else 0
        if uid not in there:
            lost[uid] = "This camera was deleted. Remove its row, or undo."
        else:
            try:
                capture.check_camera(camera)
            except CameraError as error:
                lost[uid] = str(error)
        if uid in lost and row.enabled:
            is_refused = True
            wrong.append("A camera was deleted. Remove its row, or undo." if uid not in there else lost[uid])
    if len(set(used_kinds)) > 1:
        is_refused = True
        wrong.append(
            "The inputs are both cameras and images. Remove one or the other, or switch its rows off."
        )
    if not is_refused and len(used_kinds) > 1 and any(path not in unused for _, path in videos):
        is_refused = True
        wrong.append(f"{adding.VIDEO_ALONE} {adding.SWITCH_OTHERS_OFF}")
    if used_kinds == [False] and not is_refused:
        wrong.append(ONE_VIEW)
    return _Question(
        tuple(images),
        tuple(videos),
        tuple(unused),
        tuple(lost.items()),
        _shortened(wrong),
        used_kinds.count(False),
        is_refused,
        adding.camera_file(scene),
        adding.mask_folder(scene),
    )


def _shortened(sentences: list[str], most: int = 3) -> tuple[str, ...]:
    """Give each sentence once, and of many the first."""
    single = list(dict.fromkeys(sentences))
    more = [f"And {len(single) - most} more like this."] if len(single) > most else []
    return (*single[:most], *more)


def _answer(question: _Question, files: Files, stop: Event) -> Known | None:
    found = survey(
        [path for _, path in question.images],
        question.camera_file,
        question.mask_folder,
        unused=question.unused,
        files=files,
        stopped=stop.is_set,
    )
    if stop.is_set():
        return None
    rows = {}
    for name, path in question.images:
        facts = found.images[path]
        size = (facts.header.width, facts.header.height) if facts.header else None
        rows[name] = Row(path, files.stamp(path), size, facts.mask, facts.camera is not None, facts.sentence)
    videos = {name: Video(path, _megabytes(path)) for name, path in question.videos}
    gone = [each.path.name for each in videos.values() if each.megabytes is None]
    has_video = any(
        each.megabytes is not None and each.path not in question.unused for each in videos.values()
    )
    return Known(
        rows,
        videos,
        dict(question.lost_cameras),
        found.cameras,
        (
            *question.sentences,
            *found.sentences,
            *(f"“{name}” is gone. Put it back, or leave it out." for name in gone),
            *([ONE_VIEW] if _is_one_view(question, rows) else []),
        ),
        bool(question.lost_cameras or gone) or any(row.size is None for row in rows.values()),
        question.is_refused or not (question.used_cameras or has_video or _has_usable(question, rows)),
    )


def _megabytes(path: Path) -> float | None:
    try:
        return path.stat().st_size / 1e6
    except OSError:
        return None


def _is_one_view(question: _Question, rows: Mapping[str, Row]) -> bool:
    """Tell whether one image with a camera is all that is used; cameras of several are estimated."""
    used = [row for row in rows.values() if row.size is not None and row.path not in question.unused]
    return not question.used_cameras and len(used) == 1 and used[0].has_camera


def _has_usable(question: _Question, rows: Mapping[str, Row]) -> bool:
    """Tell whether an image can be read that is switched on."""
    return any(row.size is not None and row.path not in question.unused for row in rows.values())


def unregister() -> None:
    """End a look, and forget what is known."""
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)
    if _surveyor.look is not None:
        _surveyor.look.stop.set()
        _surveyor.look.join(timeout=2.0)  # a disk that does not answer must not hold Blender up
    _surveyor.forget()
