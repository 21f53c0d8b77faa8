# SPDX-License-Identifier: Apache-2.0
"""A job whose cameras had to be estimated leaves them beside its cloud, and no other job does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from uner3d_core import protocol, run
from uner3d_core.camera import Camera
from uner3d_core.inputs import load
from uner3d_core.inputs.frames import Frame
from uner3d_core.inputs.transforms import read_transforms
from uner3d_core.progress import Silent


@pytest.mark.parametrize("is_estimated", [True, False])
def test_they_are_saved_before_the_reconstruction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_estimated: bool
) -> None:
    image = tmp_path / "ü photos" / "a.png"
    image.parent.mkdir()
    Image.new("RGB", (8, 6)).save(image)
    camera = Camera(8, 6, 9.0, 9.0, 4.0, 3.0, np.eye(4))
    posed = load.Posed(image.parent, [Frame(image, camera, tmp_path / "mask.png")], 1, is_estimated)
    monkeypatch.setattr(load, "find_posed", lambda *_, **__: posed)
    monkeypatch.setattr(load, "read_views", lambda *_, **__: [])
    folder = tmp_path / "job"
    folder.mkdir()
    task = protocol.Reconstruct(image.parent, folder / "cloud.npz", estimated_cameras=folder / "cameras.json")
    protocol.write_job(folder, task)
    assert protocol.read_job(folder) == task
    given = run._read_views(task, Silent())
    assert given.cameras == (task.estimated_cameras if is_estimated else None)
    assert (folder / "cameras.json").is_file() == is_estimated
    if given.cameras is not None:
        (frame,) = read_transforms(given.cameras, lambda _: (8, 6))
        assert (frame.image, frame.mask) == (image, None)
        np.testing.assert_allclose(frame.camera.world_to_camera, camera.world_to_camera, atol=1e-12)
