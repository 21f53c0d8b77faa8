# SPDX-License-Identifier: Apache-2.0
"""CLIP's features are those that Point-E was trained with, in files as they are published."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import plain_point_e as plain
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from uner3d_core.errors import EngineError, WeightsError
from uner3d_core.point_e import clip

CPU = torch.device("cpu")
SMALL = {"hidden_size": 1024, "intermediate_size": 64, "num_hidden_layers": 2}


def test_pictures_are_scaled_and_cut_as_clip_wants_them() -> None:
    image = np.random.default_rng(0).integers(0, 256, (300, 448, 3), dtype=np.uint8)
    found = clip._pixels(image)
    assert found.shape == (1, 3, 224, 224)
    right = np.asarray(Image.fromarray(image).resize((334, 224), Image.Resampling.BICUBIC), np.float64)
    right = (right[:, 55:279] / 255 - clip.MEAN) / clip.DEVIATION
    assert np.allclose(found[0].permute(1, 2, 0).numpy(), right, atol=1e-6)
    assert clip._pixels(image[:, :3]).shape == (1, 3, 224, 224)
    # 720 · 224 / 640 is 252, though 720 · (224 / 640) comes out a little below.
    image = np.random.default_rng(0).integers(0, 256, (720, 640, 3), dtype=np.uint8)
    right = np.asarray(Image.fromarray(image).resize((224, 252), Image.Resampling.BICUBIC), np.float64)
    right = (right[14:238] / 255 - clip.MEAN) / clip.DEVIATION
    assert np.allclose(clip._pixels(image)[0].permute(1, 2, 0).numpy(), right, atol=1e-6)


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(clip, "import_module", missing)
    with pytest.raises(EngineError, match="needs the library transformers") as caught:
        clip.image_features(np.zeros((8, 8, 3), np.uint8), tmp_path / "a.safetensors", CPU)
    assert "uner3d[point-e]" in caught.value.hint


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library, and a small CLIP of the right widths in the place of ViT-L/14."""
    found = pytest.importorskip("transformers")
    monkeypatch.setattr(clip, "VISION", {**clip.VISION, **SMALL})
    more = {"intermediate_size": 64, "num_hidden_layers": 2, "vocab_size": 40}
    monkeypatch.setattr(clip, "TEXT", {**clip.TEXT, **more, "bos_token_id": 38, "eos_token_id": 39})
    return found


@pytest.fixture
def weights(library: Any, tmp_path: Path) -> Path:
    """Random weights with the names and shapes of the published file, both networks in one."""
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for kind, config in (
        (library.CLIPVisionModelWithProjection, library.CLIPVisionConfig(**clip.VISION)),
        (library.CLIPTextModelWithProjection, library.CLIPTextConfig(**clip.TEXT)),
    ):
        for name, tensor in kind(config).state_dict().items():
            spread = 0.05 if tensor.dim() > 1 else 0.1
            tensors[name] = torch.randn(tensor.shape, generator=generator) * spread
    path = tmp_path / "clip 日本.safetensors"
    save_file(tensors, path)
    return path


def quick_gelu(x: torch.Tensor) -> torch.Tensor:
    return x * torch.sigmoid(1.702 * x)


def layers(state: plain.State, name: str, x: torch.Tensor, heads: int, mask: torch.Tensor) -> torch.Tensor:
    for layer in range(2):
        at = f"{name}.encoder.layers.{layer}"
        h = plain.norm(state, f"{at}.layer_norm1", x)
        query, key, value = (
            plain.linear(state, f"{at}.self_attn.{part}_proj", h).unflatten(-1, (heads, -1)) for part in "qkv"
        )
        weight = torch.einsum("bthc,bshc->bhts", query, key) / math.sqrt(query.shape[-1]) + mask
        mixed = torch.einsum("bhts,bshc->bthc", weight.softmax(-1), value).flatten(2)
        x = x + plain.linear(state, f"{at}.self_attn.out_proj", mixed)
        h = plain.linear(state, f"{at}.mlp.fc1", plain.norm(state, f"{at}.layer_norm2", x))
        x = x + plain.linear(state, f"{at}.mlp.fc2", quick_gelu(h))
    return x


def test_images_agree_with_the_formulas(weights: Path) -> None:
    state = load_file(weights)
    image = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    patches = clip._pixels(image).unfold(2, 14, 14).unfold(3, 14, 14).permute(0, 2, 3, 1, 4, 5).flatten(3)
    kernel = state["vision_model.embeddings.patch_embedding.weight"].flatten(1)
    tokens = torch.cat(
        [state["vision_model.embeddings.class_embedding"][None, None], (patches @ kernel.T).flatten(1, 2)],
        dim=1,
    )
    tokens = tokens + state["vision_model.embeddings.position_embedding.weight"]
    tokens = plain.norm(state, "vision_model.pre_layrnorm", tokens)
    last = layers(state, "vision_model", tokens, 16, torch.zeros(1))
    grid, found = clip.image_features(image, weights, CPU)
    assert grid.shape == (256, 1024)
    assert torch.allclose(grid, last[0, 1:], atol=1e-4)  # before the last norm, and without the class token
    vector = (
        plain.norm(state, "vision_model.post_layernorm", last[:, 0]) @ state["visual_projection.weight"].T
    )
    assert found.norm().item() == pytest.approx(1)
    assert torch.allclose(found, vector[0] / vector.norm(), atol=1e-5)


@pytest.fixture
def vocabulary(library: Any, tmp_path: Path) -> Path:
    """A vocabulary of words in the format of the published one."""
    words = {"a": 0, "cup": 1, "red": 2, "?": 3}
    content = {
        "version": "1.0",
        "model": {"type": "WordLevel", "vocab": words, "unk_token": "?"},
        "pre_tokenizer": {"type": "Whitespace"},
        "normalizer": {"type": "Lowercase"},
        "added_tokens": [],
    }
    path = tmp_path / "words.json"
    path.write_text(json.dumps(content))
    return path


def test_sentences_agree_with_the_formulas(weights: Path, vocabulary: Path) -> None:
    numbers = clip._tokens("A red cup", vocabulary)
    assert numbers.shape == (1, 77)
    assert numbers[0, :6].tolist() == [38, 0, 2, 1, 39, 0]
    state = load_file(weights)
    tokens = state["text_model.embeddings.token_embedding.weight"][numbers]
    tokens = tokens + state["text_model.embeddings.position_embedding.weight"]
    causal = torch.full((77, 77), -torch.inf).triu(1)
    last = plain.norm(state, "text_model.final_layer_norm", layers(state, "text_model", tokens, 12, causal))
    vector = last[:, 4] @ state["text_projection.weight"].T  # where the sentence ends
    found = clip.text_vector("A red cup", weights, vocabulary, CPU)
    assert torch.allclose(found, vector[0] / vector.norm(), atol=1e-5)


def test_a_long_sentence_is_cut(vocabulary: Path) -> None:
    numbers = clip._tokens("red " * 100, vocabulary)[0].tolist()
    assert numbers == [38, *[2] * 75, 39]


def test_what_is_no_clip(weights: Path, vocabulary: Path) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    tensors = load_file(weights)
    save_file({**tensors, "visual_projection.weight": torch.zeros(3, 3)}, weights)
    with pytest.raises(WeightsError, match=r"its “visual_projection.weight” is \(3, 3\)"):
        clip.image_features(image, weights, CPU)
    save_file({"a": torch.zeros(1)}, weights)
    with pytest.raises(WeightsError, match="is not CLIP ViT-L/14: it has no"):
        clip.image_features(image, weights, CPU)
    weights.write_bytes(b"x" * 50)
    with pytest.raises(WeightsError, match="can't be read"):
        clip.image_features(image, weights, CPU)
    vocabulary.write_text("{}")
    with pytest.raises(WeightsError, match="can't be read"):
        clip._tokens("a", vocabulary)
