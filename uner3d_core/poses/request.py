# SPDX-License-Identifier: Apache-2.0
"""What the solver is asked and what it answers: two JSON files in its folder, standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

REQUEST_FILE, ANSWER_FILE = "request.json", "answer.json"


@dataclass(frozen=True)
class Request:
    """The pictures to solve.

    Parameters
    ----------
    pictures : list of str
        Grey PNG files in the folder ``pictures``, each ``LENS/NUMBER.png``: those in one subfolder were taken
        through one lens and share a camera.
    focal_lengths : dict of str to float or None
        For each subfolder the focal length in pixels of these files, None where nothing tells it.
    masked : bool
        Whether the folder ``masks`` has a mask for each, its name with ``.png`` appended.
    ordered : bool
        Whether the pictures' order is that in which they were taken.
    turntable : bool
        Whether what stands still in all pictures says nothing about the camera.
    seed : int
        For all random choices.
    """

    pictures: list[str]
    focal_lengths: dict[str, float | None]
    masked: bool
    ordered: bool
    turntable: bool
    seed: int

    def write(self, folder: Path) -> None:
        """Write the request into the solver's folder."""
        (folder / REQUEST_FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Request:
        """Read the request from the solver's folder."""
        return cls(**json.loads((folder / REQUEST_FILE).read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Shot:
    """The camera of one picture, in COLMAP's world and the pixels of the solver's pictures.

    Parameters
    ----------
    focal_lengths, principal_point : list of 2 floats
        In pixels.
    distortion : list of 4 floats
        ``k1, k2, p1, p2``.
    world_to_camera : list of 3 lists of 4 floats
        Rigid transform to OpenCV's camera axes.
    places : int
        How many places in the world were recognised in the picture.
    """

    focal_lengths: list[float]
    principal_point: list[float]
    distortion: list[float]
    world_to_camera: list[list[float]]
    places: int


@dataclass(frozen=True)
class Model:
    """Pictures that were solved together.

    Parameters
    ----------
    shots : dict of int to Shot
        By the picture's place in the request.
    points : list of lists of 3 floats
        The places in the world on which they agree.
    error : float
        Mean distance, in pixels, between such a place as seen and as computed.
    """

    shots: dict[int, Shot]
    points: list[list[float]]
    error: float


@dataclass(frozen=True)
class Answer:
    """What the solver found.

    Parameters
    ----------
    features : list of int
        Number of features in each picture.
    pairs : int
        How many pairs were compared.
    common : list of [int, int, int]
        Two places, and how many verified matches the two pictures have in common.
    models : list of Model
        The one of the most pictures first.
    """

    features: list[int]
    pairs: int
    common: list[tuple[int, int, int]]
    models: list[Model]

    def write(self, folder: Path) -> None:
        """Write the answer into the solver's folder."""
        (folder / ANSWER_FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Answer:
        """Read the answer from the solver's folder."""
        content = json.loads((folder / ANSWER_FILE).read_text(encoding="utf-8"))
        models = [
            Model(
                {int(place): Shot(**shot) for place, shot in model["shots"].items()},
                model["points"],
                model["error"],
            )
            for model in content["models"]
        ]
        common = [(first, second, count) for first, second, count in content["common"]]
        return cls(content["features"], content["pairs"], common, models)
