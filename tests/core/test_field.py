# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from analytic_fields import field_of, sphere, torus
from safetensors.numpy import load_file, save_file

from uner3d_core.errors import CloudFileError, OutputError
from uner3d_core.field import MAXIMUM_VOXELS, NEAR, Anchors, Field


@pytest.fixture
def field() -> Field:
    random = np.random.default_rng(0)
    directions = random.normal(size=(500, 3))
    positions = (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)
    colours = random.integers(0, 256, (500, 3), dtype=np.uint8)
    return field_of(sphere, 45, Anchors(positions, colours, random.random(500, dtype=np.float32)))


@pytest.fixture
def near_surface() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    points = torch.nn.functional.normalize(torch.randn(2000, 3, generator=generator), dim=1)
    return points * (0.95 + 0.1 * torch.rand(2000, 1, generator=generator))


def test_distance_at_voxel_centres_is_what_was_given() -> None:
    grid = torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0))
    field = replace(field_of(sphere), origin=(1.0, -2.0, 3.0), voxel=0.5, distances=grid)
    index = torch.stack(torch.meshgrid(*(torch.arange(n) for n in grid.shape), indexing="ij"), dim=-1)
    points = index * 0.5 + torch.tensor([1.0, -2.0, 3.0])
    assert torch.allclose(field.distance(points), grid, atol=1e-5)


def test_distance_and_normal_are_those_of_the_sphere(field: Field, near_surface: torch.Tensor) -> None:
    assert (field.distance(near_surface) - sphere(near_surface)).abs().max() < 0.05 * field.voxel
    outward = torch.nn.functional.normalize(near_surface, dim=1)
    assert (field.normal(near_surface) * outward).sum(dim=1).min() > 0.999


def test_distance_outside_the_grid_grows(field: Field) -> None:
    corner = field.distance(torch.tensor([[1.2, 0.0, 0.0], [3.2, 0.0, 0.0]]))
    assert corner[1] == pytest.approx(float(corner[0]) + 2, abs=1e-5)


def test_gradient_is_the_derivative_of_the_distance(field: Field, near_surface: torch.Tensor) -> None:
    points = near_surface.double().requires_grad_()
    distance, gradient = field.distance_and_gradient(near_surface)
    assert torch.allclose(distance, field.distance(near_surface), atol=1e-6)
    (expected,) = torch.autograd.grad(field.distance(points).sum(), points)
    assert torch.allclose(gradient, expected.float(), atol=1e-3)


def test_normal_is_zero_where_nothing_changes() -> None:
    field = replace(field_of(sphere), distances=torch.ones(4, 4, 4))
    assert field.normal(torch.tensor([[-1.15, -1.15, -1.15]])).tolist() == [[0, 0, 0]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"distances": torch.ones(4, 4)}, "distances must be"),
        ({"distances": torch.ones(4, 4, 4).double()}, "distances must be"),
        ({"distances": torch.full((4, 4, 4), torch.nan)}, "finite"),
        ({"voxel": 0.0}, "voxel"),
        ({"origin": (0.0, float("inf"), 0.0)}, "origin"),
    ],
)
def test_wrong_numbers_are_refused(field: Field, change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(field, **change)


def test_file_brings_the_field_back(field: Field, near_surface: torch.Tensor, tmp_path: Path) -> None:
    path = tmp_path / "ü 日本.safetensors"
    field.save(path)
    loaded = Field.load(path)
    assert loaded.origin == field.origin
    assert loaded.voxel == field.voxel
    assert loaded.metadata["preset"] == "draft"
    assert loaded.distances.shape == field.distances.shape
    assert torch.equal(loaded.distances < 0, field.distances < 0)
    near = field.distances.abs() <= NEAR * field.voxel
    assert (loaded.distances - field.distances)[near].abs().max() < 0.001 * field.voxel
    assert (loaded.distance(near_surface) - field.distance(near_surface)).abs().max() < 0.001 * field.voxel
    assert (loaded.normal(near_surface) * field.normal(near_surface)).sum(dim=1).min() > 0.99999
    assert np.abs(loaded.anchors.positions - field.anchors.positions).max() < 0.001 * field.voxel
    assert (loaded.anchors.colours == field.anchors.colours).all()
    assert np.abs(loaded.anchors.confidence - field.anchors.confidence).max() < 0.003
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_field_without_anchors_survives_its_file(tmp_path: Path) -> None:
    field_of(torus, 20).save(tmp_path / "f")
    assert len(Field.load(tmp_path / "f").anchors) == 0


def test_file_of_a_fine_field_is_small(tmp_path: Path) -> None:
    count = 300_000
    anchors = Anchors(
        np.ones((count, 3), np.float32), np.ones((count, 3), np.uint8), np.ones(count, np.float32)
    )
    path = tmp_path / "f.safetensors"
    field_of(torus, 192, anchors).save(path)
    assert path.stat().st_size < 10_000_000


def test_unwritable_place_is_an_output_error(field: Field, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        field.save(tmp_path / "missing" / "f.safetensors")


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(5000))


def _huge_header(path: Path) -> None:
    path.write_bytes((2**62).to_bytes(8, "little") + path.read_bytes()[8:])


def _missing(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pickled(path: Path) -> None:
    torch.save({"distances": torch.ones(3)}, path)


@pytest.mark.parametrize("damage", [_truncated, _empty, _noise, _huge_header, _missing, _folder, _pickled])
def test_damaged_file_is_one_clear_error(field: Field, damage: object, tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    field.save(path)
    damage(path)
    with pytest.raises(CloudFileError) as caught:
        Field.load(path)
    assert caught.value.hint


Tensors = dict[str, npt.NDArray[np.generic]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shape", np.array([45, 45, 4500])),
        ("shape", np.array([-45, 45, 45])),
        ("shape", np.array([1, 45, 45])),
        ("shape", np.array([2**40, 2**40, 2**40])),
        ("shape", np.array([MAXIMUM_VOXELS, 2, 2])),
        ("brick_signs", np.zeros((6, 6, 6), np.int8)),
        ("brick_signs", np.zeros((5, 6, 6), np.int8)),
        ("distances", np.zeros(3, np.float16)),
        ("distances", np.zeros((3, 3), np.float16)),
        ("voxel", np.array([np.nan])),
        ("voxel", np.array([-1.0])),
        ("voxel", np.array([1e300])),
        ("origin", np.array([0, np.inf, 0])),
        ("origin", np.zeros(3, np.float32)),
        ("anchor_colours", np.zeros((3, 3), np.uint8)),
        ("anchor_box", np.full((2, 3), np.nan)),
        ("anchor_box", np.full((2, 3), 1e300)),
        ("extra", np.zeros(3)),
    ],
)
def test_hostile_content_is_one_clear_error(
    field: Field, name: str, value: npt.NDArray[np.generic], tmp_path: Path
) -> None:
    path = tmp_path / "f.safetensors"
    field.save(path)
    tensors: Tensors = load_file(path)
    tensors[name] = value
    save_file(tensors, path, {"schema": "1"})
    with pytest.raises(CloudFileError):
        Field.load(path)


def test_distances_that_are_not_numbers_are_refused(field: Field, tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    field.save(path)
    tensors: Tensors = load_file(path)
    tensors["distances"] = np.full_like(tensors["distances"], np.nan)
    save_file(tensors, path, {"schema": "1"})
    with pytest.raises(CloudFileError, match="finite"):
        Field.load(path)


@pytest.mark.parametrize("metadata", [None, {"schema": "999"}])
def test_other_versions_are_refused(field: Field, metadata: dict[str, str] | None, tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    field.save(path)
    save_file(load_file(path), path, metadata)
    with pytest.raises(CloudFileError, match="version"):
        Field.load(path)


def test_what_is_unknown_is_saved_and_read(field: Field, tmp_path: Path) -> None:
    unknown = torch.zeros(field.distances.shape, dtype=torch.bool)
    unknown[:, :20] = True
    replace(field, unknown=unknown).save(tmp_path / "open.safetensors")
    read = Field.load(tmp_path / "open.safetensors")
    assert read.unknown is not None
    assert torch.equal(read.unknown, unknown)
    assert read.to("cpu").unknown is not None
    field.save(tmp_path / "closed.safetensors")
    assert Field.load(tmp_path / "closed.safetensors").unknown is None


def test_a_point_is_unknown_if_a_corner_of_its_cell_is(field: Field) -> None:
    unknown = torch.zeros(field.distances.shape, dtype=torch.bool)
    unknown[3, 4, 5] = True
    there = torch.tensor(field.origin) + field.voxel * torch.tensor(
        [[3.5, 4.5, 5.5], [2.5, 3.5, 4.5], [4.5, 4.5, 5.5], [3.5, 4.5, 6.5]]
    )
    assert replace(field, unknown=unknown).is_unknown(there).tolist() == [True, True, False, False]
    assert not field.is_unknown(there).any()


def test_unknown_of_another_shape_is_refused(field: Field) -> None:
    with pytest.raises(ValueError, match="unknown must be bool"):
        replace(field, unknown=torch.zeros(2, 2, 2, dtype=torch.bool))


def test_a_file_with_too_few_unknown_bits_is_a_sentence(field: Field, tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    field.save(path)
    save_file({**load_file(path), "unknown": np.zeros(7, np.uint8)}, path, {"schema": "1"})
    with pytest.raises(CloudFileError, match="unknown"):
        Field.load(path)
