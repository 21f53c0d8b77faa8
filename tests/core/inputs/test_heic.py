# SPDX-License-Identifier: Apache-2.0
"""HEIC, as phones write it: read where pi-heif is installed, else a sentence."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from uner3d_core.errors import ImageError, InputError
from uner3d_core.inputs import frames
from uner3d_core.inputs.headers import read_header
from uner3d_core.inputs.images import read_exif, read_image
from uner3d_core.inputs.load import find_posed
from uner3d_core.inputs.places import find_images, find_strangers

PICTURE = base64.b64decode(
    """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA
ADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAHEAAgAAAAACXQABAAAAAAAAAEIAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA
AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAA
kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq
5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh
cAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEA
AQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAALttZGF0AAAAbSgBrxOA9UU941XBs/sF0d+nYIrAWa2uwbm7c4NN
nFvz/LTxU5pmun/yTrkLxvYNm2WQPGb0rDdneKsOZ3hLK/zZ1URP6pPleDc5bLs6vrHx/F3DIB9yrKKEqblSAdmBWEJ3CCkWfkxM
rnlnTeAAAAAGRXhpZgAATU0AKgAAAAgAAgESAAMAAAABAAYAAIdpAAQAAAABAAAAJgAAAAAAAaQFAAMAAAABABoAAAAAAAA=
"""
)
"""64 x 48 pixels, red growing to the right and green downwards; its camera lay on its side, so that it is
seen upright after a quarter turn clockwise. Focal length 26 mm in 35 mm film."""


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(PICTURE)
    return path


def test_header(phone: Path) -> None:
    header = read_header(phone)
    assert (header.width, header.height, header.has_alpha) == (48, 64, False)


@pytest.mark.parametrize("keep", range(0, len(PICTURE), 37))
def test_cut_short(phone: Path, keep: int) -> None:
    phone.write_bytes(PICTURE[:keep])
    try:
        assert read_header(phone).width in (48, 64)
    except ImageError as error:
        assert "IMG_0001.HEIC" in error.message  # noqa: PT017 -- either is right, depending on where it is cut


def test_box_that_ends_before_it_begins(phone: Path) -> None:
    phone.write_bytes(PICTURE[:32] + b"\0\0\0\4meta" + bytes(40))
    with pytest.raises(ImageError, match="not an image"):
        read_header(phone)


def test_pixels(phone: Path) -> None:
    pytest.importorskip("pi_heif")
    colours, alpha = read_image(phone)
    assert alpha is None
    assert colours.shape == (64, 48, 3)
    red, green = colours[..., 0].astype(float), colours[..., 1].astype(float)
    assert np.polyfit(np.arange(64), red.mean(1), 1)[0] == pytest.approx(4.0, abs=0.3)
    assert np.polyfit(np.arange(48), green.mean(0), 1)[0] == pytest.approx(-5.0, abs=0.3)
    assert read_exif(phone)[0xA405] == 26


def test_damaged_pixels(phone: Path) -> None:
    pytest.importorskip("pi_heif")
    phone.write_bytes(PICTURE[:-200])
    with pytest.raises(ImageError, match=r"IMG_0001\.HEIC"):
        read_image(phone)


def test_found_among_images(phone: Path) -> None:
    pytest.importorskip("pi_heif")
    assert find_images(phone.parent) == [phone]
    assert find_strangers(phone.parent) == []


def test_without_reader(phone: Path, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"can't be read: IMG_0001\.HEIC.*pip install pi-heif"):
        find_posed(phone.parent, progress=told)
