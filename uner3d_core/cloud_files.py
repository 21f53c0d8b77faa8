# SPDX-License-Identifier: Apache-2.0
"""Point clouds in files: PLY for everybody, NPZ between the worker and the add-on.

Files are written by :func:`write_ply` and :func:`write_npz` in one layout each, and only when complete.
:func:`read_ply` reads what other programs write too: text and both byte orders, any number types, any
further properties and elements. Numpy is all that this module needs, so Blender can import it.
"""

from __future__ import annotations

import math
import os
import struct
import zipfile
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import CloudFileError
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Progress, Silent

if TYPE_CHECKING:
    from pathlib import Path

_PROGRESSIVE_COMMENT = "comment progressive order: the first k points are an even subset"
_CHUNK = 1 << 18
_MAXIMUM_HEADER = 1 << 20
_OWN_RECORD = np.dtype(
    [("positions", "<f4", 3), ("normals", "<f4", 3), ("colours", "u1", 3), ("confidence", "<f4")]
)
_OWN_PROPERTIES = (
    *(f"property float {name}" for name in ("x", "y", "z", "nx", "ny", "nz")),
    *(f"property uchar {name}" for name in ("red", "green", "blue")),
    "property float confidence",
)
_NUMBER_TYPES = {
    "char": "i1",
    "int8": "i1",
    "uchar": "u1",
    "uint8": "u1",
    "short": "i2",
    "int16": "i2",
    "ushort": "u2",
    "uint16": "u2",
    "int": "i4",
    "int32": "i4",
    "uint": "u4",
    "uint32": "u4",
    "float": "f4",
    "float32": "f4",
    "double": "f8",
    "float64": "f8",
}
_STRUCT_CODES = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
_BYTE_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_COLOUR_NAMES = (("red", "green", "blue"), ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue"))
_DEFAULT_COLOUR = 200
_NPZ_ARRAYS: dict[str, tuple[np.dtype[Any], tuple[int, ...]]] = {
    "positions": (np.dtype("<f4"), (3,)),
    "colours": (np.dtype("u1"), (3,)),
    "normals": (np.dtype("<f4"), (3,)),
    "confidence": (np.dtype("<f4"), ()),
}
"""Number type and shape of one point's entry, for each array of the archive."""

_NPY_FORMAT: Any = np.lib.format  # without types in numpy 1

Records = npt.NDArray[np.void]


@dataclass(frozen=True)
class _Property:
    name: str
    kind: str
    list_count_kind: str = ""  # empty: one number; else the number type of the list's length


@dataclass(frozen=True)
class _Element:
    name: str
    count: int
    properties: tuple[_Property, ...]

    @property
    def has_lists(self) -> bool:
        return any(entry.list_count_kind for entry in self.properties)

    def record(self, byte_order: str) -> np.dtype[np.void]:
        """Describe one row without its lists."""
        plain = [entry for entry in self.properties if not entry.list_count_kind]
        return np.dtype([(entry.name, byte_order + entry.kind) for entry in plain])

    def smallest_row(self, text: bool) -> int:
        """Count the fewest bytes that one row can take."""
        if text:
            return 2 * len(self.properties)
        return sum(np.dtype(entry.list_count_kind or entry.kind).itemsize for entry in self.properties)


@dataclass(frozen=True)
class _Header:
    byte_order: str
    elements: tuple[_Element, ...]
    progressive: bool


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
    lines = ["ply", "format binary_little_endian 1.0", "comment UNeR3D point cloud, colours are sRGB"]
    if cloud.progressive:
        lines.append(_PROGRESSIVE_COMMENT)
    lines += [f"element vertex {len(cloud)}", *_OWN_PROPERTIES, "end_header", ""]
    with atomic_file(path) as file:
        file.write("\n".join(lines).encode("ascii"))
        for start in range(0, len(cloud), _CHUNK):
            part = slice(start, start + _CHUNK)
            records = np.empty(len(cloud.positions[part]), _OWN_RECORD)
            records["positions"] = cloud.positions[part]
            records["normals"] = cloud.normals[part]
            records["colours"] = cloud.colours[part]
            records["confidence"] = cloud.confidence[part]
            file.write(records.data)


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
    try:
        with path.open("rb") as file:
            header = _read_header(file, path)
            records = _read_vertices(file, header, path)
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    cloud = _cloud_from_records(records, header.progressive)
    return _without_broken_points(cloud, path, progress)


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
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            arrays = {name: _read_array(archive, name, *kind) for name, kind in _NPZ_ARRAYS.items()}
            progressive = bool(_read_array(archive, "progressive", np.dtype("?"), None))
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    except (
        zipfile.BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError, SyntaxError, TypeError,
        ValueError, OverflowError, MemoryError, struct.error,
    ) as problem:  # fmt: skip
        raise CloudFileError(
            f"“{path.name}” is damaged or not a point cloud of UNeR3D.", "Make the cloud again."
        ) from problem
    count = len(arrays["positions"])
    if any(array.shape[:1] != (count,) for array in arrays.values()):
        raise CloudFileError(f"“{path.name}” has arrays of different lengths.", "Make the cloud again.")
    cloud = PointCloud(**arrays, progressive=progressive)
    return _without_broken_points(cloud, path, progress)


def _read_header(file: BinaryIO, path: Path) -> _Header:
    """Read the lines up to ``end_header``; the file then stands at the first vertex or face."""
    not_a_ply = CloudFileError(f"“{path.name}” is not a PLY file.", "Export the cloud again as PLY.")
    if file.readline(16).strip() != b"ply":
        raise not_a_ply
    byte_order: str | None = None
    elements: list[_Element] = []
    progressive = False
    while True:
        line = file.readline(_MAXIMUM_HEADER)
        if not line.endswith(b"\n") or file.tell() > _MAXIMUM_HEADER:
            raise not_a_ply
        text = line.decode("utf-8", errors="replace").strip()
        try:
            match text.split():
                case ["end_header"]:
                    break
                case ["format", order, _]:
                    byte_order = _BYTE_ORDERS[order]
                case ["element", name, count] if count.isdecimal():
                    elements.append(_Element(name, int(count), ()))
                case ["property", "list", count_kind, kind, name]:
                    entry = _Property(name, _NUMBER_TYPES[kind], _NUMBER_TYPES[count_kind])
                    elements.append(_with_property(elements.pop(), entry))
                case ["property", kind, name]:
                    elements.append(_with_property(elements.pop(), _Property(name, _NUMBER_TYPES[kind])))
                case ["comment" | "obj_info", *_] | []:
                    progressive = progressive or text == _PROGRESSIVE_COMMENT
                case _:
                    raise not_a_ply
        except (KeyError, IndexError, ValueError) as problem:
            raise CloudFileError(
                f"The header of “{path.name}” can't be understood at “{text[:80]}”.",
                "Export the cloud again as PLY.",
            ) from problem
    if byte_order is None:
        raise not_a_ply
    return _Header(byte_order, tuple(elements), progressive)


def _with_property(element: _Element, entry: _Property) -> _Element:
    if any(entry.name == other.name for other in element.properties):
        raise ValueError(f"{entry.name} twice")
    return _Element(element.name, element.count, (*element.properties, entry))


def _read_vertices(file: BinaryIO, header: _Header, path: Path) -> Records:
    """Read the numbers of the element ``vertex`` as records; its lists, if any, are passed over."""
    before: list[_Element] = []
    for vertex in header.elements:
        if vertex.name == "vertex":
            break
        before.append(vertex)
    else:
        raise CloudFileError(f"“{path.name}” holds no points.", "Export the cloud with its vertices.")
    if not {"x", "y", "z"} <= {entry.name for entry in vertex.properties if not entry.list_count_kind}:
        raise CloudFileError(
            f"The points in “{path.name}” have no x, y and z.", "Export the cloud with its positions."
        )
    # Compared before anything is allocated: a header may claim any number.
    text = not header.byte_order
    needed = sum(element.count * element.smallest_row(text) for element in (*before, vertex))
    if needed > os.fstat(file.fileno()).st_size - file.tell() + text:
        raise _damaged(path)
    try:
        if text:
            return _read_text_vertices(file, before, vertex)
        for element in before:
            if element.has_lists:
                _read_rows(file, element, header.byte_order)
            else:
                file.seek(element.count * element.smallest_row(text=False), os.SEEK_CUR)
        if vertex.has_lists:
            kept = _read_rows(file, vertex, header.byte_order)
            return np.frombuffer(kept, vertex.record(header.byte_order))
        records = np.fromfile(file, vertex.record(header.byte_order), vertex.count)
        if len(records) != vertex.count:
            raise _damaged(path)
        return records
    except (ValueError, OverflowError, struct.error) as problem:
        raise _damaged(path) from problem


def _read_text_vertices(file: BinaryIO, before: list[_Element], vertex: _Element) -> Records:
    """Read vertices of an ASCII file, where every row of an element stands on a line of its own."""
    lines = (line.decode("ascii", errors="replace") for line in file if not line.isspace())
    for element in before:
        for _ in range(element.count):
            if next(lines, None) is None:
                raise ValueError("the file ends before its vertices")
    rows = list(islice(lines, vertex.count))
    if len(rows) != vertex.count:
        raise ValueError("the file ends within its vertices")
    if vertex.has_lists:
        rows = [_without_lists(row.split(), vertex) for row in rows]
    records = np.empty(vertex.count, vertex.record("="))
    if vertex.count == 0:
        return records
    columns = np.loadtxt(rows, dtype=np.float64, comments=None, ndmin=2)
    names = records.dtype.names or ()
    if columns.shape[1] < len(names):
        raise ValueError("a row has too few numbers")
    with np.errstate(invalid="ignore", over="ignore"):
        for index, name in enumerate(names):
            records[name] = columns[:, index]
    return records


def _without_lists(words: list[str], element: _Element) -> str:
    kept: list[str] = []
    position = 0
    for entry in element.properties:
        if position >= len(words):
            raise ValueError("a row has too few numbers")
        if entry.list_count_kind:
            position += max(int(words[position]), 0)
        else:
            kept.append(words[position])
        position += 1
    return " ".join(kept)


def _read_rows(file: BinaryIO, element: _Element, byte_order: str) -> bytearray:
    """Read binary rows of differing length one by one, and keep what is no list.

    The file then stands behind the last of them.
    """
    start = file.tell()
    content = file.read()
    kept = bytearray()
    position = 0
    for _ in range(element.count):
        for entry in element.properties:
            size = np.dtype(entry.kind).itemsize
            if entry.list_count_kind:
                (count,) = struct.unpack_from(
                    byte_order + _STRUCT_CODES[entry.list_count_kind], content, position
                )
                position += np.dtype(entry.list_count_kind).itemsize + max(int(count), 0) * size
            else:
                kept += content[position : position + size]
                position += size
        if position > len(content):
            raise ValueError("the file ends within an element")
    file.seek(start + position)
    return kept


def _cloud_from_records(records: Records, progressive: bool) -> PointCloud:
    """Choose the columns that a cloud has, with defaults for those that are missing."""
    names = set(records.dtype.names or ())
    count = len(records)
    with np.errstate(invalid="ignore", over="ignore"):
        positions = _columns(records, ("x", "y", "z")).astype(np.float32, copy=False)
        if {"nx", "ny", "nz"} <= names:
            normals = _unit_or_zero(_columns(records, ("nx", "ny", "nz")).astype(np.float32, copy=False))
        else:
            normals = np.zeros((count, 3), np.float32)
        if "confidence" in names:
            confidence = _zero_to_one(records["confidence"].astype(np.float32))
        else:
            confidence = np.ones(count, np.float32)
    for colour in _COLOUR_NAMES:
        if set(colour) <= names:
            colours = _bytes(_columns(records, colour))
            break
    else:
        colours = np.full((count, 3), _DEFAULT_COLOUR, np.uint8)
    return PointCloud(positions, colours, normals, confidence, progressive)


def _columns(records: Records, names: tuple[str, ...]) -> npt.NDArray[Any]:
    """Put the named columns side by side, (N, len(names))."""
    fields = [(records.dtype[name], records.dtype.fields[name][1]) for name in names]  # type: ignore[index]
    kind, first = fields[0]
    if all(other == kind and at == first + i * kind.itemsize for i, (other, at) in enumerate(fields)):
        # They already stand side by side: one copy of whole blocks is several times faster.
        block = np.dtype(
            {
                "names": ["block"],
                "formats": [f"V{kind.itemsize * len(names)}"],
                "offsets": [first],
                "itemsize": records.dtype.itemsize,
            }
        )
        together = np.ascontiguousarray(records.view(block)["block"]).view(kind)
        return together.reshape(len(records), len(names)).astype(kind.newbyteorder("="), copy=False)
    return np.stack([records[name] for name in names], axis=1)


def _bytes(colours: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Colours of any number type as 8 bit: 16 bit are scaled, floats are 0 to 1 unless any is above."""
    if colours.dtype == np.uint8:
        return colours
    if colours.dtype == np.uint16:
        return (colours // 257).astype(np.uint8)
    values = np.nan_to_num(colours.astype(np.float64), nan=_DEFAULT_COLOUR, posinf=255.0, neginf=0.0)
    if colours.dtype.kind == "f" and values.size and values.max() <= 1.0:
        values *= 255.0
    rounded: npt.NDArray[np.uint8] = np.clip(values + 0.5, 0.0, 255.0).astype(np.uint8)
    return rounded


def _unit_or_zero(normals: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    squares = np.einsum("ij,ij->i", normals, normals)
    if ((np.abs(squares - 1.0) < 1e-4) | (squares == 0.0)).all():
        return normals
    usable = np.isfinite(squares) & (squares > 0.0)
    scale = np.divide(1.0, np.sqrt(squares), out=np.zeros_like(squares), where=usable)
    unit: npt.NDArray[np.float32] = np.where(usable[:, None], normals, np.float32(0.0)) * scale[:, None]
    return unit


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
    left_out = len(cloud) - np.count_nonzero(kept)
    progress.log(f"{left_out} points of “{path.name}” have no finite position and are left out.")
    return PointCloud(
        cloud.positions[kept],
        cloud.colours[kept],
        cloud.normals[kept],
        cloud.confidence[kept],
        cloud.progressive,
    )


def _read_array(
    archive: zipfile.ZipFile, name: str, kind: np.dtype[Any], entry_shape: tuple[int, ...] | None
) -> npt.NDArray[Any]:
    """Read one array whose kind and shape are known beforehand.

    An ``entry_shape`` of None means a single number, else the shape of one of the N entries.
    """
    entry = archive.getinfo(f"{name}.npy")
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
        raise ValueError(f"{name} is compressed")
    with archive.open(entry) as file:
        if _NPY_FORMAT.read_magic(file) != (1, 0):
            raise ValueError(f"{name} has another version")
        shape, fortran, found = _NPY_FORMAT.read_array_header_1_0(file)
        content = file.read()
    expected = () if entry_shape is None else (*shape[:1], *entry_shape)
    if fortran or found != kind or shape != expected or len(content) != kind.itemsize * math.prod(shape):
        raise ValueError(f"{name} is of another kind")
    return np.frombuffer(content, kind).reshape(shape).copy()


def _damaged(path: Path) -> CloudFileError:
    return CloudFileError(f"“{path.name}” is cut short or damaged.", "Export the cloud again.")


def _unreadable(path: Path, problem: OSError) -> CloudFileError:
    return CloudFileError(
        f"“{path}” can't be read: {problem.strerror or problem}.",
        "Choose a file that exists and is readable.",
    )
