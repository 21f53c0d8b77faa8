# SPDX-License-Identifier: Apache-2.0
"""Clouds survive PLY and NPZ; other programs' PLY files are understood; damaged ones are refused."""

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from uner3d_core.cloud_files import read_npz, read_ply, write_npz, write_ply, write_ply_parts
from uner3d_core.errors import CloudFileError, OutputError
from uner3d_core.point_cloud import PointCloud

FORMATS = pytest.mark.parametrize(("write", "read"), [(write_ply, read_ply), (write_npz, read_npz)])
Write = Callable[[Path, PointCloud], None]
Read = Callable[..., PointCloud]


XYZ = "property float x\nproperty float y\nproperty float z"


def random_cloud(count: int, seed: int = 0) -> PointCloud:
    random = np.random.default_rng(seed)
    normals = random.normal(size=(count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    normals[::7] = 0
    return PointCloud(
        random.normal(size=(count, 3)).astype(np.float32),
        random.integers(0, 256, (count, 3), dtype=np.uint8),
        normals.astype(np.float32),
        random.random(count, dtype=np.float32),
    )


def assert_same(cloud: PointCloud, other: PointCloud) -> None:
    for field in fields(PointCloud):
        np.testing.assert_array_equal(getattr(cloud, field.name), getattr(other, field.name), field.name)


def ply(header: str, content: bytes) -> bytes:
    return b"ply\n" + header.encode() + b"\nend_header\n" + content


@FORMATS
@pytest.mark.parametrize("progressive", [True, False])
@pytest.mark.parametrize("count", [1, 1000, (1 << 18) + 1])
def test_cloud_survives(tmp_path: Path, write: Write, read: Read, progressive: bool, count: int) -> None:
    cloud = replace(random_cloud(count), progressive=progressive)
    write(tmp_path / "a b ü 日本", cloud)
    again = read(tmp_path / "a b ü 日本")
    assert_same(cloud, again)
    assert again.positions.flags.writeable
    assert again.positions.flags.c_contiguous


def test_ply_layout_is_the_promised_one(tmp_path: Path) -> None:
    cloud = random_cloud(5)
    write_ply(tmp_path / "a.ply", cloud)
    header, content = (tmp_path / "a.ply").read_bytes().split(b"end_header\n", 1)
    properties = [line.split()[1:] for line in header.decode().splitlines() if line.startswith("property")]
    assert properties == [
        *(["float", name] for name in ("x", "y", "z", "nx", "ny", "nz")),
        *(["uchar", name] for name in ("red", "green", "blue")),
        ["float", "confidence"],
    ]
    assert len(content) == 5 * 31
    assert struct.unpack_from("<6f3Bf", content, 31) == (
        *cloud.positions[1],
        *cloud.normals[1],
        *cloud.colours[1],
        cloud.confidence[1],
    )


@FORMATS
def test_positions_that_are_not_finite_are_left_out(
    tmp_path: Path, told: Any, write: Write, read: Read
) -> None:
    cloud = random_cloud(6)
    cloud.positions[2, 1] = np.nan
    cloud.positions[4, 0] = np.inf
    write(tmp_path / "a", cloud)
    kept = read(tmp_path / "a", told)
    np.testing.assert_array_equal(kept.colours, cloud.colours[[0, 1, 3, 5]])
    assert told.texts == ["Left out of “a”, without a finite position: 2 points."]


@FORMATS
def test_cloud_without_any_point_is_refused(tmp_path: Path, write: Write, read: Read) -> None:
    write(tmp_path / "a", random_cloud(3).first(0))
    with pytest.raises(CloudFileError, match="“a” holds no points"):
        read(tmp_path / "a")


@FORMATS
def test_missing_file(tmp_path: Path, write: Write, read: Read) -> None:
    with pytest.raises(CloudFileError, match="can't be read"):
        read(tmp_path / "a")


@FORMATS
def test_folder_that_is_none(tmp_path: Path, write: Write, read: Read) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="no folder"):
        write(tmp_path / "file" / "a", random_cloud(1))


@FORMATS
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_file_cut_short(tmp_path: Path, write: Write, read: Read, share: float) -> None:
    write(tmp_path / "a", random_cloud(100))
    content = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CloudFileError, match="“a”"):
        read(tmp_path / "a")


class TestOtherProgramsPly:
    """What other programs write."""

    def test_text_with_positions_alone(self, tmp_path: Path) -> None:
        content = b"0 1 2\r\n-3.5 4e1 5\r\n"
        header = "format ascii 1.0\r\nelement vertex 2\r\n" + "".join(
            f"property float {c}\r\n" for c in "xyz"
        )
        (tmp_path / "a.ply").write_bytes(b"ply\r\n" + header.encode() + b"end_header\r\n" + content)
        cloud = read_ply(tmp_path / "a.ply")
        np.testing.assert_array_equal(cloud.positions, [[0, 1, 2], [-3.5, 40, 5]])
        np.testing.assert_array_equal(cloud.colours, 200)
        np.testing.assert_array_equal(cloud.normals, 0)
        np.testing.assert_array_equal(cloud.confidence, 1)
        assert not cloud.progressive

    @pytest.mark.parametrize("order", ["ascii", "binary_little_endian", "binary_big_endian"])
    def test_lists_and_elements_before_and_after(self, tmp_path: Path, order: str) -> None:
        """Faces before the vertices, a list within them, edges behind."""
        header = (
            f"format {order} 1.0\ncomment made by hand\nobj_info nothing\n"
            "element camera 1\nproperty float angle\nproperty short id\n"
            "element face 2\nproperty list uchar int vertex_indices\nproperty uchar flag\n"
            "element vertex 2\nproperty double x\nproperty double y\nproperty list int16 float32 weights\n"
            "property double z\nproperty uchar blue\nproperty uchar green\nproperty uchar red\n"
            "element edge 1\nproperty int vertex1\nproperty int vertex2"
        )
        rows = [
            ("fh", 0.5, 7),
            ("B3iB", 3, 0, 1, 0, 9),
            ("B0iB", 0, 9),
            ("2dh2fd3B", 1.25, 2.25, 2, 0.5, 0.5, 3.25, 30, 20, 10),
            ("2dhd3B", 4.0, 5.0, 0, 6.0, 60, 50, 40),
            ("2i", 0, 1),
        ]
        if order == "ascii":
            content = "".join(" ".join(str(number) for number in row[1:]) + "\n" for row in rows).encode()
        else:
            sign = ">" if "big" in order else "<"
            content = b"".join(struct.pack(sign + str(row[0]), *row[1:]) for row in rows)
        (tmp_path / "a.ply").write_bytes(ply(header, content))
        cloud = read_ply(tmp_path / "a.ply")
        np.testing.assert_array_equal(cloud.positions, [[1.25, 2.25, 3.25], [4, 5, 6]])
        np.testing.assert_array_equal(cloud.colours, [[10, 20, 30], [40, 50, 60]])

    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            ("uchar", 128, 128),
            ("ushort", 65535, 255),
            ("float", 0.5, 128),
            ("double", 1.0, 255),
            ("float", 254.0, 254),
            ("float", float("nan"), 200),
            ("int", -5, 0),
        ],
    )
    def test_colours_of_any_type(self, tmp_path: Path, kind: str, value: float, expected: int) -> None:
        names = "".join(f"property {kind} {name}\n" for name in ("red", "green", "blue"))
        header = (
            "format ascii 1.0\nelement vertex 1\n" + names + "\n".join(f"property float {c}" for c in "xyz")
        )
        (tmp_path / "a.ply").write_bytes(ply(header, f"{value} {value} {value} 1 2 3\n".encode()))
        np.testing.assert_array_equal(read_ply(tmp_path / "a.ply").colours, [[expected] * 3])

    def test_one_colour_that_is_no_number_leaves_the_others(self, tmp_path: Path) -> None:
        names = "".join(f"property float {name}\n" for name in ("red", "green", "blue"))
        content = b"nan 0 0 1 2 3\n0.2 0.4 1 1 2 3\n"
        (tmp_path / "a.ply").write_bytes(ply(f"format ascii 1.0\nelement vertex 2\n{names}{XYZ}", content))
        np.testing.assert_array_equal(read_ply(tmp_path / "a.ply").colours, [[200, 0, 0], [51, 102, 255]])

    def test_normals_become_unit_vectors_and_counts_a_confidence(self, tmp_path: Path) -> None:
        """Some programs leave normals unscaled and count a confidence from 1 up."""
        names = ("x", "y", "z", "nx", "ny", "nz", "confidence")
        header = "format ascii 1.0\nelement vertex 3\n" + "\n".join(
            f"property float {name}" for name in names
        )
        content = b"0 0 0 0 0 5 8\n0 0 0 nan 0 0 2\n0 0 0 0 0 0 nan\n"
        (tmp_path / "a.ply").write_bytes(ply(header, content))
        cloud = read_ply(tmp_path / "a.ply")
        np.testing.assert_array_equal(cloud.normals, [[0, 0, 1], [0, 0, 0], [0, 0, 0]])
        np.testing.assert_array_equal(cloud.confidence, [1, 0.25, 0])

    @pytest.mark.parametrize(
        "header",
        [
            f"format binary_little_endian 1.0\nelement vertex 99999999999999999999\n{XYZ}",
            f"format ascii 1.0\nelement vertex 4000000000\n{XYZ}",
            "format binary_big_endian 1.0\nelement face 4000000000\nproperty list uchar int v\n"
            f"element vertex 0\n{XYZ}",
        ],
        ids=["points", "text points", "faces"],
    )
    def test_huge_count_is_refused_at_once(self, tmp_path: Path, header: str) -> None:
        (tmp_path / "a.ply").write_bytes(ply(header, b"\0" * 64))
        with pytest.raises(CloudFileError, match="cut short or damaged"):
            read_ply(tmp_path / "a.ply")

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "not a PLY"),
            (b"PK\3\4", "not a PLY"),
            (b"ply\n", "not a PLY"),
            (b"ply\nformat ascii 1.0\n" + b"comment x\n" * 200_000, "not a PLY"),
            (ply("format utf8 1.0\nelement vertex 1", b""), "can't be understood at “format utf8 1.0”"),
            (ply("format ascii 1.0\nproperty float x", b""), "can't be understood"),
            (
                ply("format ascii 1.0\nelement vertex 1\nproperty float x\nproperty float x", b""),
                "understood",
            ),
            (ply("format ascii 1.0\nelement vertex -1", b""), "not a PLY"),
            (ply("format ascii 1.0\nelement face 0", b""), "holds no points"),
            (ply("format ascii 1.0\nelement vertex 1\nproperty float x", b"1\n"), "have no x, y and z"),
            (
                ply(
                    f"format ascii 1.0\nelement vertex 2\n{XYZ}",
                    b"1 2 3\n1 two 3\n",
                ),
                "cut short or damaged",
            ),
        ],
    )
    def test_what_is_no_cloud_has_a_sentence(self, tmp_path: Path, content: bytes, sentence: str) -> None:
        (tmp_path / "a.ply").write_bytes(content)
        with pytest.raises(CloudFileError, match=sentence) as caught:
            read_ply(tmp_path / "a.ply")
        assert "“a.ply”" in caught.value.message
        assert caught.value.hint


class TestUntrustedNpz:
    """Archives that somebody else made."""

    @staticmethod
    def arrays(count: int = 4) -> dict[str, np.ndarray]:
        cloud = random_cloud(count)
        return {field.name: np.asarray(getattr(cloud, field.name)) for field in fields(PointCloud)}

    def assert_refused(self, path: Path, sentence: str = "damaged") -> None:
        with pytest.raises(CloudFileError, match=sentence):
            read_npz(path)

    def test_pickle_is_never_loaded(self, tmp_path: Path) -> None:
        arrays = self.arrays() | {"positions": np.array([print, {}, "x", None], dtype=object)}
        np.savez(tmp_path / "a.npz", allow_pickle=True, **arrays)
        self.assert_refused(tmp_path / "a.npz")

    def test_compressed_archive_is_refused(self, tmp_path: Path) -> None:
        np.savez_compressed(tmp_path / "a.npz", **self.arrays())
        self.assert_refused(tmp_path / "a.npz")

    def test_header_that_claims_more_than_there_is(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "a.npz", **self.arrays())
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 3)}
        )
        with (
            zipfile.ZipFile(tmp_path / "a.npz") as archive,
            zipfile.ZipFile(tmp_path / "b.npz", "w") as forged,
        ):
            for name in archive.namelist():
                forged.writestr(name, header.getvalue() if name == "positions.npy" else archive.read(name))
        self.assert_refused(tmp_path / "b.npz")

    @pytest.mark.parametrize(
        "change",
        [
            {"positions": np.zeros((4, 2), np.float32)},
            {"positions": np.zeros((4, 3), np.float64)},
            {"positions": np.zeros((3, 4), np.float32).T},
            {"colours": np.zeros((4, 3), np.int8)},
            {"confidence": np.float32(1)},
            {"progressive": np.array([True])},
        ],
        ids=str,
    )
    def test_arrays_of_another_kind(self, tmp_path: Path, change: dict[str, np.ndarray]) -> None:
        np.savez(tmp_path / "a.npz", **(self.arrays() | change))
        self.assert_refused(tmp_path / "a.npz", "damaged|different lengths")

    def test_arrays_of_different_lengths(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "a.npz", **(self.arrays() | {"confidence": np.ones(3, np.float32)}))
        self.assert_refused(tmp_path / "a.npz", "different lengths")

    def test_missing_array(self, tmp_path: Path) -> None:
        arrays = self.arrays()
        del arrays["normals"]
        np.savez(tmp_path / "a.npz", **arrays)
        self.assert_refused(tmp_path / "a.npz")


def test_module_needs_numpy_alone() -> None:
    """Blender imports it, where there is no torch and no Pillow."""
    code = (
        "import sys; import uner3d_core.cloud_files, uner3d_core.inputs.transforms;"
        "sys.exit(' '.join({'torch', 'scipy', 'PIL'} & set(sys.modules)) or None)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_parts_are_written_as_one_cloud(tmp_path: Path) -> None:
    cloud = random_cloud(10)
    parts = [cloud.between(0, 3), cloud.between(3, 10)]
    write_ply_parts(tmp_path / "parts.ply", parts, 10, progressive=True)
    write_ply(tmp_path / "whole.ply", cloud)
    assert (tmp_path / "parts.ply").read_bytes() == (tmp_path / "whole.ply").read_bytes()


def test_too_few_parts_leave_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 points came, not 10"):
        write_ply_parts(tmp_path / "parts.ply", [random_cloud(3)], 10, progressive=True)
    assert list(tmp_path.iterdir()) == []
