# SPDX-License-Identifier: Apache-2.0
"""A folder becomes views; each fault has one sentence that names the file."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from uner3d_core.errors import CameraError, ImageError, InputError, Uner3dError
from uner3d_core.inputs import load_views

Scene = Callable[..., Path]


def change_json(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "transforms.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def save_mask(path: Path, value: int = 255, size: tuple[int, int] = (12, 8)) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new("L", size, value).save(path)


def save_half_mask(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    mask = np.zeros((8, 12), np.uint8)
    mask[:, 6:] = 255
    Image.fromarray(mask).save(path)


def write_colmap(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "cameras.txt").write_text("1 PINHOLE 12 8 10 10.5 6.25 4\n")
    (folder / "images.txt").write_text("1 1 0 0 0 0 0 5 1 0000.png\n\n2 1 0 0 0 1 0 5 1 0001.png\n\n")


def test_views_in_the_files_order(make_scene: Scene, told: Any) -> None:
    folder = make_scene(3)
    views = load_views(folder, progress=told)
    assert [view.name for view in views] == ["0000.png", "0001.png", "0002.png"]
    for number, view in enumerate(views):
        pixels = np.asarray(Image.open(folder / "images" / view.name))
        np.testing.assert_array_equal(view.image, pixels[..., :3])
        np.testing.assert_array_equal(view.mask, pixels[..., 3])
        np.testing.assert_allclose(view.camera.centre, [number, 0, 5])
        assert (view.camera.fx, view.camera.fy, view.camera.cx, view.camera.cy) == (10, 10.5, 6.25, 4)
    assert told.stages == [("read images", done, 3) for done in range(4)]
    assert told.texts == []


def test_opaque_pictures_have_no_mask(make_scene: Scene) -> None:
    assert all(view.mask is None for view in load_views(make_scene(2, mode="RGB")))


class TestWhereThingsAre:
    """The ways of naming the input."""

    def test_folder_of_the_images_with_cameras_beside(self, make_scene: Scene) -> None:
        assert len(load_views(make_scene(3) / "images")) == 3

    def test_cameras_as_the_input(self, make_scene: Scene) -> None:
        assert len(load_views(make_scene(3) / "transforms.json")) == 3

    def test_cameras_from_elsewhere(self, make_scene: Scene, tmp_path: Path) -> None:
        folder = make_scene(3)
        (tmp_path / "elsewhere").mkdir()
        (folder / "transforms.json").rename(tmp_path / "elsewhere" / "cameras.JSON")
        assert len(load_views(folder, tmp_path / "elsewhere" / "cameras.JSON")) == 3
        assert len(load_views(folder / "images", tmp_path / "elsewhere" / "cameras.JSON")) == 3

    def test_images_are_those_of_the_input_not_of_the_cameras_folder(
        self, make_scene: Scene, tmp_path: Path
    ) -> None:
        folder = make_scene(3)
        other = tmp_path / "one"
        other.mkdir()
        Image.new("RGB", (12, 8), "red").save(other / "0001.png")
        (view,) = load_views(other, folder / "transforms.json")
        np.testing.assert_array_equal(view.image[0, 0], [255, 0, 0])

    def test_one_image(self, make_scene: Scene) -> None:
        (view,) = load_views(make_scene(3) / "images" / "0001.png")
        assert view.name == "0001.png"

    @pytest.mark.parametrize("place", ["sparse/0", "sparse", "colmap/sparse/0", "."])
    def test_colmap_beside_the_images(self, make_scene: Scene, place: str) -> None:
        folder = make_scene(2)
        (folder / "transforms.json").unlink()
        write_colmap(folder / "model")
        (folder / place).mkdir(parents=True, exist_ok=True)
        for path in (folder / "model").iterdir():
            path.rename(folder / place / path.name)
        for given in (folder, folder / "images"):
            views = load_views(given)
            assert [view.name for view in views] == ["0000.png", "0001.png"]
            np.testing.assert_allclose(views[1].camera.centre, [-1, 0, -5])

    @pytest.mark.parametrize("given", ["model", "model/cameras.txt", "model/images.txt"])
    def test_colmap_by_name(self, make_scene: Scene, given: str) -> None:
        folder = make_scene(2)
        write_colmap(folder / "model")
        np.testing.assert_allclose(load_views(folder, folder / given)[0].camera.forward, [0, 0, 1])

    def test_images_of_one_name_in_two_folders(self, make_scene: Scene) -> None:
        folder = make_scene(2)
        (folder / "images" / "left").mkdir()
        (folder / "images" / "0001.png").rename(folder / "images" / "left" / "0000.png")
        change_json(folder, lambda content: content["frames"][1].update(file_path="images/left/0000.png"))
        assert [view.name for view in load_views(folder)] == ["images/0000.png", "images/left/0000.png"]


class TestSizes:
    """Pictures and cameras of differing sizes."""

    def test_images_may_differ(self, make_scene: Scene) -> None:
        folder = make_scene(2)
        Image.new("RGB", (20, 30)).save(folder / "images" / "0001.png")
        change_json(folder, lambda content: content["frames"][1].update(w=20, h=30))
        views = load_views(folder)
        assert [view.image.shape for view in views] == [(8, 12, 3), (30, 20, 3)]
        assert (views[1].camera.width, views[1].camera.height) == (20, 30)

    def test_camera_of_the_full_size_is_scaled_to_a_smaller_image(self, make_scene: Scene) -> None:
        folder = make_scene(1)
        change_json(folder, lambda content: content.update(w=120, h=80))
        camera = load_views(folder)[0].camera
        assert (camera.width, camera.height, camera.fx, camera.cx) == (12, 8, 1.0, 0.625)

    def test_other_proportions_are_named(self, make_scene: Scene) -> None:
        folder = make_scene(2)
        Image.new("RGB", (12, 12)).save(folder / "images" / "0001.png")
        with pytest.raises(ImageError, match=r"“0001\.png” has 12 × 12 pixels, its camera 12 × 8"):
            load_views(folder)


class TestMasks:
    """Masks beside the images."""

    def test_folder_outranks_alpha(self, make_scene: Scene) -> None:
        folder = make_scene(2)
        for number in range(2):
            save_mask(folder / "m" / f"{number:04}.png", 255)
        assert all(
            view.mask is not None and view.mask.all() for view in load_views(folder, masks=folder / "m")
        )

    def test_mask_path_of_a_frame(self, make_scene: Scene) -> None:
        folder = make_scene(1, mode="RGB")
        save_mask(folder / "m" / "any name.png", 200)
        change_json(folder, lambda content: content["frames"][0].update(mask_path="m/any name.png"))
        np.testing.assert_array_equal(load_views(folder)[0].mask, 200)

    def test_images_without_any_mask_are_taken_whole(self, make_scene: Scene, told: Any) -> None:
        views = load_views(make_scene(2, mode="RGB"), progress=told)
        assert all(view.mask is None for view in views)
        assert told.texts == []

    def test_image_without_mask_is_left_out_and_told(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(3, mode="RGB")
        save_half_mask(folder / "m" / "0000.png")
        save_half_mask(folder / "m" / "0002.png")
        views = load_views(folder, masks=folder / "m", progress=told)
        assert [view.name for view in views] == ["0000.png", "0002.png"]
        assert told.texts == ["Left out, as they have no mask: 0001.png."]

    def test_black_mask_is_left_out_and_told(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(2, mode="RGB")
        save_mask(folder / "m" / "0000.png", 0)
        save_half_mask(folder / "m" / "0001.png")
        (view,) = load_views(folder, masks=folder / "m", progress=told)
        assert view.name == "0001.png"
        assert told.texts == ["Left out, as no object is in their masks: 0000.png."]

    def test_folder_called_masks_beside_the_images_is_found(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(2, mode="RGB")
        for number in range(2):
            save_half_mask(folder / "masks" / f"{number:04}.png")
        for source in (folder, folder / "images"):
            assert all(view.mask is not None and not view.mask.all() for view in load_views(source))
        load_views(folder, progress=told)
        assert told.texts == [f"The masks in “{folder / 'masks'}” are used."]

    def test_alpha_outranks_a_folder_that_nobody_named(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(1)
        save_mask(folder / "masks" / "0000.png", 0)
        (view,) = load_views(folder, progress=told)
        assert view.mask is not None
        assert view.mask.any()
        assert told.texts == []

    def test_white_masks_among_others_are_told(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(2, mode="RGB")
        save_mask(folder / "m" / "0000.png")
        save_half_mask(folder / "m" / "0001.png")
        load_views(folder, masks=folder / "m", progress=told)
        assert told.texts == [
            "All that is seen is taken for the object, as there is no mask or a white one, in 1 of 2 images: "
            "0000.png."
        ]

    def test_truncated_mask_is_called_a_mask(self, make_scene: Scene) -> None:
        folder = make_scene(1)
        save_mask(folder / "m" / "0000.png")
        content = (folder / "m" / "0000.png").read_bytes()
        (folder / "m" / "0000.png").write_bytes(content[: len(content) // 2])
        with pytest.raises(ImageError, match=r"A mask: “0000\.png” is not an image that can be read"):
            load_views(folder, masks=folder / "m")

    def test_all_black(self, make_scene: Scene) -> None:
        folder = make_scene(2)
        for number in range(2):
            save_mask(folder / "m" / f"{number:04}.png", 0)
        with pytest.raises(ImageError, match=r"masks of all 2 images are black: 0000\.png, 0001\.png"):
            load_views(folder, masks=folder / "m")

    def test_the_only_one_black(self, make_scene: Scene) -> None:
        folder = make_scene(1)
        save_mask(folder / "m" / "0000.png", 0)
        with pytest.raises(ImageError, match=r"^The mask of “0000\.png” is black\."):
            load_views(folder, masks=folder / "m")

    def test_the_only_one_missing(self, make_scene: Scene) -> None:
        folder = make_scene(1, mode="RGB")
        save_mask(folder / "m" / "other.png")
        with pytest.raises(ImageError, match=r"^The mask of “0000\.png” is missing\."):
            load_views(folder, masks=folder / "m")

    def test_no_mask_at_all(self, make_scene: Scene) -> None:
        folder = make_scene(2, mode="RGB")
        save_mask(folder / "m" / "other.png")
        with pytest.raises(ImageError, match="masks of all 2 images are missing"):
            load_views(folder, masks=folder / "m")

    def test_another_size(self, make_scene: Scene) -> None:
        folder = make_scene(1)
        save_mask(folder / "m" / "0000.png", size=(6, 4))
        with pytest.raises(ImageError, match=r"“0000\.png” has 6 × 4 pixels, its image 12 × 8"):
            load_views(folder, masks=folder / "m")

    def test_folder_of_the_images_is_no_folder_of_masks(self, make_scene: Scene) -> None:
        folder = make_scene(1)
        with pytest.raises(InputError, match="as its own mask"):
            load_views(folder, masks=folder / "images")


def test_lens_distortion_is_taken_out(make_scene: Scene) -> None:
    folder = make_scene(1, k1=0.3)
    camera = load_views(folder)[0].camera
    assert not camera.has_distortion
    assert (camera.width, camera.fx) == (12, 10)


class TestWhatIsLeftOut:
    """The rest of a scene is used without what is missing, which is told."""

    def test_missing_image(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(3)
        (folder / "images" / "0001.png").unlink()
        assert [view.name for view in load_views(folder, progress=told)] == ["0000.png", "0002.png"]
        assert "images/0001.png" in told.texts[0]

    def test_image_without_camera(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(3)
        change_json(folder, lambda content: content["frames"].pop(1))
        assert len(load_views(folder, progress=told)) == 2
        assert told.texts == ["Left out, as there is no camera for them: 0001.png."]

    @pytest.mark.parametrize("sizes_in_the_file", [True, False])
    def test_unreadable_images(self, make_scene: Scene, told: Any, sizes_in_the_file: bool) -> None:
        folder = make_scene(9)
        cut_image(folder)
        for number in range(2, 8):
            (folder / "images" / f"{number:04}.png").write_bytes(b"no image")
        if not sizes_in_the_file:
            change_json(folder, lambda content: [content.pop(key) for key in ("w", "h")])
        views = load_views(folder, progress=told)
        assert [view.name for view in views] == ["0000.png", "0008.png"]
        assert told.texts[0].startswith("Left out: “000")
        assert any("“0001.png” can't be read" in text for text in told.texts)
        assert any(text.endswith(": 3 more." if sizes_in_the_file else ": 2 more.") for text in told.texts)

    def test_image_with_an_unreadable_mask(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(2)
        save_half_mask(folder / "m" / "0000.png")
        (folder / "m" / "0001.png").write_bytes(b"no image")
        (view,) = load_views(folder, masks=folder / "m", progress=told)
        assert view.name == "0000.png"
        assert told.texts == ["Left out: A mask: “0001.png” is not an image that can be read."]


def remove_images(folder: Path) -> None:
    shutil.rmtree(folder / "images")


def remove_everything(folder: Path) -> None:
    remove_images(folder)
    (folder / "transforms.json").unlink()


def cut_image(folder: Path) -> None:
    path = folder / "images" / "0001.png"
    path.write_bytes(path.read_bytes()[:200])


def cut_images(folder: Path) -> None:
    for path in (folder / "images").iterdir():
        path.write_bytes(path.read_bytes()[:200])


def empty_images(folder: Path) -> None:
    for path in (folder / "images").iterdir():
        path.write_bytes(b"")


def not_a_number(folder: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["frames"][1]["transform_matrix"][0][3] = float("nan")

    change_json(folder, change)


@pytest.mark.parametrize(
    ("spoil", "error", "sentence"),
    [
        (remove_everything, InputError, "There are no images in “.*日本”"),
        (remove_images, InputError, r"None of the images that “.*transforms\.json” names is in"),
        (cut_images, ImageError, r"“0000\.png” can't be read"),
        (empty_images, ImageError, r"“0000\.png” is empty"),
        (not_a_number, CameraError, r"frame 2 \(“images/0001\.png”\): Its transform_matrix is not finite"),
    ],
)
def test_fault_has_one_sentence(
    make_scene: Scene, spoil: Callable[[Path], object], error: type[Uner3dError], sentence: str
) -> None:
    folder = make_scene(3)
    spoil(folder)
    before = sorted(folder.rglob("*"))
    with pytest.raises(error, match=sentence) as caught:
        load_views(folder)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        (("nowhere",), InputError, "neither a folder nor an image"),
        (("notes.txt",), InputError, "neither a folder nor an image"),
        ((".", "nowhere.json"), CameraError, "There is no"),
        ((".", "notes.txt"), CameraError, "holds no cameras"),
        ((".", "images"), CameraError, "holds no cameras"),
        ((".", None, "nowhere"), InputError, "no folder of masks"),
        (("images/stray.png",), CameraError, r"has no camera for “stray\.png”"),
    ],
)
def test_wrong_argument_has_one_sentence(
    make_scene: Scene, arguments: tuple[str | None, ...], error: type[Uner3dError], sentence: str
) -> None:
    folder = make_scene(2)
    (folder / "notes.txt").touch()
    Image.new("RGB", (12, 8)).save(folder / "images" / "stray.png")
    paths = [name if name is None else folder / name for name in arguments]
    with pytest.raises(error, match=sentence) as caught:
        load_views(*paths)  # type: ignore[arg-type]
    assert caught.value.hint


def test_cancelling_stops_the_reading(make_scene: Scene, told: Any) -> None:
    folder = make_scene(3)

    def stop_after_one(name: str, done: int, total: int) -> None:
        if done == 1:
            raise InterruptedError

    told.stage = stop_after_one
    with pytest.raises(InterruptedError):
        load_views(folder, progress=told)


class TestSharedPhotos:
    """Real photo sets, where they are at hand."""

    def test_distorted_set_with_missing_images(self, shared_photos: Path, tmp_path: Path, told: Any) -> None:
        """67 frames, of which 50 have their image; the photos are made small so that the test is fast."""
        (tmp_path / "images").mkdir()
        for path in (shared_photos / "fox" / "images").iterdir():
            picture = Image.open(path)
            picture.draft("RGB", (135, 240))  # JPEG decodes straight to an eighth
            picture.save(tmp_path / "images" / path.name)
        views = load_views(tmp_path, shared_photos / "fox" / "transforms.json", progress=told)
        assert len(views) == 50
        assert told.texts[0].startswith(
            "Left out, as they are missing, of what “transforms.json” names: 17 of 67, "
        )
        for view in views:
            assert view.mask is None
            assert not view.camera.has_distortion
            assert 0.97 < view.camera.width / 135 <= 1
            assert view.camera.fx == pytest.approx(1375.52 / 8)

    def test_set_with_a_folder_of_masks(self, shared_photos: Path) -> None:
        head = shared_photos / "ethiopian_head"
        views = load_views(head / "images", masks=head / "masks")
        assert len(views) == 66
        for view in views:
            assert view.mask is not None
            assert 0.05 < (view.mask > 127).mean() < 0.8
        # The cameras stand around the head and look at it: their axes meet near one point.
        centres = np.array([view.camera.centre for view in views])
        forwards = np.array([view.camera.forward for view in views])
        across = np.eye(3) - forwards[:, :, None] * forwards[:, None, :]
        meeting = np.linalg.solve(across.sum(axis=0), np.einsum("nij,nj->i", across, centres))
        for view in views:
            pixel, depth = view.camera.project(meeting[None])
            assert depth[0] > 0
            assert view.mask is not None
            assert view.mask[int(pixel[0, 1]), int(pixel[0, 0])] == 255


class TestChosenImages:
    """A few images of a folder, and not the rest."""

    def test_they_alone_are_read(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(4)
        chosen = (folder / "images" / "0003.png", folder / "images" / "0001.png")
        views = load_views(folder / "images", progress=told, images=chosen)
        assert [view.name for view in views] == ["0001.png", "0003.png"]
        assert told.texts == []

    def test_those_without_a_camera_are_told(self, make_scene: Scene, told: Any) -> None:
        folder = make_scene(2)
        for name in ("a.png", "b.png"):
            shutil.copy(folder / "images" / "0000.png", folder / "images" / name)
        images = folder / "images"
        load_views(images, progress=told, images=(images / "0000.png", images / "a.png"))
        assert told.texts == ["Left out, as there is no camera for them: a.png."]
        with pytest.raises(CameraError, match="no camera for any of the chosen"):
            load_views(images, images=(images / "a.png",))
