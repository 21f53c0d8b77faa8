# SPDX-License-Identifier: GPL-3.0-or-later
"""The rough clouds that were imagined last, to choose from; they lie in their job's folder till dismissed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from uner3d_core import protocol
from uner3d_core.errors import CloudFileError
from uner3d_core.settings import Settings

from .run import Run


@dataclass(frozen=True)
class Choice:
    """A rough cloud of 4,096 points.

    Parameters
    ----------
    seed : int
        What it was made from.
    cloud : Path
        Its PLY file.
    title : str
        What the cloud that it becomes is to be called.
    settings : Settings
        Those it was made with.
    """

    seed: int
    cloud: Path
    title: str
    settings: Settings

    @property
    def picture(self) -> Path:
        """A small picture of it."""
        return self.cloud.with_suffix(".png")


@dataclass
class _Offer:
    choices: tuple[Choice, ...] = ()
    folder: Path | None = None


_offer = _Offer()


def offered() -> tuple[Choice, ...]:
    """Tell what there is to choose from."""
    return _offer.choices


def offer(run: Run, result: protocol.Result) -> tuple[Choice, ...]:
    """Offer what a run has imagined, instead of what was offered before.

    Raises
    ------
    CloudFileError
        If a file is gone.
    """
    found = tuple(
        Choice(int(seed), Path(file), run.title, run.task.settings) for seed, file in result.files.items()
    )
    for choice in found:
        if not choice.cloud.is_file() or not choice.picture.is_file():
            raise CloudFileError(f"“{choice.cloud}” is gone.", "Imagine the clouds again.")
    dismiss()
    _offer.choices, _offer.folder = found, run.folder if run.temporary else None
    return found


def dismiss() -> None:
    """Offer nothing any more; the files go where their folder was made for them."""
    if _offer.folder is not None:
        shutil.rmtree(_offer.folder, ignore_errors=True)
    _offer.choices, _offer.folder = (), None


def unregister() -> None:
    """Let them go."""
    dismiss()
