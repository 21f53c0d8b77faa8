# SPDX-License-Identifier: Apache-2.0
"""The coarse shape: what all silhouettes allow (the visual hull, Laurentini 1994)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from uner3d_core.errors import ReconstructionError
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Frame, Picture, load_pictures, sample_image, shrunk_view
from uner3d_core.views import View

SEARCH_RESOLUTION = 48
FRAME_SIDE = 256
"""Longest side of the pictures that tell where the object is."""
CHUNK = 2_000_000

PARALLEL = 0.02
"""Mean squared sine of the angles between lines of sight below which they tell no depth."""
LEAST_SPREAD = 15.0
"""Degrees between the views, as seen from the object, below which depth is a guess."""


def hull_distance(pictures: list[Picture], points: Tensor, dissent: int = 0) -> Tensor:
    """Signed distance (N,) to the cones of the silhouettes, positive outside the hull.

    The largest over the views of the distance to the silhouette, in pixels, times the size of a pixel at
    the point's depth; if ``dissent`` views may be wrong about a point, the largest but so many. A silhouette
    that the picture's border cuts is taken to go on beyond it for as many pixels as it is deep there. A view
    behind whose camera a point lies says that it is outside.
    """
    largest = [torch.full(points.shape[:1], -torch.inf, device=points.device) for _ in range(dissent + 1)]
    for picture in pictures:
        pixels, depth = picture.project(points)
        distance = sample_image(picture.outside[None], pixels)[0]
        beyond = (pixels - pixels.clamp(min=0.0)).abs().amax(-1)
        size = torch.tensor([picture.width, picture.height], device=points.device)
        beyond = torch.maximum(beyond, (pixels - size).clamp_min(0.0).amax(-1))
        world = (distance + beyond) * depth.clamp_min(0) / picture.focal
        world = torch.where(depth > 1e-4, world, torch.full_like(world, 1.0))
        for place, value in enumerate(largest):
            largest[place], world = torch.maximum(value, world), torch.minimum(value, world)
    return largest[-1]


def hull_grid(pictures: list[Picture], low: Tensor, high: Tensor, resolution: int, dissent: int = 0) -> Grid:
    """Compute the visual hull's signed distance on a grid over a box.

    Parameters
    ----------
    pictures : list of Picture
        Views with silhouettes.
    low, high : tensors (3,)
        Corners of the box.
    resolution : int
        Grid points along the longest side.
    dissent : int
        Number of views that may be wrong about a point.
    """
    voxel = float((high - low).max()) / (resolution - 1)
    shape = [int(count) for count in torch.ceil((high - low) / voxel).long() + 1]
    grid = Grid(low, voxel, torch.empty(shape, device=low.device))
    slabs = max(1, CHUNK // (shape[1] * shape[2]))
    for start in range(0, shape[0], slabs):
        stop = min(start + slabs, shape[0])
        part = hull_distance(pictures, grid.points(start, stop), dissent)
        grid.values[start:stop] = part.reshape(stop - start, *shape[1:])
    return grid


def find_box(pictures: list[Picture], dissent: int = 0) -> tuple[Tensor, Tensor]:
    """Corners of the hull's bounding box in the working frame, with a margin around it."""
    side = torch.ones(3, device=pictures[0].coverage.device)
    grid = hull_grid(pictures, -1.5 * side, 1.5 * side, 2 * SEARCH_RESOLUTION, dissent)
    inside = (grid.values < 0.5 * grid.voxel).nonzero()
    low = (inside.amin(0) - 2) * grid.voxel + grid.origin
    return low, (inside.amax(0) + 2) * grid.voxel + grid.origin


def find_frame(views: list[View]) -> Frame:
    """Find where the object stands and how large it is, from cameras and silhouettes.

    The centre is the point nearest to the rays through the silhouettes' centroids; the size is what the
    silhouettes leave of a cube around it, which grows until nothing of the hull touches its sides.

    Raises
    ------
    ReconstructionError
        If the cameras look away from each other, or the silhouettes have nothing in common.
    """
    centre = nearest_point_to_rays(views)
    distances = np.array([np.linalg.norm(view.camera.centre - centre) for view in views])
    radius = float(np.median([silhouette_radius(view, centre) for view in views]))
    radius = min(max(radius, 1e-3 * float(distances.max())), float(distances.max()))
    small = [shrunk_view(view, FRAME_SIDE) for view in views]
    if are_one_sided(views, centre):
        return Frame(centre, radius)  # the hull has no end behind, see ``within_ball``
    for _ in range(8):
        frame = Frame(centre, radius)
        pictures = load_pictures(small, frame, torch.device("cpu"), FRAME_SIDE)
        side = torch.ones(3)
        grid = hull_grid(pictures, -1.5 * side, 1.5 * side, SEARCH_RESOLUTION)
        inside = (grid.values < grid.voxel * 0.5).nonzero()
        if len(inside) == 0:
            raise ReconstructionError(
                "The silhouettes have no point of space in common.",
                "Check that masks, images and cameras belong together and that the cameras see the object.",
            )
        low = (inside.amin(0) - 1.5) * grid.voxel + grid.origin
        high = (inside.amax(0) + 1.5) * grid.voxel + grid.origin
        touches = inside.amin() == 0 or (inside.amax(0) == torch.tensor(grid.values.shape) - 1).any()
        if touches and radius < 2 * distances.max():
            radius *= 1.5
            continue
        extent = float((high - low).max())
        centre = centre + ((low + high) / 2).numpy().astype(np.float64) * radius
        done = extent > 1.2
        radius = radius * extent / 2
        if done:
            break
    return Frame(centre, radius)


def are_one_sided(views: list[View], centre: npt.NDArray[np.float64]) -> bool:
    """Tell whether all views look at ``centre`` (3,) from nearly one side, or the one opposite.

    None of them tells how deep the object is.
    """
    towards = np.array([view.camera.centre - centre for view in views])
    towards /= np.linalg.norm(towards, axis=1, keepdims=True).clip(1e-12)
    return bool(np.abs(towards @ towards.T).min() > np.cos(np.radians(LEAST_SPREAD)))


def within_ball(hull: Grid) -> Grid:
    """Cut a hull to the ball around the working frame's origin that no silhouette reaches beyond.

    Views from one side leave it open how deep the object is: no deeper than wide is what we assume.
    """
    shape = hull.values.shape
    distance = torch.cat([hull.points(slab, slab + 1).norm(dim=1) for slab in range(shape[0])])
    return hull.with_values(torch.maximum(hull.values, distance.reshape(shape) - 1))


def nearest_point_to_rays(views: list[View]) -> npt.NDArray[np.float64]:
    """Find the point, (3,), with the least squared distance to the rays through the silhouettes' centroids.

    Raises
    ------
    ReconstructionError
        If that point lies behind most cameras.
    """
    normal = np.zeros((3, 3))
    right = np.zeros(3)
    directions = [line_of_sight(view) for view in views]
    for view, direction in zip(views, directions, strict=True):
        across = np.eye(3) - np.outer(direction, direction)
        normal += across
        right += across @ view.camera.centre
    # Views along one line leave the depth open: people put objects near the world's origin, so a weak pull
    # towards the place nearest to it settles that; where it lies behind, towards a point before the camera.
    reach = max(float(np.ptp([view.camera.centre for view in views], axis=0).max()), 1.0)
    ways = [-float(d @ view.camera.centre) for view, d in zip(views, directions, strict=True)]
    prior = np.mean(
        [
            view.camera.centre + (way if way > 0 else reach) * d
            for view, d, way in zip(views, directions, ways, strict=True)
        ],
        axis=0,
    )
    alike = np.linalg.eigvalsh(normal)[0] < PARALLEL * len(views)
    pull = PARALLEL * len(views) if alike else 1e-6
    centre = np.linalg.solve(normal + pull * np.eye(3), right + pull * prior)
    ahead = [d @ (centre - view.camera.centre) > 0 for view, d in zip(views, directions, strict=True)]
    if np.mean(ahead) < 0.5:
        raise ReconstructionError(
            "The cameras look away from each other: no point lies in front of most of them.",
            "Check the cameras' orientation: transforms.json expects cameras that look along their −z axis.",
        )
    return centre


def line_of_sight(view: View) -> npt.NDArray[np.float64]:
    """Find the unit vector (3,) from a camera towards the centroid of its silhouette."""
    rows, columns = shown_pixels(view)
    pixel = np.array([[columns.mean() + 0.5, rows.mean() + 0.5]])
    direction = view.camera.unproject(pixel, [1.0])[0] - view.camera.centre
    return np.asarray(direction / np.linalg.norm(direction))


def ray_distances(views: list[View], point: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Distance (V,), in world units, at which each view's line of sight passes a point."""
    away = [np.cross(point - view.camera.centre, line_of_sight(view)) for view in views]
    return np.asarray(np.linalg.norm(away, axis=1))


def shown_pixels(view: View) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of the pixels that show the object; without a mask, of all."""
    shown = np.ones(view.image.shape[:2], bool) if view.mask is None else view.mask >= 128
    rows, columns = np.nonzero(shown)
    return rows, columns


def silhouette_radius(view: View, centre: npt.NDArray[np.float64]) -> float:
    """Largest distance between ``centre`` and the rays of the silhouette's corners, in world units."""
    rows, columns = shown_pixels(view)
    corners = np.array(
        [[x, y] for x in (columns.min(), columns.max() + 1) for y in (rows.min(), rows.max() + 1)], float
    )
    return float(distances_to_rays(view, corners, centre).max())


def distances_to_rays(
    view: View, pixels: npt.NDArray[np.float64], point: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Distances (N,) of ``point`` (3,) from the rays of pixels (N, 2), in world units."""
    directions = view.camera.unproject(pixels, np.ones(len(pixels))) - view.camera.centre
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    towards = point - view.camera.centre
    distances: npt.NDArray[np.float64] = np.linalg.norm(
        towards - (directions @ towards)[:, None] * directions, axis=1
    )
    return distances
