# SPDX-License-Identifier: Apache-2.0
"""Masks by a network: with a small one that the test makes, which finds what is red."""

from __future__ import annotations

import hashlib
import io
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from uner3d_core.cli import main
from uner3d_core.errors import EngineError, InputError, WeightsError
from uner3d_core.inputs import segmentation
from uner3d_core.inputs.load import find_posed, load_views, read_views
from uner3d_core.inputs.mask_models import MASK_MODELS
from uner3d_core.inputs.segmentation import fetch_model, load_segmenter, prepared, to_mask


def picture(width: int = 90, height: int = 60) -> npt.NDArray[np.uint8]:
    """A red rectangle on green."""
    image = np.full((height, width, 3), (20, 160, 40), np.uint8)
    image[15:45, 30:75] = (220, 30, 30)
    return image


def test_network_finds_the_object(small_network: Path) -> None:
    pytest.importorskip("onnxruntime")
    mask = load_segmenter("u2net")(picture())
    assert mask.shape == (60, 90)
    inside = np.zeros((60, 90), dtype=bool)
    inside[15:45, 30:75] = True
    found = mask > 127
    assert (found & inside).sum() / (found | inside).sum() > 0.9


def test_images_without_masks_get_one(small_network: Path, make_scene: Any, told: Any) -> None:
    pytest.importorskip("onnxruntime")
    folder = make_scene(mode="RGB")
    for image in (folder / "images").iterdir():
        with Image.open(image) as stored:
            width, height = stored.size
        colours = np.full((height, width, 3), (20, 160, 40), np.uint8)
        colours[:, : width // 2] = (220, 30, 30)
        Image.fromarray(colours).save(image)
    views = read_views(find_posed(folder), None, told, load_segmenter("u2net"))
    for view in views:
        assert view.mask is not None
        assert 0.4 < (view.mask > 127).mean() < 0.6
    assert any("trained network found the object in 3 images" in text for text in told.texts)
    assert all(view.mask is None for view in load_views(folder))


def test_what_the_network_is_given() -> None:
    given = prepared(picture(), MASK_MODELS["isnet"])
    assert given.shape == (1, 3, 1024, 1024)
    assert given.dtype == np.float32
    assert given[0, 0].max() == pytest.approx(0.5, abs=0.01)
    assert given[0, 0, 0, 0] == pytest.approx(20 / 220 - 0.5, abs=0.02)


def test_answers_are_stretched() -> None:
    answer = np.full((8, 8), 0.2, np.float32)
    answer[:, 4:] = 0.6
    mask = to_mask(answer, (16, 8))
    assert mask.shape == (8, 16)
    assert (mask.min(), mask.max()) == (0, 255)
    assert to_mask(np.zeros((8, 8), np.float32), (4, 4)).max() == 0


def test_not_fetched(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    with pytest.raises(WeightsError, match="uner3d weights get isnet"):
        load_segmenter("isnet", tmp_path)


def test_another_file(small_network: Path) -> None:
    pytest.importorskip("onnxruntime")
    (small_network / "u2net.onnx").write_bytes(b"something else")
    with pytest.raises(WeightsError, match="not the published file"):
        load_segmenter("u2net")


def test_no_network(small_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right hash, but nothing that ONNX Runtime understands."""
    pytest.importorskip("onnxruntime")
    content = b"no graph"
    model = replace(MASK_MODELS["u2net"], sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(MASK_MODELS, "u2net", model)
    (small_network / "u2net.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match="can't be loaded"):
        load_segmenter("u2net")


def test_without_onnx_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EngineError, match="pip install onnxruntime"):
        load_segmenter("u2net", tmp_path)


def test_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Choose one of u2net, isnet"):
        load_segmenter("sam", tmp_path)


class Answer(io.BytesIO):
    status = 200

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.headers = HTTPMessage()
        self.headers["Content-Length"] = str(len(content))


@pytest.mark.parametrize("right", [True, False])
def test_fetching(tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch, right: bool) -> None:
    content = b"weights"
    digest = hashlib.sha256(content if right else b"others").hexdigest()
    monkeypatch.setitem(MASK_MODELS, "u2net", replace(MASK_MODELS["u2net"], sha256=digest))
    asked = []

    @contextmanager
    def opened(request: Any) -> Any:
        asked.append(request.full_url)
        yield Answer(content)

    folder = tmp_path / "new"
    if right:
        assert fetch_model("u2net", folder, told, opened).read_bytes() == content
        fetch_model("u2net", folder, told, opened)
    else:
        with pytest.raises(WeightsError, match="not the published file"):
            fetch_model("u2net", folder, told, opened)
        assert list(folder.iterdir()) == []
    assert asked == ["https://github.com/danielgatis/rembg/releases/download/v0.0.0/u2net.onnx"]


def test_nothing_is_fetched_without_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    assert main(["weights", "get", "isnet", "--weights", str(tmp_path / "w")]) == 1
    said = capsys.readouterr().err
    assert "Apache licence" in said
    assert "Nothing was fetched" in said
    assert not (tmp_path / "w").exists()
