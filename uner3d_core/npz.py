# SPDX-License-Identifier: Apache-2.0
"""NPZ archives, the arrays between the worker and the add-on, read without trusting anything in them."""

from __future__ import annotations

import math
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from uner3d_core.ply import unreadable_file

if TYPE_CHECKING:
    from pathlib import Path

ArrayKinds = dict[str, tuple[np.dtype[Any], tuple[int, ...] | None]]
"""Number type of each array, and the shape of one of its entries; None means a single number."""

_NPY_FORMAT: Any = np.lib.format  # without types in numpy 1


def read_arrays(path: Path, kinds: ArrayKinds) -> dict[str, npt.NDArray[Any]]:
    """Read the arrays of an NPZ archive whose kinds are known beforehand.

    Parameters
    ----------
    path : Path
        Uncompressed archive; a compressed one is refused, since it may unpack to any size.
    kinds : dict
        What must be in it.

    Returns
    -------
    dict of arrays
        By name; of any length each.

    Raises
    ------
    CloudFileError
        If the file can't be read.
    ValueError
        If it is no such archive.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return {name: _read_array(archive, name, *kind) for name, kind in kinds.items()}
    except OSError as problem:
        raise unreadable_file(path, problem) from problem
    except (
        zipfile.BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError, SyntaxError, TypeError,
        OverflowError, MemoryError, struct.error,
    ) as problem:  # fmt: skip
        raise ValueError(f"{path.name} is no archive of these arrays") from problem


def _read_array(
    archive: zipfile.ZipFile, name: str, kind: np.dtype[Any], entry_shape: tuple[int, ...] | None
) -> npt.NDArray[Any]:
    entry = archive.getinfo(f"{name}.npy")
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
        raise ValueError(f"{name} is compressed")
    with archive.open(entry) as file:
        if _NPY_FORMAT.read_magic(file) != (1, 0):
            raise ValueError(f"{name} has another version")
        shape, fortran, found = _NPY_FORMAT.read_array_header_1_0(file)
        content = file.read()
    expected = () if entry_shape is None else (math.prod(shape[:1]), *entry_shape)
    if fortran or found != kind or shape != expected or len(content) != kind.itemsize * math.prod(shape):
        raise ValueError(f"{name} is of another kind")
    return np.frombuffer(content, kind).reshape(shape).copy()
