# SPDX-License-Identifier: GPL-3.0-or-later
"""The mesh of a large cloud, made over several turns of Blender's loop, so that the window is not kept."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import bpy

from ..cloud_arrays import CloudArrays
from ..cloud_object import mesh_steps
from .placing import by_uid

TURN_SECONDS = 0.02
"""After so long no further step is begun; one alone may take longer."""


class Filling:
    """A mesh that is being filled. Nothing uses it yet, so that it is not saved.

    Undo may take it away between two turns, or bring back what it was: then it is made anew.

    Parameters
    ----------
    arrays : CloudArrays
        What it is filled with.
    name : str
        The mesh's name.
    """

    def __init__(self, arrays: CloudArrays, name: str) -> None:
        self._arrays, self._name = arrays, name
        self._uid = 0
        self._left: deque[Callable[[bpy.types.Mesh], None]] = deque()
        self._reached: list[str] = []

    def advance(self) -> bool:
        """Go on for a moment; tell whether the mesh is whole."""
        mesh = self._found()
        if mesh is None:
            self.discard()
            mesh = bpy.data.meshes.new(self._name)
            self._uid, self._left = mesh.session_uid, deque(mesh_steps(self._arrays))
        end = time.perf_counter() + TURN_SECONDS
        while self._left and time.perf_counter() < end:
            self._left.popleft()(mesh)
        self._reached = mesh.attributes.keys()
        return not self._left

    def mesh(self) -> bpy.types.Mesh | None:
        """Give the mesh; None if it is not whole, or gone."""
        return None if self._left else self._found()

    def discard(self) -> None:
        """Remove the mesh, unless it is used."""
        mesh = by_uid(bpy.data.meshes, self._uid)
        if mesh is not None and mesh.users == 0:
            bpy.data.meshes.remove(mesh)

    def _found(self) -> bpy.types.Mesh | None:
        mesh = by_uid(bpy.data.meshes, self._uid)
        same = mesh is not None and mesh.attributes.keys() == self._reached
        return mesh if same else None
