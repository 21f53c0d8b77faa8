# SPDX-License-Identifier: Apache-2.0
"""The method on one page: prompt, 1,024 points, 4,096 points, surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from uner3d_core.counting import counted
from uner3d_core.errors import InputError
from uner3d_core.field import Field
from uner3d_core.memory import Memory
from uner3d_core.point_cloud import PointCloud
from uner3d_core.point_e import clip, sizes
from uner3d_core.point_e.checkpoints import load_network
from uner3d_core.point_e.framing import framed
from uner3d_core.point_e.generation import ADDING, ADDING_UNGUIDED, FIRST, Noise, generate, halved
from uner3d_core.point_e.signed_distance import SignedDistanceTransformer
from uner3d_core.point_e.sizes import BASES, GRID_FEATURES, GRID_PATCHES, STEPS
from uner3d_core.point_e.surface import GUESS, SIDE, to_field
from uner3d_core.point_e.transformer import PointDiffusionTransformer
from uner3d_core.point_e.weights import CLIP, VOCABULARY, Weights, bases_for
from uner3d_core.progress import Progress
from uner3d_core.prompt import Prompt
from uner3d_core.reconstruct import Stopwatch
from uner3d_core.settings import Settings

MOST_POINTS = 16_384
"""Of a cloud whose surface is found; the network was trained with 4,096."""
PREVIEWS = 16
"""Early clouds that are shown of each network's points."""


@dataclass(frozen=True)
class Effort:
    """What a preset spends.

    Parameters
    ----------
    steps : int
        Of the sampler, for either network; 64 is the published number. Each asks a network twice.
    cells : int
        Along a side of the grid of the surface.
    """

    steps: int
    cells: int


PRESETS = {
    name: Effort(STEPS[name], cells) for name, cells in (("draft", 64), ("balanced", 128), ("final", 128))
}


def fit(
    prompt: Prompt, settings: Settings, device: torch.device, progress: Progress, stopwatch: Stopwatch
) -> tuple[Field, dict[str, float]]:
    """Imagine an object from one picture or a sentence, or find the surface of a cloud that was made so.

    Parameters
    ----------
    prompt : Prompt
        The picture, the sentence, or a cloud that :func:`imagine` made.
    settings : Settings
        Preset, seed, network, and where the weights are.
    device : torch.device
        Where to compute.
    progress : Progress
        Is told every step; is shown the points as they form.
    stopwatch : Stopwatch
        Takes the time of every stage.

    Returns
    -------
    Field
        Upright, z up, around the origin, its longest side about 1.
    dict
        How far the 4,096 points are from the surface, on average.

    Raises
    ------
    InputError
        If the network named is not there, or is for another kind of prompt; or if the cloud is none of ours.
    WeightsError
        If weights are missing or not the published ones.
    """
    weights = Weights(settings.weights)
    if prompt.cloud is None:  # what can't be mended by fetching comes first
        choose_base(settings.network, prompt, weights)
    # It comes last, but a file that is missing or damaged must not cost an hour.
    weights.require("sdf")
    network = load_network(
        lambda: SignedDistanceTransformer(sizes.SURFACE), weights.file("sdf"), device, progress
    )
    effort = PRESETS[settings.preset]
    memory = Memory(device, progress)
    if prompt.cloud is not None:
        cloud = from_cloud(prompt.cloud)
    else:
        cloud = imagine(
            prompt,
            [settings.seed],
            effort.steps,
            settings,
            memory=memory,
            progress=progress,
            stopwatch=stopwatch,
        )[0]
    with stopwatch.stage("surface"):
        field = to_field(cloud, network, effort.cells, memory, progress)
    distance = field.distance(cloud[:, :3])
    return field, {"points_to_surface": float(distance.abs().mean())}


def imagine(
    prompt: Prompt,
    seeds: list[int],
    steps: int,
    settings: Settings,
    *,
    memory: Memory,
    progress: Progress,
    stopwatch: Stopwatch,
) -> torch.Tensor:
    """Make clouds of 4,096 points, one for each seed, all in one batch.

    Parameters
    ----------
    prompt, progress, stopwatch
        As for :func:`fit`; the early clouds that are shown are the first seed's.
    seeds : list of int
        A cloud depends on its own seed alone.
    steps : int
        Of the sampler.
    settings : Settings
        Network, and where the weights are.
    memory : Memory
        Device, and what is done when its memory runs short.

    Returns
    -------
    float32 tensor (seeds, 4096, 6)
        On the CPU: x, y, z; red, green, blue, 0 to 255.
    """
    if prompt.cloud is not None:
        raise InputError("A cloud suggests no other cloud.", "Give a picture or a sentence.")
    device, weights, noise = memory.device, Weights(settings.weights), Noise(seeds)
    name = choose_base(settings.network, prompt, weights)
    weights.require(name, "upsample")
    with stopwatch.stage("prompt"):
        progress.stage("prompt", 0, 1)
        vector_or_grid, grid = _features(prompt, name, weights, device)
        progress.stage("prompt", 1, 1)
    with stopwatch.stage("1,024 points"):
        told = _teller("1,024 points", steps, progress)
        size = sizes.BASES[name]
        base = load_network(lambda: PointDiffusionTransformer(size), weights.file(name), device, progress)
        # Read before the base is asked: a damaged file must not cost its time.
        upsampler = load_network(
            lambda: PointDiffusionTransformer(sizes.UPSAMPLER), weights.file("upsample"), device, progress
        )
        low = generate(
            halved(base, device), FIRST, vector_or_grid, noise, steps=steps, memory=memory, told=told
        )
        del base
    with stopwatch.stage("4,096 points"):
        told = _teller("4,096 points", steps, progress)
        stage = ADDING_UNGUIDED if prompt.text else ADDING
        upsampler = halved(upsampler, device)
        clouds = generate(upsampler, stage, grid, noise, steps=steps, memory=memory, told=told, low=low)
    return torch.cat([clouds[..., :3], clouds[..., 3:].clamp(0, 255).round()], dim=-1)


def choose_base(name: str, prompt: Prompt, weights: Weights) -> str:
    """Choose the network that makes the first points.

    Parameters
    ----------
    name : str
        A published name, or nothing for the best whose weights are there.
    prompt : Prompt
        A network takes either pictures or sentences.
    weights : Weights
        Tells what is there.

    Raises
    ------
    InputError
        If there is no such network, or it does not take such a prompt.
    """
    fitting = bases_for(of_sentence=bool(prompt.text))
    if not name:
        return weights.best_base(of_sentence=bool(prompt.text))
    if name not in BASES:
        raise InputError(f"“{name}” is no network of Point-E.", f"Choose one of {', '.join(BASES)}.")
    if name not in fitting:
        takes, given = ("pictures", "a sentence") if prompt.text else ("sentences", "a picture")
        raise InputError(
            f"“{name}” makes clouds from {takes}, and was given {given}.", f"Choose {' or '.join(fitting)}."
        )
    return name


def as_cloud(points: torch.Tensor) -> PointCloud:
    """Make a point cloud of points (N, 6), of which no normals are known."""
    numbers = points.numpy()
    return PointCloud(
        numbers[:, :3].astype(np.float32),
        np.rint(np.clip(numbers[:, 3:], 0, 255)).astype(np.uint8),
        np.zeros((len(numbers), 3), np.float32),
        np.full(len(numbers), GUESS, np.float32),
        progressive=False,
    )


def from_cloud(cloud: PointCloud) -> torch.Tensor:
    """Take a cloud for one of ours: points (N, 6) of its positions and colours.

    Raises
    ------
    InputError
        If it is empty, has too many points, or does not lie around the origin.
    """
    if not 1 <= len(cloud) <= MOST_POINTS or not np.abs(cloud.positions).max() <= SIDE / 2:
        raise InputError(
            f"The cloud has {counted(len(cloud), '1 point', '{} points')}, "
            f"or reaches out of ±{SIDE / 2:g} around the origin.",
            f"Choose one that “uner3d imagine” made, or one like it of at most {MOST_POINTS:,} points.",
        )
    return torch.from_numpy(np.concatenate([cloud.positions, cloud.colours.astype(np.float32)], axis=1))


def _features(
    prompt: Prompt, name: str, weights: Weights, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Ask CLIP: for the base network, and for the upsampler, which is told nothing of a sentence."""
    file = weights.checked(CLIP)
    if prompt.image is None:
        vector = clip.text_vector(prompt.text, file, weights.checked(VOCABULARY), device)
        return vector, torch.zeros(GRID_PATCHES, GRID_FEATURES)
    grid, vector = clip.image_features(framed(prompt.image, prompt.mask), file, device)
    return vector if BASES[name].condition == "image vector" else grid, grid


def _teller(name: str, steps: int, progress: Progress) -> Callable[[int, torch.Tensor], None]:
    """Tell the steps of a stage, and show the first cloud now and then."""
    every = max(1, steps // PREVIEWS)

    def told(step: int, clouds: torch.Tensor) -> None:
        progress.stage(name, step, steps)
        if step % every == 0:
            progress.preview(as_cloud(clouds[0]))

    progress.stage(name, 0, steps)
    return told
