# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of clouds and meshes, read in a thread: only what they become is made in Blender's own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import TypeVar

from uner3d_core import protocol
from uner3d_core.cloud_files import read_npz
from uner3d_core.coloured_mesh import ColouredMesh
from uner3d_core.mesh_files import read_mesh_npz

from ..cloud_arrays import CloudArrays, cloud_arrays

Made = TypeVar("Made")


def in_thread(work: Callable[[], Made]) -> Future[Made]:
    """Do something that needs no bpy beside the thread that Blender is drawn in.

    Returns
    -------
    Future
        Its ``result`` waits, and raises what ``work`` raised.
    """
    future: Future[Made] = Future()

    def do() -> None:
        try:
            made = work()
        except BaseException as error:  # whoever asks for the result gets it
            future.set_exception(error)
        else:
            future.set_result(made)

    Thread(target=do, daemon=True).start()
    return future


def load_result(task: protocol.Task, result: protocol.Result) -> Future[CloudArrays] | Future[ColouredMesh]:
    """Read what the worker has made for a task."""
    if isinstance(task, protocol.ConvertToMesh):
        mesh = Path(result.files["mesh"])
        return in_thread(lambda: read_mesh_npz(mesh))
    cloud = Path(result.files["cloud"])
    return in_thread(lambda: cloud_arrays(read_npz(cloud)))
