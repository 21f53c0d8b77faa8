# SPDX-License-Identifier: Apache-2.0
"""The encoder has the tensors of torchvision's ResNet34, and takes its weights."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from plain_networks import resnet34
from safetensors.torch import save_file
from small_views import SMALL, posed, randomised

from uner3d_core.errors import InputError, WeightsError
from uner3d_core.network.encoder import ResNet34
from uner3d_core.network.imagenet import DEVIATION, MEAN, load_imagenet
from uner3d_core.network.network import Network

WIDE = replace(SMALL, stages=4, encoder_width=64, normalisation="frozen")


@pytest.fixture(scope="module")
def imagenet() -> dict[str, torch.Tensor]:
    """Random weights in the layout of torchvision's file."""
    model = randomised(ResNet34(5, 64, "batch", True))
    return {**model.state_dict(), "fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}


def test_its_tensors_are_those_of_torchvision(imagenet: dict[str, torch.Tensor]) -> None:
    assert len(imagenet) == 216 + 2
    assert sum(each.numel() for name, each in imagenet.items() if "num_batches" not in name) == 21_814_696
    for name, shape in {
        "conv1.weight": (64, 3, 7, 7),
        "bn1.running_var": (64,),
        "layer1.2.bn2.num_batches_tracked": (),
        "layer2.0.downsample.0.weight": (128, 64, 1, 1),
        "layer3.5.conv2.weight": (256, 256, 3, 3),
        "layer4.0.downsample.1.bias": (512,),
    }.items():
        assert imagenet[name].shape == shape


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_weights_of_imagenet_give_their_features(
    imagenet: dict[str, torch.Tensor], tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"resnet34.{suffix}"
    if suffix == "pth":
        torch.save(imagenet, file)
    else:
        save_file(imagenet, file)
    network = Network(WIDE).eval()
    load_imagenet(network, file)
    images = posed(size=128).images[0]
    mean, deviation = (torch.tensor(each).reshape(3, 1, 1) for each in (MEAN, DEVIATION))
    right = resnet34(imagenet, "", (images - mean) / deviation, 1, True)[0]
    with torch.no_grad():
        found = network.encoder.model(torch.cat([2 * images - 1, torch.rand(3, 2, 128, 128)], dim=1))[0]
    inner = (..., slice(3, -3), slice(3, -3))  # beyond the border theirs is the mean, ours mid-grey
    assert right.std() > 0.1
    assert torch.allclose(found[inner], right[inner], atol=1e-4)


def test_other_files_and_other_encoders_are_refused(
    imagenet: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    file = tmp_path / "resnet34.pth"
    torch.save({**imagenet, "layer3.0.conv1.weight": torch.zeros(3)}, file)
    with pytest.raises(WeightsError, match=r"layer3\.0\.conv1"):
        load_imagenet(Network(WIDE), file)
    with pytest.raises(InputError, match="normalisation"):
        load_imagenet(Network(replace(WIDE, normalisation="group")), file)


def test_frozen_statistics_stay() -> None:
    network = Network(replace(SMALL, normalisation="frozen")).train()
    before = network.encoder.model.bn1.get_buffer("running_mean").clone()
    network.encode(posed())
    assert torch.equal(network.encoder.model.bn1.get_buffer("running_mean"), before)
    moving = Network(replace(SMALL, normalisation="batch")).train()
    moving.encode(posed())
    assert moving.encoder.model.bn1.get_buffer("running_mean").any()
