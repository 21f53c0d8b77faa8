# SPDX-License-Identifier: Apache-2.0
"""Sampling agrees with the formulas, is the same in any batch, and halves batches where memory is short."""

from typing import Any

import numpy as np
import plain_point_e as plain
import pytest
import torch
from small_networks import Shown, randomised

from uner3d_core.memory import Memory
from uner3d_core.point_e import diffusion, generation
from uner3d_core.point_e.diffusion import BASE, UPSAMPLING
from uner3d_core.point_e.generation import (
    ADDING,
    ADDING_UNGUIDED,
    FIRST,
    Noise,
    Stage,
    generate,
    halved,
)
from uner3d_core.point_e.karras import schedule
from uner3d_core.point_e.sizes import Size
from uner3d_core.point_e.transformer import PointDiffusionTransformer

STEPS = 16
CPU = torch.device("cpu")


def fewer(stage: Stage) -> Stage:
    return Stage(stage.diffusion, 48, stage.largest_sigma, stage.churn, stage.guidance)


def gentle(upsamples: bool) -> PointDiffusionTransformer:
    """A network whose answers change slowly, as a trained one's, so that rounding does not grow in a run."""
    network = PointDiffusionTransformer(Size(32, 2, 2, upsamples=upsamples))
    randomised(network)
    network.output_proj.weight.mul_(0.05)
    network.output_proj.bias.mul_(0.05)
    return network


def clouds(stage: Stage, seeds: list[int], shown: Shown, **more: Any) -> torch.Tensor:
    upsamples = stage.diffusion is UPSAMPLING
    network = gentle(upsamples)
    generator = torch.Generator().manual_seed(5)
    clip = torch.randn(256, 1024, generator=generator)
    low = torch.rand(1, 20, 6, generator=generator) * torch.tensor([1, 1, 1, 255, 255, 255])
    return generate(
        network,
        fewer(stage),
        clip,
        Noise(seeds),
        steps=STEPS,
        memory=Memory(CPU, shown),
        told=more.get("told", lambda *_: None),
        low=low.expand(len(seeds), -1, -1) if upsamples else None,
    )


@pytest.mark.parametrize("name", ["FIRST", "ADDING", "ADDING_UNGUIDED"])
def test_a_whole_run_agrees_with_the_formulas(name: str, shown: Shown) -> None:
    stage = {"FIRST": FIRST, "ADDING": ADDING, "ADDING_UNGUIDED": ADDING_UNGUIDED}[name]
    upsamples = stage.diffusion is UPSAMPLING
    network = gentle(upsamples)
    generator = torch.Generator().manual_seed(5)
    clip = torch.randn(256, 1024, generator=generator)
    low = torch.rand(1, 20, 6, generator=generator) * torch.tensor([1, 1, 1, 255, 255, 255])
    noise = Noise([7])
    right = plain.sample(
        network.state_dict(),
        2,
        "linear" if upsamples else "cosine",
        clip[None],
        [noise.draw(48) for _ in range(STEPS + 1)],
        STEPS,
        160.0 if upsamples else 120.0,
        0.0 if upsamples else 3.0,
        0.0 if name == "ADDING_UNGUIDED" else 3.0,
        low if upsamples else None,
    )
    found = clouds(stage, [7], shown)
    assert found.shape == (1, 68 if upsamples else 48, 6)
    assert found[..., :3].std() > 0.05
    assert torch.allclose(found[..., :3], right[..., :3], rtol=0, atol=1e-5)
    assert torch.allclose(found[..., 3:] / 255, right[..., 3:] / 255, rtol=0, atol=1e-5)


def test_a_seed_gives_the_same_cloud_in_any_batch(shown: Shown) -> None:
    together = clouds(FIRST, [3, 4, 5], shown)
    assert torch.allclose(together[1:2], clouds(FIRST, [4], shown), rtol=0, atol=1e-3)
    assert (together[0] - together[1]).abs().max() > 0.1


def test_every_step_is_told_and_ends_in_the_result(shown: Shown) -> None:
    steps: list[int] = []
    last: list[torch.Tensor] = []

    def told(step: int, points: torch.Tensor) -> None:
        steps.append(step)
        last[:] = [points]

    assert torch.equal(clouds(FIRST, [1], shown, told=told), last[0])
    assert steps == list(range(1, STEPS + 1))


def test_short_of_memory_the_batches_are_halved(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    right = clouds(FIRST, [1, 2], shown)
    real = PointDiffusionTransformer.forward

    def short(self: Any, points: torch.Tensor, *rest: Any) -> torch.Tensor:
        if len(points) > 1:
            raise RuntimeError("CUDA out of memory")
        return real(self, points, *rest)

    monkeypatch.setattr(PointDiffusionTransformer, "forward", short)
    found = clouds(FIRST, [1, 2], shown)
    assert torch.allclose(found, right, rtol=0, atol=1e-3)
    assert shown.texts[-1] == "The memory of “cpu” ran short: going on with batches of 1/4."


def test_half_precision_is_near_the_full(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    network = randomised(PointDiffusionTransformer(Size(64, 3, 4, upsamples=True)))
    assert isinstance(network, PointDiffusionTransformer)
    points, clip = torch.randn(2, 48, 6), torch.randn(2, 256, 1024)
    low = torch.rand(2, 20, 6)
    full = generation._ask(network, points, 500, network.embed(clip, low), 1.0)
    monkeypatch.setattr(generation, "HALF_PRECISION", ("cpu",))
    for small in (network, halved(network, CPU)):
        conditions = generation._conditions(small, clip[0], low[:1], 1)
        assert conditions.dtype == torch.float32
        with generation._precision(CPU):
            conditions = small.embed(clip, low).float()
        half = generation._ask(small, points, 500, conditions, 1.0)
        assert half.dtype == torch.float32
        assert 1e-6 < (half - full).abs().max() < 0.02 * full.std()
    assert {small.backbone.resblocks[0].mlp.c_fc.weight.dtype, small.ln_pre.weight.dtype} == {  # type: ignore[union-attr]
        torch.float16,
        torch.float32,
    }


def test_networks_are_asked_twice_a_step_but_the_last(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = generation._ask

    def count(network: Any, points: torch.Tensor, *rest: Any) -> torch.Tensor:
        asked.append(len(points))
        return real(network, points, *rest)

    monkeypatch.setattr(generation, "_ask", count)
    clouds(FIRST, [1], shown)
    assert asked == [2] * (2 * STEPS - 1)  # both halves of the guidance at once
    asked.clear()
    clouds(ADDING_UNGUIDED, [1], shown)
    assert asked == [1] * (2 * STEPS - 1)


def test_schedules() -> None:
    sigmas = schedule(64, 120.0)
    assert len(sigmas) == 65
    assert sigmas[0].item() == pytest.approx(120, rel=1e-5)
    assert sigmas[-2].item() == pytest.approx(1e-3, rel=1e-4)
    assert sigmas[-1] == 0
    for chain, name in ((BASE, "cosine"), (UPSAMPLING, "linear")):
        assert np.allclose(chain.kept, plain.kept_signal(name), rtol=1e-12, atol=0)


@pytest.mark.parametrize(("chain", "name"), [(BASE, "cosine"), (UPSAMPLING, "linear")])
def test_timesteps_are_interpolated_and_cut(chain: diffusion.Diffusion, name: str) -> None:
    kept = plain.kept_signal(name)
    for sigma in schedule(64, 160.0)[:-1].tolist():
        assert chain.timestep(sigma) == plain.timestep_of(sigma, kept)
    assert chain.timestep(1e-5) == 0
    assert chain.timestep(1e5) == 1023


def test_a_step_back_is_what_bayes_says() -> None:
    """The product of q(x_{t-1} | x_0) and q(x_t | x_{t-1}) as densities of x_{t-1}, on a line."""
    timestep, clean, noisy = 300, 0.4, -0.7
    beta, before = BASE.betas[timestep], BASE.kept[timestep - 1]
    line = np.linspace(-6, 6, 200_001)
    log = -((line - np.sqrt(before) * clean) ** 2) / (2 * (1 - before))
    log += -((noisy - np.sqrt(1 - beta) * line) ** 2) / (2 * beta)
    density = np.exp(log - log.max())
    density /= density.sum()
    mean = (density * line).sum()
    variance = (density * (line - mean) ** 2).sum()

    signal = BASE.kept[timestep]
    noise = (noisy - np.sqrt(signal) * clean) / np.sqrt(1 - signal)
    for place, log_variance in ((-1.0, np.log(variance)), (1.0, np.log(beta))):
        output = torch.tensor([[[noise, place]]], dtype=torch.float64)
        back = BASE.reverse(output, torch.full((1, 1, 1), noisy, dtype=torch.float64), timestep)
        assert back.clean.item() == pytest.approx(clean)
        assert back.mean.item() == pytest.approx(mean, abs=1e-6)
        assert back.log_variance.item() == pytest.approx(log_variance, abs=1e-5)
