# SPDX-License-Identifier: Apache-2.0
"""What a trained network expects where the pictures say too little: it proposes, the pictures dispose.

Of a few pictures most of an object can't be seen, and silhouettes leave much too much. The network
(:mod:`uner3d_core.network`) has learned from many objects what such pictures mean. Its occupancy is evidence
beside the votes of the depth maps, and its colours paint what no picture shows. With every further view it
weighs less; where there are many it is not asked. How it is joined to the fit is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from uner3d_core.fitted.grid import Grid, blur, distance_outwards
from uner3d_core.fitted.pictures import Frame
from uner3d_core.memory import Memory
from uner3d_core.network.framing import find_sphere
from uner3d_core.network.network import Encoded, Network
from uner3d_core.network.occupancy import occupancy_grid
from uner3d_core.network.view_batch import ViewBatch
from uner3d_core.network.weights import SHIPPED, load
from uner3d_core.progress import Progress
from uner3d_core.settings import NO_NETWORK
from uner3d_core.views import View

FULL_WEIGHT = 4
"""Up to so many views the network weighs fully."""
NO_WEIGHT = 12
"""From so many on it weighs nothing and is not asked."""
EVIDENCE = 2.0
"""Evidence of an occupancy near 1, or against one near 0, beside that of votes."""
LONGEST = 1.2
"""Half the side of the cube, in radii of the object's sphere, in which the network is asked."""
SOFTNESS = 1.0
"""Sigma, in grid spacings, of the blur that takes the steps off the network's surface."""
CERTAIN = 0.01
"""Occupancies nearer than this to 0 or 1 are alike when its border is looked for."""
NEAR = 1.5
"""Grid spacings between the border of the labels and that of the network that are taken for the same."""
POINTS_AT_ONCE = 65_536


@dataclass(frozen=True)
class Prior:
    """What the network says of one object.

    Parameters
    ----------
    weight : float
        0 to 1, by the number of views.
    occupancy : tensor (X, Y, Z)
        Probability at each point of the hull's grid that it is inside the object; 0 outside the hull.
    network, encoded
        What was asked, and what it has seen.
    centre : tensor (3,)
        Origin of the network's frame, in the working frame.
    radius : float
        Its unit, in working units.
    """

    weight: float
    occupancy: Tensor
    network: Network
    encoded: Encoded
    centre: Tensor
    radius: float

    @property
    def evidence(self) -> Tensor:
        """Evidence (X, Y, Z) that a place is full, negative where it is empty."""
        return self.weight * EVIDENCE * torch.tanh(torch.logit(self.occupancy, eps=1e-4))

    @property
    def uncertainty(self) -> Tensor:
        """Where the network sees the border of the object (X, Y, Z): 1 there, 0 where it is certain."""
        return 4 * self.occupancy * (1 - self.occupancy)

    @property
    def expected(self) -> float:
        """How far a rough surface comes from the network, 0 to 1: under half its weight, not at all."""
        return max(0.0, 2 * self.weight - 1)

    def evened(self, labels: Grid, hull: Grid) -> Grid:
        """Take the steps off ``labels`` where the network sees the same border of the object inside the hull.

        Labels know the border to a grid spacing. Where the network sees it, its smoothed logit is 0, and the
        signed distance is the logit over the length of its gradient, to a fraction of a spacing.
        """
        logit = blur(torch.logit(self.occupancy, eps=CERTAIN), SOFTNESS)
        slope = torch.stack(torch.gradient(logit)).norm(dim=0)
        own = -logit / slope.clamp_min(1e-6) * labels.voxel
        reach, most = NEAR * labels.voxel, 0.5 * labels.voxel
        same = ((own - labels.values).abs() < reach) & (labels.values.abs() < 2 * reach)
        same &= hull.values < -reach  # near its border the silhouettes know better
        moves = (own - labels.values).clamp(-most, most)
        return labels.with_values(labels.values + self.expected * same * moves)

    def bounded(self, hull: Grid) -> Grid:
        """Cut the hull down to what the network does not deny; the less it weighs, the less it denies."""
        full = (self.occupancy > 0.5 * self.weight).cpu().numpy()
        outwards = torch.from_numpy(distance_outwards(full)).to(hull.values) * hull.voxel
        smooth = blur(outwards - 0.5 * outwards.sign() * hull.voxel, SOFTNESS)
        return hull.with_values(torch.maximum(hull.values, smooth))

    def colours(self, points: Tensor) -> Tensor:
        """SRGB colours (N, 3), 0 to 1, of points (N, 3) of the working frame."""
        inside = ((points - self.centre) / self.radius).float()
        with torch.inference_mode():
            parts = [
                self.network.query(self.encoded, part[None]).rgb[0]
                for part in torch.split(inside, POINTS_AT_ONCE)
            ]
        return torch.cat(parts).clone() if parts else points.new_zeros(0, 3)


def weight_of(views: int) -> float:
    """How much the network weighs beside so many views, 0 to 1."""
    return min(1.0, max(0.0, (NO_WEIGHT - views) / (NO_WEIGHT - FULL_WEIGHT)))


def ask_network(
    name: str, views: list[View], frame: Frame, hull: Grid, *, memory: Memory, progress: Progress
) -> Prior | None:
    """Ask the trained network, unless there are many views or it is not wanted.

    Parameters
    ----------
    name : str
        File of its weights; empty for those that came with the package, :data:`NO_NETWORK` for none.
    views : list of View
        With silhouettes.
    frame : Frame
        The working frame.
    hull : Grid
        Signed distance of the visual hull.
    memory : Memory
        Its device is where the network is asked.
    progress : Progress
        Is told the stage ``network``.

    Raises
    ------
    WeightsError
        If the file holds no network.
    """
    if name == NO_NETWORK or weight_of(len(views)) == 0 or not any(view.has_silhouette for view in views):
        return None
    progress.stage("network", 0, 1)
    prior = propose(load(Path(name) if name else SHIPPED, memory.device), views, frame, hull)
    progress.stage("network", 1, 1)
    return prior


def propose(network: Network, views: list[View], frame: Frame, hull: Grid) -> Prior:
    """Ask a network what the views show.

    Parameters
    ----------
    network : Network
        On the device of ``hull``.
    views : list of View
        Fewer than :data:`NO_WEIGHT`, with silhouettes.
    frame : Frame
        The working frame.
    hull : Grid
        Signed distance of the visual hull; the grid on which the answer is wanted.

    Raises
    ------
    ReconstructionError
        If the silhouettes have nothing in common.
    """
    device = hull.values.device
    middle, reach = find_sphere(views)
    batch = ViewBatch.from_views([views], network.config.image_size, device, middle[None], np.array([reach]))
    centre = torch.tensor((middle - frame.centre) / frame.scale, dtype=torch.float32, device=device)
    radius = reach / frame.scale
    cube = torch.full((3,), LONGEST, device=device)
    side = int(np.ceil(2 * LONGEST * radius / hull.voxel)) + 1
    with torch.inference_mode():
        encoded = network.encode(batch)
    answer = occupancy_grid(network, encoded, side, (-cube, cube))
    asked = Grid(centre - LONGEST * radius, 2 * LONGEST * radius / (side - 1), answer)
    shape = hull.values.shape
    occupancy = torch.cat([asked.sample(hull.points(slab, slab + 1)) for slab in range(shape[0])])
    occupancy = occupancy.reshape(shape) * (hull.values < 0.5 * hull.voxel)
    return Prior(weight_of(len(views)), occupancy, network, encoded, centre, radius)
