# SPDX-License-Identifier: Apache-2.0
"""The fitted field: a grid of signed distances with coloured anchors, and its file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import CloudFileError

SCHEMA = "1"
"""Version of the field file, its metadata's ``schema``."""

MAXIMUM_VOXELS = 2**28
"""Largest grid that a file may ask for: 645³, one GiB of float32. A small file can't fill the memory."""

NEAR = 2.75
"""Voxels whose distance is at most this many voxels are kept in the file. A cell that the surface crosses has
its corners within √3 voxels of it, and the central differences at those corners reach one voxel further."""

CLOUD_SUFFIXES = (".ply", ".npz")
"""Endings of the clouds and meshes that are made of a field, which someone may give instead of it."""

_BRICK = 8


@dataclass(frozen=True)
class Anchors:
    """Coloured points near the surface, from which colours are interpolated.

    Parameters
    ----------
    positions : float32 array (A, 3)
        World coordinates.
    colours : uint8 array (A, 3)
        sRGB.
    confidence : float32 array (A,)
        0 (a guess) to 1 (seen and agreed on by several views).
    """

    positions: npt.NDArray[np.float32]
    colours: npt.NDArray[np.uint8]
    confidence: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.positions)
        for name, array, dtype, shape in (
            ("positions", self.positions, np.float32, (count, 3)),
            ("colours", self.colours, np.uint8, (count, 3)),
            ("confidence", self.confidence, np.float32, (count,)),
        ):
            if array.dtype != dtype or array.shape != shape:
                raise ValueError(
                    f"{name} must be {np.dtype(dtype).name} {shape}, not {array.dtype} {array.shape}"
                )

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, eq=False)
class Field:
    """A signed distance function on a grid, trilinear between the voxels' centres, with coloured anchors.

    Parameters
    ----------
    origin : tuple of 3 floats
        World position of the centre of voxel (0, 0, 0).
    voxel : float
        Distance between the centres of neighbouring voxels in world units.
    distances : float32 tensor (X, Y, Z)
        Signed distance in world units at the voxels' centres, positive outside; far from the surface only
        its sign needs to be right. At least two voxels along each axis.
    anchors : Anchors
        Coloured points near the surface; may be none, then every point is grey with confidence 0.
    unknown : bool tensor (X, Y, Z), optional
        Voxels around which nothing is known: where one is the corner of a cell there is no surface in it,
        whatever the distances say. None where all is known.
    metadata : dict of str to str
        Settings that the field was fitted with; written to its file.

    Raises
    ------
    ValueError
        If a shape, type or number is not as described.
    """

    origin: tuple[float, float, float]
    voxel: float
    distances: torch.Tensor
    anchors: Anchors
    metadata: dict[str, str] = field(default_factory=dict)
    unknown: torch.Tensor | None = None

    def __post_init__(self) -> None:
        grid = self.distances
        if self.unknown is not None and (self.unknown.dtype, self.unknown.shape) != (torch.bool, grid.shape):
            found = f"{self.unknown.dtype} {tuple(self.unknown.shape)}"
            raise ValueError(f"unknown must be bool {tuple(grid.shape)}, not {found}")
        if grid.dtype != torch.float32 or grid.dim() != 3 or min(grid.shape) < 2:
            raise ValueError(f"distances must be float32 (X, Y, Z), not {grid.dtype} {tuple(grid.shape)}")
        object.__setattr__(self, "origin", tuple(float(coordinate) for coordinate in self.origin))
        if not torch.isfinite(grid).all():
            raise ValueError("distances must be finite")
        if len(self.origin) != 3 or not np.isfinite(self.origin).all():
            raise ValueError(f"origin must be three finite numbers, not {self.origin}")
        if not (np.isfinite(self.voxel) and self.voxel > 0):
            raise ValueError(f"voxel must be above zero, not {self.voxel}")
        object.__setattr__(self, "distances", grid.contiguous())
        if self.unknown is not None:
            object.__setattr__(self, "unknown", self.unknown.contiguous())

    @property
    def device(self) -> torch.device:
        """Where the distances are."""
        return self.distances.device

    def to(self, device: torch.device | str) -> Field:
        """Return the field with its distances on another device."""
        unknown = None if self.unknown is None else self.unknown.to(device)
        return replace(self, distances=self.distances.to(device), unknown=unknown)

    def distance(self, points: torch.Tensor) -> torch.Tensor:
        """Read the signed distance at points, by trilinear interpolation.

        Parameters
        ----------
        points : float tensor (..., 3)
            World coordinates, on the field's device. Outside the grid the distance to the grid is added to
            the value at its border.

        Returns
        -------
        float32 tensor (...)
            World units, positive outside.
        """
        flat = points.reshape(-1, 3).float()
        base, fraction, inside = self._cell(flat)
        values = self._corners(base)
        x, y, z = fraction.unbind(1)
        c00 = torch.lerp(values[0], values[1], z)
        c01 = torch.lerp(values[2], values[3], z)
        c10 = torch.lerp(values[4], values[5], z)
        c11 = torch.lerp(values[6], values[7], z)
        result = torch.lerp(torch.lerp(c00, c01, y), torch.lerp(c10, c11, y), x)
        result += torch.linalg.vector_norm(flat - inside, dim=1)
        return result.reshape(points.shape[:-1])

    def distance_and_gradient(self, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Trilinear distance and its exact gradient inside the cell, as Newton's method needs them.

        Parameters
        ----------
        points : float tensor (N, 3)
            World coordinates, on the field's device; outside the grid they are moved to its border.

        Returns
        -------
        distance : float32 tensor (N,)
        gradient : float32 tensor (N, 3)
            Not of unit length, and not continuous from cell to cell; see :meth:`normal` for a direction
            that is.
        """
        base, fraction, _ = self._cell(points.float())
        values = self._corners(base)
        x, y, z = fraction.unbind(1)
        along_z = [values[2 * i + 1] - values[2 * i] for i in range(4)]
        at_z = [torch.addcmul(values[2 * i], along_z[i], z) for i in range(4)]
        along_y = [at_z[1] - at_z[0], at_z[3] - at_z[2]]
        at_y = [torch.addcmul(at_z[0], along_y[0], y), torch.addcmul(at_z[2], along_y[1], y)]
        along_x = at_y[1] - at_y[0]
        gradient_y = torch.lerp(along_y[0], along_y[1], x)
        gradient_z = torch.lerp(
            torch.lerp(along_z[0], along_z[1], y), torch.lerp(along_z[2], along_z[3], y), x
        )
        gradient = torch.stack([along_x, gradient_y, gradient_z], dim=1) / self.voxel
        return torch.addcmul(at_y[0], along_x, x), gradient

    def normal(self, points: torch.Tensor) -> torch.Tensor:
        """Find unit normals: the direction in which the distance grows.

        The gradient is the central difference over one voxel to either side of the trilinear distance, which
        is the same as interpolating the central differences at the voxels' centres: continuous in space.

        Parameters
        ----------
        points : float tensor (..., 3)
            World coordinates, on the field's device.

        Returns
        -------
        float32 tensor (..., 3)
            Zero where the distance does not change at all.
        """
        gradient = torch.empty(points.shape, dtype=torch.float32, device=points.device)
        for axis in range(3):
            step = torch.zeros(3, device=points.device)
            step[axis] = self.voxel
            gradient[..., axis] = self.distance(points + step) - self.distance(points - step)
        return torch.nn.functional.normalize(gradient, dim=-1, eps=1e-12)

    def is_unknown(self, points: torch.Tensor) -> torch.Tensor:
        """Tell which points lie in cells in which nothing is known.

        Parameters
        ----------
        points : float tensor (N, 3)
            World coordinates, on the field's device.

        Returns
        -------
        bool tensor (N,)
        """
        if self.unknown is None:
            return torch.zeros(len(points), dtype=torch.bool, device=points.device)
        corners = self._at_corners(self.unknown, self._cell(points.float())[0])
        return torch.stack(corners).any(dim=0)

    def _cell(self, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Flat index of each point's lowest corner, position in that cell 0..1, and the point in the grid."""
        origin = torch.tensor(self.origin, dtype=torch.float32, device=points.device)
        size = torch.tensor(self.distances.shape, device=points.device)
        grid = ((points - origin) / self.voxel).clamp_(min=0).minimum((size - 1).float())
        corner = grid.long().minimum(size - 2)
        base = (corner[:, 0] * size[1] + corner[:, 1]) * size[2] + corner[:, 2]
        return base, grid - corner, grid * self.voxel + origin

    def _corners(self, base: torch.Tensor) -> list[torch.Tensor]:
        """Distances (N,) at the eight corners of cells, in order of x, y, z with z fastest."""
        return self._at_corners(self.distances, base)

    def _at_corners(self, grid: torch.Tensor, base: torch.Tensor) -> list[torch.Tensor]:
        """Values (N,) of a grid at the eight corners of cells, in order of x, y, z with z fastest."""
        flat = grid.view(-1)
        _, height, depth = grid.shape
        offsets = [(i * height + j) * depth + k for i in (0, 1) for j in (0, 1) for k in (0, 1)]
        return [flat.take(base + offset) for offset in offsets]

    def save(self, path: Path) -> None:
        """Write the field as safetensors.

        The grid is cut into bricks of 8³ voxels. A brick far from the surface is kept as one sign. Of the
        others the file holds the sign of each voxel and, within :data:`NEAR` voxels of the surface, the
        distance in voxels as float16. Anchors are kept at 1/65535 of their bounding box, confidence at 1/255.
        Where some voxels are unknown, each takes a bit more.

        Parameters
        ----------
        path : Path
            Written under another name first and then renamed, so that it is never half a file.

        Raises
        ------
        OutputError
            If the file can't be written.
        """
        tensors = {
            "origin": np.array(self.origin, dtype=np.float64),
            "voxel": np.array([self.voxel], dtype=np.float64),
            **_pack_distances((self.distances / self.voxel).cpu().numpy()),
            **_pack_anchors(self.anchors),
        }
        if self.unknown is not None:
            tensors["unknown"] = np.packbits(self.unknown.cpu().numpy())
        content = to_safetensors(tensors, {**self.metadata, "schema": SCHEMA})
        with atomic_file(path) as file:
            file.write(content)

    @classmethod
    def load(cls, path: Path) -> Field:
        """Read a field that :meth:`save` wrote, with its distances on the CPU.

        Parameters
        ----------
        path : Path
            The file; nothing in it is trusted.

        Raises
        ------
        CloudFileError
            If the file is missing, damaged, of another schema version or not a field at all.
        """
        if path.suffix.lower() in CLOUD_SUFFIXES:
            raise CloudFileError(
                f"“{path}” is a cloud or a mesh, and what is wanted is the field that it was sampled from.",
                "Choose the .safetensors file that --field, or the add-on, has saved.",
            )
        try:
            with safe_open(path, framework="numpy") as file:
                metadata = dict(file.metadata() or {})
                if metadata.get("schema") != SCHEMA:
                    raise CloudFileError(
                        f"{path} is no field file of version {SCHEMA}.",
                        "Choose a file that this version of UNeR3D wrote.",
                    )
                names = set(file.keys())
                if names | _OPTIONAL != _TENSORS.keys():
                    raise ValueError("its tensors are not those of a field")
                for name in names:
                    dtype, shape = _TENSORS[name]
                    stored = file.get_slice(name)
                    found = tuple(stored.get_shape())
                    fits = len(found) == len(shape) and all(
                        want in (None, have) for want, have in zip(shape, found, strict=True)
                    )
                    if stored.get_dtype() != dtype or not fits:
                        raise ValueError(f"“{name}” is of another type or shape")
                tensors = {name: file.get_tensor(name) for name in names}
            voxel = float(tensors["voxel"][0])
            if not 1e-30 < voxel < 1e30:
                raise ValueError("its voxels' size is out of range")
            distances = torch.from_numpy(_unpack_distances(tensors) * np.float32(voxel))
            x, y, z = tensors["origin"].tolist()
            unknown = _unpack_unknown(tensors, tuple(distances.shape))
            return cls((x, y, z), voxel, distances, _unpack_anchors(tensors), metadata, unknown)
        except (OSError, ValueError, SafetensorError) as error:
            raise CloudFileError(
                f"The field {path} can't be read: {error}.", "Choose another file or reconstruct again."
            ) from error


_TENSORS: dict[str, tuple[str, tuple[int | None, ...]]] = {
    "origin": ("F64", (3,)),
    "voxel": ("F64", (1,)),
    "shape": ("I64", (3,)),
    "brick_signs": ("I8", (None, None, None)),
    "inside": ("U8", (None, _BRICK**3 // 8)),
    "near": ("U8", (None, _BRICK**3 // 8)),
    "distances": ("F16", (None,)),
    "anchor_box": ("F64", (2, 3)),
    "anchor_positions": ("U16", (None, 3)),
    "anchor_colours": ("U8", (None, 3)),
    "anchor_confidence": ("U8", (None,)),
    "unknown": ("U8", (None,)),
}
_OPTIONAL = {"unknown"}


def _pack_distances(distances: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.generic]]:
    """Turn a grid of distances in voxels into the file's sparse bricks."""
    padding = [(0, -size % _BRICK) for size in distances.shape]
    padded = np.pad(distances, padding, mode="edge")
    x, y, z = (size // _BRICK for size in padded.shape)
    bricks = (
        padded.reshape(x, _BRICK, y, _BRICK, z, _BRICK).transpose(0, 2, 4, 1, 3, 5).reshape(-1, _BRICK**3)
    )
    near = np.abs(bricks) <= NEAR
    inside = bricks < 0
    share_inside = inside.mean(axis=1)
    kept = near.any(axis=1) | ((share_inside > 0) & (share_inside < 1))
    signs = np.where(kept, 0, np.where(inside[:, 0], -1, 1)).astype(np.int8)
    return {
        "shape": np.array(distances.shape, dtype=np.int64),
        "brick_signs": signs.reshape(x, y, z),
        "inside": np.packbits(inside[kept], axis=1),
        "near": np.packbits(near[kept], axis=1),
        "distances": bricks[kept][near[kept]].astype(np.float16),
    }


def _unpack_distances(tensors: dict[str, npt.NDArray[np.generic]]) -> npt.NDArray[np.float32]:
    """Turn the file's sparse bricks into a grid of distances in voxels; away from the surface, ±NEAR."""
    shape = [int(size) for size in tensors["shape"].tolist()]
    signs = tensors["brick_signs"]
    if (
        min(shape) < 2
        or max(shape) > MAXIMUM_VOXELS
        or np.prod([float(size) for size in shape]) > MAXIMUM_VOXELS
    ):
        raise ValueError(f"a grid of {shape[0]} × {shape[1]} × {shape[2]} voxels is out of range")
    if signs.shape != tuple(-(-size // _BRICK) for size in shape):
        raise ValueError("its bricks don't fit its grid")
    kept = np.flatnonzero(signs == 0)
    near = np.unpackbits(tensors["near"].astype(np.uint8), axis=1).astype(bool)
    inside = np.unpackbits(tensors["inside"].astype(np.uint8), axis=1).astype(bool)
    values = tensors["distances"].astype(np.float32)
    if len(near) != len(kept) or len(inside) != len(kept) or np.count_nonzero(near) != len(values):
        raise ValueError("its bricks don't fit its distances")
    bricks = np.repeat(signs.reshape(-1, 1).astype(np.float32) * np.float32(NEAR), _BRICK**3, axis=1)
    surface = np.where(inside, np.float32(-NEAR), np.float32(NEAR))
    surface[near] = values
    bricks[kept] = surface
    x, y, z = signs.shape
    grid = bricks.reshape(x, y, z, _BRICK, _BRICK, _BRICK).transpose(0, 3, 1, 4, 2, 5)
    grid = grid.reshape(x * _BRICK, y * _BRICK, z * _BRICK)
    return np.ascontiguousarray(grid[: shape[0], : shape[1], : shape[2]])


def _unpack_unknown(
    tensors: dict[str, npt.NDArray[np.generic]], shape: tuple[int, ...]
) -> torch.Tensor | None:
    """Turn the file's bits into the grid of what is unknown; None if the file has none."""
    if "unknown" not in tensors:
        return None
    bits, count = tensors["unknown"].astype(np.uint8), int(np.prod(shape))
    if len(bits) != -(-count // 8):
        raise ValueError("what is unknown doesn't fit its grid")
    return torch.from_numpy(np.unpackbits(bits, count=count).astype(bool).reshape(shape))


def _pack_anchors(anchors: Anchors) -> dict[str, npt.NDArray[np.generic]]:
    """Quantise the anchors for the file."""
    positions = anchors.positions.astype(np.float64)
    box = np.stack([positions.min(axis=0), positions.max(axis=0)]) if len(anchors) else np.zeros((2, 3))
    extent = np.maximum(box[1] - box[0], np.finfo(np.float64).tiny)
    return {
        "anchor_box": box,
        "anchor_positions": np.rint((positions - box[0]) / extent * 65535).astype(np.uint16),
        "anchor_colours": anchors.colours,
        "anchor_confidence": np.rint(np.clip(anchors.confidence, 0, 1) * 255).astype(np.uint8),
    }


def _unpack_anchors(tensors: dict[str, npt.NDArray[np.generic]]) -> Anchors:
    """Turn the file's quantised anchors into anchors."""
    positions, colours = tensors["anchor_positions"], tensors["anchor_colours"].astype(np.uint8)
    confidence = tensors["anchor_confidence"].astype(np.float32)
    box = tensors["anchor_box"].astype(np.float64)
    if not len(positions) == len(colours) == len(confidence):
        raise ValueError("its anchors' positions, colours and confidence differ in number")
    if not (np.isfinite(box).all() and np.abs(box).max() < np.finfo(np.float32).max):
        raise ValueError("its anchors' bounding box is out of range")
    world = box[0] + positions.astype(np.float64) / 65535 * (box[1] - box[0])
    return Anchors(world.astype(np.float32), colours, confidence / np.float32(255))
