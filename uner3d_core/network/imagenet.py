# SPDX-License-Identifier: Apache-2.0
"""Start the encoder from torchvision's ResNet34, trained on ImageNet, where a person has that file."""

from __future__ import annotations

from pathlib import Path

import torch

from uner3d_core.errors import InputError
from uner3d_core.network.network import Network
from uner3d_core.state_dicts import check_finite, check_tensors, read_state_dict

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""Of the colours that those weights expect: theirs are ``(rgb - mean) / deviation``, ours ``2 rgb - 1``."""


def load_imagenet(network: Network, path: Path) -> None:
    """Give a network's encoder the weights of ImageNet.

    The change of colours is put into conv1 and the statistics after it, so that the features are those of
    torchvision but for the pictures' borders. What the network lacks is left out.

    Parameters
    ----------
    network : Network
        With ``encoder_width`` 64 and ``normalisation`` ``batch`` or ``frozen``.
    path : Path
        torchvision's state dict, as ``.pth`` or safetensors; nothing in it is run.

    Raises
    ------
    InputError
        If the network's encoder is of another make.
    WeightsError
        If the file can't be read or is no ResNet34.
    """
    config = network.config
    if config.encoder_width != 64 or config.normalisation == "group":
        raise InputError(
            "Weights of ImageNet need an encoder as wide as ResNet34 and with its normalisation.",
            "Set encoder_width to 64 and normalisation to “frozen”.",
        )
    left_out = ("fc.", *(f"layer{number}." for number in range(config.stages, 5)))
    tensors = {name: each for name, each in read_state_dict(path).items() if not name.startswith(left_out)}
    model = network.encoder.model
    state = model.state_dict()
    ours = {name: each for name, each in state.items() if name.startswith("extra_conv.")}
    check_tensors(tensors, {name: each for name, each in state.items() if name not in ours}, path)
    check_finite(tensors, path)
    mean, deviation = (torch.tensor(each).reshape(1, 3, 1, 1) for each in (MEAN, DEVIATION))
    weight = tensors["conv1.weight"] / deviation
    tensors["conv1.weight"] = weight / 2
    tensors["bn1.running_mean"] = tensors["bn1.running_mean"] - (weight * (0.5 - mean)).sum(dim=(1, 2, 3))
    # What the paper's network does not know comes in slowly.
    model.load_state_dict({**tensors, **{name: torch.zeros_like(each) for name, each in ours.items()}})
