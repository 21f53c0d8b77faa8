# SPDX-License-Identifier: Apache-2.0
"""The reconstruction of a painted ball with a bowl in it, from pictures, masks and cameras alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.core.fitted.conftest import BOWL, CENTRE, Scene, paint
from uner3d_core.camera import Camera
from uner3d_core.errors import Cancelled, InputError, ReconstructionError
from uner3d_core.field import Field
from uner3d_core.fitted import stereo
from uner3d_core.point_cloud import PointCloud
from uner3d_core.reconstruct import Reconstruction, reconstruct
from uner3d_core.sampling import sample
from uner3d_core.settings import NO_NETWORK, Settings

DRAFT = Settings(points=8_000, preset="draft", device="cpu")


@dataclass
class Told:
    """Remembers the stages; raises when one of a name begins, if asked to."""

    stages: list[tuple[str, int, int]] = field(default_factory=list)
    previews: list[PointCloud] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    stop_at: str = ""

    def stage(self, name: str, done: int, total: int) -> None:
        if name == self.stop_at:
            raise Cancelled
        self.stages.append((name, done, total))

    def preview(self, cloud: PointCloud) -> None:
        self.previews.append(cloud)

    def log(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture(scope="module")
def made(ball: Scene) -> tuple[Reconstruction, Told]:
    told = Told()
    return reconstruct(ball.views, DRAFT, told), told


def test_the_surface_is_where_the_object_is(ball: Scene, made: tuple[Reconstruction, Told]) -> None:
    cloud = made[0].cloud
    assert len(cloud) == 8_000
    error = np.abs(ball.distance(cloud.positions))
    assert np.median(error) < 0.01
    assert np.mean(error < 0.04) > 0.95


def test_the_bowl_is_carved_out_of_the_hull(ball: Scene, made: tuple[Reconstruction, Told]) -> None:
    local = made[0].cloud.positions.astype(np.float64) - CENTRE
    floor = local[(np.hypot(local[:, 0], local[:, 1]) < 0.25) & (local[:, 2] > 0)]
    assert len(floor) > 20
    # The hull closes the bowl at about z = 0.83; its floor is at z = 0.45.
    assert np.abs(np.linalg.norm(floor - BOWL, axis=1) - 0.7).mean() < 0.05


def test_colours_are_those_of_the_pictures(made: tuple[Reconstruction, Told]) -> None:
    cloud = made[0].cloud
    local = cloud.positions.astype(np.float64) - CENTRE
    on_ball = (np.abs(np.linalg.norm(local, axis=1) - 1) < 0.01) & (local[:, 2] < 0.6)
    difference = np.abs(cloud.colours[on_ball] / 255.0 - paint(local[on_ball]))
    assert np.median(difference) < 0.04


def test_normals_point_outwards(ball: Scene, made: tuple[Reconstruction, Told]) -> None:
    cloud = made[0].cloud
    step = 0.02 * cloud.normals.astype(np.float64)
    outwards = ball.distance(cloud.positions + step) > ball.distance(cloud.positions - step)
    assert np.mean(outwards) > 0.97
    np.testing.assert_allclose(np.linalg.norm(cloud.normals, axis=1), 1.0, atol=1e-3)


def test_confidence_says_what_was_seen(made: tuple[Reconstruction, Told]) -> None:
    confidence = made[0].cloud.confidence
    assert confidence.min() >= 0
    assert confidence.max() <= 1
    assert np.median(confidence) > 0.5


def test_every_stage_is_counted_to_its_end(made: tuple[Reconstruction, Told]) -> None:
    last = {name: (done, total) for name, done, total in made[1].stages}
    assert {"silhouettes", "stereo", "colours", "sampling"} <= set(last)
    assert all(done == total for done, total in last.values())
    assert set(made[0].stages) >= {"silhouettes", "stereo", "colours", "sampling"}


def test_points_that_no_picture_shows_have_the_colour_of_a_neighbour(ball: Scene) -> None:
    told = Told()
    reconstruct(ball.views[:1], DRAFT, told)
    unseen = [cloud.colours[cloud.confidence == 0] for cloud in told.previews]
    assert sum(map(len, unseen)) > 100
    assert all(colours.any(axis=1).all() for colours in unseen)


def test_previews_become_better(ball: Scene, made: tuple[Reconstruction, Told]) -> None:
    assert len(made[1].previews) >= 2
    errors = [np.abs(ball.distance(cloud.positions)).mean() for cloud in made[1].previews]
    assert errors[-1] < errors[0]
    last = made[1].previews[-1]
    assert len(last) > 1_000
    assert last.colours.std() > 20


def test_it_tells_how_well_the_pictures_are_explained(made: tuple[Reconstruction, Told]) -> None:
    scores = made[0].scores
    assert set(scores) == {"psnr_given", "seen", "silhouette_iou"}
    assert 0.95 < scores["silhouette_iou"] <= 1
    assert 0.9 < scores["seen"] <= 1
    assert 20 < scores["psnr_given"] < 60


def test_the_same_input_and_seed_give_the_same_cloud(ball: Scene) -> None:
    one, two = (reconstruct(ball.views[::2], DRAFT).cloud for _ in range(2))
    assert np.array_equal(one.positions, two.positions)
    assert np.array_equal(one.colours, two.colours)


def test_short_of_memory_the_cloud_is_the_same(
    ball: Scene, made: tuple[Reconstruction, Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    cost = stereo.matching_cost

    def matching_cost(*arguments: Any) -> torch.Tensor:
        if arguments[-1] > stereo.PIXELS_AT_ONCE // 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return cost(*arguments)

    monkeypatch.setattr(stereo, "matching_cost", matching_cost)
    told = Told()
    cloud = reconstruct(ball.views, DRAFT, told).cloud
    assert told.texts[-1].endswith("batches of 1/4.")
    np.testing.assert_allclose(cloud.positions, made[0].cloud.positions, atol=1e-4)


def test_the_saved_field_gives_other_numbers_of_points(
    ball: Scene, made: tuple[Reconstruction, Told], tmp_path: Path
) -> None:
    made[0].field.save(tmp_path / "field.safetensors")
    cloud = sample(Field.load(tmp_path / "field.safetensors"), 3_333, 1)
    assert len(cloud) == 3_333
    assert np.median(np.abs(ball.distance(cloud.positions))) < 0.01


def test_the_fit_keeps_the_surface_and_is_counted(ball: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from uner3d_core.fitted import method, presets

    short = replace(presets.PRESETS["balanced"], resolution=80, steps=30, batch=1024, anchors=20_000)
    monkeypatch.setitem(method.PRESETS, "balanced", short)
    told = Told()
    cloud = reconstruct(ball.views, replace(DRAFT, preset="balanced"), told).cloud
    assert ("fitting", 30, 30) in told.stages
    assert np.mean(np.abs(ball.distance(cloud.positions)) < 0.04) > 0.93


def test_views_from_one_side_are_told(ball: Scene) -> None:
    told = Told()
    reconstruct(ball.views[:1] * 2, DRAFT, told)
    assert any("nearly the same side" in text for text in told.texts)


def test_a_view_that_contradicts_the_others_is_named_and_left_out(ball: Scene) -> None:
    views = list(ball.views)
    views[3] = replace(views[3], mask=np.roll(views[3].mask, 25, axis=1))
    told = Told()
    cloud = reconstruct(views, DRAFT, told).cloud
    assert any("contradict" in text and views[3].name in text for text in told.texts)
    assert np.mean(np.abs(ball.distance(cloud.positions)) < 0.04) > 0.9


def test_one_view_gives_a_cloud_too(ball: Scene) -> None:
    told = Told()
    cloud = reconstruct(ball.views[:1], replace(DRAFT, points=500, network=NO_NETWORK), told).cloud
    assert any("00.png” is the only view, and one view tells no depth" in text for text in told.texts)
    pixels, depth = ball.views[0].camera.project(cloud.positions)
    assert (depth > 0).all()
    assert np.mean((pixels > 0) & (pixels < 112)) > 0.99


def test_cancel_ends_it_at_once(ball: Scene) -> None:
    with pytest.raises(Cancelled):
        reconstruct(ball.views, DRAFT, Told(stop_at="stereo"))


def test_no_views_is_a_sentence() -> None:
    with pytest.raises(InputError, match="no pictures"):
        reconstruct([], DRAFT)


def test_cameras_that_look_away_are_a_sentence(ball: Scene) -> None:
    turned = []
    for view in ball.views:
        pose = view.camera.opengl_camera_to_world.copy()
        pose[:3, 0] *= -1
        pose[:3, 2] *= -1
        camera = Camera.from_opengl(pose, width=112, height=112, fx=170, fy=170, cx=56, cy=56)
        turned.append(replace(view, camera=camera))
    with pytest.raises(ReconstructionError, match="away"):
        reconstruct(turned, DRAFT)


def test_silhouettes_of_different_places_are_a_sentence(ball: Scene) -> None:
    corners = [(slice(0, 9), slice(0, 9)), (slice(-9, None), slice(-9, None)), (slice(0, 9), slice(-9, None))]
    views = []
    for index, view in enumerate(ball.views):
        mask = np.zeros_like(view.mask)
        mask[corners[index % 3]] = 255
        views.append(replace(view, mask=mask))
    with pytest.raises(ReconstructionError, match="in common"):
        reconstruct(views, DRAFT)


def test_working_frame_keeps_far_away_objects_exact(ball: Scene) -> None:
    moved = []
    for view in ball.views:
        pose = view.camera.opengl_camera_to_world.copy()
        pose[:3, 3] += [4000.0, 0.0, -3000.0]
        camera = Camera.from_opengl(pose, width=112, height=112, fx=170, fy=170, cx=56, cy=56)
        moved.append(replace(view, camera=camera))
    cloud = reconstruct(moved, replace(DRAFT, points=2_000)).cloud
    positions = cloud.positions.astype(np.float64) - [4000.0, 0.0, -3000.0]
    assert np.median(np.abs(ball.distance(positions))) < 0.01


def test_torch_threads_wait_without_spinning() -> None:
    import os

    assert torch.get_num_threads() >= 1
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
