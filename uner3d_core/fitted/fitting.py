# SPDX-License-Identifier: Apache-2.0
"""Gradient descent fits the field, a signed distance and a colour near the surface, to the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.losses import (
    colour_loss,
    depth_loss,
    eikonal_loss,
    silhouette_loss,
    smoothness_loss,
)
from uner3d_core.fitted.narrow_band import NarrowBand
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.rendering import render
from uner3d_core.fitted.stereo import DepthMap
from uner3d_core.fitted.tracing import box_range, trace
from uner3d_core.memory import Memory
from uner3d_core.progress import Progress

BAND = 4.0
"""Half the width of the band that is fitted, in grid spacings."""
WINDOW = 2.5
"""Half the length of the part of a ray that is rendered, in grid spacings."""
SAMPLES = 11
"""Samples along that part."""
MOST_RAYS = 4_000_000
"""More pixels than these are thinned out at random."""
HULL_MARGIN = 0.003
"""Working units that the surface stays inside the hull: that of finitely many views is always too large."""
REFRESH = 100
"""Steps after which the rays look again for where the surface is."""


@dataclass(frozen=True)
class Weights:
    """Weights of the losses.

    Parameters
    ----------
    silhouette, depth : float
        Of the two parts of the geometric loss.
    colour : float
        Of the colour loss, once the coarse part of the schedule is over.
    eikonal, smoothness : float
        Of what keeps the field a smooth distance.
    """

    silhouette: float = 0.05
    depth: float = 0.03
    colour: float = 10.0
    eikonal: float = 0.02
    smoothness: float = 0.01


@dataclass(frozen=True)
class Rays:
    """Pixels of all views as rays, each tensor with R rows.

    Parameters
    ----------
    origin, direction : tensors (R, 3)
        Start and direction, one unit of depth long, in the working frame.
    near, far : tensors (R,)
        Depths at which the grid's box begins and ends.
    colour : tensor (R, 3)
        The pixel's colour.
    coverage : tensor (R,)
        The pixel's share of the object.
    matched, confidence : tensors (R,)
        Depth that stereo found, and how sure it is; 0 where it found none.
    """

    origin: Tensor
    direction: Tensor
    near: Tensor
    far: Tensor
    colour: Tensor
    coverage: Tensor
    matched: Tensor
    confidence: Tensor

    def __len__(self) -> int:
        return len(self.near)


def gather_rays(
    grid: Grid, pictures: list[Picture], maps: list[DepthMap], generator: torch.Generator
) -> Rays:
    """Take the pixels in and just around the silhouettes as rays through the grid's box."""
    parts: list[tuple[Tensor, ...]] = []
    share = min(1.0, MOST_RAYS / sum(int((p.outside < 4).sum()) for p in pictures))
    for picture, found in zip(pictures, maps, strict=True):
        chosen = picture.outside < 4
        if share < 1:
            kept = torch.rand(chosen.shape, generator=generator) < share
            chosen &= kept.to(chosen.device)
        direction = picture.directions(picture.pixel_centres()[chosen])
        near, far = box_range(grid, picture.centre, direction)
        meets = near < far
        parts.append(
            (
                picture.centre.expand(len(direction), 3)[meets],
                direction[meets],
                near[meets],
                far[meets],
                picture.colours[:, chosen].T[meets],
                picture.coverage[chosen][meets],
                found.depth[chosen][meets],
                found.confidence[chosen][meets],
            )
        )
    return Rays(*(torch.cat(column) for column in zip(*parts, strict=True)))


def surface_depths(grid: Grid, rays: Rays) -> Tensor:
    """Depth (R,) where each ray meets the surface or comes closest to it."""
    parts = []
    for start in range(0, len(rays), 500_000):
        part = slice(start, start + 500_000)
        _, closest = trace(grid, rays.origin[part], rays.direction[part], rays.near[part], rays.far[part])
        parts.append(closest)
    return torch.cat(parts)


def fit(
    grid: Grid,
    hull: Grid,
    pictures: list[Picture],
    maps: list[DepthMap],
    colours: Tensor,
    *,
    steps: int,
    batch: int,
    weights: Weights,
    memory: Memory,
    generator: torch.Generator,
    progress: Progress,
) -> Grid:
    """Fit a signed distance to pictures, silhouettes and the depths that views agree on.

    Structure first, colour after: the colour loss grows over the first third of the steps, while the
    surface sharpens from a soft to a hard one.

    Parameters
    ----------
    grid : Grid
        The surface to start from.
    hull : Grid
        What the silhouettes allow, on the same grid points.
    pictures, maps : lists
        Views with what stereo found in them.
    colours : tensor (X, Y, Z, 3)
        Colours to start from, 0 to 1.
    steps, batch : int
        Steps of the descent and rays in each.
    weights : Weights
        Of the losses.
    memory : Memory
        Says how large a part of a batch is possible.
    generator : torch.Generator
        Chooses the rays.
    progress : Progress
        Is told the stage ``fitting``.

    Returns
    -------
    Grid
        The fitted signed distance.
    """
    device = grid.values.device
    rays = gather_rays(grid, pictures, maps, generator)
    band = NarrowBand.around(grid, BAND)
    at = band.voxels
    far = torch.tensor([BAND, -BAND], device=device)
    distances = (grid.values[at[:, 0], at[:, 1], at[:, 2]] / grid.voxel).requires_grad_(True)
    tints = torch.cat([colours[at[:, 0], at[:, 1], at[:, 2]], torch.full((2, 3), 0.5, device=device)])
    tints.requires_grad_(True)
    optimiser = torch.optim.Adam(
        [{"params": [distances], "lr": 0.06}, {"params": [tints], "lr": 0.02}], betas=(0.9, 0.99), eps=1e-10
    )
    rates = [0.06, 0.02]
    steepness = torch.linspace(0, 1, SAMPLES, device=device)
    where = surface_depths(grid, rays)

    def descend(done: float, share: float) -> None:
        size = max(1, int(share * batch))
        chosen = torch.randint(len(rays), (size,), generator=generator).to(device)
        direction = rays.direction[chosen]
        length = WINDOW * grid.voxel / direction.norm(dim=1)
        jitter = (torch.rand(size, generator=generator).to(device) - 0.5) * (2 / (SAMPLES - 1))
        depth = where[chosen, None] + length[:, None] * (2 * steepness - 1 + jitter[:, None])
        points = rays.origin[chosen, None] + direction[:, None] * depth[..., None]
        table = torch.cat([torch.cat([distances, far])[:, None], tints], dim=1)
        values = band.interpolate(table, points.reshape(-1, 3)).reshape(size, SAMPLES, 4)
        seen = render(values[..., 0], values[..., 1:], depth, sharpness=1.5 + 4.5 * done)
        gradient, laplacian = band.differences(torch.cat([distances, far]))
        near = distances.detach().abs() < 2
        loss = (
            weights.silhouette * silhouette_loss(seen.opacity, rays.coverage[chosen])
            + weights.depth
            * depth_loss(seen.depth, rays.matched[chosen], rays.confidence[chosen], grid.voxel)
            + weights.colour
            * min(1.0, 3 * done)
            * colour_loss(seen.colour, rays.colour[chosen], rays.coverage[chosen])
            + weights.eikonal * eikonal_loss(gradient[near])
            + weights.smoothness * smoothness_loss(laplacian[near])
        )
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()

    for step in range(steps):
        if step and step % REFRESH == 0:
            where = surface_depths(band.write(distances.detach() * grid.voxel), rays)
        done = step / steps
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * (1 - 0.9 * done)
        memory.attempt(partial(descend, done))
        progress.stage("fitting", step + 1, steps)
    fitted = band.write(distances.detach() * grid.voxel)
    return fitted.with_values(torch.maximum(fitted.values, hull.values + HULL_MARGIN))
