# SPDX-License-Identifier: Apache-2.0
"""A file is whole or as it was; what can't be written ends in a sentence."""

import errno
import os
from pathlib import Path

import pytest

from uner3d_core.atomic_file import atomic_file
from uner3d_core.errors import OutputError


def test_content_arrives_whole(tmp_path: Path) -> None:
    path = tmp_path / "ü 日本.ply"
    path.write_bytes(b"old")
    with atomic_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "cloud.ply"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), atomic_file(path) as file:
        file.writelines([b"half", None])  # type: ignore[list-item]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "is not writable"),
        (errno.EROFS, "is not writable"),
        (errno.EIO, "can't be written"),
    ],
)
def test_fault_while_writing_has_a_sentence(tmp_path: Path, number: int, sentence: str) -> None:
    with pytest.raises(OutputError, match=sentence) as caught, atomic_file(tmp_path / "cloud.ply"):
        raise OSError(number, os.strerror(number))
    assert "cloud.ply" in caught.value.message
    assert caught.value.hint
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="is not writable"), atomic_file(tmp_path / "cloud.ply"):
            pytest.fail("opened in an unwritable folder")
    finally:
        tmp_path.chmod(0o700)


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"), atomic_file(tmp_path / "no" / "cloud.ply"):
        pytest.fail("opened in no folder")


def test_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "cloud.ply").mkdir()
    with pytest.raises(OutputError, match="can't be written"), atomic_file(tmp_path / "cloud.ply") as file:
        file.write(b"new")
    assert list(tmp_path.iterdir()) == [tmp_path / "cloud.ply"]
