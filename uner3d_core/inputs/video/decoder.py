# SPDX-License-Identifier: Apache-2.0
"""The decoder: a process of its own that looks at a video's frames and writes the best, by PyAV (FFmpeg).

Nobody has checked the file. Only the reader of MP4 and QuickTime files is let at it, and those that refer to
other files are not followed; the parent ends this process where it does not get on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from PIL import Image

from uner3d_core.child_process import talk
from uner3d_core.inputs.video.choosing import STILL, choose
from uner3d_core.inputs.video.choosing import Path as Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOOK, WRITE = "look at frames", "write frames"
"""The stages, as they are told."""
ANSWER_FILE = "frames.json"
MOST_FRAMES = 30_000
"""Frames that are looked at: a quarter of an hour."""
MOST_PIXELS = 40_000_000
"""Of a frame; 8K has 33 million."""
SIDE = 320
"""Longest side in pixels of the frames that are compared."""
QUALITY = 95
"""Of the JPEG files that are written."""


def extract(video: Path, folder: Path, tell: Callable[[str, int, int], None]) -> dict[str, Any]:
    """Write the best frames of a video into a folder.

    Returns
    -------
    dict
        ``names`` of the files, ``frames`` that were looked at and whether there were ``more``; or only a
        ``problem``.
    """
    way = Way()
    total, more = 0, False
    for number, frame, expected in _frames(video):
        if number == MOST_FRAMES:
            more = True
            break
        total = max(expected, number + 1)
        tell(LOOK, number, total)
        share = min(1.0, SIDE / max(frame.width, frame.height))
        size = max(2, round(frame.width * share)), max(2, round(frame.height * share))
        way.add(frame.reformat(width=size[0], height=size[1], format="gray").to_ndarray())
    seen = len(way.travelled)
    tell(LOOK, seen, seen)
    if seen == 0:
        return {"problem": "damaged"}
    if way.travelled[-1] < STILL:
        return {"problem": "still"}
    chosen = choose(way.travelled, way.sharpness)
    names: list[str] = []
    wanted = set(chosen)
    for number, frame, _ in _frames(video):
        if number in wanted:
            names.append(f"frame_{number:06d}.jpg")
            pixels = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90.0))
            Image.fromarray(pixels).save(folder / names[-1], quality=QUALITY, subsampling=0)
            tell(WRITE, len(names), len(chosen))
        if number >= chosen[-1]:
            break
    return {"names": names, "frames": seen, "more": more}


def _frames(video: Path) -> Iterator[tuple[int, av.VideoFrame, int]]:
    """Give the frames that can be decoded, their numbers, and how many the file claims to have."""
    with av.open(str(video), format="mov") as container:
        if not container.streams.video:
            return
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        expected = min(stream.frames, MOST_FRAMES)
        number = 0
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
                _check_size(stream.width, stream.height)
                frames = packet.decode()
            except StopIteration:
                return
            except av.error.InvalidDataError:  # a damaged part: the rest may be whole
                continue
            for frame in frames:
                _check_size(frame.width, frame.height)
                yield number, frame, expected
                number += 1


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ValueError(f"frames of {width} x {height} pixels")


def main() -> int:
    """Extract frames of the video, and into the folder, that the command line names."""
    video, folder = map(Path, sys.argv[1:])
    tell = talk()
    av.logging.set_level(av.logging.ERROR)
    try:
        answer = extract(video, folder, lambda stage, done, total: tell([stage, done, total]))
    except (av.error.FFmpegError, ValueError) as problem:
        print(problem, file=sys.stderr)
        answer = {"problem": "damaged"}
    (folder / ANSWER_FILE).write_text(json.dumps(answer), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
