# SPDX-License-Identifier: Apache-2.0
"""Masks by a trained network that finds what stands out in a picture, for pictures that bring none.

The networks are ONNX files, which hold numbers and a graph and run no code of their own; ONNX Runtime
computes them. They are fetched when a person asks for it, and used only with the published hash.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from uner3d_core.download import Open, download, open_https
from uner3d_core.errors import EngineError, InputError, OutputError, WeightsError
from uner3d_core.inputs.mask_models import MASK_MODELS, MaskModel, weights_folder
from uner3d_core.progress import Progress

ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Segment:
    """Gives the mask (height, width), 0 to 255, of an sRGB picture (height, width, 3).

    Parameters
    ----------
    sha256 : str
        Hash of the network's file: the same network makes the same masks.
    answer : callable
        Does it.
    """

    sha256: str
    answer: Callable[[ByteArray], ByteArray]

    def __call__(self, image: ByteArray) -> ByteArray:
        """Make the mask of a picture."""
        return self.answer(image)


def find_model(name: str) -> MaskModel:
    """Find a network by its name.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in MASK_MODELS:
        raise InputError(
            f"“{name}” is no network that makes masks.", f"Choose one of {', '.join(MASK_MODELS)}."
        )
    return MASK_MODELS[name]


def fetch_model(name: str, folder: Path | None, progress: Progress, open_address: Open = open_https) -> Path:
    """Fetch a network, unless it is there.

    Raises
    ------
    InputError
        If there is none of that name.
    WeightsError
        If it can't be fetched, or what came is another file.
    OutputError
        If it can't be written.
    """
    model = find_model(name)
    place = weights_folder(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder “{place}” can't be made: {error.strerror}.", "Choose another with --weights."
        ) from error
    path = place / model.file
    if not path.is_file():
        download(model.address, path, progress, open_address)
    try:
        _check(path, model, name)
    except WeightsError:
        path.unlink()  # it would be no better the next time
        raise
    return path


def load_segmenter(name: str, folder: Path | None = None) -> Segment:
    """Load a network that was fetched.

    Parameters
    ----------
    name : str
        One of :data:`MASK_MODELS`.
    folder : Path, optional
        Where it lies, if not in the usual place.

    Returns
    -------
    Segment
        Makes masks.

    Raises
    ------
    InputError
        If there is none of that name.
    WeightsError
        If it is not there, or is not the published file, or can't be used.
    EngineError
        If ONNX Runtime is not installed.
    """
    model = find_model(name)
    path = weights_folder(folder) / model.file
    if importlib.util.find_spec("onnxruntime") is None:
        raise EngineError(
            f"“{sys.executable}” lacks ONNX Runtime, which “{name}” needs to make masks.",
            "Press “Add Mask Networks to Engine” in the panel, or install it there: pip install onnxruntime.",
        )
    if not path.is_file():
        raise WeightsError(
            f"There is no network “{path}”.",
            f"Press “Fetch Network” in the panel, or use “uner3d weights get {name}”.",
        )
    _check(path, model, name)
    import onnxruntime  # noqa: PLC0415 -- an extra

    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as problem:  # ONNX Runtime has no common base of its errors
        raise WeightsError(
            f"“{path}” can't be loaded: {problem}", "Remove it and fetch it again."
        ) from problem
    entry, result = session.get_inputs()[0].name, session.get_outputs()[0].name

    def mask(image: ByteArray) -> ByteArray:
        answer = session.run([result], {entry: prepared(image, model)})[0]
        return to_mask(np.asarray(answer, dtype=np.float32)[0, 0], (image.shape[1], image.shape[0]))

    return Segment(model.sha256, mask)


def prepared(image: ByteArray, model: MaskModel) -> npt.NDArray[np.float32]:
    """Give a picture the size and range that a network takes: (1, 3, side, side)."""
    size = model.side, model.side
    small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS)).astype(np.float32)
    small /= max(float(small.max()), 1e-6)  # as both were trained
    scaled = (small - np.array(model.mean)) / np.array(model.deviation)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)


def to_mask(answer: npt.NDArray[np.float32], size: tuple[int, int]) -> ByteArray:
    """Stretch a network's answer (side, side) to the whole range and to a picture's width and height."""
    low, high = float(answer.min()), float(answer.max())
    stretched = (answer - low) / max(high - low, 1e-6)
    mask = Image.fromarray(np.rint(255.0 * stretched).astype(np.uint8))
    return np.asarray(mask.resize(size, Image.Resampling.BICUBIC))


def _check(path: Path, model: MaskModel, name: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(f"“{path}” can't be read: {error.strerror}.", "Fetch it again.") from error
    if found != model.sha256:
        raise WeightsError(
            f"“{path}” is not the published file.", f"Remove it; fetch it with “uner3d weights get {name}”."
        )
