# SPDX-License-Identifier: Apache-2.0
"""What a network is made of: a few numbers that its weights carry with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from uner3d_core.errors import InputError

NORMALISATIONS = ("group", "batch", "frozen")
POOLINGS = ("mean", "max", "variance")


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes and switches of the network.

    Parameters
    ----------
    image_size : int
        Pixels a side of the pictures that it was trained on; :meth:`ViewBatch.from_views` is given it.
    stages : int
        Stages of ResNet34 whose features are used: 1 is conv1 alone, 2 to 5 add layer1 to layer4.
    encoder_width : int
        Channels of conv1, doubled from layer2 on by each layer; 64 is ResNet34 itself. A multiple of 8.
    first_pool : bool
        Whether the maximum is pooled after conv1, as ResNet34 does; without, features are twice as fine.
    normalisation : str
        ``group`` depends on no other picture and trains well with few; ``batch`` is ResNet34's own;
        ``frozen`` is that with statistics that training leaves alone, for weights from ImageNet.
    feature_channels : int
        Channels of the features that points take from a picture.
    bands : int
        Octaves of the positional encoding.
    band_factor : float
        Lowest frequency of the encoding, in radians per unit.
    mlp_width : int
        Channels of the residual MLP.
    blocks, blocks_per_view : int
        Residual blocks in all, and those of them before the views are pooled.
    pooling : tuple of str
        Statistics over the views that are pooled: of ``mean``, ``max`` and ``variance``.
    hidden_resolution : int
        Grid points a side of the coarse occupancy that tells what each view can't see; 0 for none.
    blend_colours : bool
        Whether a point's colour may be mixed from the pixels it projects to, beside the MLP's own.
    colour_directions : bool
        Whether colours depend on the viewing direction. Density never does.
    occupancy_length : float
        Distance, in units of the network frame, over which an occupancy of p stops a share p of the light.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    image_size: int = 128
    stages: int = 4
    encoder_width: int = 64
    first_pool: bool = True
    normalisation: str = "group"
    feature_channels: int = 64
    bands: int = 6
    band_factor: float = 1.5
    mlp_width: int = 128
    blocks: int = 5
    blocks_per_view: int = 3
    pooling: tuple[str, ...] = POOLINGS
    hidden_resolution: int = 16
    blend_colours: bool = True
    colour_directions: bool = False
    occupancy_length: float = 0.05

    def __post_init__(self) -> None:
        limits: dict[str, tuple[float, float]] = {
            "image_size": (16, 1024),
            "stages": (1, 5),
            "encoder_width": (8, 256),
            "feature_channels": (1, 1024),
            "bands": (0, 16),
            "band_factor": (1e-3, 1e3),
            "mlp_width": (8, 2048),
            "blocks": (1, 32),
            "blocks_per_view": (1, 32),
            "hidden_resolution": (0, 64),
            "occupancy_length": (1e-4, 1.0),
        }
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value).__name__ != str(field.type).partition("[")[0]:
                raise _wrong(field.name, value, f"not of the type {field.type}")
            low, high = limits.get(field.name, (None, None))
            if low is not None and high is not None and not low <= value <= high:
                raise _wrong(field.name, value, f"not between {low:g} and {high:g}")
        if self.encoder_width % 8:
            raise _wrong("encoder_width", self.encoder_width, "not a multiple of 8")
        if self.normalisation not in NORMALISATIONS:
            raise _wrong("normalisation", self.normalisation, f"none of {', '.join(NORMALISATIONS)}")
        if self.blocks_per_view > self.blocks:
            raise _wrong("blocks_per_view", self.blocks_per_view, f"more than the {self.blocks} blocks")
        if not self.pooling or len({*self.pooling}) < len(self.pooling) or {*self.pooling} - {*POOLINGS}:
            raise _wrong("pooling", self.pooling, f"not one or more of {', '.join(POOLINGS)}")

    def to_dict(self) -> dict[str, object]:
        """Give the values under their names, as JSON can hold them."""
        return {**asdict(self), "pooling": list(self.pooling)}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> NetworkConfig:
        """Make a config from values under their names; what is not named has its default.

        Raises
        ------
        InputError
            If a name is unknown or a value has the wrong type or is out of range.
        """
        known = {field.name: field for field in fields(cls)}
        read: dict[str, object] = {}
        for name, given in values.items():
            if name not in known:
                raise InputError(
                    f"A network has no setting “{name}”.", f"Choose from {', '.join(sorted(known))}."
                )
            value: object = given
            if name == "pooling" and isinstance(given, list | tuple):
                value = tuple(str(each) for each in given)
            elif known[name].type == "float" and type(given) is int:
                value = float(given)
            read[name] = value
        return cls(**read)  # type: ignore[arg-type]


def _wrong(name: str, value: object, why: str) -> InputError:
    return InputError(f"The network's setting {name} is {value!r}, {why}.", "Correct it.")
