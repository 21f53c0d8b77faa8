# SPDX-License-Identifier: Apache-2.0
"""Several clouds of one prompt, made at once from several seeds, to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uner3d_core.cloud_files import write_ply
from uner3d_core.device import choose_device
from uner3d_core.errors import InputError, OutputError
from uner3d_core.memory import Memory
from uner3d_core.point_e.method import as_cloud, imagine
from uner3d_core.point_e.pictures import write_picture
from uner3d_core.point_e.sizes import MOST_SEEDS, STEPS
from uner3d_core.reconstruct import Stopwatch

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.progress import Progress
    from uner3d_core.prompt import Prompt
    from uner3d_core.settings import Settings


def write_choices(
    prompt: Prompt, count: int, settings: Settings, folder: Path, progress: Progress
) -> dict[int, Path]:
    """Make clouds of 4,096 points in one batch, and write them, each with a small picture of it.

    Any of them is a prompt in its turn: the method makes its surface, and from that any number of points.

    Parameters
    ----------
    prompt : Prompt
        A picture or a sentence.
    count : int
        How many clouds: of the settings' seed, the next, and so on.
    settings : Settings
        Preset, device, network and weights.
    folder : Path
        Where the files ``seed_0.ply``, ``seed_0.png`` and so on are put; it is made.
    progress : Progress
        Is told every step; is shown the first cloud as it forms.

    Returns
    -------
    dict of int to Path
        The file of each seed's cloud; its picture lies beside it.

    Raises
    ------
    InputError
        If the count is out of range, or the prompt is a cloud.
    OutputError
        If the folder can't be written to.
    """
    if not 1 <= count <= MOST_SEEDS:
        raise InputError(f"{count} clouds can't be made at once.", f"Choose from 1 to {MOST_SEEDS}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder “{folder}” can't be made: {error.strerror}.", "Choose another folder."
        ) from error
    seeds = [settings.seed + number for number in range(count)]
    memory, steps = Memory(choose_device(settings.device), progress), STEPS[settings.preset]
    clouds = imagine(prompt, seeds, steps, settings, memory=memory, progress=progress, stopwatch=Stopwatch())
    files = {}
    for done, (seed, points) in enumerate(zip(seeds, clouds, strict=True)):
        progress.stage("pictures of the clouds", done, count)
        cloud = as_cloud(points)
        files[seed] = folder / f"seed_{seed}.ply"
        write_ply(files[seed], cloud)
        write_picture(files[seed].with_suffix(".png"), cloud)
    progress.stage("pictures of the clouds", count, count)
    return files
