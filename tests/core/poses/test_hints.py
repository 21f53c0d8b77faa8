# SPDX-License-Identifier: Apache-2.0
"""Each hint names the files it is about, and none is given where nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageFilter

from uner3d_core.errors import CameraError
from uner3d_core.poses.hints import after_solving, before_solving, check_answer, check_outlines
from uner3d_core.poses.names import follow_each_other
from uner3d_core.poses.photographs import Photograph, read_photograph
from uner3d_core.poses.request import Answer, Model, Shot

SHOT = Shot([1.0, 1.0], [0.0, 0.0], [0.0] * 4, np.eye(4)[:3].tolist(), 200)


def model(*places: int) -> Model:
    return Model(dict.fromkeys(places, SHOT), [], 0.5)


def photographs(count: int, sharpness: Sequence[float] = ()) -> list[Photograph]:
    grey = np.zeros((8, 8), np.uint8)
    return [
        Photograph(Path(f"{number}.jpg"), str(number), (8, 8), "lens", "", None, sharp, grey, None, None)
        for number, sharp in enumerate(sharpness or [1.0] * count)
    ]


def chain(count: int, *gaps: int) -> list[tuple[int, int, int]]:
    """Neighbours have 80 matches, but for the pairs that begin at a gap."""
    return [(place, place + 1, 80) for place in range(count - 1) if place not in gaps]


def test_enough_good_photographs() -> None:
    assert before_solving(photographs(20)) == []
    assert after_solving(Answer([500] * 20, 190, chain(20), [model(*range(20))]), photographs(20)) == []


def test_few() -> None:
    assert "6 photographs are few" in before_solving(photographs(6))[0]


def test_zoom() -> None:
    changed = [replace(each, zoom="26 mm") for each in photographs(20)]
    changed[4] = replace(changed[4], zoom="52 mm")
    (said,) = before_solving(changed)
    assert "most photographs have 26 mm, but not 4.jpg" in said


def test_blurred(arc: Callable[..., Any], draw_scene: Callable[..., Any], tmp_path: Path) -> None:
    sharp = []
    for number, camera in enumerate(arc(3)):
        picture = Image.fromarray(draw_scene(camera)[0])
        picture.save(tmp_path / f"{number}.png")
        picture.filter(ImageFilter.GaussianBlur(2.5)).save(tmp_path / f"blurred_{number}.png")
        sharp.append(read_photograph(tmp_path / f"{number}.png"))
    assert before_solving(sharp * 6) == []
    blurred = read_photograph(tmp_path / "blurred_1.png")
    (said,) = before_solving([*sharp * 6, blurred])
    assert said.startswith("Blurred beside the others: blurred_1.png.")


def test_softer_side_is_not_blurred() -> None:
    """Of a ring around an object one side may have less detail; a single photograph of it may be blurred."""
    sides = [*[1.0] * 24, *[0.5] * 12]
    assert before_solving(photographs(36, sides)) == []
    (said,) = before_solving(photographs(36, [*sides[:30], 0.2, *sides[31:]]))
    assert said.startswith("Blurred beside the others: 30.jpg.")


def test_gap_is_named_by_the_pair_that_comes_nearest() -> None:
    answer = Answer([500] * 12, 66, [*chain(12, 7), (6, 9, 5)], [model(*range(8)), model(8, 9, 10, 11)])
    left_out, others, gap = after_solving(answer, photographs(12))
    assert "8 of 12" in left_out
    assert "8.jpg, 9.jpg, 10.jpg, 11.jpg" in others
    assert "between 6.jpg and 9.jpg" in gap


def test_plain_photographs_are_named() -> None:
    answer = Answer([500] * 11 + [20], 66, chain(12, 10), [model(*range(11))])
    said = after_solving(answer, photographs(12))
    assert any("Next to nothing to recognise in 11.jpg" in text for text in said)


@pytest.mark.parametrize(
    ("features", "common", "models", "sentence"),
    [
        ([20] * 12, [], [], "None of the photographs shows enough that can be recognised"),
        (
            [20] * 7 + [500] * 5,
            [],
            [],
            r"Most of the photographs show too little .*: 0\.jpg, 1\.jpg, 2\.jpg, 3\.jpg and 3 more\.",
        ),
        ([500] * 12, [], [], "No two of the photographs have anything in common"),
        ([500] * 12, chain(12), [], "The photographs do not fit together"),
        ([500] * 16, chain(16), [model(0, 1, 2)], "Only 3 of 16 photographs fit together"),
    ],
)
def test_too_little(
    features: list[int], common: list[tuple[int, int, int]], models: list[Model], sentence: str
) -> None:
    with pytest.raises(CameraError, match=sentence) as caught:
        check_answer(Answer(features, 66, common, models), photographs(len(features)))
    assert caught.value.hint


def test_one_side_is_too_little() -> None:
    answer = Answer([500] * 36, 630, chain(36, 12), [model(*range(13)), model(20, 21, 22)])
    with pytest.raises(CameraError, match=r"Only 13 of 36 .* one side at most: 0\.jpg, 1\.jpg.* alone"):
        check_answer(answer, photographs(36))


def test_two_halves_of_one_object_are_no_two_objects() -> None:
    halves = [model(*range(10)), model(*range(13, 22))]
    apart = Answer([500] * 24, 276, chain(24, 9, 12), halves)
    check_answer(apart, photographs(24))
    touching = Answer([500] * 24, 276, [*chain(24, 9, 12), (9, 13, 40)], halves)
    with pytest.raises(CameraError, match="Only 10 of 24"):
        check_answer(touching, photographs(24))


def test_outlines() -> None:
    check_outlines(0.99)
    with pytest.raises(CameraError, match="contradict the object's outlines, of which they leave 15 % empty"):
        check_outlines(0.85)


def test_largest_of_two_objects_is_enough() -> None:
    check_answer(
        Answer([500] * 12, 66, chain(12, 5), [model(*range(6)), model(*range(6, 12))]), photographs(12)
    )


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0004.jpg"], True),
        (["2024-05-01 frame9.png", "2024-05-01 frame10.png"], True),
        (["a.jpg", "b.jpg"], False),
        (["4711.jpg", "98123.jpg", "120004.jpg"], False),
    ],
)
def test_order(names: list[str], ordered: bool) -> None:
    assert follow_each_other(names) == ordered


class TestWhatTheFileTells:
    """EXIF, which nobody has checked."""

    def save(self, path: Path, **tags: Any) -> Photograph:
        picture = Image.new("RGB", (300, 200), (90, 90, 90))
        exif = Image.Exif()
        for name, value in tags.items():
            place = exif if name in ("Make", "Model", "Orientation") else exif.get_ifd(ExifTags.IFD.Exif)
            place[ExifTags.Base[name]] = value
        picture.save(path, exif=exif)
        return read_photograph(path)

    def test_focal_length_in_35_mm_film(self, tmp_path: Path) -> None:
        photograph = self.save(tmp_path / "a.jpg", Make="Maker", Model="Phone", FocalLengthIn35mmFilm=26)
        # The diagonal of film is 43.27 mm, that of the picture 360.6 pixels.
        assert photograph.focal_length == pytest.approx(26 / 43.267 * 360.555, rel=1e-4)
        assert "Maker Phone" in photograph.lens

    def test_turned_photograph_is_upright(self, tmp_path: Path) -> None:
        photograph = self.save(tmp_path / "a.jpg", Orientation=6, FocalLengthIn35mmFilm=26)
        assert photograph.size == (200, 300)
        assert photograph.grey.shape == (300, 200)

    def test_nonsense(self, tmp_path: Path) -> None:
        photograph = self.save(tmp_path / "a.jpg", FocalLengthIn35mmFilm=0, Make="\0")
        assert photograph.focal_length is None

    def test_other_kinds_of_files(self, tmp_path: Path) -> None:
        Image.new("CMYK", (30, 20), (0, 200, 0, 0)).save(tmp_path / "ink.jpg")
        Image.fromarray(np.full((20, 30), 40_000, np.uint16)).save(tmp_path / "deep.png")
        assert read_photograph(tmp_path / "ink.jpg").grey.shape == (20, 30)
        assert read_photograph(tmp_path / "deep.png").grey.mean() == pytest.approx(155, abs=1)
