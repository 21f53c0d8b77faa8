# SPDX-License-Identifier: Apache-2.0
"""Pictures that were exposed differently, brought to one exposure and white balance.

What several views show of the same place should have the same colour, up to a factor for each view and
channel that its exposure and white balance account for (gain compensation, Brown and Lowe 2007). The factors
are the medians of what the views say of each other; the median view keeps its own.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from uner3d_core.fitted.colours import view_of_points
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.patches import surface_points
from uner3d_core.fitted.pictures import Picture

MOST_POINTS = 20_000
DARKEST, BRIGHTEST = 0.01, 0.85
"""Linear values between which a colour tells an exposure: noise has no say, nor what is clipped."""
LEAST_STOPS = 0.25
"""Root mean square of the differences below which they are those of shading and highlights, and stay. On
rendered objects it is at most 0.17 where nothing differs, 0.35 where half of the views do by half a stop."""
ROUNDS = 10


def equalise(
    pictures: list[Picture], depths: list[Tensor], surface: Grid, generator: torch.Generator
) -> tuple[list[Picture], float]:
    """Bring pictures to one exposure, if they differ by more than shading explains.

    Parameters
    ----------
    pictures : list of Picture
        The views.
    depths : list of tensors (height, width)
        Depth of the surface in each.
    surface : Grid
        Where the object is.
    generator : torch.Generator
        Chooses the points that are compared.

    Returns
    -------
    pictures : list of Picture
        With other colours; the same where they need none.
    stops : float
        By how much exposures were changed, as a root mean square; 0 where none was.
    """
    found = surface_points(surface)
    chosen = torch.randperm(len(found.positions), generator=generator)[:MOST_POINTS].to(surface.values.device)
    points, normals = found.positions[chosen], found.normals[chosen]
    seen = [
        view_of_points(picture, depth, points, normals, surface.voxel)
        for picture, depth in zip(pictures, depths, strict=True)
    ]
    gains = view_gains(
        to_linear(torch.stack([colour for colour, _ in seen])), torch.stack([w > 0 for _, w in seen])
    )
    stops = float(gains.square().mean().sqrt()) / math.log(2)
    if stops < LEAST_STOPS:
        return pictures, 0.0
    changed = [
        replace(picture, colours=to_srgb(to_linear(picture.colours) * torch.exp(-gain)[:, None, None]))
        for picture, gain in zip(pictures, gains, strict=True)
    ]
    return changed, stops


def view_gains(colours: Tensor, seen: Tensor) -> Tensor:
    """Natural logarithms (V, 3) of the factors of each view's channels.

    Parameters
    ----------
    colours : tensor (V, N, 3)
        Linear colours that V views show of N points.
    seen : bool tensor (V, N)
        Which view shows which point.
    """
    usable = seen[..., None] & (colours > DARKEST) & (colours < BRIGHTEST)
    logs = torch.log(colours.clamp_min(1e-6))
    gains = torch.zeros((len(colours), 3), device=colours.device)
    nothing = torch.full_like(logs, torch.nan)
    for _ in range(ROUNDS):
        level = ((logs - gains[:, None]) * usable).sum(0) / usable.sum(0).clamp_min(1)
        several = usable & (usable.sum(0) > 1)
        gains = torch.where(several, logs - level, nothing).nanmedian(dim=1).values.nan_to_num(0.0)
    return gains - gains.median(dim=0).values


def to_linear(colours: Tensor) -> Tensor:
    """Turn sRGB, 0 to 1, into linear values (IEC 61966-2-1)."""
    return torch.where(colours <= 0.04045, colours / 12.92, ((colours.clamp_min(0) + 0.055) / 1.055) ** 2.4)


def to_srgb(colours: Tensor) -> Tensor:
    """Turn linear values into sRGB, 0 to 1, clipped."""
    colours = colours.clamp(0, 1)
    return torch.where(
        colours <= 0.0031308, colours * 12.92, 1.055 * colours.clamp_min(1e-9) ** (1 / 2.4) - 0.055
    )
