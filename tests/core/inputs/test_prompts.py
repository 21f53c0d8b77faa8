# SPDX-License-Identifier: Apache-2.0
"""One picture with its mask, wherever they lie."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from uner3d_core.errors import ImageError, InputError
from uner3d_core.inputs.prompts import load_prompt
from uner3d_core.inputs.segmentation import Segment

Make = Callable[..., Image.Image]


def test_alpha_is_the_mask(make_picture: Make, tmp_path: Path, told: Any) -> None:
    make_picture(mode="RGBA").save(tmp_path / "ä.png")
    for given in (tmp_path / "ä.png", tmp_path):
        prompt = load_prompt(given, progress=told)
        assert prompt.image is not None
        assert prompt.image.shape == (8, 12, 3)
        assert prompt.mask is not None
        assert prompt.mask[:, :6].min() == 255
        assert prompt.mask[:, 6:].max() == 0
    assert told.texts == []


def test_a_mask_file(make_picture: Make, tmp_path: Path, told: Any) -> None:
    make_picture(mode="RGBA").save(tmp_path / "a.png")
    masks = tmp_path / "elsewhere"
    masks.mkdir()
    Image.fromarray(np.full((8, 12), 255, np.uint8)).save(masks / "a.png")
    mask = load_prompt(tmp_path / "a.png", masks, told).mask
    assert mask is not None
    assert mask.min() == 255


def test_masks_beside_the_picture(make_picture: Make, tmp_path: Path, told: Any) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    make_picture().save(tmp_path / "images" / "a.jpg")
    Image.fromarray(np.eye(8, 12, dtype=np.uint8) * 255).save(tmp_path / "masks" / "a.png")
    mask = load_prompt(tmp_path, progress=told).mask
    assert mask is not None
    assert mask.sum() == 8 * 255


def test_without_a_mask_it_is_told(make_picture: Make, tmp_path: Path, told: Any) -> None:
    make_picture().save(tmp_path / "a.png")
    assert load_prompt(tmp_path / "a.png", progress=told).mask is None
    assert told.texts == [
        "“a.png” has no mask: all it shows counts. The object should stand alone, on white."
    ]


def test_one_of_several_is_named(make_picture: Make, tmp_path: Path, told: Any) -> None:
    for name in ("a.png", "b.png"):
        make_picture(mode="RGBA", seed=ord(name[0])).save(tmp_path / name)
    with pytest.raises(InputError, match=r"There is 2 images|2 images in"):
        load_prompt(tmp_path, progress=told)
    named = load_prompt(tmp_path, progress=told, images=[tmp_path / "b.png"])
    assert np.array_equal(named.image, load_prompt(tmp_path / "b.png").image)  # type: ignore[arg-type]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no image"):
        load_prompt(tmp_path)
    with pytest.raises(InputError, match="neither a folder nor an image"):
        load_prompt(tmp_path / "nowhere.png")


def test_a_black_mask(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4, 4), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="is black"):
        load_prompt(tmp_path / "a.png")


def test_an_even_background_is_keyed_out(tmp_path: Path, told: Any) -> None:
    image = np.full((60, 90, 3), 235, np.uint8)
    image[15:45, 30:75] = (220, 30, 30)
    Image.fromarray(image).save(tmp_path / "a.png")
    mask = load_prompt(tmp_path / "a.png", progress=told).mask
    assert mask is not None
    right = np.zeros((60, 90), bool)
    right[15:45, 30:75] = True
    assert (right != (mask > 127)).mean() < 0.01
    assert told.texts == ["Masks: the background is even and was keyed out."]


def test_a_network_makes_the_mask_that_is_missing(make_picture: Make, tmp_path: Path, told: Any) -> None:
    def left_half(image: np.ndarray) -> np.ndarray:
        mask = np.zeros(image.shape[:2], np.uint8)
        mask[:, :6] = 255
        return mask

    make_picture().save(tmp_path / "a.png")
    mask = load_prompt(tmp_path / "a.png", progress=told, segment=Segment("", left_half)).mask
    assert mask is not None
    assert (mask > 127).mean() == 0.5
    assert told.texts == ["Masks: a trained network found the object in 1 of 1 pictures."]
    make_picture(mode="RGBA").save(tmp_path / "b.png")
    assert load_prompt(tmp_path / "b.png", progress=told, segment=Segment("", no_network)).mask is not None


def no_network(_: object) -> np.ndarray:
    raise AssertionError("it was not needed")
