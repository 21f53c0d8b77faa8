# SPDX-License-Identifier: Apache-2.0
"""The networks agree with the formulas, and have the published tensors."""

import plain_point_e as plain
import pytest
import torch
from small_networks import randomised

from uner3d_core.point_e.fetching import make_network
from uner3d_core.point_e.signed_distance import SignedDistanceTransformer
from uner3d_core.point_e.sizes import BASES, SURFACE, UPSAMPLER, Size, SurfaceSize
from uner3d_core.point_e.transformer import PointDiffusionTransformer

SIZES = {
    "grid": Size(64, 3, 4),
    "image vector": Size(64, 3, 4, "image vector"),
    "text vector": Size(64, 3, 2, "text vector"),
    "upsampler": Size(64, 3, 4, upsamples=True),
    "wide and shallow": Size(512, 1, 8),
}


def close(found: torch.Tensor, right: torch.Tensor) -> bool:
    return torch.allclose(found, right, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", SIZES)
def test_denoisers_agree_with_the_formulas(name: str) -> None:
    size = SIZES[name]
    network = randomised(PointDiffusionTransformer(size))
    generator = torch.Generator().manual_seed(1)
    clip = torch.randn((2, 256, 1024) if size.condition == "grid" else (2, 768), generator=generator)
    if clip.dim() == 2:
        clip /= clip.norm(dim=1, keepdim=True)
    low = torch.rand(2, 40, 6, generator=generator) * 255 if size.upsamples else None
    points, timesteps = torch.randn(2, 50, 6, generator=generator), torch.tensor([0, 901])
    found = network(points, timesteps, network.embed(clip, low))
    for row, timestep in enumerate(timesteps.tolist()):
        alone = slice(row, row + 1)
        low_alone = None if low is None else low[alone]
        right = plain.denoiser(
            network.state_dict(), size.heads, points[alone], timestep, clip[alone], low_alone
        )
        assert right.std() > 0.1  # or agreement would mean nothing
        assert close(found[alone], right)


def test_signed_distances_agree_with_the_formulas() -> None:
    size = SurfaceSize(64, 3, 2, 4)
    network = randomised(SignedDistanceTransformer(size))
    generator = torch.Generator().manual_seed(1)
    cloud, places = (torch.rand(1, count, 3, generator=generator) - 0.5 for count in (70, 30))
    right = plain.signed_distance(network.state_dict(), size.heads, cloud, places)
    assert right.std() > 1e-3
    assert close(network(places, network.encode(cloud)), right)


@pytest.mark.parametrize(
    ("name", "tensors", "millions"),
    [
        ("base40M", 160, 40.47),
        ("base40M-imagevec", 158, 40.33),
        ("base40M-textvec", 158, 40.33),
        ("base300M", 304, 311.8),
        ("base1B", 304, 1244.3),
        ("upsample", 164, 40.47),
        ("sdf", 168, 9.48),
    ],
)
def test_published_sizes(name: str, tensors: int, millions: float) -> None:
    with torch.device("meta"):
        network = make_network(name)
    assert len(network.state_dict()) == tensors
    count = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    assert count == pytest.approx(millions, rel=5e-4)


def test_published_names_and_shapes() -> None:
    def shapes(network: torch.nn.Module) -> dict[str, tuple[int, ...]]:
        return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}

    def linear(name: str, outputs: int, inputs: int) -> dict[str, tuple[int, ...]]:
        return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}

    def norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
        return {f"{name}.weight": (width,), f"{name}.bias": (width,)}

    def perceptron(name: str, width: int) -> dict[str, tuple[int, ...]]:
        return linear(f"{name}.c_fc", 4 * width, width) | linear(f"{name}.c_proj", width, 4 * width)

    def transformer(name: str, width: int, layers: int) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for layer in range(layers):
            at = f"{name}.resblocks.{layer}"
            found |= linear(f"{at}.attn.c_qkv", 3 * width, width) | linear(f"{at}.attn.c_proj", width, width)
            found |= norm(f"{at}.ln_1", width) | perceptron(f"{at}.mlp", width) | norm(f"{at}.ln_2", width)
        return found

    def denoiser(width: int, layers: int) -> dict[str, tuple[int, ...]]:
        return (
            perceptron("time_embed", width)
            | norm("ln_pre", width)
            | transformer("backbone", width, layers)
            | norm("ln_post", width)
            | linear("input_proj", width, 6)
            | linear("output_proj", 12, width)
        )

    def grid(width: int) -> dict[str, tuple[int, ...]]:
        return norm("clip_embed.0", 1024) | linear("clip_embed.1", width, 1024)

    with torch.device("meta"):
        assert shapes(PointDiffusionTransformer(BASES["base40M"])) == denoiser(512, 12) | grid(512)
        assert shapes(PointDiffusionTransformer(BASES["base300M"])) == denoiser(1024, 24) | grid(1024)
        assert shapes(PointDiffusionTransformer(BASES["base1B"])) == denoiser(2048, 24) | grid(2048)
        for name in ("base40M-imagevec", "base40M-textvec"):
            vector = linear("clip_embed", 512, 768)
            assert shapes(PointDiffusionTransformer(BASES[name])) == denoiser(512, 12) | vector
        added = linear("cond_point_proj", 512, 6) | {"channel_scales": (6,), "channel_biases": (6,)}
        assert shapes(PointDiffusionTransformer(UPSAMPLER)) == denoiser(512, 12) | grid(512) | added
        decoder: dict[str, tuple[int, ...]] = {}
        for layer in range(4):
            at = f"decoder.resblocks.{layer}"
            decoder |= linear(f"{at}.attn.c_q", 256, 256) | linear(f"{at}.attn.c_kv", 512, 256)
            decoder |= linear(f"{at}.attn.c_proj", 256, 256) | perceptron(f"{at}.mlp", 256)
            decoder |= norm(f"{at}.ln_1", 256) | norm(f"{at}.ln_2", 256) | norm(f"{at}.ln_3", 256)
        assert shapes(SignedDistanceTransformer(SURFACE)) == (
            linear("encoder_input_proj", 256, 3)
            | transformer("encoder", 256, 8)
            | linear("decoder_input_proj", 256, 3)
            | decoder
            | norm("ln_post", 256)
            | linear("output_proj", 1, 256)
        )
