# SPDX-License-Identifier: Apache-2.0
"""Videos: the frames that are chosen, and files that nobody should trust."""

from __future__ import annotations

import math
import struct
import subprocess
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from scipy import ndimage

from uner3d_core import child_process
from uner3d_core.errors import Cancelled, EngineError, ImageError, InputError
from uner3d_core.inputs.load import find_posed
from uner3d_core.inputs.video import choosing, frames
from uner3d_core.inputs.video.frames import extract_frames

WIDTH, HEIGHT = 320, 240


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))


def strip(seed: int = 0) -> npt.NDArray[np.uint8]:
    """A wide pattern, along which the camera moves."""
    noise = np.random.default_rng(seed).random((HEIGHT, 4 * WIDTH, 3))
    smooth = ndimage.gaussian_filter(noise, (3, 3, 0))
    return (255 * (smooth - smooth.min()) / np.ptp(smooth)).astype(np.uint8)


def write_video(path: Path, pictures: list[npt.NDArray[np.uint8]]) -> Path:
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(30))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt, stream.bit_rate = "yuv420p", 8_000_000
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def pan(places: list[float], blurred: set[int] = frozenset()) -> list[npt.NDArray[np.uint8]]:  # type: ignore[assignment]
    pattern = strip()
    pictures = []
    for number, place in enumerate(places):
        left = round(place)
        picture = pattern[:, left : left + WIDTH]
        pictures.append(ndimage.gaussian_filter(picture, (3, 3, 0)) if number in blurred else picture)
    return pictures


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    """The camera rests for a second, walks along the pattern, and every other frame is blurred."""
    places = [0.0] * 30 + [8.0 * step for step in range(100)]
    return write_video(tmp_path / "walk.mp4", pan(places, set(range(1, 130, 2))))


@pytest.mark.parametrize("shift", [(0, 0), (3, 5), (-7, 2)])
def test_movement(shift: tuple[int, int]) -> None:
    picture = strip()[..., 0][:, :WIDTH]
    moved = np.roll(picture, shift, (0, 1))
    assert choosing.movement(picture, moved) == pytest.approx(math.hypot(*shift), abs=0.5)


def test_movement_of_a_turntable() -> None:
    """The background stands still: what moves on a third of the picture counts all the same."""
    still = strip()[..., 0][:, :WIDTH]
    moved = still.copy()
    moved[64:192, 64:288] = np.roll(still, 6, 1)[64:192, 64:288]
    assert choosing.movement(still, moved) == pytest.approx(6.0, abs=1.0)


def test_nothing_to_see_is_no_movement() -> None:
    flat = np.full((HEIGHT, WIDTH), 90, np.uint8)
    assert choosing.movement(flat, flat) == 0.0


def test_frames_are_spread_over_the_way_and_sharp() -> None:
    travelled = [0.0] * 50 + np.linspace(0.0, 6.0, 300).tolist() + [6.0] * 50
    sharpness = [1.0 + (number % 3 == 0) for number in range(400)]
    chosen = choosing.choose(travelled, sharpness)
    assert len(chosen) == 100
    assert chosen == sorted(chosen)
    assert np.diff([travelled[number] for number in chosen]).max() < 0.15
    usual = [number for number in chosen if 60 < number < 340]
    assert np.mean([number % 3 == 0 for number in usual]) > 0.9


def test_best_frames_become_pictures(walk: Path, told: Any) -> None:
    folder = extract_frames(walk, told)
    files = sorted(folder.glob("*.jpg"))
    numbers = [int(file.stem.split("_")[1]) for file in files]
    assert 24 <= len(numbers) <= 60
    assert sum(number < 30 for number in numbers) <= 2  # where the camera rests
    assert all(number % 2 == 0 for number in numbers)  # the sharp ones
    first = np.asarray(Image.open(files[1])).astype(float)
    left = 8 * (numbers[1] - 30)
    assert np.abs(first - strip()[:, left : left + WIDTH]).mean() < 12.0
    looked = [(done, total) for name, done, total in told.stages if name == "look at frames"]
    assert looked[-1] == (130, 130)
    assert all(total == 130 for done, total in looked if done)
    assert any(f"{len(files)} of 130 frames" in text for text in told.texts)


def test_second_time_nothing_is_read(walk: Path, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = extract_frames(walk, told)
    monkeypatch.setattr(child_process.subprocess, "Popen", lambda *_, **__: pytest.fail("read again"))
    renamed = walk.rename(walk.with_name("other.MOV"))
    assert extract_frames(renamed, told) == folder


def turned(path: Path) -> None:
    """Mark a video as taken with the camera on its side: a quarter turn clockwise to see it upright."""
    content = bytearray(path.read_bytes())
    track = content.index(b"tkhd") + 4
    content[track + 40 : track + 76] = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, HEIGHT << 16, 0, 1 << 30
    )
    path.write_bytes(content)


def test_rotation_is_honoured(walk: Path, told: Any) -> None:
    upright = extract_frames(walk, told)
    plain = np.asarray(Image.open(sorted(upright.glob("*.jpg"))[3])).astype(float)
    turned(walk)
    folder = extract_frames(walk, told)
    assert folder != upright
    found = np.asarray(Image.open(sorted(folder.glob("*.jpg"))[3])).astype(float)
    assert found.shape == (WIDTH, HEIGHT, 3)
    assert np.abs(np.rot90(plain, -1) - found).mean() < 3.0


def test_without_movement(tmp_path: Path, told: Any) -> None:
    video = write_video(tmp_path / "still.mp4", pan([0.0] * 30))
    with pytest.raises(InputError, match=r"Next to nothing moves in “still\.mp4”"):
        extract_frames(video, told)


@pytest.mark.parametrize("keep", [0, 40, 5000])
def test_cut_short(walk: Path, told: Any, keep: int) -> None:
    walk.write_bytes(walk.read_bytes()[:keep])
    with pytest.raises(ImageError, match=r"“walk\.mp4” is not a video that can be read, or is damaged"):
        extract_frames(walk, told)


def test_damaged_part_is_left_out(walk: Path, told: Any) -> None:
    content = bytearray(walk.read_bytes())
    start = content.index(b"mdat") + 4
    middle = start + (len(content) - start) // 2
    content[middle : middle + 2000] = np.random.default_rng(0).bytes(2000)
    walk.write_bytes(content)
    assert len(list(extract_frames(walk, told).glob("*.jpg"))) >= 15


def test_another_kind_of_file(tmp_path: Path, told: Any) -> None:
    """A list of other files is one for FFmpeg, and would be followed."""
    pytest.importorskip("av")
    listing = tmp_path / "list.mp4"
    listing.write_text("#EXTM3U\n#EXTINF:1,\n/etc/hostname\n#EXT-X-ENDLIST\n")
    with pytest.raises(ImageError, match="not a video that can be read"):
        extract_frames(listing, told)


def silent(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Let the decoder be one that says nothing, ever."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(popen([command[0], "-c", "import time; time.sleep(60)"], **options))
        return started[-1]

    monkeypatch.setattr(child_process.subprocess, "Popen", start)
    return started


def test_stuck_decoder_is_ended(walk: Path, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started = silent(monkeypatch)
    monkeypatch.setattr(frames, "PATIENCE", 0.5)
    with pytest.raises(ImageError, match="takes for ever"):
        extract_frames(walk, told)
    assert started[0].poll() is not None


def test_cancel(walk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = silent(monkeypatch)

    class Impatient:
        def stage(self, *_: object) -> None:
            raise Cancelled

        def log(self, text: str) -> None: ...

        def preview(self, cloud: object) -> None: ...

    start = time.monotonic()
    with pytest.raises(Cancelled):
        extract_frames(walk, Impatient())
    assert time.monotonic() - start < 1.5
    assert started[0].poll() is not None
    assert not list((frames.cache_folder("frames")).iterdir())


def test_without_reader(tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.mov").write_bytes(b"moov")
    monkeypatch.setattr(frames.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EngineError, match="pip install av"):
        find_posed(tmp_path / "a.mov", progress=told)


def test_video_with_cameras(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"moov")
    with pytest.raises(InputError, match="is a video"):
        find_posed(tmp_path / "a.mov", tmp_path / "cameras.json")


def test_several_videos(tmp_path: Path) -> None:
    for name in ("a.mov", "b.MP4"):
        (tmp_path / name).write_bytes(b"moov")
    with pytest.raises(InputError, match=r"2 videos in .*: a\.mov, b\.MP4"):
        find_posed(tmp_path)
