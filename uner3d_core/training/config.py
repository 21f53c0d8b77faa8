# SPDX-License-Identifier: Apache-2.0
"""The file that says how a network is trained: TOML, every key checked."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from uner3d_core.errors import Uner3dError
from uner3d_core.network.config import NetworkConfig

PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")


class TrainingConfigError(Uner3dError):
    """A training's config can't be read, or says what can't be."""

    code = "training_config"


class TrainingError(Uner3dError):
    """The training can't go on."""

    code = "training"


@dataclass(frozen=True)
class DataConfig:
    """Where the objects are, and how large their pictures are made.

    Parameters
    ----------
    training : str
        Folder of sets of posed pictures, a folder each; relative to the config's own folder.
    held_out : str
        Folder of sets that are never trained on.
    size : int
        Width and height of the pictures that the network is given, in pixels.
    objects : int
        How many of the sets are used, in the order of their names; 0 for all.
    held_out_objects : int
        The same for those held out.
    """

    training: str
    held_out: str
    size: int = 96
    objects: int = 0
    held_out_objects: int = 16


@dataclass(frozen=True)
class BatchConfig:
    """What one step looks at.

    Parameters
    ----------
    objects : int
        Objects per step and process.
    least_views, most_views : int
        Each step gives the network so many views of every object: a number of this range, drawn evenly by
        its logarithm.
    points : int
        Points per object for the hull loss.
    near_share : float
        Share of them drawn near the surface of the hull of all views; the others fill its box.
    rays : int
        Rays per object for the losses of rendering; 0 for none.
    samples : int
        Samples along each ray.
    shift, scale : float
        The frame is moved by up to ``shift`` along each axis and scaled by a factor of up to ``1 + scale``
        either way: in use it comes from few silhouettes and is not exact.
    """

    objects: int = 4
    least_views: int = 1
    most_views: int = 8
    points: int = 1024
    near_share: float = 0.5
    rays: int = 64
    samples: int = 12
    shift: float = 0.05
    scale: float = 0.15


@dataclass(frozen=True)
class LossConfig:
    """Weights of the losses; formulas in :mod:`uner3d_core.training.losses`.

    Parameters
    ----------
    hull : float
        :func:`~uner3d_core.training.losses.hull_loss`.
    filled : float
        In it, the weight of points that no view denies beside those that one does.
    silhouette, depth : float
        :func:`~uner3d_core.training.losses.silhouette_loss` and
        :func:`~uner3d_core.training.losses.cross_view_depth_loss`.
    photometric, cross_view : float
        :func:`~uner3d_core.training.losses.photometric_loss` and
        :func:`~uner3d_core.training.losses.cross_view_colour_loss`.
    """

    hull: float = 1.0
    filled: float = 1.0
    silhouette: float = 0.1
    depth: float = 0.1
    photometric: float = 1.0
    cross_view: float = 0.2


@dataclass(frozen=True)
class ScheduleConfig:
    """What changes as the training goes on; shares are of the whole of it.

    Parameters
    ----------
    steps : int
        Length in steps; 0 where ``minutes`` says it.
    minutes : float
        Length by the clock, for as many steps as fit. Such a run can't be repeated bit for bit.
    learning_rate, weight_decay : float
        Of AdamW (Loshchilov & Hutter, 2019).
    warm_up : float
        Share in which the learning rate grows from nothing; then it falls along a cosine to nothing.
    structure : float
        Share that learns structure alone; colours and rays begin after it.
    bands : float
        Share after which all bands of the positional encoding are open.
    clip : float
        Largest norm of the gradient.
    average : float
        Decay of the weights' moving average per step, which is what is kept; 0 for the weights themselves.
    """

    steps: int = 0
    minutes: float = 0.0
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up: float = 0.03
    structure: float = 0.3
    bands: float = 0.3
    clip: float = 1.0
    average: float = 0.0


@dataclass(frozen=True)
class RunConfig:
    """How it is run and what is kept.

    Parameters
    ----------
    seed : int
        Same seed, same run.
    precision : str
        One of :data:`PRECISIONS`.
    checkpoint_minutes : float
        Time between checkpoints.
    evaluate_every : float
        Share of the run between evaluations on held-out objects.
    evaluated_views : tuple of int
        Numbers of given views in the evaluation.
    """

    seed: int = 0
    precision: str = "32-true"
    checkpoint_minutes: float = 5.0
    evaluate_every: float = 0.1
    evaluated_views: tuple[int, ...] = (1, 2, 4, 8)


@dataclass(frozen=True)
class TrainingConfig:
    """All of it; see the classes of its parts.

    Raises
    ------
    TrainingConfigError
        If a number is out of its range.
    """

    data: DataConfig
    network: NetworkConfig
    batch: BatchConfig = field(default_factory=BatchConfig)
    losses: LossConfig = field(default_factory=LossConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    run: RunConfig = field(default_factory=RunConfig)

    def __post_init__(self) -> None:
        batch, schedule = self.batch, self.schedule
        for what, right in (
            (f"run.precision is one of {', '.join(PRECISIONS)}", self.run.precision in PRECISIONS),
            ("run.seed is a whole number from 0", 0 <= self.run.seed < 2**31),
            ("run.evaluate_every is above 0", self.run.evaluate_every > 0),
            ("run.evaluated_views are above 0", all(count > 0 for count in self.run.evaluated_views)),
            ("data.size is from 16 to 1024", 16 <= self.data.size <= 1024),
            ("batch.least_views is from 1 to most_views", 1 <= batch.least_views <= batch.most_views),
            ("batch.objects and points are above 0", min(batch.objects, batch.points) > 0),
            ("batch.near_share is from 0 to 1", 0 <= batch.near_share <= 1),
            ("batch.rays is not below 0, samples not below 2", batch.rays >= 0 and batch.samples >= 2),
            ("no weight of losses is below 0", min(asdict(self.losses).values()) >= 0),
            (
                "either schedule.steps or schedule.minutes is above 0",
                (schedule.steps > 0) != (schedule.minutes > 0) and min(schedule.steps, schedule.minutes) >= 0,
            ),
            ("schedule.learning_rate and clip are above 0", min(schedule.learning_rate, schedule.clip) > 0),
            (
                "schedule.warm_up, structure, bands and average are from 0 to 1",
                all(
                    0 <= share <= 1
                    for share in (schedule.warm_up, schedule.structure, schedule.bands, schedule.average)
                ),
            ),
        ):
            if not right:
                raise TrainingConfigError(f"The config is wrong: {what}.", "Change it there.")

    def to_dict(self) -> dict[str, Any]:
        """Turn it into plain values, as :func:`from_dict` takes them."""
        parts = {name.name: getattr(self, name.name) for name in fields(self)}
        network = parts.pop("network")
        return {"network": network.to_dict(), **{name: asdict(part) for name, part in parts.items()}}


_PARTS = {
    "data": DataConfig,
    "batch": BatchConfig,
    "losses": LossConfig,
    "schedule": ScheduleConfig,
    "run": RunConfig,
}


def read_config(path: Path) -> TrainingConfig:
    """Read a training's config.

    Parameters
    ----------
    path : Path
        A TOML file with the tables ``data``, ``network``, ``batch``, ``losses``, ``schedule`` and ``run``.
        Folders in it are relative to its own.

    Raises
    ------
    TrainingConfigError
        If the file can't be read, or a key is unknown, missing or of the wrong kind.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise TrainingConfigError(
            f"The config “{path}” can't be read: {problem}.", "Give a TOML file."
        ) from problem
    for key in ("training", "held_out"):
        folder = values.get("data", {}).get(key) if isinstance(values.get("data"), dict) else None
        if isinstance(folder, str):
            values["data"][key] = str(path.parent / folder)
    return from_dict(values)


def from_dict(values: dict[str, Any]) -> TrainingConfig:
    """Check plain values and make them a config.

    Raises
    ------
    TrainingConfigError
        If a key is unknown, missing or of the wrong kind, or a number out of its range.
    WeightsError
        If the values of ``network`` describe none.
    """
    unknown = sorted(set(values) - {*_PARTS, "network"})
    if unknown:
        raise TrainingConfigError(
            f"The config has no table “{unknown[0]}”.", f"There are: {', '.join([*_PARTS, 'network'])}."
        )
    for name, table in values.items():
        if not isinstance(table, dict):
            raise TrainingConfigError(
                f"“{name}” is a table of the config.", f"Write [{name}] above its keys."
            )
    parts = {name: _part(name, kind, values.get(name, {})) for name, kind in _PARTS.items()}
    return TrainingConfig(network=NetworkConfig.from_dict(values.get("network", {})), **parts)


def _part(name: str, kind: type[Any], values: dict[str, Any]) -> Any:
    known = {each.name: each for each in fields(kind)}
    for key, value in values.items():
        if key not in known:
            raise TrainingConfigError(
                f"The config's table “{name}” has no key “{key}”.", f"There are: {', '.join(known)}."
            )
        wanted = str(known[key].type)
        if not _fits(value, wanted):
            raise TrainingConfigError(
                f"“{key}” in the config's table “{name}” is {value!r}.", f"It must be {_KINDS[wanted]}."
            )
        if isinstance(value, list):
            values = {**values, key: tuple(value)}
    try:
        return kind(**values)
    except TypeError as problem:
        raise TrainingConfigError(
            f"The config's table “{name}” lacks a key: {problem}.", "Add it."
        ) from problem


_KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "tuple[int, ...]": "a list of whole numbers",
}


def _fits(value: object, wanted: str) -> bool:
    if wanted == "tuple[int, ...]":
        return isinstance(value, list | tuple) and all(_fits(each, "int") for each in value)
    if isinstance(value, bool):
        return False
    return isinstance(value, {"str": str, "int": int, "float": int | float}[wanted])
