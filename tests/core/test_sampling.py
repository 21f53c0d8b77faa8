# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest
import torch
from analytic_fields import Distance, field_of, sphere, thin_rod, torus, two_boxes
from scipy.spatial import cKDTree

import uner3d_core.sampling
from uner3d_core.colouring import Colours
from uner3d_core.errors import Cancelled, ReconstructionError
from uner3d_core.field import Anchors, Field
from uner3d_core.point_cloud import PointCloud
from uner3d_core.progress import Silent
from uner3d_core.sampling import sample, stream


def _variation(cloud: PointCloud) -> float:
    nearest = cKDTree(cloud.positions).query(cloud.positions, k=2)[0][:, 1]
    return float(nearest.std() / nearest.mean())


def _same(one: PointCloud, other: PointCloud) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("positions", "colours", "normals", "confidence")
    )


@pytest.fixture(scope="module")
def torus_cloud() -> PointCloud:
    return sample(field_of(torus, 96), 20_000, seed=0)


@pytest.mark.parametrize(
    ("distance", "tolerance"), [(sphere, 0.1), (torus, 0.1), (two_boxes, 0.75), (thin_rod, 0.2)]
)
def test_points_are_on_the_surface_and_normals_point_out(distance: Distance, tolerance: float) -> None:
    # A grid rounds the boxes' edges off and the rod, four voxels thick, too.
    field = field_of(distance, 96)
    cloud = sample(field, 5000, seed=0)
    points = torch.from_numpy(cloud.positions)
    assert field.distance(points).abs().max() < 0.05 * field.voxel
    assert distance(points).abs().max() < tolerance * field.voxel
    assert distance(points).abs().mean() < 0.1 * field.voxel
    normals = torch.from_numpy(cloud.normals)
    assert torch.allclose(normals.norm(dim=1), torch.ones(5000), atol=1e-5)
    assert (distance(points + normals * field.voxel) > 0.3 * field.voxel).all()


def test_parts_get_their_share_of_points() -> None:
    cloud = sample(field_of(two_boxes), 3000, seed=0)
    share = (cloud.positions[:, 0] < 0).mean()
    assert share == pytest.approx(0.3**2 / (0.3**2 + 0.25**2), abs=0.01)


def test_spacing_is_more_even_than_poisson_disks(torus_cloud: PointCloud) -> None:
    assert _variation(torus_cloud) < 0.1


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1, 0.25, 0.5, 0.75])
def test_every_prefix_is_even(torus_cloud: PointCloud, share: float) -> None:
    assert _variation(torus_cloud.first(int(share * len(torus_cloud)))) < 0.17


@pytest.mark.parametrize("count", [1, 2, 7, 1000, 4999])
def test_count_is_exact(count: int) -> None:
    cloud = sample(field_of(thin_rod, 48), count, seed=0)
    assert len(cloud) == count
    assert np.isfinite(cloud.positions).all()


def test_count_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="count"):
        sample(field_of(sphere, 16), 0, seed=0)


def test_same_seed_gives_the_same_cloud() -> None:
    field = field_of(torus, 48)
    assert _same(sample(field, 3000, seed=5), sample(field, 3000, seed=5))
    assert not _same(sample(field, 3000, seed=5), sample(field, 3000, seed=6))


def test_field_without_a_surface_is_an_error() -> None:
    for value in (1.0, -1.0):
        field = replace(field_of(sphere, 8), distances=torch.full((8, 8, 8), value))
        with pytest.raises(ReconstructionError):
            sample(field, 10, seed=0)


def test_one_voxel_is_enough() -> None:
    grid = torch.ones(6, 6, 6)
    grid[2, 3, 2] = -0.01
    field = replace(field_of(sphere, 8), distances=grid, voxel=1.0)
    cloud = sample(field, 500, seed=0)
    assert len(cloud) == 500
    assert np.isfinite(cloud.positions).all()


@pytest.mark.parametrize("distance", [torus, thin_rod])
def test_large_cloud_comes_in_pieces_in_order(distance: Distance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uner3d_core.sampling, "DIRECT", 10_000)
    monkeypatch.setattr(uner3d_core.sampling, "CHUNK", 7000)
    field = field_of(distance, 96)
    parts = list(stream(field, 50_001, 0))
    assert max(len(part) for part in parts) <= 7000
    cloud = sample(field, 50_001, 0)
    assert np.array_equal(np.concatenate([part.positions for part in parts]), cloud.positions)
    assert len(cloud) == 50_001
    assert field.distance(torch.from_numpy(cloud.positions)).abs().max() < 0.05 * field.voxel
    assert _variation(cloud) < 0.2
    assert _variation(cloud.first(5000)) < 0.2


def test_progress_can_stop_the_work() -> None:
    class Stop(Silent):
        def stage(self, name: str, done: int, total: int) -> None:
            if done == 2:
                raise Cancelled

    with pytest.raises(Cancelled):
        sample(field_of(torus, 48), 3000, 0, Stop())


def _with_stripes(field: Field, width: float) -> Field:
    positions = sample(field, 20_000, seed=9).positions
    stripes = np.stack([np.sin(positions[:, axis] / width) for axis in range(3)], axis=1)
    colours = np.rint(127.5 + 127.5 * stripes).astype(np.uint8)
    return replace(field, anchors=Anchors(positions, colours, np.full(len(positions), 0.75, np.float32)))


def test_colours_are_those_of_the_anchors() -> None:
    field = _with_stripes(field_of(torus, 64), 0.1)
    cloud = sample(field, 5000, seed=0)
    expected = 127.5 + 127.5 * np.sin(cloud.positions / 0.1)
    assert np.sqrt(np.mean((cloud.colours - expected) ** 2)) < 3
    assert cloud.confidence == pytest.approx(0.75)
    at_anchors, _ = Colours(field).at(field.anchors.positions, cloud_normals(field))
    assert np.abs(at_anchors.astype(int) - field.anchors.colours).max() <= 1


def cloud_normals(field: Field) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return field.normal(torch.from_numpy(field.anchors.positions)).numpy()


def test_colours_do_not_bleed_through_a_thin_wall() -> None:
    wall = field_of(lambda points: points[..., 2].abs() - 0.05, 96)
    random = np.random.default_rng(0)
    positions = random.uniform(-1, 1, (4000, 3)).astype(np.float32)
    positions[:, 2] = np.where(np.arange(4000) % 2, 0.05, -0.05)
    colours = np.where(positions[:, 2:] > 0, [[255, 0, 0]], [[0, 0, 255]]).astype(np.uint8)
    field = replace(wall, anchors=Anchors(positions, colours, np.ones(4000, np.float32)))
    above = random.uniform(-0.9, 0.9, (1000, 3)).astype(np.float32)
    above[:, 2] = 0.05
    found, _ = Colours(field).at(above, np.tile(np.float32([0, 0, 1]), (1000, 1)))
    assert (found[:, 0] > 250).all()


def test_points_without_anchors_are_grey_guesses() -> None:
    cloud = sample(field_of(sphere, 24), 100, seed=0)
    assert (cloud.colours == 128).all()
    assert (cloud.confidence == 0).all()


@pytest.mark.parametrize("count", [1, 3])
def test_few_anchors_suffice(count: int) -> None:
    anchors = Anchors(
        np.eye(3, dtype=np.float32)[:count],
        np.full((count, 3), 90, np.uint8),
        np.ones(count, np.float32),
    )
    assert (sample(field_of(sphere, 24, anchors), 100, seed=0).colours == 90).all()


def test_nothing_is_sampled_where_nothing_is_known() -> None:
    closed = field_of(sphere, 61)
    unknown = torch.zeros(closed.distances.shape, dtype=torch.bool)
    unknown[:, :, 30:] = True
    opened = replace(closed, unknown=unknown)
    top = closed.origin[2] + 29 * closed.voxel
    cloud = sample(opened, 20_000, 0)
    assert len(cloud) == 20_000
    assert cloud.positions[:, 2].max() <= top + 1e-5
    # Bands of equal height have equal areas on a sphere: the rim is reached and not crowded.
    height = cloud.positions[:, 2]
    rim, middle = (np.mean((height > low) & (height < low + 0.05)) for low in (top - 0.05, -0.45))
    assert 0.7 < rim / middle < 1.4
