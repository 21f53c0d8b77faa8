# SPDX-License-Identifier: Apache-2.0
"""Photographs in, cameras out: on a scene whose cameras are known, and with input that should be refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from uner3d_core import child_process
from uner3d_core.cli import main
from uner3d_core.errors import CameraError, Cancelled, EngineError, InputError
from uner3d_core.evaluation.camera_agreement import compare, read_cameras
from uner3d_core.inputs.load import estimate_posed, find_posed, read_views
from uner3d_core.poses import estimate, process
from uner3d_core.poses.estimate import estimate_cameras

needs_colmap = pytest.mark.skipif(not process.is_installed(), reason="pycolmap is not installed")


@needs_colmap
def test_scene_with_known_cameras(
    scene: Any, told: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posed = find_posed(scene.folder / "images", progress=told)
    assert posed.pictures == len(posed.frames) == 8

    truth = read_cameras(scene.folder / "truth.json")
    found = compare({frame.image.name: frame.camera for frame in posed.frames}, truth)
    assert found.registered == 8
    assert found.position_worst < 1.5
    assert found.rotation_worst < 1.0
    assert found.focal_median < 3.0

    # Upright, on the floor, at the distance and from the side that are promised.
    places = np.stack([frame.camera.centre for frame in posed.frames])
    assert np.abs(places[:, 2] - places[:, 2].mean()).max() < 0.1
    assert (places[:, 2] > 0.1).all()
    towards = posed.frames[0].camera.forward
    assert abs(towards[0]) < 0.01
    assert towards[1] > 0.5

    stages = {name for name, _, _ in told.stages}
    assert {"read photographs", "find features", "match pairs", "register pictures"} <= stages
    assert max(total for name, _, total in told.stages if name == "match pairs") == 28
    assert any("they are estimated" in text for text in told.texts)
    assert any("cameras of 8 of 8 pictures" in text for text in told.texts)

    # The same content again, elsewhere: nothing is solved a second time.
    shutil.copytree(scene.folder / "images", tmp_path / "moved")
    monkeypatch.setattr(estimate, "run_solver", lambda *_: pytest.fail("solved again"))
    again = find_posed(tmp_path / "moved", progress=told)
    assert [frame.image.parent for frame in again.frames] == [tmp_path / "moved"] * 8
    for one, other in zip(posed.frames, again.frames, strict=True):
        np.testing.assert_array_equal(one.camera.world_to_camera, other.camera.world_to_camera)
    assert len(read_views(again)) == 8


@needs_colmap
def test_object_before_an_even_background(
    arc: Callable[..., Any], draw_scene: Callable[..., Any], tmp_path: Path, told: Any
) -> None:
    for number, camera in enumerate(arc(7, degrees=8.0)):
        Image.fromarray(draw_scene(camera, floor=False)[0]).save(tmp_path / f"{number}.png")
    posed = estimate_posed(tmp_path, progress=told)
    assert len(posed.frames) == 7
    assert "Masks: the background is even and was keyed out." in told.texts
    for view, camera in zip(read_views(posed), arc(7, degrees=8.0), strict=True):
        box = draw_scene(camera, floor=False)[1]
        assert view.mask is not None
        kept = view.mask > 127
        assert (kept & box).sum() / (kept | box).sum() > 0.95


@needs_colmap
def test_cancel_ends_the_solver_at_once(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **options))
        return started[-1]

    class Impatient:
        asked = 0.0

        def stage(self, name: str, done: int, total: int) -> None:
            if name == "find features":
                self.asked = self.asked or time.monotonic()
                raise Cancelled

        def log(self, text: str) -> None: ...

        def preview(self, cloud: object) -> None: ...

    monkeypatch.setattr(child_process.subprocess, "Popen", start)
    progress = Impatient()
    with pytest.raises(Cancelled):
        estimate_cameras(scene.images, [None] * 8, progress=progress)
    assert time.monotonic() - progress.asked < 1.0
    assert started[0].poll() is not None


@needs_colmap
def test_solver_that_dies_is_a_sentence(scene: Any, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    popen = subprocess.Popen
    broken = ["-c", "import sys; print('no such thing', file=sys.stderr); sys.exit(3)"]
    monkeypatch.setattr(
        child_process.subprocess, "Popen", lambda command, **options: popen([command[0], *broken], **options)
    )
    with pytest.raises(CameraError, match="failed in COLMAP"):
        estimate_cameras(scene.images, [None] * 8, progress=told)
    assert any("no such thing" in text for text in told.texts)


@needs_colmap
def test_of_many_photographs_only_those_alike_are_compared(
    arc: Callable[..., Any],
    draw_scene: Callable[..., Any],
    tmp_path: Path,
    told: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = (
        "import sys; from uner3d_core.poses import matching, solver; "
        "matching.EXHAUSTIVE, matching.LOOKALIKES = 5, 4; sys.exit(solver.main())"
    )
    popen = subprocess.Popen
    monkeypatch.setattr(
        child_process.subprocess,
        "Popen",
        lambda command, **options: popen([command[0], "-c", few, command[-1]], **options),
    )
    for name, camera in zip("dbgacfeh", arc(8), strict=True):  # no order in the names
        Image.fromarray(draw_scene(camera)[0]).save(tmp_path / f"{name}.png")
    posed = estimate_posed(tmp_path, progress=told)
    assert len(posed.frames) == 8
    pairs = max(total for name, _, total in told.stages if name == "match pairs")
    assert 8 <= pairs < 28


@needs_colmap
def test_photographs_of_different_things(scene: Any, draw_scene: Callable[..., Any], tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    for number in range(4):
        blocks = generator.integers(0, 256, (40, 40), dtype=np.uint8)
        Image.fromarray(blocks).resize((240, 240), Image.BICUBIC).save(tmp_path / f"{number}.png")
    with pytest.raises(CameraError, match="in common"):
        estimate_posed(tmp_path)


@needs_colmap
def test_plain_surfaces(tmp_path: Path) -> None:
    for number in range(5):
        ramp = np.tile(np.linspace(60 + number, 180, 240), (240, 1)).astype(np.uint8)
        Image.fromarray(ramp).save(tmp_path / f"{number}.png")
    with pytest.raises(CameraError, match="recognised again"):
        estimate_posed(tmp_path)


@needs_colmap
def test_what_is_no_photograph_is_named(
    scene: Any, tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uner3d_core.inputs.places.reads_heic", lambda: False)
    for image in scene.images[1:6]:
        shutil.copy(image, tmp_path)
    shutil.copy(scene.images[1], tmp_path / "photo_001 (copy).png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "phone.HEIC").write_bytes(b"ftypheic")
    posed = estimate_posed(tmp_path, progress=told)
    assert (len(posed.frames), posed.pictures) == (5, 7)
    said = "\n".join(told.texts)
    for words in ("can't be read: notes.pdf, phone.HEIC", "“broken.jpg”", "copies: "):
        assert words in said


@needs_colmap
def test_one_photograph(scene: Any) -> None:
    with pytest.raises(InputError, match="1 photograph can't tell where the cameras stood"):
        estimate_cameras(scene.images[:1], [None])


@needs_colmap
def test_copies_of_one_photograph(scene: Any, tmp_path: Path) -> None:
    for number in range(50):
        shutil.copy(scene.images[0], tmp_path / f"{number:02d}.png")
    with pytest.raises(InputError, match=r"copies: 01\.png"):
        estimate_posed(tmp_path)


def test_only_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uner3d_core.inputs.places.reads_heic", lambda: False)
    (tmp_path / "phone.heic").write_bytes(b"ftypheic")
    with pytest.raises(InputError, match=r"can't be read: phone\.heic"):
        find_posed(tmp_path)


def test_without_colmap(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EngineError, match="pip install pycolmap"):
        estimate_cameras(scene.images, [None] * 8)


@needs_colmap
def test_command_line(scene: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "estimated.json"
    assert main(["estimate-cameras", str(scene.folder), "--output", str(output), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["registered"] == 8
    truth = str(scene.folder / "truth.json")
    assert main(["evaluate-cameras", str(output), "--truth", truth, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rotation_worst"] < 1.0


@needs_colmap
@pytest.mark.slow
@pytest.mark.parametrize(("name", "masked"), [("fox", False), ("ethiopian_head", True)])
def test_shared_photographs(shared_photos: Path, name: str, masked: bool) -> None:
    folder = shared_photos / name
    posed = estimate_posed(folder, folder / "masks" if masked else None)
    found = compare(
        {frame.image.name: frame.camera for frame in posed.frames}, read_cameras(folder / "transforms.json")
    )
    assert found.registered >= 0.95 * found.known
    assert found.position_median < 0.2
    assert found.rotation_median < 0.7
