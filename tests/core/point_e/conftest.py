# SPDX-License-Identifier: Apache-2.0
"""Files of random weights as the published ones are, and what stands for CLIP."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from small_networks import SMALL, Shown, randomised

from uner3d_core.point_e import clip, fetching, generation, method, sizes, weights
from uner3d_core.point_e.sizes import Size, SurfaceSize


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of reduced width in the place of the published ones, and few points."""
    for name, size in SMALL.items():
        monkeypatch.setitem(sizes.BASES, name, size)
    monkeypatch.setattr(sizes, "UPSAMPLER", Size(32, 2, 2, upsamples=True))
    monkeypatch.setattr(sizes, "SURFACE", SurfaceSize(32, 2, 2, 2))
    for name in ("FIRST", "ADDING", "ADDING_UNGUIDED"):
        stage = getattr(generation, name)
        fewer = generation.Stage(
            stage.diffusion, stage.points // 16, stage.largest_sigma, stage.churn, stage.guidance
        )
        monkeypatch.setattr(method, name, fewer)


@pytest.fixture
def weights_folder(small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own: state dicts as published, and no CLIP but its answers."""
    folder = tmp_path / "wëights 日本"
    folder.mkdir()
    for number, name in enumerate(["base40M", "base40M-imagevec", "base40M-textvec", "upsample", "sdf"]):
        network = randomised(fetching.make_network(name), number)
        torch.save(network.state_dict(), folder / weights.NETWORKS[name].name)

    def of_image(image: np.ndarray, *_: object) -> tuple[torch.Tensor, torch.Tensor]:
        generator = torch.Generator().manual_seed(int(image.sum()) % 1000)
        return torch.randn(256, 1024, generator=generator), torch.randn(768, generator=generator)

    def of_text(text: str, *_: object) -> torch.Tensor:
        return torch.randn(768, generator=torch.Generator().manual_seed(len(text)))

    monkeypatch.setattr(clip, "image_features", of_image)
    monkeypatch.setattr(clip, "text_vector", of_text)
    for name in ("CLIP", "VOCABULARY"):
        file = getattr(method, name)
        (folder / file.name).write_bytes(b"not read")
        known = weights.File(file.name, file.address, hashlib.sha256(b"not read").hexdigest())
        monkeypatch.setattr(method, name, known)
    return folder
