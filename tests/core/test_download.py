# SPDX-License-Identifier: Apache-2.0
"""A file is fetched over https alone, resumed where it broke off, and whole or not there."""

import errno
import io
import os
from collections import namedtuple
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request

import pytest

from uner3d_core import download as module
from uner3d_core.download import ATTEMPTS, _OnlyHttps, download, open_https
from uner3d_core.errors import OutputError, WeightsError

ADDRESS = "https://example.org/a.bin"
CONTENT = bytes(range(256)) * 20_000  # 4.9 MiB


class Server:
    """Answers with CONTENT, a piece at a time: each connection breaks after ``piece`` bytes."""

    def __init__(self, piece: int = len(CONTENT), ranges: bool = True) -> None:
        self.piece, self.ranges = piece, ranges
        self.starts: list[int] = []

    def open(self, request: Request) -> Any:
        wanted = request.get_header("Range")
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.ranges else 0
        self.starts.append(start)
        if start >= len(CONTENT):
            raise HTTPError(ADDRESS, 416, "Range Not Satisfiable", Message(), None)
        answer = io.BytesIO(CONTENT[start : start + self.piece])
        answer.status = 206 if wanted and self.ranges else 200  # type: ignore[attr-defined]
        answer.headers = {"Content-Length": str(len(CONTENT) - start)}  # type: ignore[attr-defined]
        return answer


def test_whole_in_one_go(tmp_path: Path, told: Any) -> None:
    download(ADDRESS, tmp_path / "a 日.bin", told, Server().open)
    assert (tmp_path / "a 日.bin").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["a 日.bin"]
    assert told.stages[-1] == ("a 日.bin, MiB", 4, 4)


def test_broken_connections_are_resumed(tmp_path: Path, told: Any) -> None:
    server = Server(piece=2_000_000)
    download(ADDRESS, tmp_path / "a.bin", told, server.open)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert server.starts == [0, 2_000_000, 4_000_000]


def test_a_later_call_goes_on(tmp_path: Path, told: Any) -> None:
    (tmp_path / "a.bin.part").write_bytes(CONTENT[:1000])
    server = Server()
    download(ADDRESS, tmp_path / "a.bin", told, server.open)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert server.starts == [1000]


def test_a_server_without_ranges_starts_anew(tmp_path: Path, told: Any) -> None:
    (tmp_path / "a.bin.part").write_bytes(b"x" * 1000)
    download(ADDRESS, tmp_path / "a.bin", told, Server(ranges=False).open)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_thrown_away(tmp_path: Path, told: Any) -> None:
    (tmp_path / "a.bin.part").write_bytes(CONTENT + b"more")
    download(ADDRESS, tmp_path / "a.bin", told, Server().open)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_connection_that_brings_nothing_is_given_up(tmp_path: Path, told: Any) -> None:
    server = Server(piece=0)
    with pytest.raises(WeightsError, match="the connection ended too early"):
        download(ADDRESS, tmp_path / "a.bin", told, server.open)
    assert len(server.starts) == ATTEMPTS
    assert not (tmp_path / "a.bin").exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (HTTPError(ADDRESS, 404, "Not Found", Message(), None), "the server says 404 Not Found"),
        (URLError(OSError(errno.ECONNREFUSED, "Connection refused")), "Connection refused"),
        (TimeoutError(), "TimeoutError"),
        (ConnectionResetError("reset by peer"), "reset by peer"),
    ],
)
def test_what_can_not_be_reached(fault: Exception, said: str, tmp_path: Path, told: Any) -> None:
    def fail(_: Request) -> Any:
        raise fault

    with pytest.raises(WeightsError, match=said):
        download(ADDRESS, tmp_path / "a.bin", told, fail)


def test_a_disk_without_room(tmp_path: Path, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage(9, 9, 1000))
    with pytest.raises(OutputError, match="has 5 MiB, for which the disk has no room"):
        download(ADDRESS, tmp_path / "a.bin", told, Server().open)


def test_a_disk_that_fills(tmp_path: Path, told: Any) -> None:
    def full(_: Request) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OutputError, match="No space left"):
        download(ADDRESS, tmp_path / "a.bin", told, full)


@pytest.mark.parametrize("address", ["http://example.org/a", "file:///etc/passwd", "ftp://example.org/a"])
def test_only_https(address: str, tmp_path: Path, told: Any) -> None:
    with pytest.raises(WeightsError, match="is not https"):
        download(address, tmp_path / "a.bin", told, open_https)


def test_no_redirect_away_from_https() -> None:
    request, headers = Request(ADDRESS), Message()
    handler = _OnlyHttps()
    moved = handler.redirect_request(request, io.BytesIO(), 302, "", headers, "https://example.net/b")  # type: ignore[arg-type]
    assert moved is not None
    with pytest.raises(URLError, match="which is not https"):
        handler.redirect_request(request, io.BytesIO(), 302, "", headers, "http://example.net/b")  # type: ignore[arg-type]
