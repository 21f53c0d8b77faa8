# SPDX-License-Identifier: Apache-2.0
"""Training sets on disk: generated ones, and any folder of posed pictures of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

from uner3d_core.errors import InputError
from uner3d_core.inputs import load_views
from uner3d_core.inputs.places import find_cameras
from uner3d_core.shapes.files import read_set
from uner3d_core.views import View


class ViewSets(Sequence[list[View]]):
    """Views of many objects, each read when it is asked for.

    Parameters
    ----------
    places : sequence of Path
        For each object a generated file or a folder of posed pictures.
    """

    def __init__(self, places: Sequence[Path]) -> None:
        self.places = list(places)

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> list[View]: ...

    @overload
    def __getitem__(self, index: slice) -> ViewSets: ...

    def __getitem__(self, index: int | slice) -> list[View] | ViewSets:
        if isinstance(index, slice):
            return ViewSets(self.places[index])
        place = self.places[index]
        return read_set(place) if place.is_file() else load_views(place)


def open_sets(path: Path) -> ViewSets:
    """Find the sets of posed views in a folder; each is one object.

    A set is a ``.npz`` file that ``python -m uner3d_core.shapes`` wrote, or a folder, at any depth, with a
    ``transforms.json`` or a COLMAP model in it: its pictures and masks are found as ``uner3d reconstruct``
    finds them. What lies in a set's folder is part of it.

    Parameters
    ----------
    path : Path
        The folder, or a single set.

    Returns
    -------
    ViewSets
        In the order of their paths.

    Raises
    ------
    InputError
        If there are none.
    """
    places = [path] if path.is_file() and path.suffix == ".npz" else _find_sets(path) if path.is_dir() else []
    if not places:
        raise InputError(
            f"There are no sets of posed views in “{path}”.",
            "Give a folder that has one folder for each object, with its pictures and a transforms.json.",
        )
    return ViewSets(places)


def _find_sets(folder: Path) -> list[Path]:
    if find_cameras(folder) is not None:
        return [folder]
    found: list[Path] = []
    for inner in sorted(folder.iterdir()):
        if inner.name.startswith("."):
            continue
        if inner.is_dir():
            found += _find_sets(inner)
        elif inner.suffix == ".npz":
            found.append(inner)
    return found
