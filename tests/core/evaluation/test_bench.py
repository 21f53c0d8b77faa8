# SPDX-License-Identifier: Apache-2.0
"""The bench on a case whose scores are known: a sphere, which is its own visual hull."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from uner3d_core.camera import Camera
from uner3d_core.evaluation import baselines, bench, beside_hull, cases, sheet
from uner3d_core.evaluation.disturbances import speckled_masks
from uner3d_core.evaluation.scores import spacing_variation
from uner3d_core.evaluation.splatting import splat
from uner3d_core.evaluation.truth import read_truth
from uner3d_core.evaluation.visible_surface import fibonacci_sphere
from uner3d_core.fitted.presets import PRESETS, Preset
from uner3d_core.inputs.frames import Frame
from uner3d_core.inputs.transforms import write_transforms
from uner3d_core.point_cloud import PointCloud
from uner3d_core.settings import Settings

SIZE = 64
SETTINGS = Settings(points=5000, device="cpu")


def sphere(count: int) -> PointCloud:
    directions = fibonacci_sphere(count).astype(np.float32)
    grey = np.full((count, 3), 200, np.uint8)
    return PointCloud(directions, grey, directions, np.ones(count, np.float32))


def write_views(folder: Path, count: int) -> None:
    (folder / "images").mkdir(parents=True)
    frames = []
    for number, direction in enumerate(fibonacci_sphere(count)):
        right = np.cross((0.0, 0.0, 1.0), direction)
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3] = np.stack([right, np.cross(direction, right), direction, 3.5 * direction], axis=1)
        camera = Camera.from_opengl(pose, width=SIZE, height=SIZE, fx=90.0, fy=90.0, cx=SIZE / 2, cy=SIZE / 2)
        frames.append(Frame(folder / "images" / f"{number}.png", camera))
        Image.fromarray(splat(sphere(20_000), camera)).save(frames[-1].image)
    write_transforms(folder / "transforms.json", frames)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that is rendered already."""
    monkeypatch.setattr(baselines, "HULL_RESOLUTION", 48)
    path = tmp_path / "sphere.glb"
    path.write_bytes(b"a sphere")
    case = tmp_path / "cache" / f"sphere_12_{SIZE}"
    write_views(case, 12)
    write_views(case / "heldout", 3)
    truth = np.random.default_rng(0).permutation(fibonacci_sphere(150_000))
    np.savez(case / "truth.npz", points=truth, normals=truth, diagonal=np.sqrt(12.0))
    identity = {"version": cases.CASE_VERSION, "sha256": hashlib.sha256(b"a sphere").hexdigest()}
    (case / "case.json").write_text(json.dumps(identity), encoding="utf-8")
    return path


def test_a_perfect_cloud_scores_above_the_hull(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "cache" / f"sphere_12_{SIZE}"
    field = baselines.visual_hull(bench.load_views(folder), SETTINGS)  # only sampled again for its speed
    perfect = SimpleNamespace(cloud=sphere(5000), field=field, stages={"all": 1.0})
    monkeypatch.setattr(bench, "reconstruct", lambda views, settings: perfect)
    monkeypatch.setattr(bench, "EVENNESS_POINTS", (1000, 3000))
    output = tmp_path / "new" / "output"
    bench.run([str(model)], 12, SIZE, SETTINGS, cache=tmp_path / "cache", output=output, as_json=True)
    *table, last = capsys.readouterr().out.splitlines()
    assert [line[:37].split() for line in table[:7]] == [
        ["case", "cloud"],
        ["sphere", "ours"],
        ["sphere", "visual", "hull"],
        ["sphere", "true", "points"],
        ["mean", "ours"],
        ["mean", "visual", "hull"],
        ["mean", "true", "points"],
    ]
    assert "mean seconds: all 1.0" in table
    told = json.loads(last)
    assert told["gflop_per_second"] > 0
    (case,) = told["cases"]
    assert case["points_per_second"] > 100
    assert case["variation"]["3000"] < 0.15
    ours, hull, true = (case["clouds"][name] for name in ("ours", "visual hull", "true points"))
    assert ours["scores"]["precision"]["0.5"] == 1.0
    assert ours["scores"]["f_score"]["1"] == pytest.approx(1.0, abs=0.01)
    assert 0.5 < hull["scores"]["f_score"]["1"] < ours["scores"]["f_score"]["1"]
    assert true["scores"]["f_score"]["1"] == 1.0
    assert ours["iou"] > 0.97
    assert ours["psnr"] > 25.0
    assert true["psnr"] > 22.0
    assert (output / "sphere.ply").is_file()
    with Image.open(output / "sheet.png") as picture:
        assert picture.width == 3 * 256


def test_baselines_are_lines_of_the_table(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny = Preset(64, 48, 32, 24, ((0.1, 5),), 3, 256, 5000)
    monkeypatch.setitem(PRESETS, "draft", tiny)
    monkeypatch.setattr(baselines, "STEREO_PLANES", 24)
    monkeypatch.setattr(bench, "DISTURBANCES", {"speckled masks": speckled_masks})
    monkeypatch.setattr(bench, "EVENNESS_POINTS", (1000,))
    settings = Settings(points=2000, preset="draft", device="cpu")
    cache = tmp_path / "cache"
    bench.run([str(model)], 12, SIZE, settings, cache=cache, baselines=True, disturbed=True, as_json=True)
    *table, last = capsys.readouterr().out.splitlines()
    (case,) = json.loads(last)["cases"]
    without = ["no coarse to fine", "no fit", "no geometric loss", "no colour loss"]
    # A grey ball has nothing to match: stereo alone finds no point, and the fit alone makes a difference.
    assert list(case["clouds"]) == [
        "ours",
        "visual hull",
        "no IDW",
        *without,
        "speckled masks",
        "true points",
    ]
    assert case["clouds"]["no fit"] != case["clouds"]["ours"]
    assert set(case["seconds"]) == {"ours", *without, "speckled masks"}
    assert any("speckled masks" in line and "filtered" in line for line in table)


def test_the_hull_of_a_sphere_holds_the_sphere(model: Path, tmp_path: Path) -> None:
    case = tmp_path / "cache" / f"sphere_12_{SIZE}"
    hull = baselines.visual_hull(bench.load_views(case), SETTINGS)
    points = baselines.sample(hull, 2000, seed=0).positions
    radii = np.linalg.norm(points, axis=1)
    assert radii.min() > 0.97
    assert radii.max() < 1.25


def test_the_hull_is_scored_beside_a_cloud(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "cache" / f"sphere_12_{SIZE}"
    bench.write_ply(tmp_path / "cloud.ply", sphere(5000))
    assert beside_hull.main([str(case), str(tmp_path / "cloud.ply"), str(case / "truth.npz")]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["cloud"]["accuracy"] < scores["hull"]["accuracy"]


def test_true_points_have_the_pictures_colours(model: Path, tmp_path: Path) -> None:
    case = tmp_path / "cache" / f"sphere_12_{SIZE}"
    truth = read_truth(case / "truth.npz")
    cloud, others = baselines.true_cloud(truth, bench.load_views(case))
    assert len(cloud) + len(others.points) == len(truth.points)
    assert len(cloud) == 50_000
    assert np.abs(cloud.colours[cloud.confidence > 0].astype(int) - 200).max() < 12
    assert (cloud.confidence > 0).mean() > 0.95
    assert spacing_variation(cloud.positions) < 0.4


def test_a_sheet_of_a_case_and_its_cloud(model: Path, tmp_path: Path) -> None:
    case = tmp_path / "cache" / f"sphere_12_{SIZE}"
    bench.write_ply(tmp_path / "cloud.ply", sphere(5000))
    assert sheet.main([str(tmp_path / "sheet.png"), str(case), str(tmp_path / "cloud.ply")]) == 0
    with Image.open(tmp_path / "sheet.png") as picture:
        # The grey ball stands in the middle of a picture and of the drawing below it.
        assert picture.getpixel((128, 18 + 128)) == picture.getpixel((128, 18 + 384)) == (200, 200, 200)
