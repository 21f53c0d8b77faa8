# SPDX-License-Identifier: Apache-2.0
"""What the core's tests share: a progress that remembers, small scenes on disk, the shared photos."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from uner3d_core.inputs.mask_models import MASK_MODELS, VARIABLE
from uner3d_core.point_cloud import PointCloud


@dataclass
class Told:
    """A progress that keeps what it is told."""

    stages: list[tuple[str, int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def stage(self, name: str, done: int, total: int) -> None:
        self.stages.append((name, done, total))

    def preview(self, cloud: PointCloud) -> None:
        raise AssertionError("no preview is expected")

    def log(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def told() -> Told:
    return Told()


def picture(width: int = 12, height: int = 8, mode: str = "RGB", seed: int = 0) -> Image.Image:
    """An image of noise; with an alpha, its left half is opaque and the rest transparent."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    if mode == "RGBA":
        pixels[:, width // 2 :, 3] = 0
    return Image.fromarray(pixels).convert(mode)


@pytest.fixture
def make_picture() -> Callable[..., Image.Image]:
    return picture


@pytest.fixture
def make_scene(tmp_path: Path) -> Callable[..., Path]:
    """Make a folder ``scène 日本`` with images and a ``transforms.json``."""

    def make(count: int = 3, mode: str = "RGBA", **values: Any) -> Path:
        folder = tmp_path / "scène 日本"
        (folder / "images").mkdir(parents=True)
        frames = []
        for number in range(count):
            picture(mode=mode, seed=number).save(folder / "images" / f"{number:04}.png")
            pose = np.eye(4)
            pose[:3, 3] = number, 0, 5
            frames.append({"file_path": f"images/{number:04}.png", "transform_matrix": pose.tolist()})
        content = {"w": 12, "h": 8, "fl_x": 10.0, "fl_y": 10.5, "cx": 6.25, "cy": 4.0, **values}
        (folder / "transforms.json").write_text(json.dumps({**content, "frames": frames}), encoding="utf-8")
        return folder

    return make


@pytest.fixture
def shared_photos() -> Path:
    """The folder of real photo sets beside the repository; the test is skipped where there is none."""
    beside = Path(__file__).parents[3] / "shared"
    folder = Path(os.environ.get("UNER3D_SHARED", beside)) / "data" / "photos"
    if not folder.is_dir():
        pytest.skip("the shared photos are not here")
    return folder


NETWORK_SIDE = 32


def red_network() -> bytes:
    """ONNX: the first channel's sigmoid, far from its middle."""
    onnx = pytest.importorskip("onnx")
    make = onnx.helper
    entry = make.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 3, NETWORK_SIDE, NETWORK_SIDE])
    answer = make.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 1, NETWORK_SIDE, NETWORK_SIDE])
    weights = onnx.numpy_helper.from_array(
        np.array([4.0, -4.0, 0.0], np.float32).reshape(1, 3, 1, 1), "weights"
    )
    nodes = [make.make_node("Conv", ["x", "weights"], ["z"]), make.make_node("Sigmoid", ["z"], ["y"])]
    graph = make.make_graph(nodes, "red", [entry], [answer], [weights])
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 13)], ir_version=8)
    return bytes(model.SerializeToString())


@pytest.fixture
def small_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small network, which finds what is red, under the name and with the hash of a published one."""
    content = red_network()
    folder = tmp_path / "weights"
    folder.mkdir()
    model = replace(MASK_MODELS["u2net"], sha256=hashlib.sha256(content).hexdigest(), side=NETWORK_SIDE)
    monkeypatch.setitem(MASK_MODELS, "u2net", model)
    monkeypatch.setenv(VARIABLE, str(folder))
    (folder / model.file).write_bytes(content)
    return folder
