# SPDX-License-Identifier: Apache-2.0
"""A survey finds the cameras and masks that a run would use, and says what looks wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from uner3d_core.inputs import load_views
from uner3d_core.inputs.places import find_images
from uner3d_core.inputs.survey import Files, Mask, Problem, Survey, survey

Scene = Callable[..., Path]


def problems(found: Survey) -> dict[str, Problem | None]:
    return {path.name: facts.problem for path, facts in found.images.items()}


def test_it_finds_what_a_run_finds(make_scene: Scene) -> None:
    folder = make_scene(3)
    images = find_images(folder / "images")
    found = survey(images)
    assert found.cameras == folder / "transforms.json"
    assert found.sentences == ()
    for view, image in zip(load_views(folder), images, strict=True):
        facts = found.images[image]
        assert facts.header is not None
        assert (facts.header.width, facts.header.height) == (12, 8)
        assert facts.mask is Mask.ALPHA
        assert facts.camera is not None
        assert facts.camera.centre == pytest.approx(view.camera.centre)


@pytest.mark.parametrize("where", ["beside", "given", "named"])
def test_masks_are_those_of_a_run(make_scene: Scene, where: str) -> None:
    folder = make_scene(3, mode="RGB")
    if where == "named":
        text = (folder / "transforms.json").read_text(encoding="utf-8")
        text = text.replace('{"file_path"', '{"mask_path": "m/one.png", "file_path"')
        (folder / "transforms.json").write_text(text, encoding="utf-8")
    masks = folder / {"beside": "masks", "given": "elsewhere", "named": "m"}[where]
    masks.mkdir()
    Image.new("L", (12, 8), 255).save(masks / ("one.png" if where == "named" else "0001.png"))
    given = masks if where == "given" else None
    images = find_images(folder / "images")
    found = survey(images, None, given)
    with_mask = {view.name for view in load_views(folder, masks=given) if view.mask is not None}
    assert {path.name for path, facts in found.images.items() if facts.mask is Mask.FILE} == with_mask
    assert with_mask == ({"0000.png", "0001.png", "0002.png"} if where == "named" else {"0001.png"})
    if where != "named":
        assert problems(found)["0000.png"] is Problem.NO_MASK
        assert "2 images, 0000.png, 0002.png" in found.sentences[0]


def test_each_fault_has_its_sentence(make_scene: Scene) -> None:
    folder = make_scene(4, mode="RGB")
    images = find_images(folder / "images")
    Image.new("RGBA", (12, 8)).save(folder / "images" / "extra.png")  # its mask is no example: it is left out
    Image.new("RGB", (9, 9)).save(images[1])
    images[2].write_bytes(b"no image")
    images[3].unlink()
    found = survey([*images, folder / "images" / "extra.png"])
    assert problems(found) == {
        "0000.png": None,
        "0001.png": Problem.OTHER_CAMERA_SIZE,
        "0002.png": Problem.UNREADABLE,
        "0003.png": Problem.GONE,
        "extra.png": Problem.NO_CAMERA,
    }
    assert len(found.sentences) == 4
    assert "0003.png” is gone" in found.sentences[0]
    assert all(facts.sentence for facts in found.images.values() if facts.problem)


def test_without_cameras_the_odd_size_is_told_and_unused_images_do_not_count(tmp_path: Path) -> None:
    for number in range(4):
        Image.new("RGB", (8, 6) if number else (6, 6)).save(tmp_path / f"{number}.png")
    images = find_images(tmp_path)
    assert problems(survey(images))["0.png"] is Problem.OTHER_SIZE
    unused = survey(images, unused=[images[0]])
    assert set(problems(unused).values()) == {None}
    assert unused.images[images[0]].header is not None
    assert unused.cameras is None


def test_cameras_that_are_none_are_a_sentence(make_scene: Scene, tmp_path: Path) -> None:
    folder = make_scene(2)
    images = find_images(folder / "images")
    (folder / "transforms.json").write_text("{", encoding="utf-8")
    assert "is not valid JSON" in survey(images).sentences[0]
    assert "There is no" in survey(images, tmp_path / "none.json").sentences[0]


def test_the_same_names_in_two_folders(make_scene: Scene) -> None:
    folder = make_scene(2)
    for side in ("left", "right"):
        shutil.copytree(folder / "images", folder / side)
    text = (folder / "transforms.json").read_text(encoding="utf-8")
    content = text.replace("images/0000", "left/0000").replace("images/0001", "right/0000")
    (folder / "transforms.json").write_text(content, encoding="utf-8")
    chosen = (folder / "left" / "0000.png", folder / "right" / "0000.png")
    found = survey(chosen)
    views = load_views(folder, images=chosen)
    assert [view.name for view in views] == ["left/0000.png", "right/0000.png"]
    for image, view in zip(chosen, views, strict=True):
        camera = found.images[image].camera
        assert camera is not None
        assert camera.centre == pytest.approx(view.camera.centre)


def test_files_are_read_again_only_when_they_have_changed(
    make_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_scene(2)
    images = find_images(folder / "images")
    files = Files()
    first = survey(images, files=files)
    stamp = files.stamp(images[0])
    with monkeypatch.context() as patch:
        for name in ("read_header", "read_cameras"):
            patch.setattr(f"uner3d_core.inputs.survey.{name}", lambda *_: pytest.fail("read again"))
        again = survey(images, files=files)
        assert problems(again) == problems(first)
        assert all(facts.camera for facts in again.images.values())
    Image.new("RGB", (24, 16)).save(images[0])
    os.utime(images[0], ns=(1, 1))
    (folder / "transforms.json").write_text("{", encoding="utf-8")
    changed = survey(images, files=files)
    header = changed.images[images[0]].header
    assert header is not None
    assert header.width == 24
    assert files.stamp(images[0]) != stamp
    assert "not valid JSON" in changed.sentences[0]


def test_it_stops_when_it_is_told_to(make_scene: Scene) -> None:
    images = find_images(make_scene(3) / "images")
    answers: Any = iter([False, True])
    assert len(survey(images, stopped=lambda: next(answers)).images) == 1


def test_blender_needs_nothing_but_numpy_for_it() -> None:
    code = (
        "import sys; import uner3d_core.inputs.survey; "
        "print([n for n in ('torch', 'PIL', 'scipy', 'safetensors') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
