# SPDX-License-Identifier: Apache-2.0
"""What CLIP ViT-L/14 (Radford et al. 2021, arXiv 2103.00020) says of an image or a sentence.

The networks are those of the library transformers, with OpenAI's weights.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from torch.nn import functional

from uner3d_core.errors import EngineError, WeightsError
from uner3d_core.point_e.sizes import GRID_FEATURES, VECTOR_FEATURES

if TYPE_CHECKING:
    from torch import nn

SIDE = 224
"""Pixels of a side of what CLIP sees."""
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Of the colours 0 to 1 that it was trained with."""
CONTEXT = 77
"""Tokens of a sentence, with its start and its end; what is longer is cut off."""

VISION = {
    "hidden_size": GRID_FEATURES,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": SIDE,
    "patch_size": 14,
    "projection_dim": VECTOR_FEATURES,
}
TEXT = {
    "hidden_size": VECTOR_FEATURES,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "max_position_embeddings": CONTEXT,
    "vocab_size": 49408,
    "bos_token_id": 49406,
    "eos_token_id": 49407,
    "projection_dim": VECTOR_FEATURES,
}
"""ViT-L/14, in the words of transformers."""

ByteArray = npt.NDArray[np.uint8]


def image_features(
    image: ByteArray, weights: Path, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tell the features of an image's patches, and of all of it.

    Parameters
    ----------
    image : uint8 array (height, width, 3)
        sRGB.
    weights : Path
        OpenAI's ViT-L/14 as safetensors.
    device : torch.device
        Where to compute.

    Returns
    -------
    grid : float32 tensor (256, 1024)
        Of the patches: what the last layer says, before its norm.
    vector : float32 tensor (768,)
        Of all of it, of unit length.

    Raises
    ------
    EngineError
        If transformers is not installed.
    WeightsError
        If the weights can't be read.
    """
    transformers = _library()
    config = transformers.CLIPVisionConfig(**VISION)
    network = _loaded(transformers.CLIPVisionModelWithProjection, config, weights, device)
    with torch.inference_mode():
        seen = network(pixel_values=_pixels(image).to(device))
    return seen.last_hidden_state[0, 1:].float(), functional.normalize(seen.image_embeds[0].float(), dim=0)


def text_vector(text: str, weights: Path, vocabulary: Path, device: torch.device) -> torch.Tensor:
    """Tell the vector of a sentence.

    Parameters
    ----------
    text : str
        In English, as CLIP was trained.
    weights, device
        As for :func:`image_features`.
    vocabulary : Path
        The ``tokenizer.json`` that belongs to the weights.

    Returns
    -------
    float32 tensor (768,)
        Of unit length.
    """
    transformers = _library()
    config = transformers.CLIPTextConfig(**TEXT)
    network = _loaded(transformers.CLIPTextModelWithProjection, config, weights, device)
    with torch.inference_mode():
        vector = network(input_ids=_tokens(text, vocabulary).to(device)).text_embeds[0]
    return functional.normalize(vector.float(), dim=0)


def _library() -> Any:
    try:
        transformers = import_module("transformers")  # an extra, and slow to import
    except ImportError as error:
        raise EngineError(
            "Point-E needs the library transformers, which is not installed.",
            "Press “Add Point-E to Engine” in the panel, or in an environment of yours: "
            "pip install 'uner3d[point-e]'.",
        ) from error
    return transformers


def _loaded(kind: Any, config: Any, weights: Path, device: torch.device) -> nn.Module:
    """Make one of CLIP's two networks with its share of the weights."""
    with torch.device("meta"):
        network: nn.Module = kind(config)
    wanted = network.state_dict()
    try:
        with safe_open(weights, framework="pt", device=str(device)) as file:
            names = set(file.keys())
            missing = sorted(set(wanted) - names)
            if missing:
                raise WeightsError(
                    f"“{weights.name}” is not CLIP ViT-L/14: it has no “{missing[0]}”.",
                    "Fetch the weights again.",
                )
            tensors = {name: file.get_tensor(name).float() for name in wanted}
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"“{weights}” can't be read: {error}.", "Fetch the weights again.") from error
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name].shape:
            raise WeightsError(
                f"“{weights.name}” is not CLIP ViT-L/14: its “{name}” is {tuple(tensor.shape)}.",
                "Fetch the weights again.",
            )
    network.load_state_dict(tensors, assign=True)
    for module in network.modules():  # what is no weight, such as the numbers of the positions
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.is_meta:
                module.register_buffer(name, torch.arange(buffer.shape[-1], device=device)[None], False)
    return network.eval()


def _pixels(image: ByteArray) -> torch.Tensor:
    """Scale and cut an image as CLIP wants it, float32 (1, 3, 224, 224)."""
    height, width = image.shape[:2]
    shorter = min(height, width)
    size = SIDE * width // shorter, SIDE * height // shorter
    resized = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC), np.float32) / 255
    top, left = round((size[1] - SIDE) / 2), round((size[0] - SIDE) / 2)
    cut = resized[top : top + SIDE, left : left + SIDE]
    normal = (cut - np.array(MEAN, np.float32)) / np.array(DEVIATION, np.float32)
    return torch.from_numpy(np.ascontiguousarray(normal.transpose(2, 0, 1)))[None]


def _tokens(text: str, vocabulary: Path) -> torch.Tensor:
    """Numbers of a sentence's parts, int64 (1, 77): start, parts, end, zeros."""
    tokenizer = import_module("tokenizers").Tokenizer  # comes with transformers

    try:
        numbers = tokenizer.from_file(str(vocabulary)).encode(text, add_special_tokens=False).ids
    except Exception as error:  # the library raises the bare class for whatever is wrong
        raise WeightsError(f"“{vocabulary}” can't be read: {error}.", "Fetch the weights again.") from error
    parts = [TEXT["bos_token_id"], *numbers[: CONTEXT - 2], TEXT["eos_token_id"]]
    return torch.tensor([parts + [0] * (CONTEXT - len(parts))])
