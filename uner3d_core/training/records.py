# SPDX-License-Identifier: Apache-2.0
"""What a training leaves to be looked at: a log of JSON lines, TensorBoard's curves and pictures."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from uner3d_core.training.evaluation import Scores, Seen, to_json


class Records:
    """The files of one run. What a run before it wrote after the step that this one starts from is dropped.

    Parameters
    ----------
    folder : Path
        The run's; gets ``log.jsonl`` and ``tensorboard``.
    step : int
        Where this run starts.
    """

    def __init__(self, folder: Path, step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 -- of the extra “train”

        log = folder / "log.jsonl"
        kept = []
        if log.exists():
            kept = [line for line in log.read_text(encoding="utf-8").splitlines() if _step_of(line) <= step]
        log.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        self._log = log.open("a", encoding="utf-8")
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=step)

    def losses(self, step: int, values: dict[str, float]) -> None:
        """Keep what the losses, the learning rate and the like are at a step."""
        self._write(step, {name: float(f"{value:.5g}") for name, value in values.items()})
        for name, value in values.items():
            self._board.add_scalar(f"training/{name}", value, step)

    def scores(self, step: int, scores: dict[int, Scores], pictures: list[Seen]) -> None:
        """Keep an evaluation."""
        self._write(step, {"held_out": to_json(scores)})
        for count, each in scores.items():
            self._board.add_scalars(
                f"held_out/iou_{count}_views", {"network": each.iou, "hull": each.hull_iou}, step
            )
            self._board.add_scalar(f"held_out/psnr_{count}_views", each.psnr, step)
        if pictures:
            rows = [torch.cat([each.given, each.true, each.rendered], 2) for each in pictures]
            self._board.add_image("held_out/given_true_rendered", torch.cat(rows, 1).clamp(0, 1), step)

    def _write(self, step: int, values: dict[str, Any]) -> None:
        self._log.write(json.dumps({"step": step, **values}) + "\n")
        self._log.flush()

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._log.close()
        self._board.close()


def _step_of(line: str) -> int:
    """Step of a line of the log; one that was cut off by a kill belongs to none."""
    try:
        return int(json.loads(line)["step"])
    except (json.JSONDecodeError, KeyError, TypeError):
        return 2**62
