# SPDX-License-Identifier: Apache-2.0
"""Posed views as the network takes them: pictures of one size, cameras in the network frame.

In the network frame the object is centred at the origin, its bounding sphere has a radius of about 1, and the
axes are the world's. Each picture is cut to the square that this sphere fills, so that a pixel is about as
large on every object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from uner3d_core.views import View

MARGIN = 1.1
"""Half the side of a picture's square over the radius of the sphere as the camera sees it."""

_WIDEST = 3.0
"""The square's side is at most so many times the picture's longest, however near the camera is."""


@dataclass(frozen=True)
class ViewBatch:
    """Views of one or more objects.

    Parameters
    ----------
    images : float tensor (B, V, 3, H, W)
        sRGB in 0 to 1, not premultiplied by the masks.
    masks : float tensor (B, V, 1, H, W)
        Share of each pixel that the object covers, 0 to 1; all 1 where nothing is known.
    intrinsics : float tensor (B, V, 3, 3)
        In pixels, from the top-left corner of the top-left pixel.
    world_to_camera : float tensor (B, V, 3, 4)
        Network frame to OpenCV camera coordinates, rotation and translation.

    Raises
    ------
    ValueError
        If the shapes do not agree.
    """

    images: Tensor
    masks: Tensor
    intrinsics: Tensor
    world_to_camera: Tensor

    def __post_init__(self) -> None:
        if self.images.dim() != 5:
            raise ValueError(f"images must be (B, V, 3, H, W), not {tuple(self.images.shape)}")
        objects, views, _, height, width = self.images.shape
        for name, tensor, shape in (
            ("images", self.images, (objects, views, 3, height, width)),
            ("masks", self.masks, (objects, views, 1, height, width)),
            ("intrinsics", self.intrinsics, (objects, views, 3, 3)),
            ("world_to_camera", self.world_to_camera, (objects, views, 3, 4)),
        ):
            if tensor.shape != shape:
                raise ValueError(f"{name} must be {shape}, not {tuple(tensor.shape)}")

    @classmethod
    def from_views(
        cls,
        objects: Sequence[Sequence[View]],
        size: int,
        device: torch.device,
        centre: npt.ArrayLike,
        radius: npt.ArrayLike,
    ) -> ViewBatch:
        """Cut and scale the pictures of objects and move the cameras into the network frame.

        Parameters
        ----------
        objects : sequence of sequences of View
            The views of each object, equally many of each.
        size : int
            Pixels a side of the pictures made.
        device : torch.device
            Where the tensors shall be.
        centre : array (B, 3)
            World coordinates of the objects' centres.
        radius : array (B,)
            Radii of their bounding spheres in world units.
        """
        centres = np.asarray(centre, dtype=np.float64).reshape(len(objects), 3)
        radii = np.asarray(radius, dtype=np.float64).reshape(len(objects))
        pictures, intrinsics, poses = [], [], []
        for views, middle, reach in zip(objects, centres, radii, strict=True):
            for view in views:
                pose = view.camera.world_to_camera[:3].copy()
                pose[:, 3] = (pose[:, :3] @ middle + pose[:, 3]) / reach
                picture, matrix = _cut(view, pose[:, 3], size, device)
                pictures.append(picture)
                intrinsics.append(matrix)
                poses.append(pose)
        shape = (len(objects), len(pictures) // len(objects))
        planes = torch.stack(pictures).reshape(*shape, 4, size, size)
        return cls(
            planes[:, :, :3],
            planes[:, :, 3:],
            torch.from_numpy(np.stack(intrinsics)).to(device, torch.float32).reshape(*shape, 3, 3),
            torch.from_numpy(np.stack(poses)).to(device, torch.float32).reshape(*shape, 3, 4),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        return self.images.shape[3], self.images.shape[4]

    @property
    def rotation(self) -> Tensor:
        """Rotations of the cameras, (B, V, 3, 3)."""
        return self.world_to_camera[..., :3]

    @property
    def translation(self) -> Tensor:
        """The origin in each camera's coordinates, (B, V, 3)."""
        return self.world_to_camera[..., 3]

    @property
    def camera_centres(self) -> Tensor:
        """Positions of the cameras in the network frame, (B, V, 3)."""
        return -(self.rotation.transpose(-1, -2) @ self.translation[..., None])[..., 0]

    def choose(self, views: Sequence[int] | Tensor) -> ViewBatch:
        """Take some of the views, in that order, of every object."""
        index = torch.as_tensor(views, device=self.images.device)
        return ViewBatch(
            self.images[:, index],
            self.masks[:, index],
            self.intrinsics[:, index],
            self.world_to_camera[:, index],
        )

    def to(self, device: torch.device | str) -> ViewBatch:
        """Move the batch to a device."""
        return ViewBatch(
            self.images.to(device),
            self.masks.to(device),
            self.intrinsics.to(device),
            self.world_to_camera.to(device),
        )


def _cut(
    view: View, centre: npt.NDArray[np.float64], size: int, device: torch.device
) -> tuple[Tensor, npt.NDArray[np.float64]]:
    """Picture and mask (4, size, size) of a view's square, and its intrinsics (3, 3).

    ``centre`` (3,) is the object's in camera coordinates, in units of its radius. Beyond the picture's border
    its last pixels go on: a silhouette that the border cuts is not known to end there.
    """
    camera = view.camera
    height, width = view.image.shape[:2]
    if centre[2] > 1.0:
        tangent = MARGIN / np.sqrt(float(centre @ centre) - 1.0)
        x, y = (
            f * c / centre[2] + p
            for f, c, p in ((camera.fx, centre[0], camera.cx), (camera.fy, centre[1], camera.cy))
        )
        half = [min(f * tangent, _WIDEST * max(width, height) / 2) for f in (camera.fx, camera.fy)]
    else:  # the camera is inside the sphere, or looks away: all that there is
        x, y, half = width / 2, height / 2, [max(width, height) / 2] * 2
    left, top = int(np.floor(x - half[0])), int(np.floor(y - half[1]))
    columns = torch.arange(left, max(left + 1, int(np.ceil(x + half[0])))).clamp(0, width - 1)
    rows = torch.arange(top, max(top + 1, int(np.ceil(y + half[1])))).clamp(0, height - 1)
    mask = np.full((height, width), 255, np.uint8) if view.mask is None else view.mask
    planes = torch.from_numpy(np.concatenate([view.image, mask[..., None]], axis=2))
    square = planes[rows][:, columns].permute(2, 0, 1)[None].to(device).float() / 255
    picture = functional.interpolate(square, (size, size), mode="bilinear", antialias=True)[0].clamp(0, 1)
    along_x, along_y = size / len(columns), size / len(rows)
    matrix = np.array(
        [
            [camera.fx * along_x, 0.0, (camera.cx - left) * along_x],
            [0.0, camera.fy * along_y, (camera.cy - top) * along_y],
            [0.0, 0.0, 1.0],
        ]
    )
    return picture, matrix
