# SPDX-License-Identifier: Apache-2.0
"""The PLY format: the vertices of any file of it as records.

Format: Greg Turk, "The PLY Polygon File Format", 1994. Text and both byte orders, any number types, any
properties and elements are understood; lists are passed over.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from uner3d_core.errors import CloudFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
_MAXIMUM_HEADER = 1 << 20

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
    comments: list[str]


@dataclass(frozen=True)
class Vertices:
    """The vertices of a PLY file, which may still lie in it.

    Parameters
    ----------
    count : int
        How many there are.
    kind : numpy.dtype
        A field for each property of a vertex that is no list; x, y and z are among them.
    comments : list of str
        The comments in the file's header.
    read : callable
        Reads some rows, in pieces of so many, in any thread: which rows, and their records, of that kind and
        good until the next piece. It raises ``CloudFileError`` if the file has changed meanwhile.
    """

    count: int
    kind: np.dtype[np.void]
    comments: list[str]
    read: Callable[[slice, int], Iterator[tuple[slice, Records]]]


def open_vertices(path: Path) -> Vertices:
    """Find the element ``vertex`` of a PLY file.

    Parameters
    ----------
    path : Path
        ASCII or binary PLY of either byte order.

    Returns
    -------
    Vertices
        They are read only when asked for, where their rows are all of one length.

    Raises
    ------
    CloudFileError
        If the file is missing, no PLY, cut short, or its vertices have no x, y and z.
    """
    try:
        with path.open("rb") as file:
            header = _read_header(file, path)
            return _open_vertices(file, header, path)
    except OSError as problem:
        raise unreadable_file(path, problem) from problem


def unreadable_file(path: Path, problem: OSError) -> CloudFileError:
    """Say that the system does not let ``path`` be read, and why."""
    return CloudFileError(
        f"“{path}” can't be read: {problem.strerror or problem}.",
        "Choose a file that exists and is readable.",
    )


def _read_header(file: BinaryIO, path: Path) -> _Header:
    """Read the lines up to ``end_header``; the file then stands at the first vertex or face."""
    not_a_ply = CloudFileError(f"“{path.name}” is not a PLY file.", "Export the cloud again as PLY.")
    if file.readline(16).strip() != b"ply":
        raise not_a_ply
    byte_order: str | None = None
    elements: list[_Element] = []
    comments: list[str] = []
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
                    comments.append(text.removeprefix("comment").strip())
                case _:
                    raise not_a_ply
        except (KeyError, IndexError, ValueError) as problem:
            raise CloudFileError(
                f"The header of “{path.name}” can't be understood at “{text[:80]}”.",
                "Export the cloud again as PLY.",
            ) from problem
    if byte_order is None:
        raise not_a_ply
    return _Header(byte_order, tuple(elements), comments)


def _with_property(element: _Element, entry: _Property) -> _Element:
    if any(entry.name == other.name for other in element.properties):
        raise ValueError(f"{entry.name} twice")
    return _Element(element.name, element.count, (*element.properties, entry))


def _open_vertices(file: BinaryIO, header: _Header, path: Path) -> Vertices:
    """Find the element ``vertex``; text and lists, which are passed over, are read now."""
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
            return _vertices_in_memory(_read_text_vertices(file, before, vertex), header)
        for element in before:
            if element.has_lists:
                _read_rows(file, element, header.byte_order)
            else:
                file.seek(element.count * element.smallest_row(text=False), os.SEEK_CUR)
        if vertex.has_lists:
            kept = _read_rows(file, vertex, header.byte_order)
            return _vertices_in_memory(np.frombuffer(kept, vertex.record(header.byte_order)), header)
    except (ValueError, OverflowError, struct.error) as problem:
        raise _damaged(path) from problem
    kind = vertex.record(header.byte_order)
    first = file.tell()

    def read(rows: slice, most: int) -> Iterator[tuple[slice, Records]]:
        records = np.empty(most, kind)  # the same for all pieces: new memory costs more than what it takes
        try:
            with path.open("rb") as opened:
                opened.seek(first + rows.start * kind.itemsize)
                for piece in _pieces(rows, most):
                    found = records[: piece.stop - piece.start]
                    if opened.readinto(found.view(np.uint8).data) != found.nbytes:
                        raise _damaged(path)
                    yield piece, found
        except OSError as problem:
            raise unreadable_file(path, problem) from problem

    return Vertices(vertex.count, kind, header.comments, read)


def _vertices_in_memory(records: Records, header: _Header) -> Vertices:
    def read(rows: slice, most: int) -> Iterator[tuple[slice, Records]]:
        return ((piece, records[piece]) for piece in _pieces(rows, most))

    return Vertices(len(records), records.dtype, header.comments, read)


def _pieces(rows: slice, most: int) -> Iterator[slice]:
    return (slice(start, min(start + most, rows.stop)) for start in range(rows.start, rows.stop, most))


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


def _damaged(path: Path) -> CloudFileError:
    return CloudFileError(f"“{path.name}” is cut short or damaged.", "Export the cloud again.")
