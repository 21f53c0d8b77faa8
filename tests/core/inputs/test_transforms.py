# SPDX-License-Identifier: Apache-2.0
"""``transforms.json`` in its many dialects; what describes no camera is refused by name."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from uner3d_core.camera import Camera
from uner3d_core.errors import CameraError, OutputError
from uner3d_core.inputs.frames import Frame
from uner3d_core.inputs.transforms import read_transforms, write_transforms

EYE = np.eye(4).tolist()
INTRINSICS = {"w": 640, "h": 480, "fl_x": 500.0, "fl_y": 510.0, "cx": 322.0, "cy": 238.0}


def image_size(path: Path) -> tuple[int, int]:
    return (200, 100)


@pytest.fixture
def read(tmp_path: Path, told: Any) -> Any:
    """Write frames of existing images a.png, b.png, … and read them again."""

    def read(frames: list[dict[str, Any]] | None = None, **values: Any) -> list[Frame]:
        for name in ("a.png", "b.png"):
            (tmp_path / name).touch()
        content = {
            "frames": [{"file_path": "a.png", "transform_matrix": EYE}] if frames is None else frames,
            **values,
        }
        (tmp_path / "transforms.json").write_text(json.dumps(content), encoding="utf-8")
        return read_transforms(tmp_path / "transforms.json", image_size, progress=told)

    return read


def frame(name: str = "a.png", **values: Any) -> dict[str, Any]:
    return {"file_path": name, "transform_matrix": EYE, **values}


def test_intrinsics_of_the_file(read: Any) -> None:
    camera = read(**INTRINSICS, k1=0.1, k2=-0.2, p1=0.01, p2=-0.02)[0].camera
    assert (camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy) == (
        *(640, 480, 500.0, 510.0, 322.0, 238.0),
    )
    assert camera.distortion == (0.1, -0.2, 0.01, -0.02)


def test_matrix_is_camera_to_world_with_opengl_axes(read: Any) -> None:
    pose = np.eye(4)
    pose[:3, 3] = 1, 2, 3
    camera = read([frame(transform_matrix=pose.tolist())], **INTRINSICS)[0].camera
    np.testing.assert_allclose(camera.centre, [1, 2, 3])
    np.testing.assert_allclose(camera.forward, [0, 0, -1])


def test_angle_of_view_alone_as_nerfs_synthetic_scenes(read: Any) -> None:
    camera = read(camera_angle_x=math.pi / 2)[0].camera
    assert (camera.width, camera.height, camera.cx, camera.cy) == (200, 100, 100.0, 50.0)
    assert camera.fx == pytest.approx(100)
    assert camera.fy == pytest.approx(100)


def test_two_angles_of_view(read: Any) -> None:
    camera = read(camera_angle_x=math.pi / 2, camera_angle_y=2 * math.atan(0.25))[0].camera
    assert (camera.fx, camera.fy) == pytest.approx((100, 200))


def test_focal_length_outranks_the_angle(read: Any) -> None:
    assert read(**INTRINSICS, camera_angle_x=0.3)[0].camera.fx == 500


def test_frame_outranks_the_file(read: Any) -> None:
    first, second = read(
        [frame(fl_x=400, w=320, k1=0.5), frame("b.png", camera_angle_x=math.pi / 2)], **INTRINSICS
    )
    assert (first.camera.fx, first.camera.fy, first.camera.width) == (400, 510, 320)
    assert first.camera.distortion[0] == 0.5
    assert (second.camera.fx, second.camera.fy) == pytest.approx((320, 320))


def test_extra_keys_do_not_move_the_world(read: Any) -> None:
    plain = read(**INTRINSICS)[0].camera
    extra = read(
        **INTRINSICS,
        applied_transform=[[0, 1, 0, 5], [1, 0, 0, 0], [0, 0, -1, 0]],
        applied_scale=3.0,
        aabb_scale=4,
        scale=0.33,
        offset=[1, 2, 3],
        note="mine",
    )[0].camera
    np.testing.assert_array_equal(plain.world_to_camera, extra.world_to_camera)


def test_matrix_of_three_rows(read: Any) -> None:
    assert len(read([frame(transform_matrix=EYE[:3])], **INTRINSICS)) == 1


def test_missing_images_are_left_out_and_told(read: Any, told: Any) -> None:
    frames = read([frame("no.png"), frame(), frame("images/neither.png")], **INTRINSICS)
    assert [entry.image.name for entry in frames] == ["a.png"]
    assert told.texts == [
        "Left out, as they are missing, of what “transforms.json” names: 2 of 3, no.png, images/neither.png."
    ]


def test_numbers_of_a_missing_image_do_not_matter(read: Any) -> None:
    assert len(read([frame("no.png", transform_matrix="?"), frame()], **INTRINSICS)) == 1


def test_second_camera_of_an_image_is_left_out_and_told(read: Any, told: Any) -> None:
    assert len(read([frame(), frame("./a.png")], **INTRINSICS)) == 1
    assert "named before" in told.texts[0]


@pytest.mark.parametrize(
    "name",
    ["a", "./a.png", "a.png", "images/a.png", "/home/me/images/a.png", "C:\\me\\images\\a.png", ".\\a.png"],
)
def test_image_is_found_by_its_name(read: Any, name: str) -> None:
    assert read([frame(name)], **INTRINSICS)[0].image.name == "a.png"


def test_image_in_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "r_0.png").touch()
    (tmp_path / "r_0.png").touch()
    path = tmp_path / "transforms.json"
    path.write_text(json.dumps({**INTRINSICS, "frames": [frame("./train/r_0")]}))
    assert read_transforms(path, image_size)[0].image == tmp_path / "train" / "r_0.png"


def test_mask_path(read: Any, tmp_path: Path) -> None:
    """A mask that is missing keeps its name: its image is not one without a mask."""
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "a.png").touch()
    first, second = read(
        [frame(mask_path="masks/a.png"), frame("b.png", mask_path="masks/b.png")], **INTRINSICS
    )
    assert first.mask == tmp_path / "masks" / "a.png"
    assert second.mask == tmp_path / "masks" / "b.png"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"transform_matrix": [[float("nan"), 0, 0, 0], *EYE[1:]]}, "transform_matrix is not finite"),
        ({"transform_matrix": [[10**400, 0, 0, 0], *EYE[1:]]}, "not finite"),
        ({"transform_matrix": [["1", 0, 0, 0], *EYE[1:]]}, "is no number"),
        ({"transform_matrix": [[True, 0, 0, 0], *EYE[1:]]}, "is no number"),
        ({"transform_matrix": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}, "has not 4 numbers"),
        ({"transform_matrix": None}, "has no transform_matrix"),
        ({"transform_matrix": [*EYE[:3], [0, 0, 0, 2]]}, "last row"),
        ({"transform_matrix": [[0, 0, 0, 0], *EYE[1:]]}, "no extent"),
        ({"transform_matrix": [[-1, 0, 0, 0], *EYE[1:]]}, "not a rotation"),
        ({"fl_x": 0}, "above zero"),
        ({"fl_x": "500"}, "fl_x is no number"),
        ({"w": 0}, "above zero"),
        ({"h": float("inf")}, "h is not finite"),
        ({"k1": float("nan")}, "k1 is not finite"),
        ({"k3": 0.1}, "beyond k1, k2, p1, p2"),
        ({"camera_model": "OPENCV_FISHEYE"}, "OPENCV_FISHEYE is not supported"),
        ({"is_fisheye": True}, "not supported"),
        ({"camera_angle_x": 4.0, "fl_x": None}, "fl_x is no number"),
        ({"mask_path": 3}, "mask_path"),
    ],
    ids=str,
)
def test_frame_of_no_camera_is_named(read: Any, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CameraError, match=sentence) as caught:
        read([frame(), frame("b.png", **change)], **INTRINSICS)
    assert "“transforms.json”, frame 2" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("angle", [0.0, -1.0, math.pi, 50.0])
def test_angle_of_no_lens(read: Any, angle: float) -> None:
    with pytest.raises(CameraError, match="camera_angle_x must be between"):
        read(camera_angle_x=angle)


def test_no_intrinsics(read: Any) -> None:
    with pytest.raises(CameraError, match="neither fl_x nor camera_angle_x"):
        read(w=640, h=480)


@pytest.mark.parametrize(
    "frames", [[], {}, "a.png", [3], [{}], [{"file_path": ""}], [{"file_path": 1}]], ids=str
)
def test_frames_that_are_none(read: Any, frames: Any) -> None:
    with pytest.raises(CameraError, match=r"no frames|no file_path"):
        read(frames, **INTRINSICS)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"3", b"\xff\xfe\x00", b"[" * 200_000, b'{"frames": 1' + b"0" * 5000 + b"}"]
)
def test_what_is_no_json(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "transforms.json").write_bytes(content)
    with pytest.raises(CameraError, match=r"“transforms\.json”"):
        read_transforms(tmp_path / "transforms.json", image_size)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="can't be read"):
        read_transforms(tmp_path / "transforms.json", image_size)


class TestWriting:
    """What the add-on writes, the core reads."""

    @staticmethod
    def frames(folder: Path) -> list[Frame]:
        frames = []
        for number, name in enumerate(("a b.png", "ü/日本.png")):
            image = folder / name
            image.parent.mkdir(exist_ok=True)
            image.touch()
            pose = np.eye(4)
            pose[:3, 3] = 0.1 + number, 1 / 3, 1e-7
            camera = Camera.from_opengl(
                pose,
                width=640 + number,
                height=480,
                fx=500.1,
                fy=510.2,
                cx=320.3,
                cy=240.4,
                distortion=(0.1, 0.0, -0.01, 1e-9),
            )
            frames.append(Frame(image, camera, image if number else None))
        return frames

    def test_frames_survive(self, tmp_path: Path) -> None:
        frames = self.frames(tmp_path)
        write_transforms(tmp_path / "transforms.json", frames)
        again = read_transforms(tmp_path / "transforms.json", image_size)
        for before, after in zip(frames, again, strict=True):
            assert (before.image, before.mask) == (after.image, after.mask)
            np.testing.assert_allclose(
                before.camera.world_to_camera, after.camera.world_to_camera, atol=1e-15
            )
            np.testing.assert_array_equal(before.camera.intrinsics, after.camera.intrinsics)
            assert before.camera.width == after.camera.width
            assert before.camera.distortion == after.camera.distortion

    def test_paths_are_relative_with_slashes(self, tmp_path: Path) -> None:
        write_transforms(tmp_path / "transforms.json", self.frames(tmp_path))
        content = json.loads((tmp_path / "transforms.json").read_text(encoding="utf-8"))
        assert [entry["file_path"] for entry in content["frames"]] == ["a b.png", "ü/日本.png"]

    def test_folder_moves_with_its_images(self, tmp_path: Path) -> None:
        (tmp_path / "old").mkdir()
        write_transforms(tmp_path / "old" / "transforms.json", self.frames(tmp_path / "old"))
        (tmp_path / "old").rename(tmp_path / "new")
        assert len(read_transforms(tmp_path / "new" / "transforms.json", image_size)) == 2

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="no folder"):
            write_transforms(tmp_path / "no" / "transforms.json", [])
