# SPDX-License-Identifier: Apache-2.0
"""Pictures of a generated object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from uner3d_core.shapes.cameras import random_cameras
from uner3d_core.shapes.generation import random_object
from uner3d_core.shapes.light import shade
from uner3d_core.shapes.shape import gradient
from uner3d_core.shapes.tracing import DistanceGrid, bake, openness, shadow, trace
from uner3d_core.views import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uner3d_core.camera import Camera
    from uner3d_core.shapes.generation import GeneratedObject

RESOLUTION = 128
_BEFORE = 0.1  # radii before the nearest surface around a pixel, where the rays of an edge start
_CORNERS = ((-0.375, -0.125), (0.125, -0.375), (0.375, 0.125), (-0.125, 0.375))
"""Where in a pixel on an edge its four rays pass, in pixels from the middle."""


@dataclass(frozen=True)
class _Pixels:
    """What each of N rays brought home: linear colour, distance (infinite past the object), part (or -1)."""

    colours: Tensor
    distance: Tensor
    part: Tensor


def random_views(seed: int, count: int, size: int, device: torch.device | str = "cpu") -> list[View]:
    """Draw an object and cameras around it, and picture it with :func:`render`."""
    return render(random_object(seed), random_cameras(seed, count, size), device)


@torch.no_grad()
def render(
    subject: GeneratedObject, cameras: Sequence[Camera], device: torch.device | str = "cpu"
) -> list[View]:
    """Picture an object.

    Each pixel is one ray; those on an edge of the object or of one of its parts are four.

    Parameters
    ----------
    subject : GeneratedObject
        The object, its light and its surroundings.
    cameras : sequence of Camera
        In the world of the object, all with pictures of the same size.
    device : torch device
        What computes. The CPU gives the same pictures each time.

    Returns
    -------
    list of View
        One for each camera, with the object's mask.
    """
    grid = bake(subject.shape, subject.low.to(device), subject.high.to(device), RESOLUTION)
    height, width = cameras[0].height, cameras[0].width
    count = len(cameras)
    y, x = torch.meshgrid(
        torch.arange(height, device=device) + 0.5, torch.arange(width, device=device) + 0.5, indexing="ij"
    )
    places = torch.stack([x, y], dim=-1).view(1, -1, 2).expand(count, -1, 2).reshape(-1, 2)
    owner = torch.arange(count, device=device).repeat_interleave(height * width)
    nearest = torch.zeros(len(places), device=device)
    pixels = _look(subject, grid, cameras, owner=owner, places=places, nearest=nearest)
    colours, covered = pixels.colours, pixels.distance.isfinite().float()
    edge = torch.nonzero(_edges(pixels.part.view(count, height, width)).view(-1)).view(-1)
    if len(edge):
        offsets = places.new_tensor(_CORNERS)
        finer = (places[edge][:, None] + offsets).view(-1, 2)
        around = _nearest_around(pixels.distance.view(count, height, width)).view(-1)[edge]
        nearest = (around - _BEFORE * subject.radius).clamp_min(0.0)
        times = len(_CORNERS)
        rays = _look(
            subject,
            grid,
            cameras,
            owner=owner[edge].repeat_interleave(times),
            places=finer,
            nearest=nearest.repeat_interleave(times),
        )
        hits = rays.distance.isfinite().float().view(-1, len(_CORNERS), 1)
        values = rays.colours.view(-1, len(_CORNERS), 3)
        if subject.surroundings.colours is None:
            # A cut-out keeps its own colour up to its edge.
            colours[edge] = (values * hits).sum(dim=1) / hits.sum(dim=1).clamp_min(1.0)
        else:
            colours[edge] = values.mean(dim=1)
        covered[edge] = hits.mean(dim=(1, 2))
    images = _to_srgb(colours).view(count, height, width, 3).cpu().numpy()
    masks = (covered * 255.0).round().to(torch.uint8).view(count, height, width).cpu().numpy()
    return [
        View(f"{index:03d}.png", np.ascontiguousarray(image), camera, np.ascontiguousarray(mask))
        for index, (image, mask, camera) in enumerate(zip(images, masks, cameras, strict=True))
    ]


def _look(
    subject: GeneratedObject,
    grid: DistanceGrid,
    cameras: Sequence[Camera],
    *,
    owner: Tensor,
    places: Tensor,
    nearest: Tensor,
) -> _Pixels:
    """Follow rays from the cameras ``owner`` (N,) through the pixels ``places`` (N, 2), after ``nearest``."""
    origins, directions = _rays(cameras, owner, places)
    middle = subject.middle.to(origins.device)
    # The shape is traced where it was built; only the lengths differ from the world's.
    starts = origins * subject.radius + middle
    distance = trace(grid, starts, directions, nearest)
    covered = torch.isfinite(distance)
    part = torch.full((len(places),), -1, dtype=torch.long, device=places.device)
    colours = torch.zeros_like(origins)
    hit, missed = torch.nonzero(covered).view(-1), torch.nonzero(~covered).view(-1)
    if len(hit):
        points = starts[hit] + distance[hit, None] * directions[hit]
        part[hit], colours[hit] = _surface_light(subject, grid, points, directions[hit])
    if len(missed) and subject.surroundings.colours is not None:
        lamp = origins.new_tensor(subject.light.lamps[0].direction)

        def shadow_on(table: Tensor) -> Tensor:
            return shadow(grid, table * subject.radius + middle, lamp)

        around = subject.surroundings.colour(origins[missed], directions[missed], subject.light, shadow_on)
        colours[missed] = around
    return _Pixels(colours, distance, part)


def _rays(cameras: Sequence[Camera], owner: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    rotations = places.new_tensor(np.stack([camera.camera_to_world[:3, :3] for camera in cameras]))
    centres = places.new_tensor(np.stack([camera.centre for camera in cameras]))
    lenses = places.new_tensor([[camera.fx, camera.fy, camera.cx, camera.cy] for camera in cameras])[owner]
    local = torch.cat([(places - lenses[:, 2:]) / lenses[:, :2], torch.ones_like(places[:, :1])], dim=1)
    local = torch.nn.functional.normalize(local, dim=1)
    return centres[owner], (rotations[owner] @ local[:, :, None])[:, :, 0]


def _surface_light(
    subject: GeneratedObject, grid: DistanceGrid, points: Tensor, directions: Tensor
) -> tuple[Tensor, Tensor]:
    """Part, (N,), and light towards the eye, (N, 3), of surface points (N, 3)."""
    shape = subject.shape
    normals = gradient(shape, points, step=0.008 * subject.radius)
    owner = shape.owner(points)
    placed = shape.placed(points)
    albedo, surface = torch.zeros_like(points), torch.zeros_like(points)
    for index in np.unique(owner.cpu().numpy()).tolist():
        own = owner == index
        part = shape.parts[index]
        if part.material is None:
            raise ValueError("The first part of a shape needs a material.")
        albedo[own] = part.material.colour(part.local(placed[own]))
        surface[own] = points.new_tensor([part.material.roughness, part.material.shine, part.material.metal])
    lamp = points.new_tensor(subject.light.lamps[0].direction)
    lit = torch.zeros(len(points), device=points.device)
    facing = torch.nonzero(normals @ lamp > 0.0).view(-1)
    lit[facing] = shadow(grid, points[facing] + 1.5 * grid.cell * normals[facing], lamp)
    free = openness(grid, points, normals)
    return owner, shade(
        subject.light,
        albedo.clamp(0.0, 1.0),
        normals=normals,
        towards_eye=-directions,
        surface=surface,
        openness=free,
        lit=lit,
    )


def _edges(part: Tensor) -> Tensor:
    """Where a picture's neighbours, of (V, H, W), show another part or none."""
    padded = torch.nn.functional.pad(part[:, None].float(), (1, 1, 1, 1), mode="replicate")
    highest = torch.nn.functional.max_pool2d(padded, 3, stride=1)
    lowest = -torch.nn.functional.max_pool2d(-padded, 3, stride=1)
    return (highest != lowest)[:, 0]


def _nearest_around(distance: Tensor) -> Tensor:
    """Find the smallest distance among each pixel, of (V, H, W), and its eight neighbours."""
    far = torch.finfo(distance.dtype).max
    padded = torch.nn.functional.pad(-distance.clamp_max(far)[:, None], (1, 1, 1, 1), value=-far)
    return -torch.nn.functional.max_pool2d(padded, 3, stride=1)[:, 0]


def _to_srgb(colours: Tensor) -> Tensor:
    value = colours.clamp(0.0, 1.0)
    curved = torch.where(
        value <= 0.0031308, 12.92 * value, 1.055 * value.clamp_min(1e-6) ** (1 / 2.4) - 0.055
    )
    return (curved * 255.0).round().to(torch.uint8)
