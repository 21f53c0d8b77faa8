# SPDX-License-Identifier: Apache-2.0
"""Many sets of views of generated objects, made in several processes and kept in a folder."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TYPE_CHECKING

import torch
from tqdm import tqdm  # type: ignore[import-untyped]

from uner3d_core.shapes.files import write_set
from uner3d_core.shapes.rendering import random_views

if TYPE_CHECKING:
    from pathlib import Path


def make_sets(
    folder: Path, seeds: range, *, views: int, size: int, processes: int = 1, device: str = "cpu"
) -> None:
    """Make one file of views for each seed, and leave files alone that are there.

    Parameters
    ----------
    folder : Path
        Where the files go; made if missing.
    seeds : range
        Of the objects; a file is called by its seed.
    views, size : int
        How many pictures of each object, and their width and height in pixels.
    processes : int
        How many objects are made at a time.
    device : str
        What computes.

    Raises
    ------
    OutputError
        If a file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [seed for seed in seeds if not set_file(folder, seed).exists()]
    with tqdm(total=len(seeds), initial=len(seeds) - len(missing), unit="object") as bar:
        if processes == 1:
            for seed in missing:
                _make_set(folder, seed, views, size, device)
                bar.update()
            return
        with ProcessPoolExecutor(processes, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
            jobs = [pool.submit(_make_set, folder, seed, views, size, device) for seed in missing]
            for job in as_completed(jobs):
                job.result()
                bar.update()


def set_file(folder: Path, seed: int) -> Path:
    """Name the file of the object that a seed gives."""
    return folder / f"{seed:08d}.npz"


def _make_set(folder: Path, seed: int, views: int, size: int, device: str) -> None:
    write_set(set_file(folder, seed), random_views(seed, views, size, device))
