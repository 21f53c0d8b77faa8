# SPDX-License-Identifier: Apache-2.0
"""The client with the real worker, and what happens to that from outside while it samples."""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from blender_addon.engine.client import Job, JobState, Phase
from uner3d_core import protocol
from uner3d_core.field import Anchors, Field
from uner3d_core.settings import Settings

LONG = 60.0


@pytest.fixture
def job_folder(tmp_path: Path) -> Path:
    """A job that takes a while: to sample very many points of a sphere."""
    steps = torch.linspace(-1.5, 1.5, 31)
    x, y, z = torch.meshgrid(steps, steps, steps, indexing="ij")
    colours = Anchors(np.zeros((1, 3), np.float32), np.full((1, 3), 200, np.uint8), np.ones(1, np.float32))
    field = Field((-1.5, -1.5, -1.5), 0.1, torch.sqrt(x**2 + y**2 + z**2) - 1.0, colours)
    folder = tmp_path / "job"
    folder.mkdir()
    field.save(tmp_path / "field.safetensors")
    settings = Settings(points=300_000, device="cpu")
    protocol.write_job(
        folder, protocol.Resample(tmp_path / "field.safetensors", folder / "cloud.npz", settings)
    )
    return folder


def at_work(job: Job) -> int:
    """Wait until the worker samples, and tell its process's number."""
    deadline = time.monotonic() + LONG
    state = JobState(Phase.WAITING)
    while state.stage != "sampling":
        assert time.monotonic() < deadline
        assert not state.ended, state
        state = job.poll()
        time.sleep(0.01)
    assert job._tree is not None
    return job._tree.head.pid


@pytest.fixture
def job(job_folder: Path) -> Job:
    job = Job(Path(sys.executable), job_folder)
    job.start()
    return job


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_killed_from_outside(job: Job, job_folder: Path) -> None:
    os.kill(at_work(job), signal.SIGKILL)
    state = job.wait(LONG)
    assert state.phase is Phase.FAILED
    assert "was killed by the system" in str(state.error)
    assert not (job_folder / "cloud.npz").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder with open files")
def test_its_folder_deleted(job: Job, job_folder: Path) -> None:
    at_work(job)
    shutil.rmtree(job_folder)
    state = job.wait(LONG)
    assert state.phase is Phase.FAILED
    assert "there is no folder" in str(state.error)
    assert not job_folder.exists()


def test_cancelled(job: Job) -> None:
    at_work(job)
    start = time.monotonic()
    job.cancel()
    assert job.wait(LONG).phase is Phase.CANCELLED
    assert time.monotonic() - start < 10.0
