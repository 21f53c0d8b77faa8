# SPDX-License-Identifier: Apache-2.0
"""From a video to a folder of pictures: its best frames, kept for the next run with the same file.

PyAV reads it in a process of its own, which is ended where it gets stuck or the person cancels.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

from uner3d_core.caches import cache_folder, forget_oldest
from uner3d_core.child_process import Child, running
from uner3d_core.errors import EngineError, ImageError, InputError, OutputError

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.progress import Progress

VIDEO_SUFFIXES = (".mp4", ".mov", ".m4v")
"""Endings of the videos that are read, in lower case."""
VERSION = 1
"""Goes up when other frames would be chosen, so that old choices are not taken."""
MOST = 8
"""Videos whose frames are kept."""
PATIENCE = 60.0
"""Seconds for one frame: a decoder that needs more is stuck."""
ANSWER_FILE = "frames.json"
_AGAIN = "Copy or export it again, or save its frames as JPEG files."


def is_video(path: Path) -> bool:
    """Tell by its ending whether a file is a video that can be read."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def extract_frames(video: Path, progress: Progress) -> Path:
    """Choose the best frames of a video and write them as pictures.

    Parameters
    ----------
    video : Path
        MP4 or QuickTime.
    progress : Progress
        Is told the frames that are looked at and written, and what is worth knowing. It may raise
        ``Cancelled``.

    Returns
    -------
    Path
        A folder of JPEG files, upright, named in their order, in the person's cache folder.

    Raises
    ------
    EngineError
        If PyAV is not installed.
    ImageError
        If the video can't be read.
    InputError
        If next to nothing moves in it.
    OutputError
        If the frames can't be written.
    """
    try:
        with video.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise ImageError(
            f"“{video}” can't be read: {problem.strerror or problem}.", "Choose a video that is readable."
        ) from problem
    folder = cache_folder("frames") / hashlib.sha256(f"{VERSION} {content}".encode()).hexdigest()
    answer = _recall(folder)
    if answer is not None:
        progress.log(f"The frames of “{video.name}” were chosen before.")
    else:
        _check_reader(video)
        try:
            answer = _extract(video.absolute(), folder, progress)
        except OSError as problem:
            raise OutputError(
                f"Frames can't be written to “{folder.parent}”: {problem.strerror or problem}.",
                "Make room on that disk.",
            ) from problem
    progress.log(
        f"“{video.name}”: {len(answer['names'])} of {answer['frames']} frames are used, "
        "the sharpest of each stretch of movement."
    )
    if answer["more"]:
        progress.log(f"“{video.name}” is longer than that: the rest was not looked at.")
    return folder


def _check_reader(video: Path) -> None:
    if importlib.util.find_spec("av") is None:
        raise EngineError(
            f"“{video.name}” is a video, and “{sys.executable}” lacks PyAV, which reads them.",
            "Install it there: pip install av. Or save the video's frames as JPEG files.",
        )


def _recall(folder: Path) -> dict[str, Any] | None:
    """Read what is known of frames that were kept; None where they are not all there."""
    try:
        answer: dict[str, Any] = json.loads((folder / ANSWER_FILE).read_text(encoding="utf-8"))
        if not all((folder / name).is_file() for name in answer["names"]):
            return None
        os.utime(folder)
        return answer
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _extract(video: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{secrets.token_hex(4)}.partial")
    partial.mkdir()
    log = partial.with_suffix(".log")
    try:
        with running("uner3d_core.inputs.video.decoder", [str(video), str(partial)], log) as child:
            _listen(child, video, progress)
        answer = _answer(child, partial, video, progress)
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    finally:
        if partial.exists():
            shutil.rmtree(partial)
        log.unlink(missing_ok=True)
    forget_oldest(folder.parent, ANSWER_FILE, MOST)
    return answer


def _listen(child: Child, video: Path, progress: Progress) -> None:
    stage: tuple[str, int, int] = ("look at frames", 0, 1)
    heard = time.monotonic()
    for message in child.messages():
        if message is not None:
            stage, heard = (message[0], message[1], message[2]), time.monotonic()
        elif time.monotonic() - heard > PATIENCE:
            raise ImageError(f"“{video.name}” can't be read: frame {stage[1]} takes for ever.", _AGAIN)
        progress.stage(*stage)


def _answer(child: Child, folder: Path, video: Path, progress: Progress) -> dict[str, Any]:
    if child.exit_code != 0 or not (folder / ANSWER_FILE).is_file():
        progress.log(f"The reader of videos ended with: {child.last_lines()}")
        raise ImageError(
            f"“{video.name}” can't be read: the reader of videos failed (exit code {child.exit_code}).",
            _AGAIN,
        )
    answer: dict[str, Any] = json.loads((folder / ANSWER_FILE).read_text(encoding="utf-8"))
    if answer.get("problem") == "still":
        raise InputError(
            f"Next to nothing moves in “{video.name}”.",
            "Walk around the object while filming, and keep it in the picture.",
        )
    if answer.get("problem"):
        progress.log(f"The reader of videos says: {child.last_lines()}")
        raise ImageError(f"“{video.name}” is not a video that can be read, or is damaged.", _AGAIN)
    return answer
