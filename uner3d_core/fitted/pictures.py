# SPDX-License-Identifier: Apache-2.0
"""The views as tensors on a device, in a frame where the numbers are near one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage  # type: ignore[import-untyped]
from torch import Tensor
from torch.nn import functional

from uner3d_core.views import View

MARGIN = 0.02
"""What is kept around the silhouette, beside the picture's longest side."""


@dataclass(frozen=True)
class Frame:
    """The working frame: ``working = (world - centre) / scale``.

    Parameters
    ----------
    centre : float64 array (3,)
        World coordinates of the working frame's origin.
    scale : float
        World units in one working unit.
    """

    centre: npt.NDArray[np.float64]
    scale: float


@dataclass(frozen=True)
class Picture:
    """One view on a device, with its camera in the working frame.

    Parameters
    ----------
    name : str
        Name of the view.
    colours : tensor (3, height, width)
        sRGB values in 0 to 1.
    coverage : tensor (height, width)
        Share of each pixel that the object covers, 0 to 1.
    outside : tensor (height, width)
        Signed distance to the silhouette in pixels, positive outside it.
    rotation, translation : tensors (3, 3), (3,)
        Working frame to OpenCV camera coordinates.
    fx, fy, cx, cy : float
        Intrinsics in pixels, from the top-left corner of the top-left pixel.
    """

    name: str
    colours: Tensor
    coverage: Tensor
    outside: Tensor
    rotation: Tensor
    translation: Tensor
    fx: float
    fy: float
    cx: float
    cy: float

    @property
    def height(self) -> int:
        """Rows of the picture."""
        return self.coverage.shape[0]

    @property
    def width(self) -> int:
        """Columns of the picture."""
        return self.coverage.shape[1]

    @property
    def focal(self) -> float:
        """Mean focal length in pixels."""
        return (self.fx + self.fy) / 2

    @property
    def centre(self) -> Tensor:
        """Position of the camera in the working frame, (3,)."""
        return -self.rotation.T @ self.translation

    def project(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (..., 2) and depths (...,) of points (..., 3) of the working frame."""
        local = points @ self.rotation.T + self.translation
        depth = local[..., 2]
        safe = depth.clamp_min(1e-6)
        x = self.fx * local[..., 0] / safe + self.cx
        y = self.fy * local[..., 1] / safe + self.cy
        return torch.stack([x, y], dim=-1), depth

    def directions(self, pixels: Tensor) -> Tensor:
        """Ray directions (..., 3) of pixels (..., 2) in the working frame, one unit of depth long."""
        local = torch.stack(
            [
                (pixels[..., 0] - self.cx) / self.fx,
                (pixels[..., 1] - self.cy) / self.fy,
                torch.ones_like(pixels[..., 0]),
            ],
            dim=-1,
        )
        return local @ self.rotation

    def pixel_centres(self) -> Tensor:
        """Coordinates of every pixel's centre, (height, width, 2)."""
        device = self.coverage.device
        y, x = torch.meshgrid(
            torch.arange(self.height, device=device) + 0.5,
            torch.arange(self.width, device=device) + 0.5,
            indexing="ij",
        )
        return torch.stack([x, y], dim=-1)

    def resized(self, width: int, height: int) -> Picture:
        """Scale the view to another size, by area averaging."""
        x, y = width / self.width, height / self.height

        def scaled(image: Tensor) -> Tensor:
            return functional.interpolate(image[None], size=(height, width), mode="area")[0]

        return Picture(
            self.name,
            scaled(self.colours),
            scaled(self.coverage[None])[0],
            scaled(self.outside[None])[0] * (x + y) / 2,
            self.rotation,
            self.translation,
            self.fx * x,
            self.fy * y,
            self.cx * x,
            self.cy * y,
        )

    def shrunk(self, longest_side: int) -> Picture:
        """Scale the view down to at most so many pixels a side."""
        side = max(self.width, self.height)
        if side <= longest_side:
            return self
        scale = longest_side / side
        return self.resized(max(1, round(self.width * scale)), max(1, round(self.height * scale)))


def pixel_size(pictures: list[Picture]) -> float:
    """Median over the views of the width that a pixel has at the object, in working units."""
    return float(torch.stack([picture.centre.norm() / picture.focal for picture in pictures]).median())


def sample_image(image: Tensor, pixels: Tensor) -> Tensor:
    """Look an image (C, H, W) up at pixels (N, 2) bilinearly; beyond its border the border's value.

    Returns
    -------
    tensor (C, N)
    """
    height, width = image.shape[-2:]
    scale = torch.tensor([2.0 / width, 2.0 / height], device=pixels.device)
    grid = (pixels * scale - 1.0)[None, None]
    return functional.grid_sample(
        image[None], grid, mode="bilinear", padding_mode="border", align_corners=False
    )[0, :, 0]


def silhouette_distance(coverage: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Signed distance to the half-covered contour in pixels, positive outside.

    Within a pixel of the contour the coverage itself tells the distance, more finely than whole pixels:
    a straight edge that covers a share ``a`` of a pixel passes ``0.5 - a`` from its centre.

    Parameters
    ----------
    coverage : array (height, width)
        Share of each pixel that is covered, 0 to 1.

    Returns
    -------
    float32 array (height, width)
    """
    inside = coverage >= 0.5
    if inside.all() or not inside.any():
        far = float(max(coverage.shape))
        return np.full(coverage.shape, -far if inside.all() else far, np.float32)
    out = ndimage.distance_transform_edt(~inside) - 0.5
    into = ndimage.distance_transform_edt(inside) - 0.5
    distance = np.where(inside, -into, out)
    partial = (coverage > 0.02) & (coverage < 0.98) & (np.abs(distance) < 1.0)
    distance[partial] = 0.5 - coverage[partial]
    return distance.astype(np.float32)


def border_distance(height: int, width: int) -> npt.NDArray[np.float32]:
    """Signed distance (height, width) in pixels to the border of a picture that shows the object everywhere.

    What is not in the picture is left out, unlike an object whose mask the border cuts.
    """
    rows, columns = (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5 for n in (height, width))
    return -np.minimum(rows[:, None], columns).astype(np.float32)


def window(coverage: npt.NDArray[np.float32]) -> tuple[slice, slice]:
    """Rows and columns that show the object, with a margin around them."""
    margin = 4 + round(MARGIN * max(coverage.shape))
    rows, columns = (np.flatnonzero((coverage > 0).any(axis)) for axis in (1, 0))
    if len(rows) == 0:
        return slice(None), slice(None)
    top, left = (max(0, int(places[0]) - margin) for places in (rows, columns))
    return slice(top, int(rows[-1]) + margin + 1), slice(left, int(columns[-1]) + margin + 1)


def shrunk_view(view: View, longest_side: int) -> View:
    """Scale a view, as it comes from files, down to at most so many pixels a side, by area averaging."""
    height, width = view.image.shape[:2]
    if max(width, height) <= longest_side:
        return view
    scale = longest_side / max(width, height)
    size = max(1, round(height * scale)), max(1, round(width * scale))

    def scaled(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        planes = torch.from_numpy(image).reshape(height, width, -1).permute(2, 0, 1)[None].float()
        small = functional.interpolate(planes, size=size, mode="area")[0].permute(1, 2, 0)
        return np.asarray((small + 0.5).byte().numpy().reshape(*size, *image.shape[2:]))

    camera = view.camera.resized(size[1], size[0])
    return View(view.name, scaled(view.image), camera, None if view.mask is None else scaled(view.mask))


def load_pictures(views: list[View], frame: Frame, device: torch.device, longest_side: int) -> list[Picture]:
    """Move what views show of the object to a device and into the working frame.

    Parameters
    ----------
    views : list of View
        What to move.
    frame : Frame
        The working frame.
    device : torch.device
        Where to.
    longest_side : int
        Pictures whose window around the object has more pixels a side are scaled down to this.
    """
    pictures = []
    for view in views:
        camera = view.camera
        pose = camera.world_to_camera
        translation = (pose[:3, :3] @ frame.centre + pose[:3, 3]) / frame.scale
        if view.mask is None:
            coverage = np.ones(view.image.shape[:2], np.float32)
            outside = border_distance(*coverage.shape)
        else:
            coverage = view.mask.astype(np.float32) / 255
            outside = silhouette_distance(coverage)
        shown = window(coverage)
        colours = np.ascontiguousarray(view.image[shown].transpose(2, 0, 1))
        picture = Picture(
            view.name,
            torch.from_numpy(colours).to(device).float() / 255,
            torch.from_numpy(np.ascontiguousarray(coverage[shown])).to(device),
            torch.from_numpy(np.ascontiguousarray(outside[shown])).to(device),
            torch.from_numpy(np.ascontiguousarray(pose[:3, :3])).to(device, torch.float32),
            torch.from_numpy(translation).to(device, torch.float32),
            camera.fx,
            camera.fy,
            camera.cx - (shown[1].start or 0),
            camera.cy - (shown[0].start or 0),
        )
        pictures.append(picture.shrunk(longest_side))
    return pictures
