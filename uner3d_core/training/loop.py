# SPDX-License-Identifier: Apache-2.0
"""The training itself: steps, checkpoints, evaluations, and weights at its end.

Lightning Fabric carries mixed precision, devices and processes; ``torchrun`` starts several.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import sys
import time
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import torch
from safetensors.torch import save
from torch import Tensor
from tqdm import tqdm  # type: ignore[import-untyped]

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import EngineError
from uner3d_core.network import weights
from uner3d_core.network.network import Network
from uner3d_core.progress import Progress
from uner3d_core.training import schedule
from uner3d_core.training.batches import make_batch
from uner3d_core.training.checkpoints import (
    Checkpoint,
    checkpoints,
    load_checkpoint,
    random_states,
    save_checkpoint,
    set_random_states,
)
from uner3d_core.training.config import TrainingConfig, TrainingError
from uner3d_core.training.evaluation import evaluate
from uner3d_core.training.objective import Objective, Phase, Question
from uner3d_core.training.objects import TrainingObject, load_objects
from uner3d_core.training.records import Records

if TYPE_CHECKING:
    from lightning_fabric import Fabric

WEIGHTS = "weights.safetensors"
"""Name of what a run makes, in its folder."""

LOG_SECONDS = 5.0
"""Time between lines of the log."""


def train(config: TrainingConfig, folder: Path, device: str, progress: Progress) -> Path:
    """Train a network, or go on where an earlier run of the same network stopped.

    Parameters
    ----------
    config : TrainingConfig
        What is trained, on what, and how.
    folder : Path
        Gets checkpoints, logs and, at the end, the weights.
    device : str
        ``auto``, ``cpu``, ``cuda``, …: what computes, in every process.
    progress : Progress
        Told of the objects that are read, and of what is worth reading.

    Returns
    -------
    Path
        The weights.

    Raises
    ------
    EngineError
        If the extra “train” is not installed.
    TrainingConfigError
        If there is nothing to train on.
    TrainingError
        If the folder holds a run of another network, or a loss or a gradient is not finite: the batch is
        saved then.
    """
    fabric = _launch(config, device)
    saved = folder / "checkpoints"
    last = newest_checkpoint(saved, progress)
    said = json.dumps(config.to_dict(), indent=1)
    if last is not None:
        changed = [name for name, part in json.loads(said).items() if part != last.config[name]]
        if "network" in changed:
            raise TrainingError(
                f"“{folder}” holds a training of another network.",
                "Give another folder, or the config that it was begun with.",
            )
        if changed:
            progress.log(f"The config has changed since step {last.step}, in: {', '.join(changed)}.")
    if fabric.global_rank == 0:
        saved.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(f"{said}\n", encoding="utf-8")
        (folder / "command.txt").write_text(shlex.join(["uner3d", *sys.argv[1:]]) + "\n", encoding="utf-8")
    fabric.barrier()
    data = config.data
    objects = load_objects(Path(data.training), data.size, data.objects, progress)
    held_out = load_objects(Path(data.held_out), data.size, data.held_out_objects, progress)
    run = _Run(config, folder, fabric, objects, held_out)
    if last is not None:
        run.restore(last)
        progress.log(f"Going on at step {run.step}.")
    run.go_on()
    return run.export() if fabric.global_rank == 0 else folder / WEIGHTS


def newest_checkpoint(folder: Path, progress: Progress) -> Checkpoint | None:
    """Read the newest whole checkpoint of a folder; None if there is none."""
    for path in reversed(checkpoints(folder)):
        try:
            return load_checkpoint(path)
        except TrainingError as problem:
            progress.log(str(problem))
    return None


def export_weights(folder: Path, output: Path, progress: Progress) -> None:
    """Write the network of a run's newest checkpoint as weights for use, while the run may still go on.

    Raises
    ------
    TrainingError
        If the run has no checkpoint yet.
    """
    from uner3d_core.training.config import from_dict  # noqa: PLC0415

    last = newest_checkpoint(folder / "checkpoints", progress)
    if last is None:
        raise TrainingError(f"“{folder}” holds no checkpoint.", "Give the folder of a training.")
    network = Network(from_dict(last.config).network)
    network.load_state_dict({**last.network, **last.average})
    weights.save(network, output, _notes(last.step, last.seconds, folder))


class _Run:
    """One process's share of a run."""

    def __init__(
        self,
        config: TrainingConfig,
        folder: Path,
        fabric: Fabric,
        objects: list[TrainingObject],
        held_out: list[TrainingObject],
    ) -> None:
        self.config, self.folder, self.fabric = config, folder, fabric
        self.objects, self.held_out = objects, held_out
        self.step, self.seconds = 0, 0.0
        fabric.seed_everything(config.run.seed, verbose=False)
        self.network = Network(config.network)
        self.average: dict[str, Tensor] = {}
        settings = config.schedule
        optimizer = torch.optim.AdamW(
            self.network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
        # One module holds the network and its losses: what several processes share is its forward pass.
        self.objective, self.optimizer = fabric.setup(Objective(self.network, config.losses), optimizer)
        if settings.average:
            self.average = {name: value.detach().clone() for name, value in self.network.state_dict().items()}

    def restore(self, last: Checkpoint) -> None:
        """Become what the run was at a checkpoint."""
        if len(last.random) != self.fabric.world_size:
            raise TrainingError(
                f"The training was begun with {len(last.random)} processes, not {self.fabric.world_size}.",
                "Go on with as many.",
            )
        self.step, self.seconds = last.step, last.seconds
        self.network.load_state_dict(last.network)
        device = self.fabric.device
        self.average = {name: value.to(device) for name, value in last.average.items()}
        self.optimizer.load_state_dict(last.optimizer)
        set_random_states(last.random[self.fabric.global_rank])

    def go_on(self) -> None:
        """Train to the end."""
        main = self.fabric.global_rank == 0
        records = Records(self.folder, self.step) if main else None
        settings = self.config.schedule
        bar = tqdm(
            total=settings.steps or round(60 * settings.minutes),
            unit="step" if settings.steps else "s",
            disable=None if main else True,
        )
        try:
            self._steps(records, bar)
        finally:
            bar.close()
            if records is not None:
                records.__exit__(None, None, None)

    def _steps(self, records: Records | None, bar: Any) -> None:
        run = self.config.run
        checkpointed = logged = time.perf_counter()
        done = schedule.progress(self.config.schedule, self.step, self.seconds)
        while done < 1:
            began = time.perf_counter()
            losses, norm = self._one_step(done)
            self.step += 1
            self.seconds += time.perf_counter() - began
            earlier = done
            done = self._shared(schedule.progress(self.config.schedule, self.step, self.seconds))
            now = time.perf_counter()
            if records is not None and (now - logged > LOG_SECONDS or done == 1):
                logged = now
                values = {name: float(value.detach()) for name, value in losses.items()}
                rate = self.optimizer.param_groups[0]["lr"]
                records.losses(
                    self.step, {**values, "gradient": norm, "learning_rate": rate, "seconds": self.seconds}
                )
                bar.set_postfix(loss=f"{values['total']:.4f}", step=self.step)
            bar.update((self.step if self.config.schedule.steps else int(self.seconds)) - bar.n)
            if self._shared(now - checkpointed) > 60 * run.checkpoint_minutes or done == 1:
                self._save_checkpoint()
                checkpointed = now
            if records is not None and (
                int(done / run.evaluate_every) > int(earlier / run.evaluate_every) or done == 1
            ):
                scores, pictures = evaluate(
                    self._averaged(), self.held_out, run.evaluated_views, run.seed, self.fabric.device
                )
                records.scores(self.step, scores, pictures)

    def _one_step(self, done: float) -> tuple[dict[str, Tensor], float]:
        config, fabric = self.config, self.fabric
        batch = make_batch(
            self.objects,
            config.batch,
            seed=config.run.seed,
            step=self.step,
            process=fabric.global_rank,
            processes=fabric.world_size,
            device=fabric.device,
        )
        for group in self.optimizer.param_groups:
            group["lr"] = schedule.learning_rate(config.schedule, done)
        phase = Phase(
            schedule.colour_weight(config.schedule, done), schedule.open_bands(config.schedule, done)
        )
        losses: dict[str, Tensor] = self.objective(Question(batch, phase))
        self.optimizer.zero_grad()
        fabric.backward(losses["total"])
        norm = fabric.clip_gradients(
            self.objective, self.optimizer, max_norm=config.schedule.clip, error_if_nonfinite=False
        )
        total = float(norm) if norm is not None else 0.0
        if not (torch.isfinite(losses["total"]) and total < float("inf")):
            self._stop(batch, losses)
        self.optimizer.step()
        if self.average:
            decay = min(config.schedule.average, (1 + self.step) / (10 + self.step))
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value.detach(), 1 - decay)
        return losses, total

    def _stop(self, batch: object, losses: dict[str, Tensor]) -> None:
        """Save what the step looked at, and say so."""
        path = self.folder / f"not_finite_{self.step:09d}_{self.fabric.global_rank}.safetensors"
        values = {name: f"{float(value.detach()):g}" for name, value in losses.items()}
        said = ", ".join(f"{name} {value}" for name, value in values.items())
        with atomic_file(path) as file:
            file.write(save(_tensors(batch), {"step": str(self.step), "losses": json.dumps(values)}))
        raise TrainingError(
            f"In step {self.step} a loss or a gradient is not finite ({said}); its batch is in “{path}”.",
            "Lower the learning rate, or look at that batch; the checkpoint before it is kept.",
        )

    def _save_checkpoint(self) -> None:
        states = self._all_random_states()
        if self.fabric.global_rank == 0:
            save_checkpoint(
                self.folder / "checkpoints",
                Checkpoint(
                    self.step,
                    self.seconds,
                    self.config.to_dict(),
                    self.network.state_dict(),
                    self.average,
                    self.optimizer.state_dict(),
                    states,
                ),
            )
        self.fabric.barrier()

    def _all_random_states(self) -> list[dict[str, Tensor]]:
        """Random states of all processes; those of others are as long as this one's but for JSON's digits."""
        own = random_states()
        if self.fabric.world_size == 1:
            return [own]
        gathered: list[dict[str, Tensor] | None] = [None] * self.fabric.world_size
        torch.distributed.all_gather_object(gathered, own)
        return [each for each in gathered if each is not None]

    def _shared(self, value: float) -> float:
        """Give every process the first one's number: clocks differ."""
        return float(self.fabric.broadcast(value)) if self.fabric.world_size > 1 else value

    def _averaged(self) -> Network:
        """Make the network as it is kept."""
        network = Network(self.config.network).to(self.fabric.device)
        network.load_state_dict({**self.network.state_dict(), **self.average})
        return network

    def export(self) -> Path:
        """Write the weights for use."""
        path = self.folder / WEIGHTS
        weights.save(self._averaged(), path, _notes(self.step, self.seconds, self.folder))
        return path


def _notes(step: int, seconds: float, folder: Path) -> dict[str, str]:
    """Tell what weights carry with them: how long they were trained, by which command and config."""
    return {
        "steps": str(step),
        "seconds": f"{seconds:.0f}",
        "command": (folder / "command.txt").read_text(encoding="utf-8").strip(),
        "training": (folder / "config.json").read_text(encoding="utf-8").strip(),
    }


def _launch(config: TrainingConfig, device: str) -> Fabric:
    if not all(importlib.util.find_spec(name) for name in ("lightning_fabric", "tensorboard")):
        raise EngineError(
            "Training needs Lightning Fabric and TensorBoard.",
            "Install them with the extra “train”: pip install 'uner3d[train]'.",
        )
    from lightning_fabric import Fabric  # noqa: PLC0415 -- of the extra
    from lightning_fabric.strategies.ddp import DDPStrategy  # noqa: PLC0415

    world, local = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    fabric = Fabric(
        accelerator=device,
        devices=local,
        num_nodes=max(1, world // local),
        precision=cast(Literal["32-true", "bf16-mixed", "16-mixed"], config.run.precision),
        # The heads of colour get no gradient while structure alone is learnt.
        strategy=DDPStrategy(find_unused_parameters=True) if world > 1 else "auto",
    )
    fabric.launch()
    return fabric


def _tensors(value: object, name: str = "") -> dict[str, Tensor]:
    """Tensors of a dataclass and of the dataclasses in it, under the names of their fields."""
    if isinstance(value, Tensor):
        return {name: value.detach().cpu().contiguous()}
    if not is_dataclass(value):
        return {}
    found: dict[str, Tensor] = {}
    for field in fields(value):
        found |= _tensors(getattr(value, field.name), f"{name}.{field.name}".lstrip("."))
    return found
