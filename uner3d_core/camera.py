# SPDX-License-Identifier: Apache-2.0
"""A pinhole camera: intrinsics in pixels and a pose in the world.

Inside the core a camera follows OpenCV: x right, y down, z forward. Files and Blender use OpenGL's axes
(x right, y up, looking along -z); :meth:`Camera.from_opengl` and :attr:`Camera.opengl_camera_to_world`
are the one place where the two meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from uner3d_core.errors import CameraError

FloatArray = npt.NDArray[np.float64]

_FLIP_Y_AND_Z: FloatArray = np.diag([1.0, -1.0, -1.0, 1.0])
_SHORTEST_LENS = 0.02  # of the picture's width: an angle of view of 175 degrees
_FARTHEST = 1e12  # world units


@dataclass(frozen=True)
class Camera:
    """Intrinsics and pose of one picture.

    Pixels have their origin at the top-left corner of the top-left pixel, so that the centre of that
    pixel is (0.5, 0.5).

    Parameters
    ----------
    width, height : int
        Size of the picture in pixels.
    fx, fy : float
        Focal lengths in pixels, above zero.
    cx, cy : float
        Principal point in pixels.
    world_to_camera : array (4, 4)
        Rigid transform from world coordinates to OpenCV camera coordinates, in world units.
    distortion : tuple of 4 floats
        ``k1, k2, p1, p2`` of OpenCV's model; all zero for a picture without lens distortion.

    Raises
    ------
    CameraError
        If a number is not finite, a focal length or size is not above zero, or the pose is not rigid.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    world_to_camera: FloatArray = field(repr=False)
    distortion: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        pose = np.array(self.world_to_camera, dtype=np.float64)
        numbers = [self.fx, self.fy, self.cx, self.cy, *self.distortion]
        if pose.shape != (4, 4) or not np.isfinite(pose).all() or not np.isfinite(numbers).all():
            raise CameraError(
                "A camera has a matrix or a number that is not finite.", "Export the cameras again."
            )
        if self.width <= 0 or self.height <= 0 or self.fx <= 0 or self.fy <= 0:
            raise CameraError(
                "A camera's image size and focal lengths must be above zero.", "Export the cameras again."
            )
        if min(self.fx / self.width, self.fy / self.height) < _SHORTEST_LENS:
            raise CameraError(
                "A camera's focal length is next to nothing: it would look sideways all around.",
                "Give the focal length in pixels.",
            )
        if np.abs(pose[:3, 3]).max() > _FARTHEST:
            raise CameraError("A camera is farther away than numbers can tell.", "Export the cameras again.")
        if not np.allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-3) or (
            np.linalg.det(pose[:3, :3]) < 0
        ):
            raise CameraError(
                "A camera's pose is not a rotation and a position.",
                "Remove scale, shear and mirroring from the camera's matrix.",
            )
        pose.setflags(write=False)
        object.__setattr__(self, "world_to_camera", pose)

    @classmethod
    def from_opengl(
        cls,
        camera_to_world: npt.ArrayLike,
        *,
        width: int,
        height: int,
        fx: float,
        fy: float,
        cx: float,
        cy: float,
        distortion: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
    ) -> Camera:
        """Make a camera from a camera-to-world matrix with OpenGL's axes.

        A uniform or per-axis positive scale in the matrix is removed: it says nothing about a picture.

        Parameters
        ----------
        camera_to_world : array (4, 4)
            Transform from OpenGL camera coordinates (x right, y up, looking along -z) to the world.
        width, height, fx, fy, cx, cy, distortion
            As for :class:`Camera`.

        Raises
        ------
        CameraError
            If the numbers describe no camera.
        """
        pose = np.array(camera_to_world, dtype=np.float64)
        if pose.shape != (4, 4) or not np.isfinite(pose).all():
            raise CameraError(
                "A camera has a matrix or a number that is not finite.", "Export the cameras again."
            )
        scale = np.linalg.norm(pose[:3, :3], axis=0)
        if (scale < 1e-12).any():
            raise CameraError("A camera's matrix has no extent.", "Export the cameras again.")
        pose[:3, :3] /= scale
        rigid = pose @ _FLIP_Y_AND_Z
        # Floating-point files hold rotations to few digits: the nearest rotation is the camera meant.
        left, _, right = np.linalg.svd(rigid[:3, :3])
        nearest = left @ right
        if np.linalg.det(nearest) < 0 or not np.allclose(nearest, rigid[:3, :3], atol=1e-2):
            raise CameraError(
                "A camera's pose is not a rotation and a position.",
                "Remove shear and mirroring from the camera's matrix.",
            )
        world_to_camera = np.eye(4)
        world_to_camera[:3, :3] = nearest.T
        world_to_camera[:3, 3] = -nearest.T @ rigid[:3, 3]
        return cls(width, height, fx, fy, cx, cy, world_to_camera, distortion)

    @property
    def intrinsics(self) -> FloatArray:
        """The matrix K, (3, 3), in pixels."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    @property
    def camera_to_world(self) -> FloatArray:
        """Transform from OpenCV camera coordinates to the world, (4, 4)."""
        rotation = self.world_to_camera[:3, :3]
        inverse = np.eye(4)
        inverse[:3, :3] = rotation.T
        inverse[:3, 3] = -rotation.T @ self.world_to_camera[:3, 3]
        return inverse

    @property
    def opengl_camera_to_world(self) -> FloatArray:
        """Transform from OpenGL camera coordinates to the world, (4, 4)."""
        pose: FloatArray = self.camera_to_world @ _FLIP_Y_AND_Z
        return pose

    @property
    def centre(self) -> FloatArray:
        """Position of the camera in the world, (3,)."""
        return self.camera_to_world[:3, 3]

    @property
    def forward(self) -> FloatArray:
        """Unit vector of the viewing direction in the world, (3,)."""
        return self.world_to_camera[2, :3].copy()

    @property
    def has_distortion(self) -> bool:
        """Whether any distortion coefficient is not zero."""
        return any(coefficient != 0.0 for coefficient in self.distortion)

    def project(self, points: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Project world points to pixels, without lens distortion.

        Parameters
        ----------
        points : array (N, 3)
            World coordinates.

        Returns
        -------
        pixels : array (N, 2)
            Pixel coordinates; meaningless where the depth is not above zero.
        depth : array (N,)
            Distance along the viewing direction, in world units.
        """
        points = np.asarray(points, dtype=np.float64)
        local = points @ self.world_to_camera[:3, :3].T + self.world_to_camera[:3, 3]
        depth = local[:, 2]
        safe = np.where(depth == 0.0, np.finfo(np.float64).tiny, depth)
        x = self.fx * local[:, 0] / safe + self.cx
        y = self.fy * local[:, 1] / safe + self.cy
        return np.stack([x, y], axis=1), depth

    def unproject(self, pixels: npt.ArrayLike, depth: npt.ArrayLike) -> FloatArray:
        """World points, (N, 3), at ``depth`` (N,) along the viewing direction behind ``pixels`` (N, 2)."""
        pixels = np.asarray(pixels, dtype=np.float64)
        depth = np.asarray(depth, dtype=np.float64)
        local = np.stack(
            [
                (pixels[:, 0] - self.cx) / self.fx * depth,
                (pixels[:, 1] - self.cy) / self.fy * depth,
                depth,
            ],
            axis=1,
        )
        pose = self.camera_to_world
        points: FloatArray = local @ pose[:3, :3].T + pose[:3, 3]
        return points

    def resized(self, width: int, height: int) -> Camera:
        """Give the same camera for its picture scaled to ``width`` by ``height`` pixels."""
        x, y = width / self.width, height / self.height
        return replace(
            self,
            width=width,
            height=height,
            fx=self.fx * x,
            fy=self.fy * y,
            cx=self.cx * x,
            cy=self.cy * y,
        )
