# SPDX-License-Identifier: Apache-2.0
"""PixelNeRF's published layout is read, and its numbers are those of its formulas."""

import math
from functools import partial
from pathlib import Path

import plain_networks as plain
import pytest
import torch
from safetensors.torch import save_file
from small_views import posed, randomised, some_points

from uner3d_core.errors import WeightsError
from uner3d_core.network.encoder import ResNet34
from uner3d_core.network.pixel_nerf import SAMPLES, UNUSED, PixelNerf, load
from uner3d_core.network.rendering import rays_through, render
from uner3d_core.network.view_batch import ViewBatch

State = dict[str, torch.Tensor]


def unmasked(views: ViewBatch) -> ViewBatch:
    return ViewBatch(views.images, torch.ones_like(views.masks), views.intrinsics, views.world_to_camera)


@pytest.fixture(scope="module")
def published() -> State:
    """Random weights in the published layout."""
    state = dict(randomised(PixelNerf()).state_dict())
    whole = randomised(ResNet34(5, 64, "batch", False), seed=1).state_dict()
    state.update({f"encoder.model.{name}": each for name, each in whole.items() if "layer4" in name})
    octaves = 1.5 * 2 ** torch.arange(6.0)
    state["code._freqs"] = octaves.repeat_interleave(2).reshape(1, 12, 1)
    state["code._phases"] = torch.tensor([0, math.pi / 2] * 6).reshape(1, 12, 1)
    for mlp in ("mlp_coarse", "mlp_fine"):  # half of the densities below zero, and so none
        bias = state[f"{mlp}.lin_out.bias"]
        bias[3] = 100.0
        views = unmasked(posed(size=64))
        density, _ = plain.pixel_nerf(state, views, some_points()[0], some_points()[0], mlp)
        bias[3] -= density.median()
    return {name: each.clone() for name, each in state.items()}


@pytest.fixture(scope="module")
def checkpoint(published: State, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pixël") / "pixel_nerf_latest"
    torch.save(published, file)
    return file


@pytest.fixture(scope="module")
def network(checkpoint: Path) -> PixelNerf:
    return load(checkpoint)


def test_the_layout_is_the_published_one(published: State) -> None:
    assert len(published) == 278
    shapes = {
        "mlp_coarse.lin_in.weight": (512, 42),
        "mlp_fine.lin_out.weight": (4, 512),
        "mlp_fine.blocks.4.fc_1.bias": (512,),
        "mlp_coarse.lin_z.2.weight": (512, 512),
        "encoder.model.layer4.2.bn2.running_var": (512,),
    }
    assert {name: tuple(published[name].shape) for name in shapes} == shapes
    assert sum(name.startswith("encoder.model.") for name in published) == 216


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("fine", [False, True])
def test_its_numbers_are_those_of_the_formulas(
    network: PixelNerf, published: State, count: int, fine: bool
) -> None:
    views, points = unmasked(posed(views=count, size=64)), some_points()
    directions = torch.nn.functional.normalize(some_points(seed=7), dim=-1)
    density, rgb = network.query(network.encode(views), points, directions, fine=fine)
    mlp = "mlp_fine" if fine else "mlp_coarse"
    right, colours = plain.pixel_nerf(published, views, points[0], directions[0], mlp)
    assert right.max() > 0.1
    assert (right == 0).any()
    assert colours.std() > 0.05
    assert torch.allclose(density[0], right, atol=1e-4)
    assert torch.allclose(rgb[0], colours, atol=1e-4)


def test_every_tensor_is_used(published: State, tmp_path: Path) -> None:
    """A file without one of the tensors is refused, but for those that are named as unused."""
    file = tmp_path / "pixel_nerf_latest.safetensors"
    for name in [*list(published)[::90], "code._phases", "encoder.model.layer4.0.conv1.weight"]:
        save_file({each: tensor for each, tensor in published.items() if each != name}, file)
        if name.startswith(UNUSED):
            load(file)
        else:
            with pytest.raises(WeightsError, match=name):
                load(file)


def test_the_octaves_are_those_of_the_file(published: State, tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    save_file({**published, "code._freqs": 1.1 * published["code._freqs"]}, file)
    assert torch.allclose(load(file).code.frequencies, 1.1 * published["code._freqs"][0])


def test_what_a_mask_leaves_out_is_white(network: PixelNerf) -> None:
    views = posed(size=64)
    white = views.images * views.masks + (1 - views.masks)
    same = ViewBatch(white, torch.ones_like(views.masks), views.intrinsics, views.world_to_camera)
    assert torch.equal(network.encode(views).features, network.encode(same).features)


def test_it_renders(network: PixelNerf) -> None:
    views = posed(views=2)
    encoded = network.encode(views)
    rays = rays_through(views, torch.full((1, 2, 1, 2), 16.0))

    coarse, fine = (partial(network.query, encoded, fine=each) for each in (False, True))
    _, seen = render(rays, coarse, fine, SAMPLES)
    assert seen.weights.shape == (1, 2, 96)
    assert ((seen.rgb >= 0) & (seen.rgb <= 1)).all()


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("run",))


def test_code_in_a_file_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pixel_nerf_latest"
    torch.save({"code._freqs": Harmful()}, file)
    with pytest.raises(WeightsError, match="more than tensors"):
        load(file)
    assert capsys.readouterr().out == ""


def test_damaged_files_are_told(checkpoint: Path, tmp_path: Path) -> None:
    content = checkpoint.read_bytes()
    for number, damaged in enumerate([b"", content[: len(content) // 2], content[100:], b"\0" * 5000]):
        file = tmp_path / f"damaged {number}"
        file.write_bytes(damaged)
        with pytest.raises(WeightsError):
            load(file)
    with pytest.raises(WeightsError):
        load(tmp_path / "missing")
