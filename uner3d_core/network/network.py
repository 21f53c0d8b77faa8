# SPDX-License-Identifier: Apache-2.0
"""The network on one page: from a few posed pictures to density and colour at any point.

UNeR3D (arXiv 2312.06706) names the parts: features of ResNet34 where a point projects into each view, the
encoded point, an MLP that pools any number of views and gives density and colour. Sizes, pooling, what is
known of hidden sides and how colours are mixed are our reading; each is a setting of :class:`NetworkConfig`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from uner3d_core.network import hidden_sides
from uner3d_core.network.config import NetworkConfig
from uner3d_core.network.encoder import Encoder, ResNet34
from uner3d_core.network.encoding import PositionalEncoding
from uner3d_core.network.hidden_sides import Frustums, hidden_features, look_through
from uner3d_core.network.projection import Projection, project, sample_maps
from uner3d_core.network.residual_mlp import ResidualMlp, kaiming
from uner3d_core.network.view_batch import ViewBatch

EMPTY = 0.05
"""Where a view's mask, at the point's pixel, is below this, the first answer needs no network."""

_PIXEL_CHANNELS = 6  # colour, mask, mask blurred twice
_PLACE_CHANNELS = 4  # the point in the camera's axes, and its height in the world
_VIEW_CHANNELS = 4  # tilt of the camera (2), nearness, whether the point is in the picture
_COLOUR_WIDTH = 32


@dataclass(frozen=True)
class Encoded:
    """All that the network has seen.

    Parameters
    ----------
    views : ViewBatch
        The pictures and cameras.
    features : tensor (B, V, C, H / 2, W / 2)
        The encoder's maps.
    pixels : tensor (B, V, 6, H, W)
        Colours, masks, and masks blurred over a sixteenth and a quarter of the picture.
    frustums : Frustums, optional
        What each view can't see; None if the network is not to know.
    """

    views: ViewBatch
    features: Tensor
    pixels: Tensor
    frustums: Frustums | None = None


@dataclass(frozen=True)
class Answer:
    """What the network says of points.

    Parameters
    ----------
    density_logit : tensor (B, P)
        Its sigmoid is the occupancy, the probability that the point is inside the object.
    rgb : tensor (B, P, 3)
        sRGB in 0 to 1.
    """

    density_logit: Tensor
    rgb: Tensor

    @property
    def occupancy(self) -> Tensor:
        """Probability (B, P) that a point is inside the object."""
        return self.density_logit.sigmoid()

    def density(self, length: float) -> Tensor:
        """Volume density (B, P) per unit of the network frame.

        ``σ = softplus(logit) / length``, so that over ``length`` the share stopped, 1 - exp(-σ length), is
        the occupancy.
        """
        return functional.softplus(self.density_logit) / length


class Network(nn.Module):
    """Density and colour at points, from any number of posed views.

    Parameters
    ----------
    config : NetworkConfig
        Its sizes and switches.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        resnet = ResNet34(
            config.stages, config.encoder_width, config.normalisation, config.first_pool, extra=2
        )
        self.encoder = Encoder(resnet, config.feature_channels)
        self.code = PositionalEncoding(config.bands, config.band_factor)
        inputs = self.code.channels(_PLACE_CHANNELS) + _PIXEL_CHANNELS + _VIEW_CHANNELS
        if config.hidden_resolution:
            inputs += hidden_sides.CHANNELS
        width = config.mlp_width
        self.mlp = ResidualMlp(
            inputs,
            config.feature_channels,
            width,
            blocks=config.blocks,
            blocks_per_view=config.blocks_per_view,
            pooling=config.pooling,
        )
        self.density = nn.Linear(width, 1)
        # The network begins as the visual hull: solid within all silhouettes, empty outside of any.
        nn.init.zeros_(self.density.weight)
        nn.init.ones_(self.density.bias)
        self.hull = nn.Parameter(torch.tensor(9.0))
        self.colour = nn.Linear(width, 3)
        if config.blend_colours or config.colour_directions:
            self.colour_view = kaiming(nn.Linear(width + 4 * config.colour_directions, _COLOUR_WIDTH))
            self.colour_all = kaiming(nn.Linear(width, _COLOUR_WIDTH))
        if config.blend_colours:
            self.blend = nn.Linear(_COLOUR_WIDTH, 1)
            self.blend_own = nn.Linear(width, 1)
        if config.colour_directions:
            self.colour_seen = nn.Linear(_COLOUR_WIDTH, 3, bias=False)

    def encode(self, views: ViewBatch, hidden: bool = True, alpha: float = 1.0) -> Encoded:
        """Look at the pictures.

        Parameters
        ----------
        views : ViewBatch
            Any number of views V ≥ 1; their order does not matter.
        hidden : bool
            Whether answers shall know what each view can't see. Training leaves it out now and then, since
            the first, coarse answer has to do without.
        alpha : float
            As for :meth:`query`, for that first answer.
        """
        objects, count = views.images.shape[:2]
        shown = (views.images - 0.5) * 2 * views.masks
        pictures = torch.cat([shown, views.masks - 0.5, _steepness(views)], dim=2).flatten(0, 1)
        features = self.encoder(pictures)
        pixels = torch.cat([views.images, views.masks, *(_blurred(views.masks, n) for n in (16, 4))], dim=2)
        encoded = Encoded(views, features.reshape(objects, count, *features.shape[1:]), pixels)
        if hidden and self.config.hidden_resolution:
            with torch.no_grad():
                occupancy = self._coarse_occupancy(encoded, alpha)
                frustums = look_through(occupancy, views, self.config.occupancy_length)
            encoded = replace(encoded, frustums=frustums)
        return encoded

    def query(
        self, encoded: Encoded, points: Tensor, directions: Tensor | None = None, alpha: float = 1.0
    ) -> Answer:
        """Say what is at points.

        Parameters
        ----------
        encoded : Encoded
            What :meth:`encode` saw.
        points : tensor (B, P, 3)
            In the network frame.
        directions : tensor (B, P, 3), optional
            Unit vectors in which the points are looked at. They change colours only, and only those of a
            network with ``colour_directions``.
        alpha : float
            How far the window of the positional encoding is open, 0 to 1.
        """
        views = encoded.views
        seen = project(points, views)
        # What each view's picture holds where the point projects to
        features = sample_maps(encoded.features, seen.pixels, views.size)
        pixels = sample_maps(encoded.pixels, seen.pixels, views.size)
        # Where the point is: in the camera's axes, and how high in the world
        height = points[:, None, :, 2:].expand(*seen.rotated.shape[:3], 1)
        place = self.code(torch.cat([seen.rotated, height], dim=-1), alpha)
        known = [place, pixels, _view_numbers(seen, views)]
        if self.config.hidden_resolution:
            known.append(hidden_features(seen, encoded.frustums, views.size))
        # What each view says, then what all say together
        said = self.mlp.per_view(torch.cat(known, dim=-1), features)
        together = self.mlp.together(self.mlp.pool(said))
        inside = torch.where(seen.ahead, pixels[..., 3], 1.0).amin(dim=1)
        turned = _turned(seen, views, directions) if self.config.colour_directions else None
        logit = self.density(together)[..., 0] + self.hull * (2 * inside - 1).clamp_max(0)
        return Answer(logit, self._colour(said, together, pixels[..., :3], turned))

    def _colour(
        self,
        said: Tensor,
        together: Tensor,
        pixels: Tensor,
        turned: Tensor | None,
    ) -> Tensor:
        """Colours (B, P, 3): the MLP's own, mixed with those of the pixels that see the point."""
        own: Tensor = self.colour(together)
        if not (self.config.blend_colours or self.config.colour_directions):
            return own.sigmoid()
        if turned is not None:
            said = torch.cat([said, turned], dim=-1)
        joint = functional.relu(self.colour_view(said) + self.colour_all(together).unsqueeze(1))
        if turned is not None:
            own = own + self.colour_seen(joint).mean(dim=1)
        if not self.config.blend_colours:
            return own.sigmoid()
        weights: Tensor = torch.cat(
            [self.blend(joint), self.blend_own(together).unsqueeze(1)], dim=1
        ).softmax(dim=1)
        return (weights * torch.cat([pixels, own.sigmoid().unsqueeze(1)], dim=1)).sum(dim=1)

    def _coarse_occupancy(self, encoded: Encoded, alpha: float) -> Tensor:
        """Occupancy (B, R, R, R) on the coarse grid; asked only where no silhouette leaves a point out."""
        resolution = self.config.hidden_resolution
        objects = encoded.features.shape[0]
        points = hidden_sides.grid_points(resolution, encoded.features.device)
        points = points.expand(objects, -1, 3)
        seen = project(points, encoded.views)
        mask = sample_maps(encoded.pixels[:, :, 4:5], seen.pixels, encoded.views.size)[..., 0]
        inside = torch.where(seen.ahead, mask, 1.0).amin(dim=1) > EMPTY
        count = int(inside.sum(dim=1).max())
        occupancy = points.new_zeros(points.shape[:2])
        if count:
            index = inside.float().topk(count, dim=1).indices
            asked = points.gather(1, index[..., None].expand(-1, -1, 3))
            answer = self.query(encoded, asked, alpha=alpha).occupancy
            occupancy = occupancy.scatter(1, index, answer * inside.gather(1, index))
        return occupancy.reshape(objects, resolution, resolution, resolution)


def _steepness(views: ViewBatch) -> Tensor:
    """Height that each pixel's ray gains on its way, (B, V, 1, H, W): where up is in the picture."""
    height, width = views.size
    device = views.images.device
    y, x = (torch.arange(size, device=device) + 0.5 for size in (height, width))
    plane = torch.stack(
        [x.expand(height, width), y[:, None].expand(height, width), x.new_ones(height, width)], dim=-1
    )
    with torch.autocast(device.type, enabled=False):
        rays = plane.reshape(-1, 3) @ torch.linalg.inv(views.intrinsics).transpose(-1, -2)
        steepness = functional.normalize(rays, dim=-1) @ views.rotation[..., 2:]
    return steepness.reshape(*views.images.shape[:2], 1, height, width)


def _blurred(masks: Tensor, share: int) -> Tensor:
    """Masks averaged over windows of a share of the picture: how far in or out of the outline a pixel is."""
    height, width = masks.shape[-2:]
    size = max(height, width) // share // 2 * 2 + 1
    flat = functional.pad(masks.flatten(0, 1), [size // 2] * 4, mode="replicate")
    # Along rows, then columns: the same means for a fraction of the sums.
    along = functional.avg_pool2d(flat, (1, size), 1)
    return functional.avg_pool2d(along, (size, 1), 1).reshape(masks.shape)


def _view_numbers(seen: Projection, views: ViewBatch) -> Tensor:
    """Numbers of a view for a point, (B, V, P, 4): its tilt, its nearness, whether it shows the point."""
    height, width = views.size
    x, y = seen.pixels.unbind(-1)
    shown = seen.ahead & (x >= 0) & (x <= width) & (y >= 0) & (y <= height)
    tilt = views.rotation[
        ..., 1:, 2
    ]  # of the world's z: towards the picture's bottom, and away from the camera
    near = 1 / views.translation.norm(dim=-1, keepdim=True).clamp_min(0.1)
    of_view = torch.cat([tilt, near], dim=-1).unsqueeze(2).expand(*seen.depth.shape, 3)
    return torch.cat([of_view, shown[..., None].to(of_view.dtype)], dim=-1)


def _turned(seen: Projection, views: ViewBatch, directions: Tensor | None) -> Tensor:
    """How the asked direction differs from each view's, (B, V, P, 4): 0 and a 0 where none is asked."""
    if directions is None:
        return seen.rotated.new_zeros(*seen.rotated.shape[:3], 4)
    asked = directions.unsqueeze(1) @ views.rotation.transpose(-1, -2)
    towards = functional.normalize(seen.rotated + views.translation.unsqueeze(2), dim=-1)
    return torch.cat([asked - towards, torch.ones_like(asked[..., :1])], dim=-1)
