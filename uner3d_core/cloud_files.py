# SPDX-License-Identifier: Apache-2.0
"""Point clouds in files: PLY for everybody, NPZ between the worker and the add-on.

Files are written by :func:`write_ply` and :func:`write_npz` in one layout each, and only when complete.
:func:`read_ply` reads what other programs write too: text and both byte orders, any number types, any
further properties and elements. Numpy is all that this module needs, so Blender can import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uner3d_core.atomic_file import atomic_file
from uner3d_core.blocks import in_blocks
from uner3d_core.counting import counted
from uner3d_core.errors import CloudFileError, OutputError
from uner3d_core.npz import ArrayKinds, read_arrays
from uner3d_core.ply import Records, Vertices, open_vertices
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Progress, Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_PROGRESSIVE_COMMENT = "progressive order: the first k points are an even subset"
_CHUNK = 1 << 18
_PIECE = 1 << 16
"""So many points stay in a processor's cache from one step to the next."""
_OWN_RECORD = np.dtype(
    [("positions", "<f4", 3), ("normals", "<f4", 3), ("colours", "u1", 3), ("confidence", "<f4")]
)
_OWN_PROPERTIES = (
    *(f"property float {name}" for name in ("x", "y", "z", "nx", "ny", "nz")),
    *(f"property uchar {name}" for name in ("red", "green", "blue")),
    "property float confidence",
)
_COLOUR_NAMES = (("red", "green", "blue"), ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue"))
_DEFAULT_COLOUR = 200
_NPZ_ARRAYS: ArrayKinds = {
    "positions": (np.dtype("<f4"), (3,)),
    "colours": (np.dtype("u1"), (3,)),
    "normals": (np.dtype("<f4"), (3,)),
    "confidence": (np.dtype("<f4"), ()),
    "progressive": (np.dtype("?"), None),
}


def write_ply(path: Path, cloud: PointCloud) -> None:
    """Write a cloud as binary little-endian PLY.

    The vertex holds x y z nx ny nz (float), red green blue (uchar, sRGB) and confidence (float). A comment
    says so where the points stand in a progressive order.

    Parameters
    ----------
    path : Path
        File to write; replaced when the new one is complete.
    cloud : PointCloud
        Written in pieces, so that memory does not hold it twice.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    starts = range(0, len(cloud), _CHUNK)
    parts = (cloud.between(start, start + _CHUNK) for start in starts)
    write_ply_parts(path, parts, len(cloud), progressive=cloud.progressive)


def write_ply_parts(path: Path, parts: Iterable[PointCloud], count: int, *, progressive: bool) -> None:
    """Like :func:`write_ply`, of a cloud that is handed over in parts and never held as a whole.

    Parameters
    ----------
    path : Path
        File to write; replaced when the new one is complete.
    parts : iterable of PointCloud
        One after the other, ``count`` points in all.
    count : int
        How many points that is.
    progressive : bool
        Whether all of them together stand in a progressive order.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    lines = ["ply", "format binary_little_endian 1.0", "comment UNeR3D point cloud, colours are sRGB"]
    if progressive:
        lines.append(f"comment {_PROGRESSIVE_COMMENT}")
    lines += [f"element vertex {count}", *_OWN_PROPERTIES, "end_header", ""]
    written = 0
    with atomic_file(path) as file:
        file.write("\n".join(lines).encode("ascii"))
        for part in parts:
            records = np.empty(len(part), _OWN_RECORD)
            records["positions"] = part.positions
            records["normals"] = part.normals
            records["colours"] = part.colours
            records["confidence"] = part.confidence
            file.write(records.data)
            written += len(part)
        if written != count:
            raise ValueError(f"{written} points came, not {count}")


def read_ply(path: Path, progress: Progress = Silent()) -> PointCloud:  # noqa: B008 -- Silent has no state
    """Read the vertices of a PLY file as a cloud.

    What the file does not say becomes mid grey, no normals (zero) and confidence 1. Colours may be bytes,
    16 bit or floating point; a confidence above 1, as some programs count it, is divided by its maximum.
    Points whose position is not finite are left out, which ``progress`` is told.

    Parameters
    ----------
    path : Path
        ASCII or binary PLY of either byte order.
    progress : Progress
        Told about points that were left out.

    Raises
    ------
    CloudFileError
        If the file is missing, no PLY, cut short, or has no points with x, y and z.
    """
    cloud = _cloud_of_vertices(open_vertices(path))
    return _without_broken_points(cloud, path, progress)


def cloud_writer(path: Path) -> Callable[[Path, PointCloud], None]:
    """Find the function that writes the kind of cloud that a file's name ends in.

    Raises
    ------
    OutputError
        If it ends otherwise.
    """
    writers = {".ply": write_ply, ".npz": write_npz}
    if path.suffix.lower() not in writers:
        raise OutputError(
            f"“{path.name}” names no kind of point cloud.", f"Let it end in {' or '.join(writers)}."
        )
    return writers[path.suffix.lower()]


def write_npz(path: Path, cloud: PointCloud) -> None:
    """Write a cloud as an uncompressed NPZ archive of the arrays of :class:`PointCloud`.

    Parameters
    ----------
    path : Path
        File to write; replaced when the new one is complete.
    cloud : PointCloud
        The cloud.

    Raises
    ------
    OutputError
        If the file can't be written.
    """
    with atomic_file(path) as file:
        np.savez(
            file,
            positions=cloud.positions,
            colours=cloud.colours,
            normals=cloud.normals,
            confidence=cloud.confidence,
            progressive=np.array(cloud.progressive),
        )


def read_npz(path: Path, progress: Progress = Silent()) -> PointCloud:  # noqa: B008 -- Silent has no state
    """Read a cloud that :func:`write_npz` wrote.

    Parameters
    ----------
    path : Path
        Uncompressed archive; a compressed one is refused, since it may unpack to any size.
    progress : Progress
        Told about points that were left out because their position is not finite.

    Raises
    ------
    CloudFileError
        If the file is missing, damaged, or holds anything but the arrays of a cloud.
    """
    try:
        arrays = read_arrays(path, _NPZ_ARRAYS)
    except ValueError as problem:
        raise CloudFileError(
            f"“{path.name}” is damaged or not a point cloud of UNeR3D.", "Make the cloud again."
        ) from problem
    count = len(arrays["positions"])
    if any(len(arrays[name]) != count for name in ("colours", "normals", "confidence")):
        raise CloudFileError(f"“{path.name}” has arrays of different lengths.", "Make the cloud again.")
    normals = arrays["normals"]
    in_blocks(count, lambda rows: _correct_normals(normals[rows]))
    cloud = PointCloud(
        arrays["positions"],
        arrays["colours"],
        normals,
        _zero_to_one(arrays["confidence"]),
        bool(arrays["progressive"]),
    )
    return _without_broken_points(cloud, path, progress)


def _cloud_of_vertices(vertices: Vertices) -> PointCloud:
    """Read the columns that a cloud has, with defaults for those that are missing."""
    names = set(vertices.kind.names or ())
    count = vertices.count
    positions = np.empty((count, 3), np.float32)
    normals = np.zeros((count, 3), np.float32)
    confidence = np.ones(count, np.float32)
    colour = next((found for found in _COLOUR_NAMES if set(found) <= names), None)
    kinds = [vertices.kind[name].newbyteorder("=") for name in colour or ()]
    colours = np.full((count, 3), _DEFAULT_COLOUR, np.result_type(*kinds) if kinds else np.uint8)

    def read(block: slice) -> None:
        for rows, records in vertices.read(block, _PIECE):
            with np.errstate(invalid="ignore", over="ignore"):  # which each thread has its own of
                _copy_columns(records, ("x", "y", "z"), positions[rows])
                if {"nx", "ny", "nz"} <= names:
                    _copy_columns(records, ("nx", "ny", "nz"), normals[rows])
                    _correct_normals(normals[rows])
                if "confidence" in names:
                    confidence[rows] = records["confidence"]
            if colour is not None:
                _copy_columns(records, colour, colours[rows])

    in_blocks(count, read)
    with np.errstate(invalid="ignore", over="ignore"):
        return PointCloud(
            positions,
            _bytes(colours),
            normals,
            _zero_to_one(confidence),
            _PROGRESSIVE_COMMENT in vertices.comments,
        )


def _copy_columns(records: Records, names: tuple[str, ...], columns: npt.NDArray[Any]) -> None:
    """Copy the named columns side by side into an array (N, len(names))."""
    fields = [(records.dtype[name], records.dtype.fields[name][1]) for name in names]  # type: ignore[index]
    kind, first = fields[0]
    if kind == columns.dtype and all(
        other == kind and at == first + i * kind.itemsize for i, (other, at) in enumerate(fields)
    ):
        # They already stand side by side: one copy of whole blocks is several times faster.
        block = np.dtype(
            {
                "names": ["block"],
                "formats": [f"V{kind.itemsize * len(names)}"],
                "offsets": [first],
                "itemsize": records.dtype.itemsize,
            }
        )
        columns.view(block["block"])[:, 0] = records.view(block)["block"]
        return
    for index, name in enumerate(names):
        columns[:, index] = records[name]


def _bytes(colours: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Colours of any number type as 8 bit: 16 bit are scaled, floats are 0 to 1 unless any is above."""
    if colours.dtype == np.uint8:
        return colours
    if colours.dtype == np.uint16:
        return (colours // 257).astype(np.uint8)
    values = colours.astype(np.float64)
    if colours.dtype.kind == "f" and values.max(initial=0.0, where=np.isfinite(values)) <= 1.0:
        values *= 255.0
    values = np.nan_to_num(values, nan=_DEFAULT_COLOUR, posinf=255.0, neginf=0.0)
    rounded: npt.NDArray[np.uint8] = np.clip(values + 0.5, 0.0, 255.0).astype(np.uint8)
    return rounded


def _correct_normals(normals: npt.NDArray[np.float32]) -> None:
    """Give normals the length 1, in place; what has no direction becomes zero."""
    for piece in (normals[start : start + _PIECE] for start in range(0, len(normals), _PIECE)):
        # A sum of columns is three times as fast as einsum over rows so short.
        products = piece * piece
        squares = products[:, 0] + products[:, 1] + products[:, 2]
        if ((np.abs(squares - 1.0) < 1e-4) | (squares == 0.0)).all():
            continue
        usable = np.isfinite(squares) & (squares > 0.0)
        scale = np.divide(1.0, np.sqrt(squares), out=np.zeros_like(squares), where=usable)
        piece[:] = np.where(usable[:, None], piece, np.float32(0.0)) * scale[:, None]


def _zero_to_one(confidence: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if ((confidence >= 0.0) & (confidence <= 1.0)).all():
        return confidence
    known = np.nan_to_num(confidence, nan=0.0, posinf=1.0, neginf=0.0)
    scaled: npt.NDArray[np.float32] = np.clip(known / known.max(initial=1.0), 0.0, 1.0).astype(np.float32)
    return scaled


def _without_broken_points(cloud: PointCloud, path: Path, progress: Progress) -> PointCloud:
    if np.isfinite(cloud.positions).all() and len(cloud) > 0:
        return cloud
    kept = np.isfinite(cloud.positions).all(axis=1)
    if not kept.any():
        raise CloudFileError(f"“{path.name}” holds no points.", "Export the cloud with its vertices.")
    broken = counted(len(cloud) - int(np.count_nonzero(kept)), "1 point", "{} points")
    progress.log(f"Left out of “{path.name}”, without a finite position: {broken}.")
    return PointCloud(
        cloud.positions[kept],
        cloud.colours[kept],
        cloud.normals[kept],
        cloud.confidence[kept],
        cloud.progressive,
    )
